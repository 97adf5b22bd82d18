/**
 * A value decoded: its items one after another in the one layout that every encoding comes down to, in scratch memory.
 *
 *     list, set          str …                          as types 1 and 2
 *     hash               str field, str value …         as type 4
 *     zset               str member, score …            score as in type 3 (text) or type 5 (f64): `binaryScores`
 *     hash with expiry   str field, str value, i64 …    as Valkey's type 22: ms, -1 none
 *     stream             str node key, str listpack …   then the rest of the stream, as type 15, 19 or 21 has it
 *
 * Strings are plain: lengths of 1, 2, 5 or 9 bytes and the bytes (src/rdb.c rdbSaveLen). What reads items: rebuild.ts
 * (a payload in an older encoding), commands.ts, and the JSON lines. A value larger than the area is handed on in
 * chunks of whole items.
 */
import { E_EXPIRY, E_SCORE, E_TOO_LARGE, fail, OK, ROOM, room, status } from "./status";
import { ITEMS, ITEMS_SIZE } from "./memory";
import { p } from "./input";
import { copyTo } from "./output";
import { writeDecimal } from "./decimal";
import { elementAt, elementInteger, elementIsInteger, elementLength } from "./packed/element";

/** Items are strings only; every second is a score as text; every third is an expiry. */
export const STRINGS: i32 = 0;
export const SCORES: i32 = 1;
export const EXPIRIES: i32 = 2;

/** Room before the first item, for a type byte, a count, and what else comes before them. */
export const ITEMS_HEAD: u32 = 64;

/** Where the next byte goes; items begin at ITEMS + ITEMS_HEAD. */
export let itemsEnd: u32 = 0;
/** End of the last item that is whole. */
export let itemsWhole: u32 = 0;
/** Whole items in the area, and since the value began. */
export let itemsHeld: u64 = 0;
export let itemsTotal: u64 = 0;
/** Elements of one item: 1, 2 or 3. */
export let arity: i32 = 1;
export let shape: i32 = STRINGS;
export let binaryScores: bool = false;
let position: i32 = 0;
/** The nodes of a stream are kept; else only what follows them. */
export let keepsNodes: bool = true;
/** Bytes the area takes before it asks to be emptied. */
let limit: u32 = 0;

export function startItems(newArity: i32, newShape: i32, newBinaryScores: bool, newLimit: u32): void {
  arity = newArity;
  shape = newShape;
  binaryScores = newBinaryScores;
  limit = newLimit;
  itemsTotal = 0;
  position = 0;
  itemsEnd = ITEMS + ITEMS_HEAD;
  dropItems();
}

export function keepNodes(keep: bool): void {
  keepsNodes = keep;
}

export function setItemsLimit(newLimit: u32): void {
  limit = newLimit;
}

/** Whole items were used: what is left of an item that is not whole moves to the front. */
export function dropItems(): void {
  const start = ITEMS + ITEMS_HEAD;
  if (itemsWhole > start && itemsWhole <= itemsEnd) {
    memory.copy(start, itemsWhole, itemsEnd - itemsWhole);
    itemsEnd = start + (itemsEnd - itemsWhole);
  }
  itemsWhole = start;
  itemsHeld = 0;
}

/** Whether `bytes` more may come; else `status` is ROOM, or FAIL where they never could. */
export function itemsFit(bytes: u64): bool {
  const used = <u64>(itemsEnd - ITEMS);
  if (used + bytes <= limit) return true;
  // a single item larger than the limit is taken all the same, as long as the area holds it
  if (itemsHeld == 0 && used + bytes <= ITEMS_SIZE) return true;
  if (itemsHeld != 0) room();
  else fail(E_TOO_LARGE, p, ITEMS_SIZE, used + bytes);
  return false;
}

/** An element is done. */
// @ts-ignore: decorator
@inline
function step(): void {
  if (++position == arity) {
    position = 0;
    itemsHeld++;
    itemsTotal++;
    itemsWhole = itemsEnd;
  }
}

/** A length as src/rdb.c rdbSaveLen writes it; returns the address after it. */
export function putLength(at: u32, length: u64): u32 {
  if (length < 64) {
    store<u8>(at, <u8>length);
    return at + 1;
  }
  if (length < 16384) {
    store<u16>(at, bswap<u16>(0x4000 | <u16>length));
    return at + 2;
  }
  if (length <= 0xffffffff) {
    store<u8>(at, 0x80);
    store<u32>(at, bswap<u32>(<u32>length), 1);
    return at + 5;
  }
  store<u8>(at, 0x81);
  store<u64>(at, bswap<u64>(length), 1);
  return at + 9;
}

/** Starts a string item of `length` bytes; returns where they go. Room must have been asked for: 9 bytes more. */
export function openString(length: u32): u32 {
  return putLength(itemsEnd, length);
}

/** The string's bytes are in place, up to `end`. */
export function closeString(end: u32): void {
  itemsEnd = end;
  step();
}

export function putString(from: u32, length: u32): void {
  const at = openString(length);
  copyTo(at, from, length);
  closeString(at + length);
}

export function putInteger(value: i64): void {
  // at most 20 characters, so the length is one byte
  const end = writeDecimal(itemsEnd + 1, value);
  store<u8>(itemsEnd, <u8>(end - itemsEnd - 1));
  closeString(end);
}

/** Bytes that are no string: a score, an expiry. */
export function putRaw(from: u32, length: u32): void {
  copyTo(itemsEnd, from, length);
  itemsEnd += length;
  step();
}

export function putExpiry(ms: i64): void {
  store<i64>(itemsEnd, ms);
  itemsEnd += 8;
  step();
}

/** Largest text of a score: the length byte goes to 252 (src/rdb.c rdbSaveDoubleValue). */
const LONGEST_SCORE: u32 = 252;

/** The element of a packed blob that was decoded last, in its place of the item. Returns false where room or sense is missing. */
export function putElement(): bool {
  if (!itemsFit(elementIsInteger ? 24 : <u64>elementLength + 9)) return false;
  if (shape == SCORES && position == 1) return putScore();
  if (shape == EXPIRIES && position == 2) {
    if (!elementIsInteger) {
      fail(E_EXPIRY, p, 0, elementLength);
      return false;
    }
    putExpiry(elementInteger == 0 ? -1 : elementInteger);
    return true;
  }
  if (elementIsInteger) putInteger(elementInteger);
  else putString(elementAt, elementLength);
  return true;
}

/** A score kept as text, as type 3 has it: u8 length and text, 254 inf, 255 -inf. */
function putScore(): bool {
  if (elementIsInteger) {
    putInteger(elementInteger);
    return true;
  }
  if (elementLength == 0 || elementLength > LONGEST_SCORE) {
    fail(E_SCORE, p, LONGEST_SCORE, elementLength);
    return false;
  }
  const first = load<u8>(elementAt);
  const second = elementLength > 1 ? load<u8>(elementAt, 1) | 32 : 0;
  if ((first | 32) == 105 || (first == 43 && second == 105)) store<u8>(itemsEnd++, 254); // inf, +inf
  else if (first == 45 && second == 105) store<u8>(itemsEnd++, 255); // -inf
  else {
    store<u8>(itemsEnd, <u8>elementLength);
    copyTo(itemsEnd + 1, elementAt, elementLength);
    itemsEnd += 1 + elementLength;
  }
  step();
  return true;
}

/** Bytes of a stream after its nodes, copied as they are. */
export function putTail(from: u32, length: u32): void {
  copyTo(itemsEnd, from, length);
  itemsEnd += length;
}

/** A name after the nodes, as a plain string. */
export function putTailString(from: u32, length: u32): void {
  const at = putLength(itemsEnd, length);
  copyTo(at, from, length);
  itemsEnd = at + length;
}
