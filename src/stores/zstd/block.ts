/** The blocks of a zstd frame: literals and sequences into a window. RFC 8878, 3.1.1.2 and 3.1.1.3. */

import { BackwardBits, type BlockInput, ZstdDataError } from './bits.js';
import { constantTable, type FseTable, LITERAL_LENGTHS, MATCH_LENGTHS, nextState, OFFSETS, readTable } from './fse.js';
import { decodeLiterals, type HuffmanTable, readHuffman } from './huffman.js';

export const MAX_BLOCK = 128 * 1024;

const LITERAL_BASES = [...Array.from({ length: 16 }, (_, i) => i), 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
const LITERAL_BITS = [...Array.from({ length: 16 }, () => 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BASES = [
  ...Array.from({ length: 32 }, (_, i) => i + 3),
  35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16_387, 32_771, 65_539,
];
const MATCH_BITS = [...Array.from({ length: 32 }, () => 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
/** Distances of windows up to 2^27 and a little more; larger ones are refused by the frame header. */
const MAX_OFFSET_CODE = 28;

/** Decodes the blocks of one frame. What `raw`, `repeat` and `compressed` return is a view that holds until the next of them. */
export class FrameDecoder {
  readonly #windowSize: number;
  /** The last `windowSize` bytes at least, then room for a block; what is written goes to the front again when it is full. */
  readonly #window: Uint8Array;
  #end = 0;
  /** Bytes of the frame so far, as far as they matter: no match reaches further back. */
  #reach = 0;
  readonly #literals = new Uint8Array(MAX_BLOCK);
  #literalCount = 0;
  #huffman: HuffmanTable | null = null;
  #literalLengths: FseTable | null = null;
  #offsets: FseTable | null = null;
  #matchLengths: FseTable | null = null;
  /** The last three distances, newest first. */
  #first = 1;
  #second = 4;
  #third = 8;

  /** Memory is touched only as it is filled, whatever the header promised. */
  constructor(windowSize: number) {
    this.#windowSize = windowSize;
    this.#window = new Uint8Array(windowSize + Math.max(4 * MAX_BLOCK, Math.min(windowSize, 8 * 1024 * 1024)));
  }

  raw(bytes: Uint8Array): Uint8Array {
    const start = this.#makeRoom();
    this.#window.set(bytes, start);
    return this.#commit(start + bytes.length);
  }

  repeat(byte: number, count: number): Uint8Array {
    const start = this.#makeRoom();
    this.#window.fill(byte, start, start + count);
    return this.#commit(start + count);
  }

  compressed(block: BlockInput): Uint8Array {
    const start = this.#makeRoom();
    const sequencesAt = this.#readLiterals(block);
    return this.#commit(this.#runSequences(block, sequencesAt, start));
  }

  #makeRoom(): number {
    if (this.#end + MAX_BLOCK > this.#window.length) {
      const keep = Math.min(this.#windowSize, this.#end);
      this.#window.copyWithin(0, this.#end - keep, this.#end);
      this.#end = keep;
    }
    return this.#end;
  }

  #commit(end: number): Uint8Array {
    const start = this.#end;
    this.#end = end;
    this.#reach = Math.min(this.#windowSize, this.#reach + end - start);
    return this.#window.subarray(start, end);
  }

  /** Literals_Section: 3.1.1.3.1. Returns where the sequences start. */
  #readLiterals(input: BlockInput): number {
    const block = input.bytes;
    const at = (i: number): number => block[i] ?? 0;
    const type = at(0) & 3;
    const format = (at(0) >> 2) & 3;
    if (type < 2) {
      const header = format === 1 ? 2 : format === 3 ? 3 : 1;
      const size = header === 1 ? at(0) >> 3 : (at(0) >> 4) | (at(1) << 4) | (header === 3 ? at(2) << 12 : 0);
      const end = header + (type === 0 ? size : 1);
      if (size > MAX_BLOCK || end > block.length) throw new ZstdDataError('literals that are longer than their block');
      if (type === 0) this.#literals.set(block.subarray(header, end));
      else this.#literals.fill(at(header), 0, size);
      this.#literalCount = size;
      return end;
    }
    const header = format < 2 ? 3 : format + 2;
    const low = (at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24)) >>> 4;
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const size = low & ((1 << width) - 1);
    // The compressed size follows; of its 18 bits the upper ones lie in the fifth byte.
    const stored = width === 18 ? (low >>> 18) | (at(4) << 10) : (low >>> width) & ((1 << width) - 1);
    const end = header + stored;
    if (size > MAX_BLOCK || end > block.length) throw new ZstdDataError('literals that are longer than their block');
    let from = header;
    if (type === 2) {
      const { table, next } = readHuffman(input, header, end);
      this.#huffman = table;
      from = next;
    }
    if (this.#huffman === null) throw new ZstdDataError('literals that repeat a Huffman tree where none came before');
    if (format === 0) decodeLiterals(this.#huffman, input, from, end, this.#literals, 0, size);
    else this.#readFourStreams(this.#huffman, input, from, end, size);
    this.#literalCount = size;
    return end;
  }

  /** A table of three lengths, then four streams of a quarter each. */
  #readFourStreams(table: HuffmanTable, input: BlockInput, from: number, end: number, size: number): void {
    const quarter = (size + 3) >> 2;
    if (3 * quarter > size) throw new ZstdDataError('four literal streams for too few literals');
    let start = from + 6;
    for (let i = 0; i < 4; i += 1) {
      const length = input.view.getUint16(Math.min(from, end) + 2 * i, true);
      const stop = i === 3 ? end : start + length;
      if (stop > end) throw new ZstdDataError('a literal stream that is longer than its block');
      decodeLiterals(table, input, start, stop, this.#literals, i * quarter, i === 3 ? size - 3 * quarter : quarter);
      start = stop;
    }
  }

  /** Sequences_Section: 3.1.1.3.2. Returns the end of what was written from `start` on. */
  #runSequences(input: BlockInput, from: number, start: number): number {
    const block = input.bytes;
    const at = (i: number): number => block[i] ?? 0;
    if (from >= block.length) throw new ZstdDataError('a block without its sequences');
    const first = at(from);
    const header = first < 128 ? 1 : first < 255 ? 2 : 3;
    const count = header === 1 ? first : header === 2 ? ((first - 128) << 8) + at(from + 1) : at(from + 1) + (at(from + 2) << 8) + 0x7f00;
    if (count === 0) {
      if (from + header !== block.length) throw new ZstdDataError('bytes after the end of a block');
      return this.#copyLiterals(0, this.#literalCount, start, start);
    }
    const modes = at(from + header);
    if (from + header >= block.length || (modes & 3) !== 0) throw new ZstdDataError('a sequence header with reserved bits');
    let next = from + header + 1;
    const table = (mode: number, standard: FseTable, last: FseTable | null, maxLog: number, maxSymbol: number): FseTable => {
      if (mode === 0) return standard;
      if (mode === 1) {
        if (next >= block.length || at(next) > maxSymbol) throw new ZstdDataError('a sequence code that does not exist');
        return constantTable(at(next++));
      }
      if (mode === 2) {
        const read = readTable(block, next, block.length, maxLog, maxSymbol);
        next = read.next;
        return read.table;
      }
      if (last === null) throw new ZstdDataError('sequences that repeat a table where none came before');
      return last;
    };
    this.#literalLengths = table(modes >> 6, LITERAL_LENGTHS, this.#literalLengths, 9, LITERAL_BASES.length - 1);
    this.#offsets = table((modes >> 4) & 3, OFFSETS, this.#offsets, 8, MAX_OFFSET_CODE);
    this.#matchLengths = table((modes >> 2) & 3, MATCH_LENGTHS, this.#matchLengths, 9, MATCH_BASES.length - 1);
    const tables = { literals: this.#literalLengths, offsets: this.#offsets, matches: this.#matchLengths };
    return this.#execute(new BackwardBits(input, next, block.length), count, tables, start);
  }

  #execute(bits: BackwardBits, count: number, tables: { literals: FseTable; offsets: FseTable; matches: FseTable }, start: number): number {
    const { literals, offsets, matches } = tables;
    let literalState = bits.read(literals.log);
    let offsetState = bits.read(offsets.log);
    let matchState = bits.read(matches.log);
    let used = 0;
    let end = start;
    for (let i = 0; i < count; i += 1) {
      const offsetCode = offsets.symbols[offsetState] ?? 0;
      const matchCode = matches.symbols[matchState] ?? 0;
      const literalCode = literals.symbols[literalState] ?? 0;
      // 24 bits are the most that one read gives.
      const upper = offsetCode > 24 ? bits.read(offsetCode - 24) << 24 : 0;
      const value = (1 << offsetCode) + upper + bits.read(offsetCode > 24 ? 24 : offsetCode);
      const match = (MATCH_BASES[matchCode] ?? 0) + bits.read(MATCH_BITS[matchCode] ?? 0);
      const length = (LITERAL_BASES[literalCode] ?? 0) + bits.read(LITERAL_BITS[literalCode] ?? 0);
      if (i < count - 1) {
        literalState = nextState(literals, literalState, bits);
        matchState = nextState(matches, matchState, bits);
        offsetState = nextState(offsets, offsetState, bits);
      }
      if (bits.left < 0) throw new ZstdDataError('sequences that are longer than their block');
      if (end - start + length + match > MAX_BLOCK) throw new ZstdDataError(`a block of more than ${MAX_BLOCK} bytes`);
      end = this.#copyLiterals(used, used + length, start, end);
      used += length;
      end = this.#copyMatch(this.#distance(value, length === 0), match, start, end);
    }
    if (bits.left !== 0) throw new ZstdDataError('bits after the last sequence of a block');
    return this.#copyLiterals(used, this.#literalCount, start, end);
  }

  #copyLiterals(from: number, to: number, start: number, end: number): number {
    const length = to - from;
    if (to > this.#literalCount || end - start + length > MAX_BLOCK) throw new ZstdDataError('sequences that take more literals than there are');
    if (length > 32) this.#window.set(this.#literals.subarray(from, to), end);
    else for (let i = 0; i < length; i += 1) this.#window[end + i] = this.#literals[from + i] ?? 0;
    return end + length;
  }

  /** Offset_Value to distance, with the three last ones at hand: 3.1.1.5. */
  #distance(value: number, noLiterals: boolean): number {
    const which = value > 3 ? 4 : value - (noLiterals ? 0 : 1);
    if (which === 0) return this.#first;
    const distance = which === 4 ? value - 3 : which === 1 ? this.#second : which === 2 ? this.#third : this.#first - 1;
    if (which !== 1) this.#third = this.#second;
    this.#second = this.#first;
    this.#first = distance;
    return distance;
  }

  #copyMatch(distance: number, length: number, start: number, end: number): number {
    if (distance <= 0 || distance > this.#windowSize || distance > this.#reach + end - start) throw new ZstdDataError('a match from before the start of the data');
    const window = this.#window;
    if (distance >= length && length > 32) window.copyWithin(end, end - distance, end - distance + length);
    else for (let i = end; i < end + length; i += 1) window[i] = window[i - distance] ?? 0;
    return end + length;
  }
}
