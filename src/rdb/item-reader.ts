/** Reads items as the engine has them (src/engine/items.ts): lengths, strings, scores, times. */

export class ItemReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A length as src/rdb.c rdbSaveLen writes it. */
  length(): bigint {
    const first = this.#view.getUint8(this.#at++);
    if (first < 64) return BigInt(first);
    if (first < 128) return BigInt(((first & 63) << 8) | this.#view.getUint8(this.#at++));
    if (first === 0x80) {
      this.#at += 4;
      return BigInt(this.#view.getUint32(this.#at - 4));
    }
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8);
  }

  /** A length below 2^53. */
  count(): number {
    const first = this.#view.getUint8(this.#at);
    if (first < 64) {
      this.#at++;
      return first;
    }
    return Number(this.length());
  }

  /** A view. */
  take(bytes: number): Uint8Array {
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }

  /** A view, too. */
  string(): Uint8Array {
    return this.take(this.count());
  }

  /** Eight bytes, little endian. */
  time(): number {
    this.#at += 8;
    return Number(this.#view.getBigInt64(this.#at - 8, true));
  }

  binaryScore(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** u8 length and text; 254 inf, 255 -inf. */
  textScore(): number {
    const length = this.#view.getUint8(this.#at++);
    if (length >= 254) return length === 254 ? Infinity : -Infinity;
    return Number(Buffer.from(this.take(length)).toString('latin1'));
  }

  /** Two lengths. */
  id(): string {
    const ms = this.length();
    return `${ms}-${this.length()}`;
  }

  /** Sixteen bytes, big endian. */
  rawId(): readonly [ms: bigint, sequence: bigint] {
    this.#at += 16;
    return [this.#view.getBigUint64(this.#at - 16), this.#view.getBigUint64(this.#at - 8)];
  }
}
