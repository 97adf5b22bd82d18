/** Bits of a zstd block: forward for table descriptions, backward for everything coded with those tables (RFC 8878, 4.1). */

/** What the decoder found that no zstd encoder writes; the reader adds file and offset. */
export class ZstdDataError extends Error {
  override readonly name = 'ZstdDataError';
}

/** A block with eight bytes behind it that may be read, so that four can be loaded from anywhere in it. */
export interface BlockInput {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** `buffer` must have eight bytes more than `length`. */
export function blockInput(buffer: Uint8Array, length: number): BlockInput {
  return { bytes: buffer.subarray(0, length), view: new DataView(buffer.buffer, buffer.byteOffset, length + 8) };
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
  readonly #view: DataView;
  readonly #base: number;

  constructor({ bytes, view }: BlockInput, from: number, to: number) {
    const last = to > from ? (bytes[to - 1] ?? 0) : 0;
    if (last === 0) throw new ZstdDataError('a bit stream without its end mark');
    this.#view = view;
    this.#base = from;
    this.left = (to - from - 1) * 8 + highBit(last);
  }

  /** Up to 24 bits. */
  read(count: number): number {
    const left = this.left - count;
    this.left = left;
    if (left < 0) return this.#readBelow(count);
    return (this.#view.getUint32(this.#base + (left >> 3), true) >>> (left & 7)) & ((1 << count) - 1);
  }

  /** Part of what was asked for lies below the start. */
  #readBelow(count: number): number {
    const missing = -this.left;
    if (missing >= count) return 0;
    return (this.#view.getUint32(this.#base, true) & ((1 << (count - missing)) - 1)) << missing;
  }
}
