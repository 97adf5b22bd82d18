/** Finite state entropy tables: RFC 8878, 4.1. */

import { type BackwardBits, ForwardBits, highBit, ZstdDataError } from './bits.js';

/** Per state: the symbol it stands for, the bits to read and what to add to them for the next state. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

export const LITERAL_LENGTHS = buildTable(6, [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1]);
export const MATCH_LENGTHS = buildTable(6, [
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
export const OFFSETS = buildTable(5, [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]);

/** A table in which every state is the same symbol. */
export function constantTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: Uint8Array.of(0), bases: Uint16Array.of(0) };
}

/** Reads a table description at data[from, to). `next` is the first byte after it. */
export function readTable(data: Uint8Array, from: number, to: number, maxLog: number, maxSymbol: number): { table: FseTable; next: number } {
  const bits = new ForwardBits(data, from, to);
  const log = bits.read(4) + 5;
  if (log > maxLog) throw new ZstdDataError(`a table of accuracy ${log}, at most ${maxLog} is allowed`);
  const counts: number[] = [];
  for (let remaining = 1 << log; remaining > 0; ) {
    if (counts.length > maxSymbol) throw new ZstdDataError('a table of more symbols than there are');
    const count = readCount(bits, remaining);
    remaining -= Math.abs(count);
    counts.push(count);
    if (count !== 0) continue;
    for (let zeros = 3; zeros === 3; ) {
      zeros = bits.read(2);
      for (let i = 0; i < zeros; i += 1) counts.push(0);
      if (counts.length > maxSymbol + 1) throw new ZstdDataError('a table of more symbols than there are');
    }
  }
  return { table: buildTable(log, counts), next: bits.byteAfter };
}

/** A probability takes as few bits as what remains allows; −1 stands for "less than one". */
function readCount(bits: ForwardBits, remaining: number): number {
  const width = highBit(remaining + 1) + 1;
  const low = (1 << (width - 1)) - 1;
  const threshold = (1 << width) - 1 - (remaining + 1);
  const value = bits.read(width);
  let coded = value;
  if ((value & low) < threshold) {
    bits.position -= 1;
    coded = value & low;
  } else if (value > low) coded = value - threshold;
  const count = coded - 1;
  if (Math.abs(count) > remaining) throw new ZstdDataError('a table whose probabilities exceed their sum');
  return count;
}

/** `counts` add up to 2^log, −1 counting as 1. */
function buildTable(log: number, counts: readonly number[]): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  counts.forEach((count, symbol) => {
    next[symbol] = Math.abs(count);
    if (count !== -1) return;
    high -= 1;
    symbols[high] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i += 1) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state += 1) {
    const symbol = symbols[state] ?? 0;
    const count = next[symbol] ?? 1;
    next[symbol] = count + 1;
    const width = log - highBit(count);
    bits[state] = width;
    bases[state] = (count << width) - size;
  }
  return { log, symbols, bits, bases };
}

/** State after `state`. */
export function nextState(table: FseTable, state: number, bits: BackwardBits): number {
  return (table.bases[state] ?? 0) + bits.read(table.bits[state] ?? 0);
}
