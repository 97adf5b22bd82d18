/**
 * The items of a list, set, zset or hash as JSON: sorted by the bytes of member or field where the value is held whole,
 * lists as they are.
 */
import { E_SCORE, fail } from "./status";
import { p } from "./input";
import { base64Length } from "./base64";
import { writeDecimal } from "./decimal";
import { binaryScores, EXPIRIES, ITEMS_HEAD, itemsHeld, itemsWhole, SCORES, shape, arity } from "./items";
import { BLOB_SCRATCH, ITEMS, WHOLE_LIMIT } from "./memory";
import { out } from "./output";
import * as plan from "./plan";
import { nextString, stringAt, stringLength, textScoreBytes } from "./rebuild";
import { putDouble, putTextScore, SCORE_ROOM } from "./score-text";
import { sortItems } from "./sort-items";
import { addPart, fitsAnyRegion, PART_TEXT, pumpParts, putAscii, putQuoted, roomLeft, wrote } from "./text-out";

/** Index of addresses, where decoded blobs stand while a value is decoded. */
const INDEX: u32 = BLOB_SCRATCH;
export const MOST_SORTED: u64 = WHOLE_LIMIT / 8;

/** Next item, or its place in the index, and the end of these. */
let cursor: u32 = 0;
let stop: u32 = 0;
let indexed: bool = false;
/** No item of the value was written yet. */
let first: bool = true;

export function startItemsOut(): void {
  first = true;
}

/** What is held comes next, as it stands. */
export function startUnsorted(): void {
  indexed = false;
  cursor = ITEMS + ITEMS_HEAD;
  stop = itemsWhole;
}

/** What is held is all of the value and comes sorted; at most MOST_SORTED items. Returns false where every field is over. */
export function startSorted(): bool {
  indexed = true;
  let at = INDEX;
  for (let q = ITEMS + ITEMS_HEAD; q < itemsWhole; at += 8) {
    store<u64>(at, q);
    q = nextItem(q);
    // an expired field is left out as an expired key is
    if (shape == EXPIRIES && fieldIsOver(q)) at -= 8;
  }
  cursor = INDEX;
  stop = at;
  sortItems(INDEX, (at - INDEX) >> 3);
  return at != INDEX;
}

// @ts-ignore: decorator
@inline
function nextItem(q: u32): u32 {
  q = nextString(q);
  if (arity == 1) return q;
  if (shape == SCORES) return binaryScores ? q + 8 : q + textScoreBytes(q);
  q = nextString(q);
  return shape == EXPIRIES ? q + 8 : q;
}

/** `after`: end of an item, whose last eight bytes are the expiry. */
function fieldIsOver(after: u32): bool {
  const expiry = load<i64>(after - 8);
  return plan.skipExpired && expiry >= 0 && expiry <= plan.now;
}

/** Writes items; false where the region is full, or where a score is no text (`status`). */
export function writeItems(): bool {
  while (cursor < stop) {
    const q = indexed ? load<u32>(cursor) : cursor;
    const after = nextItem(q);
    if (indexed || shape != EXPIRIES || !fieldIsOver(after)) {
      if (!writeItem(q)) return false;
      first = false;
    }
    cursor = indexed ? cursor + 8 : after;
    if (!pumpParts()) return false;
  }
  return true;
}

/** Brackets, quotes, commas, an expiry. */
const ITEM_ROOM: u32 = 64;

function writeItem(q: u32): bool {
  q = nextString(q);
  const at = stringAt, length = stringLength;
  let bytes = base64Length(length) + ITEM_ROOM;
  if (arity != 1) {
    if (shape == SCORES) return writeScored(at, length, q, bytes + SCORE_ROOM);
    q = nextString(q);
    bytes += base64Length(stringLength);
  }
  if (bytes > <u64>roomLeft()) {
    if (fitsAnyRegion(bytes)) return false;
    addLarge(at, length, q);
    return true;
  }
  let to = out;
  if (!first) store<u8>(to++, 44);
  if (arity == 1) {
    wrote(putQuoted(to, at, length));
    return true;
  }
  store<u8>(to, 91);
  to = putQuoted(to + 1, at, length);
  store<u8>(to, 44);
  to = putQuoted(to + 1, stringAt, stringLength);
  to = putExpiry(to, q);
  store<u8>(to, 93);
  wrote(to + 1);
  return true;
}

/** The third element of a field that expires. */
function putExpiry(to: u32, q: u32): u32 {
  if (shape != EXPIRIES || load<i64>(q) < 0) return to;
  store<u8>(to, 44);
  return writeDecimal(to + 1, load<i64>(q));
}

/** The score at q, in quotes, and the bracket that ends the item; 0 where it is no text. */
function putScore(to: u32, q: u32): u32 {
  to = putAscii(to, ',"');
  to = binaryScores ? putDouble(to, load<f64>(q)) : putTextScore(to, q);
  if (to == 0) {
    fail(E_SCORE, p, 0, load<u8>(q));
    return 0;
  }
  return putAscii(to, '"]');
}

function writeScored(at: u32, length: u32, q: u32, bytes: u64): bool {
  const isLarge = !fitsAnyRegion(bytes);
  if (!isLarge && bytes > <u64>roomLeft()) return false;
  let to = isLarge ? PART_TEXT : out;
  if (!first) store<u8>(to++, 44);
  store<u8>(to++, 91);
  if (!isLarge) {
    to = putScore(putQuoted(to, at, length), q);
    if (to == 0) return false;
    wrote(to);
    return true;
  }
  store<u8>(to++, 34);
  addPart(PART_TEXT, to - PART_TEXT, false);
  addPart(at, length, true);
  const after = to;
  store<u8>(to, 34);
  to = putScore(to + 1, q);
  if (to == 0) return false;
  addPart(after, to - after, false);
  return true;
}

/** An element or a pair that no region holds at once. The second string of a pair was read last. */
function addLarge(at: u32, length: u32, q: u32): void {
  let to = PART_TEXT;
  if (!first) store<u8>(to++, 44);
  to = putAscii(to, arity == 1 ? '"' : '["');
  addPart(PART_TEXT, to - PART_TEXT, false);
  addPart(at, length, true);
  if (arity != 1) {
    addPart(to, 3, false);
    to = putAscii(to, '","');
    addPart(stringAt, stringLength, true);
  }
  const after = to;
  store<u8>(to, 34);
  to++;
  if (arity != 1) {
    to = putExpiry(to, q);
    store<u8>(to, 93);
    to++;
  }
  addPart(after, to - after, false);
}

/** Whether what is held can be sorted. */
export function canSort(): bool {
  return itemsHeld <= MOST_SORTED;
}
