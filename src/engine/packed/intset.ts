/** intset: u32 bytes per number (2, 4, 8), u32 count, numbers ascending (redis 7.4 src/intset.c intsetValidateIntegrity). */
import { E_INTSET, fail } from "../status";

export const INTSET_HEADER: u32 = 8;

/** The number at q, of `width` bytes. */
// @ts-ignore: decorator
@inline
export function intsetNumber(q: u32, width: u32): i64 {
  return width == 2 ? load<i16>(q) : width == 4 ? load<i32>(q) : load<i64>(q);
}

/** Walks a whole intset; returns its count, -1 where it is wrong. */
export function intsetCheck(at: u32, size: u32): i32 {
  const width = size < INTSET_HEADER ? 0 : load<u32>(at);
  if (width != 2 && width != 4 && width != 8) {
    fail(E_INTSET, at, INTSET_HEADER, size < INTSET_HEADER ? size : width);
    return -1;
  }
  const count = load<u32>(at, 4);
  if (count == 0 || <u64>count * width + INTSET_HEADER != size) {
    fail(E_INTSET, at + 4, (size - INTSET_HEADER) / width, count);
    return -1;
  }
  let previous: i64 = 0;
  for (let i: u32 = 0, q = at + INTSET_HEADER; i < count; i++, q += width) {
    const value = intsetNumber(q, width);
    if (i != 0 && value <= previous) {
      fail(E_INTSET, q, previous, value);
      return -1;
    }
    previous = value;
  }
  return count;
}
