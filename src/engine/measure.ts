/**
 * Counters of the value under way, for the sink `Measure`: strings, their bytes, the largest one, and what the
 * allocator gives for them. estimate.ts makes elements and memory of them.
 */
import { FAIL, need, OK, status } from "./status";
import { BLOB_SCRATCH, WHOLE_LIMIT } from "./memory";
import {
  end, loadStringInteger, p, pending, readStringHeader, readWholeString, STRING_INTEGER, stringKind, stringLength, stringStored, wholeAt, wholeLength,
} from "./input";
import { allocated, sdsBytes } from "./allocator";
import { decimalLength } from "./decimal";
import { elementInteger, elementIsInteger, elementLength } from "./packed/element";
import { listpackNext, listpackOpen } from "./packed/listpack";
import { ziplistNext, ziplistOpen } from "./packed/ziplist";
import { INTSET_HEADER, intsetCheck, intsetNumber } from "./packed/intset";
import { zipmapNext, zipmapOpen } from "./packed/zipmap";
import { addId, clearTrees, startTree } from "./radix-nodes";

/** Strings that are elements: members, fields and values. */
export let strings: u64 = 0;
/** Bytes of those, decoded, and of the largest. */
export let payload: u64 = 0;
export let largest: u64 = 0;
/** Bytes of memory for those that stand alone, as sds. */
export let sdsTotal: u64 = 0;
/** Packed blobs, and bytes of memory for them. */
export let blobs: u64 = 0;
export let blobTotal: u64 = 0;
/** The string that was taken last is a number, as SET would keep it. */
export let isNumber: bool = false;
/** What the value itself says that it holds: entries of a stream, elements of an array. */
export let entries: u64 = 0;
/** Of a stream. */
export let groups: u64 = 0;
export let consumers: u64 = 0;
export let pendingEntries: u64 = 0;
/** Elements of a blob that come with each other and, last, one that is no element of its own: 2 for member and score. 0: all are. */
let group: u32 = 0;

export function startMeasure(newGroup: u32): void {
  group = newGroup;
  strings = payload = largest = sdsTotal = blobs = blobTotal = entries = groups = consumers = pendingEntries = 0;
  isNumber = false;
  clearTrees();
}

// @ts-ignore: decorator
@inline
function countString(length: u64): void {
  strings++;
  payload += length;
  if (length > largest) largest = length;
}

/** One string that stands alone. */
export function measureString(): void {
  const at = p;
  if (at < end) {
    const length: u32 = load<u8>(at);
    if (length < 64 && length < end - at) {
      p = at + 1 + length;
      isNumber = length <= 20 && looksLikeNumber(at + 1, length);
      countString(length);
      sdsTotal += sdsBytes(length);
      return;
    }
  }
  readStringHeader();
  if (status != OK) return;
  let length = stringLength;
  const available = <u64>(end - p);
  isNumber = stringKind == STRING_INTEGER;
  if (isNumber) {
    if (stringStored > available) {
      p = at;
      need();
      return;
    }
    length = decimalLength(loadStringInteger(p, stringStored));
  }
  countString(length);
  sdsTotal += sdsBytes(length);
  if (stringStored <= available) p += <u32>stringStored;
  else {
    pending = stringStored - available;
    p = end;
  }
}

/** Numbers of 64 bits are kept as such by servers, and written as text where they do not fit 32. */
// @ts-ignore: decorator
@inline
function looksLikeNumber(at: u32, length: u32): bool {
  if (length == 0 || load<u8>(at + length - 1) - 48 > 9) return false;
  const first: u32 = load<u8>(at);
  if (first == 48) return length == 1;
  for (let q = first == 45 ? at + 1 : at; q < at + length; q++) {
    if (<u32>load<u8>(q) - 48 > 9) return false;
  }
  return length < 20;
}

/** One packed blob; returns its elements. Its kinds are those of walk.ts. */
export function measureBlob(kind: i32): i64 {
  const at = p;
  readStringHeader();
  if (status != OK) return 1;
  if (stringStored > WHOLE_LIMIT || stringLength > WHOLE_LIMIT || kind == 4) {
    // a stream says elsewhere how many entries it has
    const length = stringLength;
    if (stringKind == STRING_INTEGER) {
      p = at;
      readWholeString(BLOB_SCRATCH);
      return 1;
    }
    blobs++;
    blobTotal += allocated(length);
    payload += length;
    const available = <u64>(end - p);
    if (stringStored <= available) p += <u32>stringStored;
    else {
      pending = stringStored - available;
      p = end;
    }
    return 1;
  }
  p = at;
  readWholeString(BLOB_SCRATCH);
  if (status != OK) return 1;
  blobs++;
  blobTotal += allocated(wholeLength);
  const count = measureElements(kind);
  if (status == FAIL) p = at;
  return count;
}

function measureElements(kind: i32): i64 {
  const from = wholeAt;
  const size = wholeLength;
  let last = from + size - 1;
  let count: i64 = 0;
  if (kind == 2) {
    const numbers = intsetCheck(from, size);
    if (numbers < 0) return 0;
    const width = load<u32>(from);
    last = from + size;
    for (let q = from + INTSET_HEADER; q < last; q += width) countString(decimalLength(intsetNumber(q, width)));
    return numbers;
  }
  let q: u32 = kind == 0 ? listpackOpen(from, size) : kind == 1 ? ziplistOpen(from, size) : zipmapOpen(from, size);
  let place: u32 = 0;
  while (status == OK && q < last) {
    q = kind == 0 ? listpackNext(q, last, true) : kind == 1 ? ziplistNext(q, last, true) : zipmapNext(q, last, (count & 1) == 1);
    if (status != OK) return 0;
    count++;
    if (++place == group) {
      place = 0;
      continue;
    }
    countString(kind != 3 && elementIsInteger ? <u64>decimalLength(elementInteger) : <u64>elementLength);
  }
  return count;
}

/** Of a stream: the id of a node or of an entry that is pending; a tree of its own for each group and consumer. */
export function measureIds(at: u32, to: u32): void {
  for (; at < to; at += 16) addId(at);
}

export function measureGroup(pendingIds: u64): void {
  groups++;
  pendingEntries += pendingIds;
  startTree();
}

export function measureConsumer(): void {
  consumers++;
  startTree();
}

export function measureEntries(count: u64): void {
  entries = count;
}
