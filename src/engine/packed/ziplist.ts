/**
 * ziplist: u32 total bytes, u32 offset of the last entry, u16 entries (65535: unknown), entries, 0xff. An entry is the
 * length of the one before it (1 byte, or 0xfe and u32), its encoding, its payload (redis 7.4 src/ziplist.c
 * ziplistValidateIntegrity, zipEntrySafe, ZIP_DECODE_LENGTH).
 */
import { setInteger, setText } from "./element";
import { E_ZIPLIST_COUNT, E_ZIPLIST_ENTRY, E_ZIPLIST_SIZE, fail } from "../status";

const HEADER: u32 = 10;
const TERMINATOR: u8 = 0xff;

/** Bytes of encoding and payload of the entry whose encoding byte is at q; 0 where unknown or cut by `last`. */
// @ts-ignore: decorator
@inline
function entryBytes(q: u32, last: u32): u64 {
  const first: u32 = load<u8>(q);
  if (first < 0x40) return 1 + first;
  if (first < 0x80) return last - q < 2 ? 0 : 2 + (((first & 0x3f) << 8) | load<u8>(q, 1));
  if (first < 0xc0) return last - q < 5 ? 0 : <u64>5 + bswap<u32>(load<u32>(q, 1));
  if (first == 0xc0) return 3;
  if (first == 0xd0) return 5;
  if (first == 0xe0) return 9;
  if (first == 0xf0) return 4;
  if (first == 0xfe) return 2;
  if (first >= 0xf1 && first <= 0xfd) return 1;
  return 0;
}

/** Reads the entry whose encoding byte is at q; its bytes must have been checked. */
function decodeEntry(q: u32): void {
  const first: u32 = load<u8>(q);
  if (first < 0x40) setText(q + 1, first);
  else if (first < 0x80) setText(q + 2, ((first & 0x3f) << 8) | load<u8>(q, 1));
  else if (first < 0xc0) setText(q + 5, bswap<u32>(load<u32>(q, 1)));
  else if (first == 0xc0) setInteger(load<i16>(q, 1));
  else if (first == 0xd0) setInteger(load<i32>(q, 1));
  else if (first == 0xe0) setInteger(load<i64>(q, 1));
  else if (first == 0xf0) setInteger(<i64>(<i32>(load<u32>(q) & 0xffffff00) >> 8));
  else if (first == 0xfe) setInteger(load<i8>(q, 1));
  else setInteger(<i64>(first & 0x0f) - 1);
}

/** Bytes of the entry that was stepped over last, which the next one repeats. */
let previousBytes: u32 = 0;

/** Checks the header and the terminator; returns the address of the first entry, 0 where they are wrong. */
export function ziplistOpen(at: u32, size: u32): u32 {
  previousBytes = 0;
  if (size < HEADER + 1 || load<u32>(at) != size) {
    fail(E_ZIPLIST_SIZE, at, size, size < 4 ? size : load<u32>(at));
    return 0;
  }
  const last = at + size - 1;
  if (load<u8>(last) != TERMINATOR) {
    fail(E_ZIPLIST_ENTRY, last, TERMINATOR, load<u8>(last));
    return 0;
  }
  return at + HEADER;
}

/** Steps over the entry at q, checking it against `last`, the address of the terminator; returns the address after it, 0 where it is wrong. */
// @ts-ignore: decorator
@inline
export function ziplistNext(q: u32, last: u32, decode: bool): u32 {
  const start = q;
  let previous: u32 = load<u8>(q);
  if (previous < 254) q += 1;
  else if (previous == 254 && last - q >= 5) {
    previous = load<u32>(q, 1);
    q += 5;
  } else {
    fail(E_ZIPLIST_ENTRY, start, previousBytes, previous);
    return 0;
  }
  const bytes = q < last ? entryBytes(q, last) : 0;
  if (previous != previousBytes || bytes == 0 || bytes > <u64>(last - q)) {
    fail(E_ZIPLIST_ENTRY, start, previousBytes, previous);
    return 0;
  }
  if (decode) decodeEntry(q);
  q += <u32>bytes;
  previousBytes = q - start;
  return q;
}

/** Walks a whole ziplist; returns its number of entries, -1 where it is wrong. */
export function ziplistCheck(at: u32, size: u32): i32 {
  let q = ziplistOpen(at, size);
  if (q == 0) return -1;
  const last = at + size - 1;
  let count: u32 = 0;
  while (q < last) {
    q = ziplistNext(q, last, false);
    if (q == 0) return -1;
    count++;
  }
  const tail = load<u32>(at, 4);
  const tailExpected = last - previousBytes - at;
  if (count != 0 && tail != tailExpected) {
    fail(E_ZIPLIST_SIZE, at + 4, tailExpected, tail);
    return -1;
  }
  const declared: u32 = load<u16>(at, 8);
  if (declared != 65535 && declared != count) {
    fail(E_ZIPLIST_COUNT, at + 8, declared, count);
    return -1;
  }
  return count;
}
