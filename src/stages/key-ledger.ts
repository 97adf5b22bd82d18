/**
 * Finds keys that stand in more than one input, or twice in one: a record of 40 bytes per key (a hash of 128 bits under a
 * random key, its place, its offset) goes to one of 256 buckets by its hash, and to a nameless file when memory is full.
 * Each bucket is then looked through by itself, so memory does not follow the number of keys; the answer is one bit per key.
 */

import { Spool } from '../target/spool.js';

/** As src/engine/rdb-out.ts writes it. */
const NOTE = 40;
const BUCKETS = 256;
/** Bytes that all buckets together hold before they are spooled. */
const HELD = 32 << 20;
const BUFFER = HELD / BUCKETS;

export interface KeyPlace {
  readonly part: number;
  /** Offset of the entry in its part. */
  readonly offset: number;
}

export interface LedgerResult {
  /** For each part one bit per key, by its place among them: set where another input's is taken. */
  readonly skips: readonly Uint8Array[];
  /** Keys of which at least one is not written. */
  readonly conflicts: number;
  /** The first of them: the one that wins, and the one that does not. */
  readonly examples: readonly { readonly winner: KeyPlace; readonly loser: KeyPlace; readonly db: number }[];
  /** What is not written after all, by output and database. */
  readonly losers: readonly { readonly partition: number; readonly db: number; readonly keys: number; readonly expiring: number }[];
}

const EXAMPLES = 10_000;

export class KeyLedger {
  readonly #buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ bytes: Buffer.allocUnsafe(0), used: 0, spool: null }));
  /** The part that each record comes from: where each part's records begin in the bucket. */
  readonly #starts: number[][] = [];

  /** The records that follow are of the next part. */
  startPart(): void {
    this.#starts.push(this.#buckets.map((bucket) => (bucket.spool?.length ?? 0) + bucket.used));
  }

  /** Takes the records of a region. */
  add(notes: Uint8Array): void {
    for (let at = 0; at < notes.length; at += NOTE) {
      const bucket = this.#buckets[notes[at] ?? 0];
      if (bucket === undefined) continue;
      if (bucket.used + NOTE > bucket.bytes.length) makeRoom(bucket);
      bucket.bytes.set(notes.subarray(at, at + NOTE), bucket.used);
      bucket.used += NOTE;
    }
  }

  /** `keys`: how many each part holds. The first of equal keys wins, or the last where they replace. */
  async resolve(keys: readonly number[], lastWins: boolean): Promise<LedgerResult> {
    const skips = keys.map((count) => new Uint8Array((count + 7) >> 3));
    const examples: { winner: KeyPlace; loser: KeyPlace; db: number }[] = [];
    const losers = new Map<string, { partition: number; db: number; keys: number; expiring: number }>();
    let conflicts = 0;
    for (const [index, bucket] of this.#buckets.entries()) {
      const notes = await contents(bucket);
      const starts = this.#starts.map((each) => each[index] ?? 0);
      const partOf = (at: number): number => starts.findLastIndex((start) => start <= at);
      const lose = (loser: number, winner: number): void => {
        conflicts++;
        const part = partOf(loser);
        const ordinal = Number(notes.readBigUInt64LE(loser + 16));
        const bits = skips[part];
        if (bits !== undefined) bits[ordinal >> 3] = (bits[ordinal >> 3] ?? 0) | (1 << (ordinal & 7));
        const word = notes.readUInt32LE(loser + 32);
        const db = notes.readUInt32LE(loser + 36);
        const partition = word & 0x7fff_ffff;
        const row = losers.get(`${partition} ${db}`) ?? { partition, db, keys: 0, expiring: 0 };
        row.keys++;
        if (word > 0x7fff_ffff) row.expiring++;
        losers.set(`${partition} ${db}`, row);
        const place = (at: number): KeyPlace => ({ part: partOf(at), offset: Number(notes.readBigUInt64LE(at + 24)) });
        if (examples.length < EXAMPLES) examples.push({ winner: place(winner), loser: place(loser), db });
      };
      findEqual(notes, lastWins, lose);
      this.#drop(bucket);
    }
    const order = ({ loser }: { loser: KeyPlace }): number => loser.part * 2 ** 50 + loser.offset;
    examples.sort((a, b) => order(a) - order(b));
    return { skips, conflicts, examples, losers: [...losers.values()] };
  }

  /** Lets go of all. */
  close(): void {
    for (const bucket of this.#buckets) this.#drop(bucket);
  }

  #drop(bucket: Bucket): void {
    bucket.spool?.close();
    bucket.spool = null;
    bucket.bytes = Buffer.allocUnsafe(0);
    bucket.used = 0;
  }
}

interface Bucket {
  bytes: Buffer;
  used: number;
  spool: Spool | null;
}

function makeRoom(bucket: Bucket): void {
  if (bucket.bytes.length < BUFFER) {
    const larger = Buffer.allocUnsafe(Math.min(BUFFER, Math.max(NOTE * 16, bucket.bytes.length * 2)));
    larger.set(bucket.bytes.subarray(0, bucket.used));
    bucket.bytes = larger;
    if (bucket.used + NOTE <= larger.length) return;
  }
  bucket.spool ??= new Spool();
  bucket.spool.append(bucket.bytes.subarray(0, bucket.used));
  bucket.used = 0;
}

async function contents({ bytes, used, spool }: Bucket): Promise<Buffer> {
  const spooled = spool?.length ?? 0;
  const whole = Buffer.allocUnsafe(spooled + used);
  for (let done = 0; done < spooled; ) done += (await spool?.readAt(whole, done, spooled - done, done)) ?? 0;
  whole.set(bytes.subarray(0, used), spooled);
  return whole;
}

/** A table of places, open addressed, at most half full. */
function findEqual(notes: Buffer, lastWins: boolean, lose: (loser: number, winner: number) => void): void {
  const count = notes.length / NOTE;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)));
  const table = new Int32Array(size).fill(-1);
  const equal = (a: number, b: number): boolean => notes.compare(notes, b, b + 16, a, a + 16) === 0;
  for (let i = 0; i < count; i++) {
    const at = i * NOTE;
    let slot = notes.readUInt32LE(at + 4) & (size - 1);
    for (; ; slot = (slot + 1) & (size - 1)) {
      const other = table[slot] ?? -1;
      if (other < 0) {
        table[slot] = i;
        break;
      }
      if (!equal(at, other * NOTE)) continue;
      if (lastWins) {
        lose(other * NOTE, at);
        table[slot] = i;
      } else lose(at, other * NOTE);
      break;
    }
  }
}
