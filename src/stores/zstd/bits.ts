/** Bits of a zstd block: forward for table descriptions, backward for everything coded with those tables (RFC 8878, 4.1). */

/** What the decoder found that no zstd encoder writes; the reader adds file and offset. */
export class ZstdDataError extends Error {
  override readonly name = 'ZstdDataError';
}

/** Position of the highest set bit of a positive number. */
export function highBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** From the lowest bit of the first byte on. */
export class ForwardBits {
  /** Absolute, in bits from the start of `data`. */
  position: number;
  readonly #data: Uint8Array;
  readonly #end: number;

  constructor(data: Uint8Array, from: number, to: number) {
    this.#data = data;
    this.position = from * 8;
    this.#end = to * 8;
  }

  /** Up to 16 bits. */
  read(count: number): number {
    const at = this.position >> 3;
    const word = (this.#data[at] ?? 0) | ((this.#data[at + 1] ?? 0) << 8) | ((this.#data[at + 2] ?? 0) << 16);
    const value = (word >>> (this.position & 7)) & ((1 << count) - 1);
    this.position += count;
    if (this.position > this.#end) throw new ZstdDataError('a table description that is longer than its block');
    return value;
  }

  /** First byte not touched. */
  get byteAfter(): number {
    return (this.position + 7) >> 3;
  }
}

/**
 * From the last byte to the first; the highest set bit of the last byte ends the padding. Bits below the start read as 0 and
 * make `left` negative: whoever reads checks it.
 */
export class BackwardBits {
  /** Bits not yet read. */
  left: number;
  readonly #data: Uint8Array;
  readonly #base: number;

  constructor(data: Uint8Array, from: number, to: number) {
    const last = to > from ? (data[to - 1] ?? 0) : 0;
    if (last === 0) throw new ZstdDataError('a bit stream without its end mark');
    this.#data = data;
    this.#base = from;
    this.left = (to - from - 1) * 8 + highBit(last);
  }

  /** Up to 24 bits. */
  read(count: number): number {
    if (count === 0) return 0;
    this.left -= count;
    if (this.left < 0) return this.#readBelow(count);
    const data = this.#data;
    const at = this.#base + (this.left >> 3);
    const word = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24);
    return (word >>> (this.left & 7)) & ((1 << count) - 1);
  }

  /** Part of what was asked for lies below the start. */
  #readBelow(count: number): number {
    const missing = -this.left;
    if (missing >= count) return 0;
    const data = this.#data;
    const at = this.#base;
    const word = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16);
    return (word & ((1 << (count - missing)) - 1)) << missing;
  }
}
