/**
 * zipmap: u8 pairs (254: unknown), pairs of field (length, bytes) and value (length, u8 free, bytes, free bytes), 0xff.
 * A length is one byte below 254, or a byte 254 and a u32, little endian (redis 7.4 src/zipmap.c zipmapValidateIntegrity).
 */
import { setText } from "./element";
import { E_ZIPMAP, fail } from "../status";

/** Length at q, then in `lengthBytes` how long it was written; -1 where `last` cuts it. */
let lengthBytes: u32 = 0;
function readZipmapLength(q: u32, last: u32): i64 {
  if (q >= last) return -1;
  const first = load<u8>(q);
  if (first < 254) {
    lengthBytes = 1;
    return first;
  }
  if (last - q < 5) return -1;
  lengthBytes = 5;
  return load<u32>(q, 1);
}

/** Checks the terminator; returns the address of the first pair, 0 where it is wrong. */
export function zipmapOpen(at: u32, size: u32): u32 {
  const last = at + size - 1;
  if (size < 2 || load<u8>(last) != 0xff) {
    fail(E_ZIPMAP, at, 0xff, size < 2 ? size : load<u8>(last));
    return 0;
  }
  return at + 1;
}

/** Steps over a field, or over a value with its free bytes; returns the address after it, 0 where it is wrong. */
export function zipmapNext(q: u32, last: u32, isValue: bool): u32 {
  const start = q;
  const length = readZipmapLength(q, last);
  if (length < 0) {
    fail(E_ZIPMAP, start, 0, load<u8>(q));
    return 0;
  }
  q += lengthBytes;
  let free: u64 = 0;
  if (isValue) {
    if (q >= last) {
      fail(E_ZIPMAP, start, 0, 0);
      return 0;
    }
    free = load<u8>(q++);
  }
  if (<u64>length + free > <u64>(last - q)) {
    fail(E_ZIPMAP, start, last - q, <u64>length + free);
    return 0;
  }
  setText(q, <u32>length);
  return q + <u32>(<u64>length + free);
}

/** Walks a whole zipmap; returns its number of pairs, -1 where it is wrong. */
export function zipmapCheck(at: u32, size: u32): i32 {
  let q = zipmapOpen(at, size);
  if (q == 0) return -1;
  const last = at + size - 1;
  let count: u32 = 0;
  while (q < last) {
    q = zipmapNext(q, last, false);
    if (q != 0) q = zipmapNext(q, last, true);
    if (q == 0) return -1;
    count++;
  }
  const declared: u32 = load<u8>(at);
  if (count == 0 || (declared < 254 && declared != count)) {
    fail(E_ZIPMAP, at, declared, count);
    return -1;
  }
  return count;
}
