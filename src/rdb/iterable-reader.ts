/** An async iterable of bytes as the engine reads: into its memory, as much as it asks for. */

import type { ByteReader } from './input-window.js';

export class IterableReader implements ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#iterator = bytes[Symbol.asyncIterator]();
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#rest.length === 0) {
      if (this.#ended) return 0;
      const next = await this.#next();
      if (next.done === true) return 0;
      this.#rest = next.value;
    }
    const n = Math.min(length, this.#rest.length);
    target.set(this.#rest.subarray(0, n), offset);
    this.#rest = this.#rest.subarray(n);
    return n;
  }

  /** Tells the source that no more is wanted, unless it has ended or failed: as `for await` does when it is left early. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#iterator.return?.();
  }

  async #next(): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      const next = await this.#iterator.next();
      if (next.done === true) this.#ended = true;
      return next;
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }
}
