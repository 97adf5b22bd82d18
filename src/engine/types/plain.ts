/**
 * Values written element by element: string, list, set, zset, hash (redis 7.4 src/rdb.c rdbSaveObject, rdbLoadObject).
 *
 *     0 string   str
 *     1 list     len n, n × str
 *     2 set      len n, n × str
 *     3 zset     len n, n × {str member, score as text}
 *     4 hash     len n, n × {str field, str value}
 *     5 zset     len n, n × {str member, f64 little endian}
 *    22 hash     len n, n × {str field, str value, i64 little endian ms}     Valkey ≥ 9.0 (valkey 9.0 src/rdb.c)
 *    22 hash     len n, n × {len ttl ms, str field, str value}              Redis 7.4 release candidates
 *    24 hash     i64 earliest ms, len n, n × {len ttl, str field, str value}
 */
import { E_EXPIRY, E_SCORE, fail, need, OK, status } from "../status";
import { commit, end, p, pending, readCount, readLength, takeBytes } from "../input";
import { decodes, DONE, emptyCollection, enter, itemsA, itemsB, itemsC, looksInside, phase, takeString } from "../walk";
import { itemsFit, putExpiry, putRaw } from "../items";

const COUNT: i32 = 0;
const ITEMS: i32 = 1;
const HEAD: i32 = 2;

/** Earliest expiry of the hash under way. */
let earliest: u64 = 0;

/** Latest expiry a field can have: 2^48 - 1 ms (redis 7.4 src/ebuckets.h EB_EXPIRE_TIME_MAX). */
const FIELD_EXPIRY_MAX: u64 = (<u64>1 << 48) - 1;

export function walkString<S>(): void {
  takeString<S>();
  if (status == OK) enter(DONE);
}

/** n × {`strings` strings}: list, set and hash. */
export function walkStrings<S>(strings: u64): void {
  if (phase == COUNT) {
    const count = readCount(strings);
    if (status != OK) return;
    emptyCollection = count == 0;
    itemsA = count * strings;
    enter(ITEMS);
  }
  let left = itemsA;
  while (left != 0) {
    takeString<S>();
    if (status != OK) break;
    commit();
    left--;
  }
  itemsA = left;
  if (left == 0 && status == OK) phase = DONE;
}

/** n × {member, score}. */
export function walkZset<S>(binary: bool): void {
  if (phase == COUNT) {
    const count = readCount(binary ? 9 : 2);
    if (status != OK) return;
    emptyCollection = count == 0;
    itemsA = count;
    enter(ITEMS);
  }
  while (itemsA != 0) {
    if (itemsB == 0) {
      takeString<S>();
      if (status != OK) return;
      itemsB = 1;
      commit();
    }
    if (binary) takeBinaryScore<S>();
    else takeTextScore<S>();
    if (status != OK) return;
    itemsB = 0;
    itemsA--;
    commit();
  }
  phase = DONE;
}

// @ts-ignore: decorator
@inline
function takeBinaryScore<S>(): void {
  const at = takeBytes(8);
  if (status != OK || !(looksInside<S>() || decodes<S>())) return;
  const score = load<f64>(at);
  // servers refuse a NaN (rdb.c "Zset with NAN score detected")
  if (score != score) fail(E_SCORE, at, 0, load<u64>(at));
  else if (decodes<S>()) takeItem(at, 8);
}

/** Bytes that were taken from `at` on become the next element; where there is no room they are not taken. */
function takeItem(at: u32, length: u32): void {
  if (itemsFit(length)) putRaw(at, length);
  else p = at;
}

/** One byte of length and as many of text; 253 NaN, 254 +inf, 255 -inf (rdb.c rdbLoadDoubleValue). */
function takeTextScore<S>(): void {
  const at = p;
  if (at >= end) {
    need();
    return;
  }
  const length: u32 = load<u8>(at);
  if (length >= 254) {
    p = at + 1;
    if (decodes<S>()) takeItem(at, 1);
    return;
  }
  if (length == 253 || length == 0) {
    fail(E_SCORE, at, 0, length);
    return;
  }
  if (end - at < 1 + length) {
    need();
    return;
  }
  if (looksInside<S>() || decodes<S>()) {
    for (let q = at + 1; q <= at + length; q++) {
      const c = load<u8>(q);
      const digit = c >= 48 && c <= 57;
      // 0-9 + - . e E and the letters of inf; what strtod takes beyond that no server writes
      if (!digit && c != 43 && c != 45 && c != 46 && c != 69 && c != 101 && c != 105 && c != 110 && c != 102) {
        fail(E_SCORE, at, 0, c);
        return;
      }
    }
  }
  p = at + 1 + length;
  if (decodes<S>()) takeItem(at, 1 + length);
}

/** Valkey's hash with field expiries: n × {field, value, i64 ms, -1 none}. */
export function walkValkeyHash<S>(): void {
  if (phase == COUNT) {
    const count = readCount(10);
    if (status != OK) return;
    emptyCollection = count == 0;
    itemsA = count;
    enter(ITEMS);
  }
  while (itemsA != 0) {
    while (itemsB < 2) {
      takeString<S>();
      if (status != OK) return;
      itemsB++;
      commit();
    }
    const at = takeBytes(8);
    if (status != OK) return;
    if (load<i64>(at) < -1) {
      fail(E_EXPIRY, at, 0, load<u64>(at));
      return;
    }
    if (decodes<S>()) takeItem(at, 8);
    if (status != OK) return;
    itemsB = 0;
    itemsA--;
    commit();
  }
  phase = DONE;
}

/**
 * Redis' hash with field expiries in a table. With `relative`, an i64 with the earliest expiry comes first and a
 * field's ttl is 0 for none, else ttl + earliest - 1; without, it is absolute.
 */
export function walkHashWithTtl<S>(relative: bool): void {
  if (phase == COUNT) {
    if (relative) {
      const at = takeBytes(8);
      if (status != OK) return;
      earliest = load<u64>(at);
      if (earliest > FIELD_EXPIRY_MAX + 1) {
        fail(E_EXPIRY, at, FIELD_EXPIRY_MAX, earliest);
        return;
      }
    }
    enter(HEAD);
  }
  if (phase == HEAD) {
    const count = readCount(3);
    if (status != OK) return;
    emptyCollection = count == 0;
    itemsA = count;
    enter(ITEMS);
  }
  while (itemsA != 0) {
    if (itemsB == 0) {
      const at = p;
      const ttl = readLength();
      if (status != OK) return;
      if (ttl > FIELD_EXPIRY_MAX) {
        fail(E_EXPIRY, at, FIELD_EXPIRY_MAX, ttl);
        return;
      }
      // kept for after the value: items have it last
      itemsC = ttl;
      itemsB = 1;
      commit();
    }
    while (itemsB < 3) {
      takeString<S>();
      if (status != OK) return;
      itemsB++;
      commit();
    }
    if (decodes<S>()) {
      if (!itemsFit(8)) return;
      putExpiry(itemsC == 0 ? -1 : relative ? <i64>(earliest + itemsC - 1) : <i64>itemsC);
    }
    itemsB = 0;
    itemsA--;
  }
  phase = DONE;
}
