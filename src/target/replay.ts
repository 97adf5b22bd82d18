/** A source that cannot seek, after values of it were read a second time: what was kept of them, then the source itself. */

import type { PartStream } from '../rdb/part-source.js';
import type { Spool } from './spool.js';

export class Replay {
  readonly #stream: PartStream;
  /** Read one after the other; the first is under way. */
  readonly #spools: { spool: Spool; position: number }[] = [];
  /** The value of the first spool may be read once more: what is read past its end is kept too. */
  #keeping = false;

  constructor(stream: PartStream) {
    this.#stream = stream;
  }

  /** The spool under way; null where all was read. */
  get spool(): Spool | null {
    return this.#spools[0]?.spool ?? null;
  }

  /** Reads `spool` from its start, and then on from where reading is now. It may be the one under way. */
  rewind(spool: Spool): void {
    const first = this.#spools[0];
    if (first?.spool === spool) first.position = 0;
    else this.#spools.unshift({ spool, position: 0 });
    this.#keeping = true;
  }

  /** The value is over. */
  release(): void {
    this.#keeping = false;
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    for (;;) {
      const first = this.#spools[0];
      if (first === undefined) return this.#stream.read(target, offset, length);
      const kept = await readOn(first, target, offset, length);
      if (kept > 0) return kept;
      if (this.#keeping) return this.#readPast(first, target, offset, length);
      first.spool.close();
      this.#spools.shift();
    }
  }

  async #readPast(first: { spool: Spool; position: number }, target: Uint8Array, offset: number, length: number): Promise<number> {
    let got = 0;
    for (const next of this.#spools.slice(1)) {
      got = await readOn(next, target, offset, length);
      if (got > 0) break;
    }
    if (got === 0) got = await this.#stream.read(target, offset, length);
    first.spool.append(target.subarray(offset, offset + got));
    first.position = first.spool.length;
    return got;
  }

  close(): void {
    for (const { spool } of this.#spools.splice(0)) spool.close();
  }
}

async function readOn(kept: { spool: Spool; position: number }, target: Uint8Array, offset: number, length: number): Promise<number> {
  if (kept.position >= kept.spool.length) return 0;
  const got = await kept.spool.readAt(target, offset, length, kept.position);
  kept.position += got;
  return got;
}
