/** Bytes of a Node stream (stdin, a FIFO, a decompressor), pulled: what is not asked for stays in the stream's own small buffer. */

import type { Readable } from 'node:stream';
import type { ByteReader } from './byte-reader.js';

/** Owns the stream. `explain` turns what the stream fails with into an error with a place. */
export class ReadableReader implements ByteReader {
  position = 0;
  readonly #stream: Readable;
  readonly #explain: (cause: unknown, position: number) => Error;
  #rest: Uint8Array = new Uint8Array(0);
  #failure: Error | null = null;
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(stream: Readable, explain: (cause: unknown, position: number) => Error) {
    this.#stream = stream;
    this.#explain = explain;
    stream.on('readable', () => this.#signal());
    stream.on('end', () => {
      this.#ended = true;
      this.#signal();
    });
    stream.on('error', (cause) => {
      this.#failure ??= explain(cause, this.position);
      this.#signal();
    });
    stream.on('close', () => {
      // Closed before its end, by `close` or by the other side.
      if (!this.#ended) this.#failure ??= explain(new Error('closed before its end'), this.position);
      this.#signal();
    });
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#rest.length === 0) {
      const chunk = this.#stream.read() as Uint8Array | null;
      if (chunk !== null) this.#rest = chunk;
      else if (this.#failure !== null) throw this.#failure;
      else if (this.#ended) return 0;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const count = Math.min(length, this.#rest.length);
    target.set(this.#rest.subarray(0, count), offset);
    this.#rest = this.#rest.subarray(count);
    this.position += count;
    return count;
  }

  unread(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([bytes, this.#rest]);
    this.position -= bytes.length;
  }

  close(): Promise<void> {
    this.#failure ??= this.#explain(new Error('closed'), this.position);
    this.#stream.destroy();
    return Promise.resolve();
  }

  #signal(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
