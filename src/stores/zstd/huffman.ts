/** Huffman-coded literals: RFC 8878, 4.2. */

import { BackwardBits, type BlockInput, highBit, ZstdDataError } from './bits.js';
import { nextState, readTable } from './fse.js';

/** By the next `maxBits` bits: the symbol, and above it (× 256) how many of them it takes. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly entries: Uint16Array;
}

const MAX_BITS = 11;
const MAX_WEIGHTS = 255;

/** Reads a tree description at bytes[from, to). `next` is the first byte after it. */
export function readHuffman(input: BlockInput, from: number, to: number): { table: HuffmanTable; next: number } {
  const head = input.bytes[from] ?? 0;
  const direct = head >= 128;
  const next = from + 1 + (direct ? (head - 126) >> 1 : head);
  if (from >= to || next > to) throw new ZstdDataError('a Huffman tree that is longer than its block');
  return { table: buildTable(direct ? directWeights(input.bytes, from + 1, head - 127) : codedWeights(input, from + 1, next)), next };
}

function directWeights(data: Uint8Array, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = data[from + (i >> 1)] ?? 0;
    return i % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** Two states take turns until the bits are used up. */
function codedWeights(input: BlockInput, from: number, to: number): number[] {
  const { table, next } = readTable(input.bytes, from, to, 6, MAX_BITS + 1);
  const bits = new BackwardBits(input, next, to);
  let state = bits.read(table.log);
  let other = bits.read(table.log);
  const weights: number[] = [];
  while (weights.length < MAX_WEIGHTS) {
    weights.push(table.symbols[state] ?? 0);
    state = nextState(table, state, bits);
    if (bits.left < 0) {
      weights.push(table.symbols[other] ?? 0);
      return weights;
    }
    [state, other] = [other, state];
  }
  throw new ZstdDataError('more Huffman weights than symbols');
}

/** The weight of the last symbol is not written: it fills the sum up to a power of two. */
function buildTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_BITS) throw new ZstdDataError(`a Huffman weight of ${weight}`);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0) throw new ZstdDataError('a Huffman tree without codes');
  const maxBits = highBit(sum) + 1;
  const rest = (1 << maxBits) - sum;
  if (maxBits > MAX_BITS || (rest & (rest - 1)) !== 0) throw new ZstdDataError('Huffman weights that make no tree');
  const all = [...weights, highBit(rest) + 1];
  const entries = new Uint16Array(1 << maxBits);
  let at = 0;
  // Longest codes first, symbols of one length in their own order.
  for (let weight = 1; weight <= maxBits; weight += 1) {
    for (let symbol = 0; symbol < all.length; symbol += 1) {
      if (all[symbol] !== weight) continue;
      const end = at + (1 << (weight - 1));
      entries.fill(symbol + 256 * (maxBits + 1 - weight), at, end);
      at = end;
    }
  }
  return { maxBits, entries };
}

/** Decodes exactly `count` literals of one stream bytes[from, to) into out[at …]. */
export function decodeLiterals(table: HuffmanTable, input: BlockInput, from: number, to: number, out: Uint8Array, at: number, count: number): void {
  const { maxBits, entries } = table;
  const { view } = input;
  const mask = (1 << maxBits) - 1;
  const end = at + count;
  let { left } = new BackwardBits(input, from, to);
  let i = at;
  // 24 bits hold two codes; they are taken from the top.
  const top = 24 - maxBits;
  for (; i + 1 < end && left >= 24; i += 2) {
    const low = left - 24;
    const word = view.getUint32(from + (low >> 3), true) >>> (low & 7);
    const first = entries[(word >>> top) & mask] ?? 0;
    const second = entries[(word >>> (top - (first >> 8))) & mask] ?? 0;
    out[i] = first;
    out[i + 1] = second;
    left -= (first >> 8) + (second >> 8);
  }
  for (; i < end; i += 1) {
    if (left <= 0) throw new ZstdDataError('a literal stream that ends too early');
    const low = left - maxBits;
    const code = low >= 0 ? view.getUint32(from + (low >> 3), true) >>> (low & 7) : view.getUint32(from, true) << -low;
    const entry = entries[code & mask] ?? 0;
    out[i] = entry;
    left -= entry >> 8;
  }
  if (left !== 0) throw new ZstdDataError('a literal stream of another length than its literals');
}
