/**
 * listpack: u32 total bytes, u16 elements (65535: unknown), elements, 0xff. An element is header, payload, and its own
 * length written backwards (redis 7.4 src/listpack.c lpEncodeBacklen, lpCurrentEncodedSizeUnsafe, lpValidateNext).
 */
import { setInteger, setText } from "./element";
import { E_LISTPACK_COUNT, E_LISTPACK_ENTRY, E_LISTPACK_SIZE, fail } from "../status";

export const LISTPACK_HEADER: u32 = 6;
const TERMINATOR: u8 = 0xff;

/** Checks the header and the terminator; returns the address of the first element, 0 where they are wrong. */
export function listpackOpen(at: u32, size: u32): u32 {
  if (size < LISTPACK_HEADER + 1) {
    fail(E_LISTPACK_SIZE, at, LISTPACK_HEADER + 1, size);
    return 0;
  }
  const total = load<u32>(at);
  if (total != size) {
    fail(E_LISTPACK_SIZE, at, size, total);
    return 0;
  }
  if (load<u8>(at + size - 1) != TERMINATOR) {
    fail(E_LISTPACK_ENTRY, at + size - 1, TERMINATOR, load<u8>(at + size - 1));
    return 0;
  }
  return at + LISTPACK_HEADER;
}

/** Bytes of header and payload of the element at q, 0 where its encoding is unknown or its header is cut by `last`. */
// @ts-ignore: decorator
@inline
function elementBytes(q: u32, last: u32): u32 {
  const first: u32 = load<u8>(q);
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3f);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return last - q < 2 ? 0 : 2 + (((first & 0x0f) << 8) | load<u8>(q, 1));
  if (first == 0xf0) {
    if (last - q < 5) return 0;
    const length = load<u32>(q, 1);
    return length > 0x7fffffff ? 0 : 5 + length;
  }
  if (first == 0xf1) return 3;
  if (first == 0xf2) return 4;
  if (first == 0xf3) return 5;
  if (first == 0xf4) return 9;
  return 0;
}

/** Reads the element at q into the element fields. Its bytes must have been checked. */
function decodeElement(q: u32): void {
  const first: u32 = load<u8>(q);
  if (first < 0x80) setInteger(first);
  else if (first < 0xc0) setText(q + 1, first & 0x3f);
  else if (first < 0xe0) {
    const bits = ((first & 0x1f) << 8) | load<u8>(q, 1);
    setInteger(<i64>(<i32>(bits << 19) >> 19));
  } else if (first < 0xf0) setText(q + 2, ((first & 0x0f) << 8) | load<u8>(q, 1));
  else if (first == 0xf0) setText(q + 5, load<u32>(q, 1));
  else if (first == 0xf1) setInteger(load<i16>(q, 1));
  else if (first == 0xf2) setInteger(<i64>(<i32>(load<u32>(q) & 0xffffff00) >> 8));
  else if (first == 0xf3) setInteger(load<i32>(q, 1));
  else setInteger(load<i64>(q, 1));
}

/**
 * Steps over the element at q, checking it against `last`, the address of the terminator; returns the address after
 * it, 0 where it is wrong. With `decode` the element fields are set.
 */
// @ts-ignore: decorator
@inline
export function listpackNext(q: u32, last: u32, decode: bool): u32 {
  const bytes = elementBytes(q, last);
  if (bytes == 0) {
    fail(E_LISTPACK_ENTRY, q, 0, load<u8>(q));
    return 0;
  }
  const room = last - q;
  if (bytes < 128) {
    // one byte of backlen: the common case
    if (room < bytes + 1 || load<u8>(q + bytes) != bytes) {
      fail(E_LISTPACK_ENTRY, q, bytes, room < bytes + 1 ? room : load<u8>(q + bytes));
      return 0;
    }
    if (decode) decodeElement(q);
    return q + bytes + 1;
  }
  return listpackNextLong(q, last, bytes, decode);
}

function listpackNextLong(q: u32, last: u32, bytes: u32, decode: bool): u32 {
  const room = last - q;
  const back: u32 = bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
  if (bytes > room || room - bytes < back) {
    fail(E_LISTPACK_ENTRY, q, bytes, room);
    return 0;
  }
  // seven bits a byte, read from the end; the high bit says that more follow
  let value: u64 = 0;
  let at = q + bytes + back - 1;
  let shift: u64 = 0;
  while (true) {
    const byte = load<u8>(at);
    value |= <u64>(byte & 127) << shift;
    if (!(byte & 128)) break;
    shift += 7;
    if (shift > 28) break;
    at--;
  }
  if (value != bytes) {
    fail(E_LISTPACK_ENTRY, q, bytes, value);
    return 0;
  }
  if (decode) decodeElement(q);
  return q + bytes + back;
}

/** Walks a whole listpack; returns its number of elements, -1 where it is wrong. */
export function listpackCheck(at: u32, size: u32): i32 {
  let q = listpackOpen(at, size);
  if (q == 0) return -1;
  const last = at + size - 1;
  let count: u32 = 0;
  while (q < last) {
    q = listpackNext(q, last, false);
    if (q == 0) return -1;
    count++;
  }
  const declared: u32 = load<u16>(at, 4);
  if (declared != 65535 && declared != count) {
    fail(E_LISTPACK_COUNT, at, declared, count);
    return -1;
  }
  return count;
}
