/**
 * The listpack of a stream node (redis 7.4 src/t_stream.c streamValidateListpackIntegrity): the master entry
 * {count, deleted, fields n, n names, 0}, then count + deleted entries {flags, ms, seq, [n, n names] values, elements}.
 *
 * The grammar is here once: `openNode`, `openEntry` and `closeEntry` step over a node's parts; `entryField` and
 * `entryValue` give what an entry holds, for who wants it.
 */
import { E_STREAM, fail, status, OK } from "../status";
import { elementAt, elementInteger, elementIsInteger, elementLength } from "./element";
import { listpackNext, listpackOpen } from "./listpack";

/** src/stream.h STREAM_ITEM_FLAG_DELETED. */
const DELETED: i64 = 1;
/** Entry has the fields of the master entry (src/stream.h STREAM_ITEM_FLAG_SAMEFIELDS). */
const SAME_FIELDS: i64 = 2;

let q: u32 = 0;
let last: u32 = 0;
let nodeSize: i64 = 0;
/** Fields of the master entry, and where its names are. */
let masterFields: i64 = 0;
let masterNames: u32 = 0;

/** Live entries of the node, and entries of it that were not opened yet, deleted ones included. */
export let nodeLive: i64 = 0;
export let entriesLeft: i64 = 0;
/** The entry that is open: where it starts, its id as a distance from the node's key, its number of fields. */
export let entryStart: u32 = 0;
export let entryDeleted: bool = false;
export let entryMs: i64 = 0;
export let entrySeq: i64 = 0;
export let entryFields: i64 = 0;
let sameFields: bool = false;
/** Fields and values of the entry that were not taken yet, and the next name of the master entry. */
let elementsLeft: i64 = 0;
let nextName: u32 = 0;

/** Takes one element that must be a number, also one that is written as text (lpGetIntegerIfValid). */
function takeInteger(): i64 {
  if (status != OK) return 0;
  const at = q;
  if (q >= last) {
    fail(E_STREAM, at, 1, 0);
    return 0;
  }
  q = listpackNext(q, last, true);
  if (status != OK) return 0;
  if (elementIsInteger) return elementInteger;
  return integerOfText(at);
}

function integerOfText(at: u32): i64 {
  let value: i64 = 0;
  let i: u32 = 0;
  const negative = elementLength > 1 && load<u8>(elementAt) == 45;
  if (negative) i = 1;
  if (elementLength == 0 || elementLength > 20) {
    fail(E_STREAM, at, 20, elementLength);
    return 0;
  }
  for (; i < elementLength; i++) {
    const digit = load<u8>(elementAt + i) - 48;
    if (digit > 9) {
      fail(E_STREAM, at, 9, digit);
      return 0;
    }
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function takeElements(count: i64): void {
  for (; count > 0 && status == OK; count--) {
    if (q >= last) {
      fail(E_STREAM, q, count, 0);
      return;
    }
    q = listpackNext(q, last, false);
  }
}

/** Opens a node: its master entry. Returns false where it is wrong. */
export function openNode(at: u32, size: u32): bool {
  q = listpackOpen(at, size);
  if (status != OK) return false;
  last = at + size - 1;
  nodeSize = size;
  nodeLive = takeInteger();
  const deleted = takeInteger();
  masterFields = takeInteger();
  if (status != OK) return false;
  if (nodeLive < 0 || deleted < 0 || masterFields < 0 || nodeLive > nodeSize || deleted > nodeSize || masterFields > nodeSize) {
    fail(E_STREAM, at, size, max(max(nodeLive, deleted), masterFields));
    return false;
  }
  masterNames = q;
  takeElements(masterFields);
  if (takeInteger() != 0) fail(E_STREAM, q, 0, 1);
  entriesLeft = nodeLive + deleted;
  return status == OK;
}

/** Opens the next entry of the node, up to its first field. Returns false where it is wrong. */
export function openEntry(): bool {
  entryStart = q;
  const flags = takeInteger();
  entryMs = takeInteger();
  entrySeq = takeInteger();
  entryDeleted = (flags & DELETED) != 0;
  sameFields = (flags & SAME_FIELDS) != 0;
  entryFields = sameFields ? masterFields : takeInteger();
  if (status == OK && (entryFields < 0 || entryFields > nodeSize)) fail(E_STREAM, entryStart, masterFields, entryFields);
  elementsLeft = sameFields ? entryFields : 2 * entryFields;
  nextName = masterNames;
  entriesLeft--;
  return status == OK;
}

/** Puts the entry that is open back: `openEntry` opens it again. */
export function putEntryBack(): void {
  q = entryStart;
  entriesLeft++;
}

/** Name of the next field of the entry, in the element fields of element.ts; then `entryValue` is its value. */
export function entryField(): void {
  if (sameFields) {
    nextName = listpackNext(nextName, last, true);
    return;
  }
  q = listpackNext(q, last, true);
  elementsLeft--;
}

export function entryValue(): void {
  q = listpackNext(q, last, true);
  elementsLeft--;
}

/** Steps over what was not taken of the entry, and its end. Returns false where it is wrong. */
export function closeEntry(): bool {
  takeElements(elementsLeft);
  const elements = sameFields ? entryFields + 3 : 2 * entryFields + 4;
  const written = takeInteger();
  if (status == OK && written != elements) fail(E_STREAM, entryStart, elements, written);
  return status == OK;
}

/** Walks a whole stream node; returns its number of live entries, -1 where it is wrong. */
export function streamListpackCheck(at: u32, size: u32): i64 {
  if (!openNode(at, size)) return -1;
  while (entriesLeft > 0) {
    if (!openEntry() || !closeEntry()) return -1;
  }
  if (q != last) fail(E_STREAM, q, last - q, 0);
  return status == OK ? nodeLive : -1;
}
