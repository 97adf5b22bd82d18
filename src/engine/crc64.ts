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

/** Continues `crc` over length bytes at p, sixteen at a time. */
function slicing16(crc: u64, p: u32, length: u32): u64 {
  const wide = p + (length & ~15);
  const stop = p + length;
  while (p < wide) {
    const a = load<u64>(p) ^ crc;
    const b = load<u64>(p, 8);
    crc = lookup(a, 0, 15) ^ lookup(a, 1, 14) ^ lookup(a, 2, 13) ^ lookup(a, 3, 12) ^
      lookup(a, 4, 11) ^ lookup(a, 5, 10) ^ lookup(a, 6, 9) ^ lookup(a, 7, 8) ^
      lookup(b, 0, 7) ^ lookup(b, 1, 6) ^ lookup(b, 2, 5) ^ lookup(b, 3, 4) ^
      lookup(b, 4, 3) ^ lookup(b, 5, 2) ^ lookup(b, 6, 1) ^ lookup(b, 7, 0);
    p += 16;
  }
  while (p < stop) {
    crc = (crc >> 8) ^ load<u64>(CRC_TABLES + (<u32>((crc ^ load<u8>(p)) & 0xff) << 3));
    p++;
  }
  return crc;
}

/*
 * The fold. Modulo the polynomial, x^(8·d0) equals the sum of seven other powers whose exponents are whole bytes:
 * a byte may be moved by xor to the seven positions that lie FOLD_n bytes later. So every byte but the last
 * FOLD_SPAN is moved forward with plain vector xors, and only the rest goes through the tables.
 * The smallest distance exceeds 64, so four 16-byte steps do not depend on one another.
 */
const FOLD_1: u32 = 688, FOLD_2: u32 = 1684, FOLD_3: u32 = 1787, FOLD_4: u32 = 1944;
const FOLD_5: u32 = 2511, FOLD_6: u32 = 2644, FOLD_7: u32 = 2813;
const FOLD_SPAN: u32 = FOLD_7;
const FOLD_HISTORY: u32 = 2816 + 64;
const FOLD_BLOCK: u32 = 8192;
/** Below this the tables are as fast. */
const FOLD_MINIMUM: u32 = 7168;

// @ts-ignore: decorator
@inline
function folded(e: u32): v128 {
  return v128.xor(
    v128.xor(v128.xor(v128.load(e - FOLD_1), v128.load(e - FOLD_2)), v128.xor(v128.load(e - FOLD_3), v128.load(e - FOLD_4))),
    v128.xor(v128.xor(v128.load(e - FOLD_5), v128.load(e - FOLD_6)), v128.load(e - FOLD_7)),
  );
}

/** Continues `crc` over length bytes at p. */
export function crc64(crc: u64, p: u32, length: u32): u64 {
  if (length < FOLD_MINIMUM) return slicing16(crc, p, length);
  // bytes to move: a multiple of 64, leaving at least FOLD_SPAN for the tables
  let left = (length - FOLD_SPAN) & ~63;
  const rest = length - left;
  const blockStart = CRC_FOLD + FOLD_HISTORY;
  memory.fill(CRC_FOLD, 0, FOLD_HISTORY);
  let seed = crc;
  while (left != 0) {
    const size = left < FOLD_BLOCK ? left : FOLD_BLOCK;
    for (let i: u32 = 0; i < size; i += 64) {
      const e = blockStart + i;
      let first = v128.load(p + i);
      if (seed != 0) {
        first = v128.xor(first, i64x2.replace_lane(i64x2.splat(0), 0, seed));
        seed = 0;
      }
      v128.store(e, v128.xor(first, folded(e)));
      v128.store(e + 16, v128.xor(v128.load(p + i, 16), folded(e + 16)));
      v128.store(e + 32, v128.xor(v128.load(p + i, 32), folded(e + 32)));
      v128.store(e + 48, v128.xor(v128.load(p + i, 48), folded(e + 48)));
    }
    memory.copy(CRC_FOLD, CRC_FOLD + size, FOLD_HISTORY);
    p += size;
    left -= size;
  }
  // the tail takes what was moved into it: e is now only the history, zero after it
  memory.fill(blockStart, 0, FOLD_SPAN + 64);
  let result: u64 = 0;
  let done: u32 = 0;
  // 16 bytes at a time through scratch, adding only contributions of the moved bytes
  while (done < rest) {
    const chunk = rest - done < 512 ? rest - done : 512;
    for (let i: u32 = 0; i < chunk; i += 16) {
      const e = blockStart + done + i;
      v128.store(CRC_FOLD + FOLD_HISTORY + FOLD_BLOCK + i, v128.xor(v128.load(p + done + i), folded(e)));
    }
    result = slicing16(result, CRC_FOLD + FOLD_HISTORY + FOLD_BLOCK, chunk);
    done += chunk;
  }
  return result;
}
