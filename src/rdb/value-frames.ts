/** The frames in which the engine hands over entries and values (src/engine/values.ts), out of regions of any size. */

export const FrameTag = { entry: 1, string: 2, items: 3, tail: 4, end: 5 } as const;

const HEADER = 8;
const NONE = new Uint8Array(0);

/**
 * `try…` answer at once where what they are asked for is at hand, and undefined where it must be waited for: most frames
 * lie in a region whole, and waiting costs more than reading them.
 */
export class FrameReader {
  readonly #regions: AsyncIterator<Uint8Array>;
  /** The region under way, and how far it is used. */
  #region: Uint8Array = NONE;
  #view: DataView = new DataView(NONE.buffer);
  #at = 0;
  /** What is left of the frame under way. */
  #left = 0;
  /** What the regions ended with: it is thrown again, whoever heard it first. */
  #error: unknown;

  constructor(regions: AsyncIterable<Uint8Array>) {
    this.#regions = regions[Symbol.asyncIterator]();
  }

  /** Tag of the next frame; what was not taken of the one before is passed over. null at the end. */
  async next(): Promise<number | null> {
    while (this.#left > 0) if ((await this.#piece()).length === 0) return null;
    const known = this.tryNext();
    if (known !== undefined) return known;
    this.#left = HEADER;
    const header = await this.all();
    if (header.length === 0) return null;
    return this.#take(new DataView(header.buffer).getUint32(0, true), new DataView(header.buffer).getUint32(4, true));
  }

  tryNext(): number | undefined {
    if (this.#left > this.#region.length - this.#at - HEADER) return undefined;
    this.#at += this.#left + HEADER;
    return this.#take(this.#view.getUint32(this.#at - HEADER, true), this.#view.getUint32(this.#at - 4, true));
  }

  /** What is left of the frame: a view of bytes that stay. */
  async all(): Promise<Uint8Array> {
    const whole = this.tryAll();
    if (whole !== undefined) return whole;
    const bytes = new Uint8Array(this.#left);
    for (let at = 0; this.#left > 0; ) {
      const piece = await this.#piece();
      if (piece.length === 0) return NONE;
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  tryAll(): Uint8Array | undefined {
    if (this.#left > this.#region.length - this.#at) return undefined;
    return this.#use(this.#left);
  }

  /** What is left of the frame, piece by piece; views of bytes that stay. */
  async *pieces(): AsyncGenerator<Uint8Array, void, void> {
    while (this.#left > 0) {
      const piece = await this.#piece();
      if (piece.length === 0) return;
      yield piece;
    }
  }

  /** The header's two halves: bytes of the frame, its tag in the highest byte. */
  #take(low: number, high: number): number {
    this.#left = low + (high & 0xff_ffff) * 2 ** 32;
    return high >>> 24;
  }

  #use(bytes: number): Uint8Array {
    this.#at += bytes;
    this.#left -= bytes;
    return this.#region.subarray(this.#at - bytes, this.#at);
  }

  /** As much of the frame as is at hand; nothing at the end of the regions. */
  async #piece(): Promise<Uint8Array> {
    while (this.#at === this.#region.length) {
      if (this.#error !== undefined) throw this.#error as Error;
      const next = await this.#regions.next().catch((error: unknown) => {
        this.#error = error;
        throw error;
      });
      if (next.done === true) {
        this.#left = 0;
        return NONE;
      }
      this.#region = next.value;
      this.#view = new DataView(next.value.buffer, next.value.byteOffset, next.value.byteLength);
      this.#at = 0;
    }
    return this.#use(Math.min(this.#left, this.#region.length - this.#at));
  }
}
