/** intset: u32 bytes per number (2, 4, 8), u32 count, numbers ascending (redis 7.4 src/intset.c intsetValidateIntegrity). */
import { E_INTSET, fail } from "../status";

const HEADER: u32 = 8;

/** Walks a whole intset; returns its count, -1 where it is wrong. */
export function intsetCheck(at: u32, size: u32): i32 {
  const width = size < HEADER ? 0 : load<u32>(at);
  if (width != 2 && width != 4 && width != 8) {
    fail(E_INTSET, at, HEADER, size < HEADER ? size : width);
    return -1;
  }
  const count = load<u32>(at, 4);
  if (count == 0 || <u64>count * width + HEADER != size) {
    fail(E_INTSET, at + 4, (size - HEADER) / width, count);
    return -1;
  }
  let previous: i64 = 0;
  for (let i: u32 = 0, q = at + HEADER; i < count; i++, q += width) {
    const value: i64 = width == 2 ? load<i16>(q) : width == 4 ? load<i32>(q) : load<i64>(q);
    if (i != 0 && value <= previous) {
      fail(E_INTSET, q, previous, value);
      return -1;
    }
    previous = value;
  }
  return count;
}
