/**
 * XXH64 with seed 0, of which zstd frames carry the lower half (RFC 8878, 3.1.1; https://github.com/Cyan4973/xxHash,
 * doc/xxhash_spec.md). 64-bit numbers as two 32-bit halves: BigInt is a hundred times slower.
 */

const P1 = [0x9e3779b1, 0x85ebca87] as const;
const P2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const P3 = [0x165667b1, 0x9e3779f9] as const;
const P4 = [0x85ebca77, 0xc2b2ae63] as const;
const P5 = [0x27d4eb2f, 0x165667c5] as const;

const P1_LOW_0 = P1[1] & 0xffff;
const P1_LOW_1 = P1[1] >>> 16;
const P2_LOW_0 = P2[1] & 0xffff;
const P2_LOW_1 = P2[1] >>> 16;

/** Bytes worked on at once; a multiple of 32. */
const COPY = 8192;

type Prime = readonly [high: number, low: number];

/** Result of the last operation: there is no way to return two numbers without an allocation. */
let high = 0;
let low = 0;

function multiply(aHigh: number, aLow: number, [bHigh, bLow]: Prime): void {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (middle & 0xffff) + a0 * b1;
  high = (Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh) + a1 * b1 + Math.floor(middle / 0x1_0000) + Math.floor(carry / 0x1_0000)) | 0;
  low = Math.imul(aLow, bLow);
}

function rotate(aHigh: number, aLow: number, by: number): void {
  high = (aHigh << by) | (aLow >>> (32 - by));
  low = (aLow << by) | (aHigh >>> (32 - by));
}

function add(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  low = (aLow + bLow) | 0;
  high = (aHigh + bHigh + (low >>> 0 < aLow >>> 0 ? 1 : 0)) | 0;
}

/** acc ← rotl(acc + input × P2, 31) × P1, result in high and low. */
function round(accHigh: number, accLow: number, inputHigh: number, inputLow: number): void {
  multiply(inputHigh, inputLow, P2);
  add(accHigh, accLow, high, low);
  rotate(high, low, 31);
  multiply(high, low, P1);
}

export class XxHash64 {
  /** Four accumulators, high and low. */
  readonly #acc = new Int32Array(8);
  readonly #copy = new Int32Array(COPY / 4);
  readonly #copyBytes = new Uint8Array(this.#copy.buffer);
  readonly #rest = Buffer.alloc(32);
  #restLength = 0;
  #total = 0;

  constructor() {
    add(P1[0], P1[1], P2[0], P2[1]);
    this.#acc.set([high, low, P2[0], P2[1], 0, 0, 0, 0]);
    add(~P1[0], ~P1[1], 0, 1);
    this.#acc.set([high, low], 6);
  }

  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(32 - this.#restLength, view.length);
      view.copy(this.#rest, this.#restLength, 0, at);
      this.#restLength += at;
      if (this.#restLength < 32) return;
      this.#stripes(this.#rest);
    }
    const end = at + ((view.length - at) & ~31);
    this.#stripes(view.subarray(at, end));
    this.#restLength = view.copy(this.#rest, 0, end);
  }

  /** The lower 32 bits. */
  digest(): number {
    const acc = (i: number): number => this.#acc[i] ?? 0;
    let h = 0;
    let l = 0;
    if (this.#total >= 32) {
      for (let lane = 0; lane < 4; lane += 1) {
        rotate(acc(2 * lane), acc(2 * lane + 1), [1, 7, 12, 18][lane] ?? 0);
        add(h, l, high, low);
        [h, l] = [high, low];
      }
      for (let lane = 0; lane < 4; lane += 1) {
        round(0, 0, acc(2 * lane), acc(2 * lane + 1));
        multiply(h ^ high, l ^ low, P1);
        add(high, low, P4[0], P4[1]);
        [h, l] = [high, low];
      }
    } else [h, l] = P5;
    add(h, l, Math.floor(this.#total / 0x1_0000_0000), this.#total | 0);
    return this.#finish(high, low);
  }

  /** Whole stripes of 32 bytes, through an aligned copy: four bytes are then one load. */
  #stripes(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += COPY) {
      const length = Math.min(COPY, bytes.length - from);
      this.#copyBytes.set(bytes.subarray(from, from + length));
      for (let lane = 0; lane < 4; lane += 1) this.#lane(lane, length >> 2);
    }
  }

  /** `round` over every fourth 64-bit number, written out: this is most of the work. */
  #lane(lane: number, words: number): void {
    const copy = this.#copy;
    let accHigh = this.#acc[2 * lane] ?? 0;
    let accLow = this.#acc[2 * lane + 1] ?? 0;
    for (let at = 2 * lane; at < words; at += 8) {
      const a = copy[at] ?? 0;
      const a0 = a & 0xffff;
      const a1 = a >>> 16;
      // input × P2
      let middle = a1 * P2_LOW_0 + ((a0 * P2_LOW_0) >>> 16);
      let sumHigh = (Math.imul(copy[at + 1] ?? 0, P2[1]) + Math.imul(a, P2[0]) + a1 * P2_LOW_1 + (middle - (middle & 0xffff)) / 0x1_0000 + ((((middle & 0xffff) + a0 * P2_LOW_1) / 0x1_0000) | 0)) | 0;
      const product = Math.imul(a, P2[1]);
      // + acc, rotated left by 31
      const sumLow = (accLow + product) | 0;
      sumHigh = (sumHigh + accHigh + (sumLow >>> 0 < product >>> 0 ? 1 : 0)) | 0;
      const high31 = (sumHigh << 31) | (sumLow >>> 1);
      const low31 = (sumLow << 31) | (sumHigh >>> 1);
      // × P1
      const b0 = low31 & 0xffff;
      const b1 = low31 >>> 16;
      middle = b1 * P1_LOW_0 + ((b0 * P1_LOW_0) >>> 16);
      accHigh = (Math.imul(high31, P1[1]) + Math.imul(low31, P1[0]) + b1 * P1_LOW_1 + (middle - (middle & 0xffff)) / 0x1_0000 + ((((middle & 0xffff) + b0 * P1_LOW_1) / 0x1_0000) | 0)) | 0;
      accLow = Math.imul(low31, P1[1]);
    }
    this.#acc[2 * lane] = accHigh;
    this.#acc[2 * lane + 1] = accLow;
  }

  #finish(startHigh: number, startLow: number): number {
    const rest = this.#rest.subarray(0, this.#restLength);
    let [h, l] = [startHigh, startLow];
    let at = 0;
    for (; at + 8 <= rest.length; at += 8) {
      round(0, 0, rest.readInt32LE(at + 4), rest.readInt32LE(at));
      rotate(h ^ high, l ^ low, 27);
      multiply(high, low, P1);
      add(high, low, P4[0], P4[1]);
      [h, l] = [high, low];
    }
    if (at + 4 <= rest.length) {
      multiply(0, rest.readInt32LE(at), P1);
      rotate(h ^ high, l ^ low, 23);
      multiply(high, low, P2);
      add(high, low, P3[0], P3[1]);
      [h, l] = [high, low];
      at += 4;
    }
    for (; at < rest.length; at += 1) {
      multiply(0, rest.readUInt8(at), P5);
      rotate(h ^ high, l ^ low, 11);
      multiply(high, low, P1);
      [h, l] = [high, low];
    }
    // h ^= h >> 33; × P2; h ^= h >> 29; × P3; h ^= h >> 32
    multiply(h, l ^ (h >>> 1), P2);
    [h, l] = [high, low];
    multiply(h ^ (h >>> 29), l ^ ((h << 3) | (l >>> 29)), P3);
    return (low ^ high) >>> 0;
  }
}
