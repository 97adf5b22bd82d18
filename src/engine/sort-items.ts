/**
 * Sorts items by the bytes of their first string. An index has a u64 for each: the address of the item in the low half;
 * the high half is for sorting: four bytes of the string, from the depth that is looked at. Items with the same four are
 * sorted by the next four, so no byte is looked at twice, and memory is eight bytes an item.
 */
import { PIECES } from "./memory";
import { nextString, stringAt, stringLength } from "./rebuild";

/** Up to so many are compared with each other as they are. */
const FEW: u32 = 10;
/** Above so many they are dealt out by their next byte first, which no order of the input makes slow. */
const MANY: u32 = 512;

/** Two tables of 256 addresses for each of the four bytes by which items are dealt out. */
const TABLES: u32 = PIECES + 0x4000;
const TABLE: u32 = 1024;

/** Sorts `count` entries at `index`. */
export function sortItems(index: u32, count: u32): void {
  sortFrom(index, index + (count << 3), 0);
}

function sortFrom(from: u32, to: u32, depth: u32): void {
  while (to - from > FEW << 3) {
    depth += commonPrefix(from, to, depth);
    loadPrefixes(from, to, depth);
    sortNumbers(from, to, 56);
    depth += 4;
    // runs with the same four bytes; the longest of them, if nothing else is left, is gone on with here
    let restFrom: u32 = 0, restTo: u32 = 0;
    for (let i = from; i < to; ) {
      const prefix = load<u32>(i, 4);
      let j = i + 8;
      while (j < to && load<u32>(j, 4) == prefix) j += 8;
      if (j - i > 8) {
        const after = putEndedFirst(i, j, depth);
        if (restTo - restFrom < j - after) {
          if (restTo - restFrom > 8) sortFrom(restFrom, restTo, depth);
          restFrom = after;
          restTo = j;
        } else if (j - after > 8) sortFrom(after, j, depth);
      }
      i = j;
    }
    from = restFrom;
    to = restTo;
  }
  for (let i = from + 8; i < to; i += 8) {
    const entry = load<u64>(i);
    let j = i;
    while (j > from && isBefore(<u32>entry, load<u32>(j - 8), depth)) {
      store<u64>(j, load<u64>(j - 8));
      j -= 8;
    }
    store<u64>(j, entry);
  }
}

/** Whether the string at a comes before that at b, which are the same up to `depth`. */
function isBefore(a: u32, b: u32, depth: u32): bool {
  nextString(a);
  const at = stringAt, length = stringLength;
  nextString(b);
  const stop = min(length, stringLength);
  for (let i = depth; i < stop; i += 8) {
    const x = load<u64>(at + i), y = load<u64>(stringAt + i);
    if (x == y) continue;
    const place = i + (<u32>ctz(x ^ y) >> 3);
    if (place >= stop) break;
    return load<u8>(at + place) < load<u8>(stringAt + place);
  }
  return length < stringLength;
}

/** Bytes from `depth` on that all strings have in common. */
function commonPrefix(from: u32, to: u32, depth: u32): u32 {
  nextString(load<u32>(from));
  const first = stringAt + depth;
  let common = max(stringLength, depth) - depth;
  for (let i = from + 8; i < to && common != 0; i += 8) {
    nextString(load<u32>(i));
    const at = stringAt + depth;
    common = min(common, max(stringLength, depth) - depth);
    for (let k: u32 = 0; k < common; k += 8) {
      const difference = load<u64>(first + k) ^ load<u64>(at + k);
      if (difference == 0) continue;
      common = min(common, k + (<u32>ctz(difference) >> 3));
      break;
    }
  }
  return common;
}

/** The four bytes at `depth` into each entry; a string that ends before has zeros. */
function loadPrefixes(from: u32, to: u32, depth: u32): void {
  for (let i = from; i < to; i += 8) {
    nextString(load<u32>(i));
    const left = stringLength > depth ? stringLength - depth : 0;
    let prefix: u32 = 0;
    if (left != 0) {
      prefix = bswap<u32>(load<u32>(stringAt + depth));
      if (left < 4) prefix &= <u32>0xffffffff << ((4 - left) << 3);
    }
    store<u32>(i, prefix, 4);
  }
}

/** Of strings that are the same up to `depth`, but for zeros, those that end there come first, shortest first. Returns the address after them. */
function putEndedFirst(from: u32, to: u32, depth: u32): u32 {
  let after = from;
  for (let i = from; i < to; i += 8) {
    nextString(load<u32>(i));
    if (stringLength > depth) continue;
    swap(i, after);
    after += 8;
  }
  if (after - from <= 8) return after;
  let place = from;
  for (let length = depth - 4; length < depth; length++) {
    for (let i = place; i < after; i += 8) {
      nextString(load<u32>(i));
      if (stringLength != length) continue;
      swap(i, place);
      place += 8;
    }
  }
  return after;
}

// @ts-ignore: decorator
@inline
function swap(i: u32, j: u32): void {
  const entry = load<u64>(i);
  store<u64>(i, load<u64>(j));
  store<u64>(j, entry);
}

/** Sorts by the high halves, of which the bits from `shift` + 8 on are the same. */
function sortNumbers(from: u32, to: u32, shift: u64): void {
  if (to - from <= MANY << 3 || shift < 32) quicksort(from, to);
  else deal(from, to, shift);
}

/** Deals entries out by the byte at `shift`, in place, and sorts each heap by the next. */
function deal(from: u32, to: u32, shift: u64): void {
  const heads = TABLES + <u32>(56 - shift) * (2 * TABLE / 8);
  const ends = heads + TABLE;
  memory.fill(ends, 0, TABLE);
  for (let i = from; i < to; i += 8) {
    const slot = ends + byteAt(i, shift);
    store<u32>(slot, load<u32>(slot) + 8);
  }
  let at = from;
  for (let slot: u32 = 0; slot < TABLE; slot += 4) {
    store<u32>(heads + slot, at);
    at += load<u32>(ends + slot);
    store<u32>(ends + slot, at);
  }
  for (let slot: u32 = 0; slot < TABLE; slot += 4) {
    const end = load<u32>(ends + slot);
    let head = load<u32>(heads + slot);
    while (head < end) {
      let entry = load<u64>(head);
      let own = (<u32>(entry >> shift) & 255) << 2;
      while (own != slot) {
        const place = load<u32>(heads + own);
        store<u32>(heads + own, place + 8);
        const other = load<u64>(place);
        store<u64>(place, entry);
        entry = other;
        own = (<u32>(entry >> shift) & 255) << 2;
      }
      store<u64>(head, entry);
      head += 8;
    }
    store<u32>(heads + slot, head);
  }
  if (shift == 32) return;
  let start = from;
  for (let slot: u32 = 0; slot < TABLE; slot += 4) {
    const end = load<u32>(ends + slot);
    if (end - start > 8) sortNumbers(start, end, shift - 8);
    start = end;
  }
}

// @ts-ignore: decorator
@inline
function byteAt(i: u32, shift: u64): u32 {
  return (<u32>(load<u64>(i) >> shift) & 255) << 2;
}

function quicksort(from: u32, to: u32): void {
  while (to - from > 16 << 3) {
    const last = to - 8;
    const middle = from + (((to - from) >> 4) << 3);
    if (load<u64>(middle) < load<u64>(from)) swap(middle, from);
    if (load<u64>(last) < load<u64>(from)) swap(last, from);
    if (load<u64>(last) < load<u64>(middle)) swap(last, middle);
    const pivot = load<u64>(middle);
    let i = from, j = last;
    while (true) {
      while (load<u64>(i) < pivot) i += 8;
      while (load<u64>(j) > pivot) j -= 8;
      if (i >= j) break;
      swap(i, j);
      i += 8;
      j -= 8;
    }
    const split = j + 8;
    if (split - from < to - split) {
      quicksort(from, split);
      from = split;
    } else {
      quicksort(split, to);
      to = split;
    }
  }
  for (let i = from + 8; i < to; i += 8) {
    const entry = load<u64>(i);
    let j = i;
    while (j > from && entry < load<u64>(j - 8)) {
      store<u64>(j, load<u64>(j - 8));
      j -= 8;
    }
    store<u64>(j, entry);
  }
}
