/** Values that are read twice: measured first, then sent, or decoded. From the file itself, or from a spool. */

import { CorruptInputError } from '../errors.js';
import type { Engine } from '../rdb/engine.js';
import type { ByteReader } from '../rdb/input-window.js';
import type { PartStream } from '../rdb/part-source.js';
import type { Scanner } from '../rdb/scanner.js';
import type { RegionPool } from './region-pool.js';
import { Spool } from './spool.js';

export class SecondRead {
  /** Offset that a file was read to after a rewind, past its stream. */
  readTo = 0;
  readonly #engine: Engine;
  readonly #stream: PartStream;
  /** Where the value under way is kept, when the stream cannot seek. */
  #spool: Spool | null = null;
  /** Spools that the input goes through since a rewind. */
  readonly #replayed = new Set<Spool>();
  /** Where the input comes from. */
  #source: ByteReader;

  constructor(engine: Engine, stream: PartStream) {
    this.#engine = engine;
    this.#stream = stream;
    this.#source = stream;
  }

  /** The engine used the bytes between two addresses. */
  consumed(from: number, to: number): void {
    this.#spool?.append(this.#engine.bytes.subarray(from, to));
  }

  /** A value begins that will be read twice. */
  begin(): void {
    if (this.#stream.readAt !== null) return;
    this.#spool?.close();
    this.#spool = new Spool();
    this.consumed(this.#engine.valueAt, this.#engine.cursor);
  }

  /** Puts a measured value into the regions; `flush` sends one and opens the next. */
  async write(scanner: Scanner, offset: number, length: number, pool: RegionPool, flush: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { calls, bytes } = this.#engine;
    const spool = this.#spool;
    this.#spool = null;
    try {
      for (let done = 0, state = calls.pumpBig(); state !== 2; state = calls.pumpBig()) {
        if (state === 1) {
          await flush();
          continue;
        }
        signal.throwIfAborted();
        const want = Math.min(pool.room, length - done);
        const got = spool === null
          ? await this.#stream.readAt?.(bytes, this.#engine.out, want, offset + done)
          : await spool.readAt(bytes, this.#engine.out, want, done);
        if (got === undefined || got === 0) {
          throw new CorruptInputError({ ...scanner.place(), what: 'value', expected: `${length} bytes on the second read`, found: `${done}` }, {
            hint: 'The file changed while it was read: make sure that nothing writes it, and run the same command again.',
          });
        }
        calls.acceptBig(got);
        done += got;
      }
    } finally {
      spool?.close();
    }
  }

  /** A measured value is too large for one RESTORE: the input goes back to its first byte, where it will be decoded. */
  async rewind(scanner: Scanner, offset: number): Promise<void> {
    const spool = this.#spool;
    this.#spool = null;
    const { readAt } = this.#stream;
    if (readAt !== null) {
      let position = offset;
      const read = async (target: Uint8Array, at: number, length: number): Promise<number> => {
        const got = await readAt(target, at, length, position);
        position += got;
        this.readTo = position;
        return got;
      };
      await scanner.restart({ read }, offset);
      return;
    }
    if (spool === null) throw new Error('a value was measured without a spool');
    for (const bytes of await scanner.unused()) spool.append(bytes);
    const reader = this.#spoolThen(spool, this.#source);
    this.#source = reader;
    await scanner.restart(reader, offset);
    // a large stream is read for a third time, after its groups
    this.#spool = new Spool();
  }

  /** The value that began is over. */
  over(): void {
    this.#spool?.close();
    this.#spool = null;
  }

  /** The spool, and when it is used up what came before it: the pipe, or what is left of an earlier spool. */
  #spoolThen(spool: Spool, rest: ByteReader): ByteReader {
    this.#replayed.add(spool);
    let position = 0;
    const reader: ByteReader = {
      read: async (target, at, length) => {
        if (position >= spool.length) {
          if (this.#replayed.delete(spool)) spool.close();
          if (this.#source === reader) this.#source = rest;
          return rest.read(target, at, length);
        }
        const got = await spool.readAt(target, at, length, position);
        position += got;
        return got;
      },
    };
    return reader;
  }

  close(): void {
    this.#spool?.close();
    for (const spool of this.#replayed) spool.close();
  }
}
