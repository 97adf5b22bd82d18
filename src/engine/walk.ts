/**
 * What every walk stands on: the state of the value under way, the sinks, and the two units that differ between
 * sinks (a plain string, a packed blob).
 *
 * A walk is a function generic over its sink. It takes one unit after another (a length, a string, fixed bytes),
 * commits after each, and returns when `status` is no longer OK or when the value is done. Its whole state is the
 * phase and three counters, so that it stops and goes on at any byte; a string longer than the window is stepped over
 * by `pending`. AssemblyScript compiles one copy of each walk per sink.
 */
import { FAIL, OK, E_LZF, fail, need, status, E_LISTPACK_COUNT, E_ZIPLIST_COUNT, E_ZIPMAP } from "./status";
import { BLOB_SCRATCH, WHOLE_LIMIT } from "./memory";
import {
  commit, committed, end, keep, p, pending, readStringHeader, readWholeString, skipShortString, skipString, STRING_LZF, stringKind, stringLength,
  stringStored, wholeAt, wholeLength,
} from "./input";
import { lzfValid } from "./lzf";
import { setInteger } from "./packed/element";
import { listpackCheck, listpackNext, listpackOpen } from "./packed/listpack";
import { ziplistCheck, ziplistNext, ziplistOpen } from "./packed/ziplist";
import { INTSET_HEADER, intsetCheck, intsetNumber } from "./packed/intset";
import { zipmapCheck, zipmapNext, zipmapOpen } from "./packed/zipmap";
import { itemsFit, keepsNodes, putElement, putString } from "./items";
import { measureBlob, measureString } from "./measure";
import { streamListpackCheck } from "./packed/stream-listpack";

/** Sink that needs only where the value ends: strings and blobs are opaque. */
export class Skip {}
/** Sink that also looks inside every packed blob and compressed string. */
export class Check {}
/** Sink that counts: strings, their bytes, the memory they need; see measure.ts. */
export class Measure {}
/** Sink that decodes: the value's items go to items.ts. */
export class Items {}

// @ts-ignore: decorator
@inline
export function looksInside<S>(): bool {
  return idof<S>() == idof<Check>();
}

// @ts-ignore: decorator
@inline
export function measures<S>(): bool {
  return idof<S>() == idof<Measure>();
}

/** Whether this is the sink that only checks. */
// @ts-ignore: decorator
@inline
export function checks<S>(): bool {
  return idof<S>() == idof<Check>();
}

// @ts-ignore: decorator
@inline
export function decodes<S>(): bool {
  return idof<S>() == idof<Items>();
}

/** Phase 0 is the start of every walk. */
export const DONE: i32 = 255;
export let phase: i32 = 0;
/** Items left at up to three levels of nesting. */
export let itemsA: u64 = 0;
export let itemsB: u64 = 0;
export let itemsC: u64 = 0;
/** The value is a collection without elements: servers skip such a key when they load a file, and refuse it in RESTORE. */
export let emptyCollection: bool = false;
/** Blobs and strings too large to be looked into. */
export let unchecked: u32 = 0;

export function startWalk(): void {
  phase = 0;
  blobCursor = 0;
  itemsA = 0;
  itemsB = 0;
  itemsC = 0;
  emptyCollection = false;
}

/** Kinds of packed blob. The `multiple` of a kind is how many elements make one item. */
export const BLOB_LISTPACK: i32 = 0;
export const BLOB_ZIPLIST: i32 = 1;
export const BLOB_INTSET: i32 = 2;
export const BLOB_ZIPMAP: i32 = 3;
export const BLOB_STREAM: i32 = 4;

/** Takes one plain string. */
// @ts-ignore: decorator
@inline
export function takeString<S>(): void {
  if (decodes<S>()) {
    decodeString();
    return;
  }
  if (measures<S>()) {
    measureString();
    return;
  }
  if (skipShortString()) return;
  if (looksInside<S>()) checkString();
  else skipString();
}

function checkString(): void {
  const at = p;
  readStringHeader();
  if (status != OK) return;
  const available = <u64>(end - p);
  if (stringKind == STRING_LZF && stringStored <= WHOLE_LIMIT && stringLength <= 0xffffffff) {
    if (stringStored > available) {
      const wanted = <u64>(p - keep) + stringStored;
      p = at;
      need(wanted);
      return;
    }
    if (!lzfValid(p, <u32>stringStored, <u32>stringLength)) {
      fail(E_LZF, at, stringLength, stringStored);
      return;
    }
  } else if (stringKind == STRING_LZF) unchecked++;
  if (stringStored <= available) {
    p += <u32>stringStored;
  } else {
    pending = stringStored - available;
    p = end;
  }
}

/** Elements of the blob that was taken last; 1 where the sink did not look. */
export let blobElements: i64 = 1;

/** Takes one packed blob. */
// @ts-ignore: decorator
@inline
export function takeBlob<S>(kind: i32): void {
  if (looksInside<S>()) checkBlob(kind);
  else if (decodes<S>()) decodeBlob(kind);
  else if (measures<S>()) blobElements = measureBlob(kind);
  else {
    const at = p;
    skipString();
    blobElements = isEmptyBlob(at, kind) ? 0 : 1;
  }
}

/** An empty listpack is 7 bytes, an empty ziplist 11; so short a string is always plain. */
// @ts-ignore: decorator
@inline
function isEmptyBlob(at: u32, kind: i32): bool {
  const first = load<u8>(at);
  return (first == 7 && kind == BLOB_LISTPACK) || (first == 11 && kind == BLOB_ZIPLIST);
}

function checkBlob(kind: i32): void {
  const at = p;
  readStringHeader();
  if (status != OK) return;
  p = at;
  if (stringStored > WHOLE_LIMIT || stringLength > WHOLE_LIMIT) {
    unchecked++;
    blobElements = 1;
    skipString();
    return;
  }
  readWholeString(BLOB_SCRATCH);
  if (status != OK) return;
  if (kind == BLOB_LISTPACK) blobElements = listpackCheck(wholeAt, wholeLength);
  else if (kind == BLOB_ZIPLIST) blobElements = ziplistCheck(wholeAt, wholeLength);
  else if (kind == BLOB_INTSET) blobElements = intsetCheck(wholeAt, wholeLength);
  else if (kind == BLOB_ZIPMAP) blobElements = zipmapCheck(wholeAt, wholeLength);
  else blobElements = streamListpackCheck(wholeAt, wholeLength);
  // the place of the error is the blob in the file, whatever copy of it was looked at
  if (status == FAIL) p = at;
}

/** One string, whole, to the items. */
function decodeString(): void {
  const at = p;
  readWholeString(BLOB_SCRATCH);
  if (status != OK) return;
  if (itemsFit(<u64>wholeLength + 9)) putString(wholeAt, wholeLength);
  else p = at;
}

/** The blob whose elements are being decoded: next element and terminator; 0 where none is under way. */
let blobCursor: u32 = 0;
let blobLast: u32 = 0;
let blobAfter: u32 = 0;
let intsetWidth: u32 = 0;
/** Elements that the blob's header says it has; -1 where it does not say. */
let blobDeclared: i64 = -1;

/** One packed blob, element by element. Where the items area is full it stops between two elements and goes on from there. */
function decodeBlob(kind: i32): void {
  const at = p;
  if (blobCursor == 0) {
    readWholeString(BLOB_SCRATCH);
    if (status != OK) return;
    blobElements = 0;
    blobAfter = p;
    p = at;
    openBlob(kind);
    if (status != OK) return;
  }
  while (blobCursor < blobLast) {
    const next = nextElement(kind);
    if (status != OK) break;
    if (!putElement()) break;
    blobElements++;
    blobCursor = next;
  }
  if (status != OK) return;
  blobCursor = 0;
  if (blobDeclared >= 0 && blobDeclared != blobElements) {
    fail(kind == BLOB_ZIPLIST ? E_ZIPLIST_COUNT : kind == BLOB_ZIPMAP ? E_ZIPMAP : E_LISTPACK_COUNT, at, blobDeclared, blobElements);
    return;
  }
  p = blobAfter;
}

/** What the header of a blob says of its elements; the largest number stands for "unknown". */
function declaredElements(kind: i32): i64 {
  if (kind == BLOB_LISTPACK || kind == BLOB_ZIPLIST) {
    const count = load<u16>(wholeAt + (kind == BLOB_LISTPACK ? 4 : 8));
    return count == 65535 ? -1 : count;
  }
  if (kind != BLOB_ZIPMAP) return -1;
  const pairs = load<u8>(wholeAt);
  return pairs >= 254 ? -1 : 2 * <i64>pairs;
}

function openBlob(kind: i32): void {
  blobDeclared = wholeLength < 10 && kind == BLOB_ZIPLIST ? -1 : declaredElements(kind);
  blobLast = wholeAt + wholeLength - 1;
  if (kind == BLOB_LISTPACK) blobCursor = listpackOpen(wholeAt, wholeLength);
  else if (kind == BLOB_ZIPLIST) blobCursor = ziplistOpen(wholeAt, wholeLength);
  else if (kind == BLOB_ZIPMAP) blobCursor = zipmapOpen(wholeAt, wholeLength);
  else if (kind == BLOB_INTSET) {
    if (intsetCheck(wholeAt, wholeLength) < 0) return;
    intsetWidth = load<u32>(wholeAt);
    blobCursor = wholeAt + INTSET_HEADER;
    blobLast = wholeAt + wholeLength;
  } else {
    // the node of a stream stays a blob: what reads the items takes it apart
    if (streamListpackCheck(wholeAt, wholeLength) < 0) return;
    if (keepsNodes) {
      if (!itemsFit(<u64>wholeLength + 9)) return;
      putString(wholeAt, wholeLength);
    }
    blobCursor = blobLast;
  }
}

function nextElement(kind: i32): u32 {
  if (kind == BLOB_LISTPACK) return listpackNext(blobCursor, blobLast, true);
  if (kind == BLOB_ZIPLIST) return ziplistNext(blobCursor, blobLast, true);
  if (kind == BLOB_ZIPMAP) return zipmapNext(blobCursor, blobLast, (blobElements & 1) == 1);
  setInteger(intsetNumber(blobCursor, intsetWidth));
  return blobCursor + intsetWidth;
}

/** Phase is over: the cursor is committed and the walk goes on with `next`. */
// @ts-ignore: decorator
@inline
export function enter(next: i32): void {
  phase = next;
  commit();
}
