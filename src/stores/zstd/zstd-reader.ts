/** Zstandard (RFC 8878), frames one after the other and skippable ones included, in bounded memory. */

import { CorruptInputError, UnsupportedInputError } from '../../errors.js';
import { readFully, type ByteReader } from '../byte-reader.js';
import { blockInput, ZstdDataError } from './bits.js';
import { FrameDecoder, MAX_BLOCK } from './block.js';
import { XxHash64 } from './xxhash64.js';

const MAGIC = 0xfd2fb528;
/** Sixteen magics, 0x184d2a50 to 5f, for frames to skip. */
const SKIPPABLE = 0x184d2a50;
/** The largest window the zstd tool decodes unasked (ZSTD_WINDOWLOG_LIMIT_DEFAULT, 27). */
const MAX_WINDOW = 128 * 1024 * 1024;

interface Frame {
  readonly decoder: FrameDecoder;
  /** null where the frame carries no checksum. */
  readonly hash: XxHash64 | null;
}

/** The decoded bytes of `stored`, block by block. Owns `stored`. Errors: CorruptInputError, UnsupportedInputError. */
export class ZstdReader implements ByteReader {
  position = 0;
  readonly #name: string;
  readonly #stored: ByteReader;
  readonly #head = Buffer.alloc(18);
  #frame: Frame | null = null;
  readonly #block = Buffer.alloc(MAX_BLOCK + 8);
  /** Decoded and not taken: in the window, until the next block is decoded. */
  #ready: Uint8Array = new Uint8Array(0);

  constructor(name: string, stored: ByteReader) {
    this.#name = name;
    this.#stored = stored;
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#ready.length === 0) {
      if (this.#frame !== null) await this.#nextBlock(this.#frame);
      else if (!(await this.#nextFrame())) return 0;
    }
    const count = Math.min(length, this.#ready.length);
    target.set(this.#ready.subarray(0, count), offset);
    this.#ready = this.#ready.subarray(count);
    this.position += count;
    return count;
  }

  unread(bytes: Uint8Array): void {
    this.#ready = Buffer.concat([bytes, this.#ready]);
    this.position -= bytes.length;
  }

  close(): Promise<void> {
    return this.#stored.close();
  }

  /** False at the end of the input. Frame_Header: RFC 8878, 3.1.1.1. */
  async #nextFrame(): Promise<boolean> {
    const got = await readFully(this.#stored, this.#head, 0, 4);
    if (got === 0) return false;
    const magic = got < 4 ? 0 : this.#head.readUInt32LE(0);
    if (magic >>> 4 === SKIPPABLE >>> 4) {
      await this.#skip((await this.#need(4, 'skippable frame')).readUInt32LE(0));
      return true;
    }
    if (got < 4 && this.#head[0] === 0x28) throw this.#cut('frame header');
    if (magic !== MAGIC) throw this.#corrupt('frame header', 'the magic 28 b5 2f fd', this.#head.toString('hex', 0, got));
    const descriptor = (await this.#need(1, 'frame header')).readUInt8(0);
    if ((descriptor & 8) !== 0) throw this.#corrupt('frame header', 'a reserved bit that is 0', '1');
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeBytes = descriptor >>> 6 === 0 ? (single ? 1 : 0) : 1 << (descriptor >>> 6);
    const rest = Buffer.from(await this.#need((single ? 0 : 1) + dictionary + sizeBytes, 'frame header'));
    const window = single ? contentSize(rest.subarray(dictionary), sizeBytes) : windowSize(rest.readUInt8(0));
    this.#checkWindow(window);
    if (dictionary > 0 && rest.subarray(single ? 0 : 1, (single ? 0 : 1) + dictionary).some((byte) => byte !== 0)) {
      throw this.#unsupported('is compressed with a zstd dictionary.', 'Decompress it first, with the dictionary.');
    }
    this.#frame = { decoder: new FrameDecoder(window), hash: (descriptor & 4) !== 0 ? new XxHash64() : null };
    return true;
  }

  /** Block_Header: RFC 8878, 3.1.1.2. */
  async #nextBlock(frame: Frame): Promise<void> {
    const header = Buffer.from(await this.#need(3, 'block'));
    const bits = header.readUIntLE(0, 3);
    const type = (bits >>> 1) & 3;
    const size = bits >>> 3;
    if (type === 3) throw this.#corrupt('block', 'type raw, RLE or compressed', 'the reserved type');
    if (size > MAX_BLOCK) throw this.#corrupt('block', `at most ${MAX_BLOCK} bytes`, `${size}`);
    const stored = type === 1 ? 1 : size;
    if ((await readFully(this.#stored, this.#block, 0, stored)) < stored) throw this.#cut('block');
    const block = this.#block.subarray(0, stored);
    try {
      this.#ready = type === 0 ? frame.decoder.raw(block) : type === 1 ? frame.decoder.repeat(block.readUInt8(0), size) : frame.decoder.compressed(blockInput(this.#block, size));
    } catch (error) {
      if (!(error instanceof ZstdDataError)) throw error;
      throw this.#corrupt('block', 'valid zstd data', error.message, error);
    }
    frame.hash?.update(this.#ready);
    if ((bits & 1) === 1) await this.#endFrame(frame);
  }

  async #endFrame({ hash }: Frame): Promise<void> {
    this.#frame = null;
    if (hash === null) return;
    const written = (await this.#need(4, 'checksum')).readUInt32LE(0);
    const found = hash.digest();
    if (written !== found) throw this.#corrupt('checksum', hex(written), hex(found));
  }

  #checkWindow(bytes: number): void {
    if (bytes <= MAX_WINDOW) return;
    throw this.#unsupported(`needs a zstd window of ${bytes} bytes, at most ${MAX_WINDOW} are taken.`, 'Decompress it first: zstd -d --long=31, and pipe it in.');
  }

  async #need(length: number, what: string): Promise<Buffer> {
    if ((await readFully(this.#stored, this.#head, 0, length)) < length) throw this.#cut(what);
    return this.#head.subarray(0, length);
  }

  async #skip(length: number): Promise<void> {
    const waste = Buffer.allocUnsafe(Math.min(length, MAX_BLOCK));
    for (let left = length; left > 0; ) {
      const count = await this.#stored.read(waste, 0, Math.min(left, waste.length));
      if (count === 0) throw this.#cut('skippable frame');
      left -= count;
    }
  }

  #cut(what: string): Error {
    return this.#corrupt(what, 'more bytes', 'the end of the file: it is cut short');
  }

  #corrupt(what: string, expected: string, found: string, cause?: unknown): Error {
    const place = `zstd ${what} before compressed byte ${this.#stored.position}`;
    return new CorruptInputError({ source: this.#name, offset: this.position, what: place, expected, found }, { cause });
  }

  #unsupported(problem: string, hint: string): Error {
    return new UnsupportedInputError({ source: this.#name, offset: this.position }, problem, { hint });
  }
}

/** Window_Descriptor: RFC 8878, 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Frame_Content_Size: RFC 8878, 3.1.1.1.4. */
function contentSize(bytes: Buffer, length: number): number {
  if (length === 0) return 0;
  if (length === 8) return Number(bytes.readBigUInt64LE(0));
  return bytes.readUIntLE(0, length) + (length === 2 ? 256 : 0);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
