/**
 * Feeds a part to the engine: reads chunks straight into its memory, puts each behind what the engine still needs, and
 * reads ahead while the engine works. Memory does not grow with the part: an entry that needs more contiguous bytes than
 * a slot has goes to the large window, which is bounded by the engine's limit for whole strings.
 */

import type { Engine } from './engine.js';
import { CARRY_SIZE, CHUNK_SIZE } from './memory-map.js';

/** Bytes in order: as much of a part's stream (src/stores) as the engine needs. */
export interface ByteReader {
  /** Reads up to `length` bytes into `target` from `offset` on; resolves to how many, 0 only at the end. */
  read(target: Uint8Array, offset: number, length: number): Promise<number>;
}

/** A short read leaves room in the slot; below this it is not worth another. */
const LEAST_READ = 64 * 1024;

export class InputWindow {
  /** Decoded bytes read so far. */
  position = 0;
  /** Address after the last byte of the window. */
  #end = 0;
  /** Where the current slot or large window ends. */
  #limit = 0;
  #slot: 0 | 1 = 1;
  /** A read into the slot that is not current. */
  #ahead: Promise<number> | null = null;
  readonly #engine: Engine;
  #stream: ByteReader;

  constructor(engine: Engine, stream: ByteReader) {
    this.#engine = engine;
    this.#stream = stream;
  }

  /** Adds at least one byte, or as many as the engine said it needs where the part has them. False at the end of the part. */
  async fill(): Promise<boolean> {
    const { keep, needed } = this.#engine;
    const held = this.#end === 0 ? 0 : this.#end - keep;
    this.#engine.calls.prepareMove();
    if (held > CARRY_SIZE || needed > CARRY_SIZE) return this.#fillLarge(keep, held, needed);
    const room = this.#limit - this.#end;
    if (this.#ahead === null && room >= LEAST_READ) {
      const got = await this.#read(this.#end, room);
      if (got === 0) return false;
      this.#end += got;
      this.#engine.calls.moveWindow(keep, this.#end);
      return true;
    }
    const next = this.#slot === 0 ? 1 : 0;
    const chunk = this.#engine.map.chunks[next];
    const got = await (this.#ahead ?? this.#read(chunk, CHUNK_SIZE));
    this.#ahead = null;
    if (got === 0) return false;
    this.#engine.bytes.copyWithin(chunk - held, keep, keep + held);
    this.#slot = next;
    this.#limit = chunk + CHUNK_SIZE;
    this.#end = chunk + got;
    this.#engine.calls.moveWindow(chunk - held, this.#end);
    if (got === CHUNK_SIZE) this.#readAhead();
    return true;
  }

  /** Bytes of the window that the engine has not used, and those read ahead: what a rewind of a pipe has to keep. */
  async unused(): Promise<Uint8Array[]> {
    const { cursor, bytes, map } = this.#engine;
    const rest = [bytes.slice(cursor, this.#end)];
    if (this.#ahead !== null) {
      const chunk = map.chunks[this.#slot === 0 ? 1 : 0];
      rest.push(bytes.slice(chunk, chunk + (await this.#ahead)));
      this.#ahead = null;
    }
    return rest;
  }

  /** From here on bytes come from `stream`, whose first is at file offset `offset`; the engine's window is empty. */
  async restart(stream: ByteReader, offset: number): Promise<void> {
    await this.settle();
    this.#stream = stream;
    this.#end = 0;
    this.#limit = 0;
    this.position = offset;
    this.#engine.calls.rewind();
  }

  get endAddress(): number {
    return this.#end;
  }

  /** Waits for a read under way, so that the stream can be closed. */
  async settle(): Promise<void> {
    await this.#ahead?.catch(() => 0);
    this.#ahead = null;
  }

  #readAhead(): void {
    const chunk = this.#engine.map.chunks[this.#slot === 0 ? 1 : 0];
    this.#ahead = this.#read(chunk, CHUNK_SIZE);
    // it is awaited by the next fill; until then a failure is not unhandled
    this.#ahead.catch(() => undefined);
  }

  async #fillLarge(keep: number, held: number, needed: number): Promise<boolean> {
    const { large, largeSize } = this.#engine.map;
    const { bytes } = this.#engine;
    let from = keep;
    let end = this.#end;
    if (keep < large) {
      bytes.copyWithin(large, keep, keep + held);
      from = large;
      end = large + held;
    } else if (end + CHUNK_SIZE > large + largeSize) {
      bytes.copyWithin(large, keep, keep + held);
      from = large;
      end = large + held;
    }
    const limit = large + largeSize;
    let added = 0;
    if (this.#ahead !== null) {
      const chunk = this.#engine.map.chunks[this.#slot === 0 ? 1 : 0];
      added = await this.#ahead;
      this.#ahead = null;
      bytes.copyWithin(end, chunk, chunk + added);
      end += added;
    }
    while (added === 0 || end - from < needed) {
      const got = await this.#read(end, Math.min(CHUNK_SIZE, limit - end));
      if (got === 0) break;
      added += got;
      end += got;
    }
    if (added === 0) return false;
    this.#end = end;
    // the next small fill goes to a slot again
    this.#limit = end;
    this.#engine.calls.moveWindow(from, end);
    return true;
  }

  async #read(at: number, length: number): Promise<number> {
    if (length <= 0) return 0;
    const got = await this.#stream.read(this.#engine.bytes, at, length);
    this.position += got;
    return got;
  }
}
