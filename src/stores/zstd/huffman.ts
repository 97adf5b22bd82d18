/** Huffman-coded literals: RFC 8878, 4.2. */

import { BackwardBits, highBit, ZstdDataError } from './bits.js';
import { nextState, readTable } from './fse.js';

/** By the next `maxBits` bits: the symbol, and how many of them it takes. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  readonly lengths: Uint8Array;
}

const MAX_BITS = 11;
const MAX_WEIGHTS = 255;

/** Reads a tree description at data[from, to). `next` is the first byte after it. */
export function readHuffman(data: Uint8Array, from: number, to: number): { table: HuffmanTable; next: number } {
  const head = data[from] ?? 0;
  const direct = head >= 128;
  const next = from + 1 + (direct ? (head - 126) >> 1 : head);
  if (from >= to || next > to) throw new ZstdDataError('a Huffman tree that is longer than its block');
  return { table: buildTable(direct ? directWeights(data, from + 1, head - 127) : codedWeights(data, from + 1, next)), next };
}

function directWeights(data: Uint8Array, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = data[from + (i >> 1)] ?? 0;
    return i % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** Two states take turns until the bits are used up. */
function codedWeights(data: Uint8Array, from: number, to: number): number[] {
  const { table, next } = readTable(data, from, to, 6, MAX_BITS + 1);
  const bits = new BackwardBits(data, next, to);
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
  const symbols = new Uint8Array(1 << maxBits);
  const lengths = new Uint8Array(1 << maxBits);
  let at = 0;
  // Longest codes first, symbols of one length in their own order.
  for (let weight = 1; weight <= maxBits; weight += 1) {
    for (let symbol = 0; symbol < all.length; symbol += 1) {
      if (all[symbol] !== weight) continue;
      const end = at + (1 << (weight - 1));
      symbols.fill(symbol, at, end);
      lengths.fill(maxBits + 1 - weight, at, end);
      at = end;
    }
  }
  return { maxBits, symbols, lengths };
}

/** Decodes exactly `count` literals of one stream data[from, to) into out[at …]. */
export function decodeLiterals(table: HuffmanTable, data: Uint8Array, from: number, to: number, out: Uint8Array, at: number, count: number): void {
  const { maxBits, symbols, lengths } = table;
  const mask = (1 << maxBits) - 1;
  let left = new BackwardBits(data, from, to).left;
  for (let i = at; i < at + count; i += 1) {
    const low = left - maxBits;
    let code: number;
    if (low >= 0) {
      const byte = from + (low >> 3);
      code = (((data[byte] ?? 0) | ((data[byte + 1] ?? 0) << 8) | ((data[byte + 2] ?? 0) << 16)) >>> (low & 7)) & mask;
    } else {
      if (left <= 0) throw new ZstdDataError('a literal stream that ends too early');
      code = (((data[from] ?? 0) | ((data[from + 1] ?? 0) << 8)) << -low) & mask;
    }
    out[i] = symbols[code] ?? 0;
    left -= lengths[code] ?? 0;
  }
  if (left !== 0) throw new ZstdDataError('a literal stream of another length than its literals');
}
