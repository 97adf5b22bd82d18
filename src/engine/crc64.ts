/**
 * CRC64 "Jones": polynomial 0xad93d23594c935a9, reflected, initial value 0, no final xor; the check value of
 * "123456789" is 0xe9c6d914c4b8d9ca (redis 7.4 src/crc64.c). Used at the end of an RDB file and of a DUMP payload.
 */
import { CRC_TABLES, CRC_FOLD } from "./memory";

const POLYNOMIAL_REFLECTED: u64 = 0x95ac9329ac4bc9b5;

/** Fills the 16 slicing tables. Called once, before anything else. */
export function initCrc64(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc: u64 = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL_REFLECTED : crc >> 1;
    store<u64>(CRC_TABLES + (i << 3), crc);
  }
  for (let table: u32 = 1; table < 16; table++) {
    for (let i: u32 = 0; i < 256; i++) {
      const previous = load<u64>(CRC_TABLES + ((table - 1) << 11) + (i << 3));
      store<u64>(CRC_TABLES + (table << 11) + (i << 3), (previous >> 8) ^ load<u64>(CRC_TABLES + (<u32>(previous & 0xff) << 3)));
    }
  }
}

// @ts-ignore: decorator
@inline
function lookup(word: u64, byte: u32, table: u32): u64 {
  // (word >> 8·byte & 255) << 3, in two operations instead of three
  const index = byte == 0 ? <u32>(word << 3) & 0x7f8 : <u32>(word >> (8 * byte - 3)) & 0x7f8;
  return load<u64>(index + CRC_TABLES + (table << 11));
}

/** Continues `crc` over length bytes at p, sixteen at a time. What does not wait for `crc` comes first, and the sums are trees, so that little does. */
function slicing16(crc: u64, p: u32, length: u32): u64 {
  const wide = p + (length & ~15);
  const stop = p + length;
  while (p < wide) {
    const b = load<u64>(p, 8);
    const second = ((lookup(b, 0, 7) ^ lookup(b, 1, 6)) ^ (lookup(b, 2, 5) ^ lookup(b, 3, 4))) ^
      ((lookup(b, 4, 3) ^ lookup(b, 5, 2)) ^ (lookup(b, 6, 1) ^ lookup(b, 7, 0)));
    const a = load<u64>(p) ^ crc;
    crc = second ^ (((lookup(a, 0, 15) ^ lookup(a, 1, 14)) ^ (lookup(a, 2, 13) ^ lookup(a, 3, 12))) ^
      ((lookup(a, 4, 11) ^ lookup(a, 5, 10)) ^ (lookup(a, 6, 9) ^ lookup(a, 7, 8))));
    p += 16;
  }
  if (stop - p >= 8) {
    const a = load<u64>(p) ^ crc;
    crc = ((lookup(a, 0, 7) ^ lookup(a, 1, 6)) ^ (lookup(a, 2, 5) ^ lookup(a, 3, 4))) ^
      ((lookup(a, 4, 3) ^ lookup(a, 5, 2)) ^ (lookup(a, 6, 1) ^ lookup(a, 7, 0)));
    p += 8;
  }
  while (p < stop) {
    crc = (crc >> 8) ^ load<u64>(CRC_TABLES + (<u32>((crc ^ load<u8>(p)) & 0xff) << 3));
    p++;
  }
  return crc;
}

/*
 * The folds. Where 1 equals the sum of the powers x^(-8·d) modulo the polynomial for some distances d, a byte may be
 * moved, by xor, to the positions that lie d bytes later, each d. So every byte but the last ones (as many as the
 * largest distance) is moved forward with plain vector xors, and only the rest goes through the tables. Every distance
 * exceeds 64, so the four 16-byte steps of a round do not depend on one another.
 *
 * The distances were found by a search for 4 lists whose elements add up to 1 (D. Wagner, A Generalized Birthday
 * Problem, 2002): lists of the sums of 3 powers out of a window of 235 distances, joined two by two on their low 21
 * bits. In a window this narrow there are fewer sets of eleven distances than 2^64, so twelve it had to be; in one of
 * 2813, seven are enough. The test holds them to the tables.
 */

/** Many distances, the largest small: for values from half a kilobyte on. */
class Near {}
const NEAR_SPAN: u32 = 274;
const NEAR_MINIMUM: u32 = 576;
/** Few distances, the largest large: for long runs of bytes. */
class Far {}
const FAR_SPAN: u32 = 2813;
const FAR_MINIMUM: u32 = 8704;

const BLOCK: u32 = 8192;
/** Where in the scratch area each works: history, a block, what is moved to the rest, the rest. */
const FAR_AREA: u32 = CRC_FOLD;
const NEAR_AREA: u32 = CRC_FOLD + 0x5000;

/** What is moved to the 16 bytes at `e`. */
// @ts-ignore: decorator
@inline
function moved<F>(e: u32): v128 {
  if (idof<F>() == idof<Near>()) {
    return v128.xor(
      v128.xor(
        v128.xor(v128.xor(v128.load(e - 66), v128.load(e - 129)), v128.xor(v128.load(e - 178), v128.load(e - 193))),
        v128.xor(v128.xor(v128.load(e - 216), v128.load(e - 219)), v128.xor(v128.load(e - 229), v128.load(e - 249))),
      ),
      v128.xor(v128.xor(v128.load(e - 250), v128.load(e - 252)), v128.xor(v128.load(e - 257), v128.load(e - NEAR_SPAN))),
    );
  }
  return v128.xor(
    v128.xor(v128.xor(v128.load(e - 688), v128.load(e - 1684)), v128.xor(v128.load(e - 1787), v128.load(e - 1944))),
    v128.xor(v128.xor(v128.load(e - 2511), v128.load(e - 2644)), v128.load(e - FAR_SPAN)),
  );
}

// @ts-ignore: decorator
@inline
function clear(at: u32, length: u32): void {
  for (let i: u32 = 0; i < length; i += 16) v128.store(at + i, i64x2.splat(0));
}

function fold<F>(crc: u64, p: u32, length: u32): u64 {
  const near = idof<F>() == idof<Near>();
  const span = near ? NEAR_SPAN : FAR_SPAN;
  const history = (span + 15) & ~15;
  const area = near ? NEAR_AREA : FAR_AREA;
  const block = area + history;
  // a multiple of 64 is moved, what is left is at least the span
  let left = (length - span) & ~63;
  const rest = length - left;
  clear(area, history);
  let e = block;
  for (;;) {
    const stop = block + min(left, BLOCK);
    left -= stop - block;
    while (e < stop) {
      v128.store(e, v128.xor(v128.xor(v128.load(p), i64x2.replace_lane(i64x2.splat(0), 0, crc)), moved<F>(e)));
      v128.store(e + 16, v128.xor(v128.load(p, 16), moved<F>(e + 16)));
      v128.store(e + 32, v128.xor(v128.load(p, 32), moved<F>(e + 32)));
      v128.store(e + 48, v128.xor(v128.load(p, 48), moved<F>(e + 48)));
      crc = 0;
      e += 64;
      p += 64;
    }
    if (left == 0) break;
    memory.copy(area, e - history, history);
    e = block;
  }
  // nothing is moved out of the rest
  clear(e, history + 64);
  const at = e + history + 64;
  for (let i: u32 = 0; i < rest; i += 16) v128.store(at + i, v128.xor(v128.load(p + i), moved<F>(e + i)));
  return near ? slicing16(0, at, rest) : fold<Near>(0, at, rest);
}

/** Continues `crc` over length bytes at p; may read 15 bytes past their end. */
export function crc64(crc: u64, p: u32, length: u32): u64 {
  if (length < NEAR_MINIMUM) return slicing16(crc, p, length);
  return length < FAR_MINIMUM ? fold<Near>(crc, p, length) : fold<Far>(crc, p, length);
}
