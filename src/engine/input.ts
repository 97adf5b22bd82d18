/**
 * The window of input and the primitives that read from it: lengths, string headers, fixed numbers.
 *
 * A primitive either takes a whole unit and moves the cursor, or leaves it where it was and sets `status`. The walks
 * commit after each unit, so a short window never makes anything happen twice.
 */
import { E_BEYOND_END, E_LENGTH, E_LENGTH_ENCODED, E_LZF, E_STRING_ENCODING, E_TOO_LARGE, fail, need, OK, status } from "./status";
import { WHOLE_LIMIT } from "./memory";
import { lzfDecompress } from "./lzf";
import { writeDecimal } from "./decimal";

/** Cursor: address of the next byte. */
export let p: u32 = 0;
/** End of the window. */
export let end: u32 = 0;
/** Last committed cursor: where the step under way began. */
export let committed: u32 = 0;
/** TypeScript must keep the bytes from here on. */
export let keep: u32 = 0;
/** Offset in the file of window address 0; modulo 2^64. */
export let base: u64 = 0;
/** Length of the file where known, else 2^62: no length may point beyond it. */
export let fileSize: u64 = 1 << 62;
/** Bytes of an opaque string that the walk has stepped over but the window did not hold yet. */
export let pending: u64 = 0;

/** Offset in the file of a window address. */
export function offsetOf(address: u32): u64 {
  return base + <u64>address;
}

/** Bytes that the file can still hold after window address `address`. */
export function remainingAfter(address: u32): u64 {
  const offset = base + <u64>address;
  return offset < fileSize ? fileSize - offset : 0;
}

/** Hands over a window: bytes [from, to) of memory are bytes from file offset `offset` on. */
export function openWindow(from: u32, to: u32, offset: u64, size: u64): void {
  p = from;
  committed = from;
  keep = from;
  end = to;
  base = offset - <u64>from;
  fileSize = size;
  pending = 0;
}

/** The window moved by `delta` and now ends at `to`. */
export function move(delta: u32, to: u32): void {
  p += delta;
  committed += delta;
  keep += delta;
  end = to;
  // the delta may be negative: it is extended by its sign
  base -= <u64><i64><i32>delta;
}

/** The unit is done: what was read is read. */
// @ts-ignore: decorator
@inline
export function commit(): void {
  committed = p;
}

/** Steps over what is left of an opaque string. Returns false where the window ends before. */
export function drainPending(): bool {
  const available = <u64>(end - p);
  if (pending <= available) {
    p += <u32>pending;
    pending = 0;
    committed = p;
    return true;
  }
  pending -= available;
  p = end;
  committed = p;
  need();
  return false;
}

/** Takes n plain bytes; returns their address. */
// @ts-ignore: decorator
@inline
export function takeBytes(n: u32): u32 {
  const at = p;
  if (end - at < n) {
    need();
    return at;
  }
  p = at + n;
  return at;
}

/** What `readLength` saw was not a length but one of RDB_ENC_*; its number is returned. */
export let encoded: bool = false;

/**
 * One length, or the number of a special string encoding (`encoded` is then set).
 * 00xxxxxx 6 bits · 01xxxxxx 14 bits · 0x80 u32 big endian · 0x81 u64 big endian · 11xxxxxx special encoding.
 * redis 7.4 src/rdb.c rdbLoadLenByRef, src/rdb.h RDB_6BITLEN…RDB_ENCVAL.
 */
export function readLengthOrEncoding(): u64 {
  encoded = false;
  const at = p;
  if (at >= end) {
    need();
    return 0;
  }
  const first = load<u8>(at);
  const kind = first >> 6;
  if (kind == 0) {
    p = at + 1;
    return first & 63;
  }
  if (kind == 1) {
    if (end - at < 2) {
      need();
      return 0;
    }
    p = at + 2;
    return (<u64>(first & 63) << 8) | load<u8>(at, 1);
  }
  if (kind == 3) {
    encoded = true;
    p = at + 1;
    return first & 63;
  }
  if (first == 0x80) {
    if (end - at < 5) {
      need();
      return 0;
    }
    p = at + 5;
    return bswap<u32>(load<u32>(at, 1));
  }
  if (first == 0x81) {
    if (end - at < 9) {
      need();
      return 0;
    }
    p = at + 9;
    return bswap<u64>(load<u64>(at, 1));
  }
  fail(E_LENGTH, at, 0, first);
  return 0;
}

/** One plain length. */
export function readLength(): u64 {
  const at = p;
  const value = readLengthOrEncoding();
  if (encoded && status == OK) {
    p = at;
    fail(E_LENGTH_ENCODED, at, 0, load<u8>(at));
  }
  return value;
}

/** A number of items, each at least `itemBytes` long: it can be no larger than what the file still holds. */
export function readCount(itemBytes: u64): u64 {
  const at = p;
  const count = readLength();
  if (status != OK) return 0;
  const room = remainingAfter(p);
  // the first comparison keeps the product from wrapping: no item is longer than 2^8
  if (count > room || count * itemBytes > room) {
    p = at;
    fail(E_BEYOND_END, at, room / itemBytes, count);
    return 0;
  }
  return count;
}

export const STRING_RAW: i32 = 0;
export const STRING_INTEGER: i32 = 1;
export const STRING_LZF: i32 = 2;
/** How the string whose header was read is encoded. */
export let stringKind: i32 = STRING_RAW;
/** Its bytes in the file, after the header. */
export let stringStored: u64 = 0;
/** Its bytes when decoded; for integers not known before it is decoded. */
export let stringLength: u64 = 0;

/**
 * Header of a string; the cursor is then at its stored bytes, which need not be in the window.
 * redis 7.4 src/rdb.c rdbGenericLoadStringObject, rdbLoadIntegerObject, rdbLoadLzfStringObject.
 */
export function readStringHeader(): void {
  const at = p;
  const value = readLengthOrEncoding();
  if (status != OK) return;
  if (!encoded) {
    stringKind = STRING_RAW;
    stringStored = value;
    stringLength = value;
  } else if (value <= 2) {
    stringKind = STRING_INTEGER;
    stringStored = <u64>1 << value;
    stringLength = 0;
  } else if (value == 3) {
    stringKind = STRING_LZF;
    stringStored = readLength();
    if (status != OK) {
      p = at;
      return;
    }
    stringLength = readLength();
    if (status != OK) {
      p = at;
      return;
    }
  } else {
    p = at;
    fail(E_STRING_ENCODING, at, 3, value);
    return;
  }
  const room = remainingAfter(p);
  if (stringStored > room) {
    p = at;
    fail(E_BEYOND_END, at, room, stringStored);
  } else if (stringKind == STRING_LZF && (stringStored == 0 || stringLength == 0 || stringLength / 264 > stringStored)) {
    // a match makes at most 264 bytes, so no honest string grows more than that
    p = at;
    fail(E_LZF, at, stringStored, stringLength);
  }
}

/** If a plain string of at most 63 bytes stands whole at p, steps over it. Most keys and values are such. */
// @ts-ignore: decorator
@inline
export function skipShortString(): bool {
  const at = p;
  if (at >= end) return false;
  const length: u32 = load<u8>(at);
  if (length > 63 || length >= end - at) return false;
  p = at + 1 + length;
  return true;
}

/** Steps over one string of any length without looking at it; what the window does not hold becomes `pending`. */
// @ts-ignore: decorator
@inline
export function skipString(): void {
  if (!skipShortString()) skipLongString();
}

function skipLongString(): void {
  readStringHeader();
  if (status != OK) return;
  const available = <u64>(end - p);
  if (stringStored <= available) {
    p += <u32>stringStored;
  } else {
    pending = stringStored - available;
    p = end;
  }
}

/** Address and length of the string that was read whole. */
export let wholeAt: u32 = 0;
export let wholeLength: u32 = 0;

/** Reads the little-endian integer of an integer-encoded string. */
export function loadStringInteger(at: u32, bytes: u64): i64 {
  if (bytes == 1) return load<i8>(at);
  if (bytes == 2) return load<i16>(at);
  return load<i32>(at);
}

/**
 * One string, whole and decoded: in the window where it stands there plainly, else in `scratch`, which must hold
 * WHOLE_LIMIT bytes. Larger ones are refused.
 */
// @ts-ignore: decorator
@inline
export function readWholeString(scratch: u32): void {
  const at = p;
  if (skipShortString()) {
    wholeAt = at + 1;
    wholeLength = p - at - 1;
  } else readWholeLongString(scratch);
}

function readWholeLongString(scratch: u32): void {
  const at = p;
  readStringHeader();
  if (status != OK) return;
  if (stringStored > WHOLE_LIMIT || stringLength > WHOLE_LIMIT) {
    const found = max(stringStored, stringLength);
    p = at;
    fail(E_TOO_LARGE, at, WHOLE_LIMIT, found);
    return;
  }
  const stored = <u32>stringStored;
  const body = p;
  if (end - body < stored) {
    p = at;
    need(<u64>(body - keep) + stored);
    return;
  }
  p = body + stored;
  if (stringKind == STRING_RAW) {
    wholeAt = body;
    wholeLength = stored;
    return;
  }
  wholeAt = scratch;
  if (stringKind == STRING_INTEGER) {
    wholeLength = writeDecimal(scratch, loadStringInteger(body, stringStored)) - scratch;
    return;
  }
  wholeLength = <u32>stringLength;
  if (!lzfDecompress(body, stored, scratch, wholeLength)) fail(E_LZF, at, stringLength, stringStored);
}
