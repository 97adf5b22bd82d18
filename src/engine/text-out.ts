/**
 * Text written to the region: words, base64 in quotes, and, where something does not fit a region at once, a list of
 * parts that goes out as far as each region has room.
 */
import { base64Length, putBase64 } from "./base64";
import { PIECES } from "./memory";
import { advance, out, outEnd, regionSize } from "./output";

/** Writes ASCII known at compile time, eight characters at a time; may write 8 bytes more. */
// @ts-ignore: decorator
@inline
export function putAscii(at: u32, word: string): u32 {
  const from = <u32>changetype<usize>(word), length: u32 = word.length;
  for (let i: u32 = 0; i < length; i += 8) {
    const characters = v128.load(from + (i << 1));
    v128.store_lane<u64>(at + i, v128.narrow<u16>(characters, characters), 0);
  }
  return at + length;
}

/** A string of `length` bytes as base64 in quotes. */
// @ts-ignore: decorator
@inline
export function putQuoted(at: u32, from: u32, length: u32): u32 {
  store<u8>(at, 34);
  at = putBase64(at + 1, from, length);
  store<u8>(at, 34);
  return at + 1;
}

/** Bytes that are free in the region. */
// @ts-ignore: decorator
@inline
export function roomLeft(): u32 {
  return outEnd - out;
}

/** Whether so many bytes go into an empty region at once. */
export function fitsAnyRegion(bytes: u64): bool {
  return bytes <= regionSize;
}

/** Moves `out` to where the text ends. */
// @ts-ignore: decorator
@inline
export function wrote(end: u32): void {
  advance(end - out);
}

/** Parts: {u32 address, u32 bytes, u32 1 for base64}. Text of parts stands in TEXT until it is out. */
const LIST: u32 = PIECES + 0x2000;
const PART: u32 = 12;
/** Where text that becomes a part can be written: 4 KiB. */
export const PART_TEXT: u32 = PIECES + 0x2400;

let next: u32 = LIST;
let end: u32 = LIST;

export function addPart(from: u32, length: u32, base64: bool): void {
  store<u32>(end, from);
  store<u32>(end, length, 4);
  store<u32>(end, base64 ? 1 : 0, 8);
  end += PART;
}

/** What an input that ended with an error has left is not for the next. */
export function dropParts(): void {
  next = LIST;
  end = LIST;
}

/** Writes parts; false where the region is full and some are left. */
export function pumpParts(): bool {
  while (next != end) {
    const from = load<u32>(next), length = load<u32>(next, 4);
    const n = load<u32>(next, 8) ? pumpBase64(from, length) : pumpText(from, length);
    if (n != length) {
      store<u32>(next, from + n);
      store<u32>(next, length - n, 4);
      return false;
    }
    next += PART;
  }
  dropParts();
  return true;
}

/** Writes of `length` bytes as many as there is room for; returns how many. */
export function pumpText(from: u32, length: u32): u32 {
  const n = min(length, roomLeft());
  memory.copy(out, from, n);
  advance(n);
  return n;
}

/** Writes of `length` bytes as many as there is room for, in whole groups of three unless they are the last; returns how many. */
export function pumpBase64(from: u32, length: u32): u32 {
  const room = (roomLeft() >> 2) * 3;
  const n = min(length, room);
  wrote(putBase64(out, from, n));
  return n;
}

/** Whether the string as base64 in quotes, and `more` bytes, fit now. */
// @ts-ignore: decorator
@inline
export function quotedFits(length: u64, more: u32): bool {
  return base64Length(length) + 2 + more <= <u64>roomLeft();
}
