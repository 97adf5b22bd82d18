/** Counters of the keys that were selected, by RDB type byte and by time to live. TypeScript reads and clears them at each change of database. */
import { STATS, TTL_BUCKETS, TTL_HISTOGRAM } from "./memory";

/** A row of STATS; each field is a u64. */
export const ROW: u32 = 96;
const KEYS: u32 = 0;
const EXPIRING: u32 = 8;
const EXPIRED: u32 = 16;
const BYTES: u32 = 24;
/** Offset of the first key of this type, plus 1. */
const FIRST: u32 = 32;
/** Counts by action; see plan.ts. */
const ACTIONS: u32 = 40;

// @ts-ignore: decorator
@inline
function add(at: u32, n: u64): void {
  store<u64>(at, load<u64>(at) + n);
}

// @ts-ignore: decorator
@inline
function bump(at: u32): void {
  add(at, 1);
}

/** One selected key. */
export function countKey(type: u32, offset: u64, hasExpiry: bool, expired: bool): void {
  const row = STATS + type * ROW;
  if (load<u64>(row, KEYS) == 0) store<u64>(row, offset + 1, FIRST);
  bump(row + KEYS);
  if (hasExpiry) bump(row + EXPIRING);
  if (expired) bump(row + EXPIRED);
}

/** A hash whose fields have all expired is a key that has expired. */
export function countFieldsOver(type: u32, hasExpiry: bool, expired: bool): void {
  const row = STATS + type * ROW;
  if (!hasExpiry) bump(row + EXPIRING);
  if (!expired) bump(row + EXPIRED);
}

/** Selected strings that have not expired, the first of them at `offset`; `countTtl` has been told of the expiring ones. */
export function countStrings(keys: u32, expiring: u32, bytes: u64, offset: u64): void {
  if (load<u64>(STATS, KEYS) == 0) store<u64>(STATS, offset + 1, FIRST);
  add(STATS + KEYS, keys);
  add(STATS + EXPIRING, expiring);
  add(STATS + BYTES, bytes);
  add(TTL_HISTOGRAM + NO_EXPIRY * 8, keys - expiring);
}

/** A key that turned out to have no elements: no server keeps it. */
export function uncountKey(type: u32, action: u32, hasExpiry: bool, expired: bool): void {
  const row = STATS + type * ROW;
  const chosen = row + ACTIONS + action * 8;
  if (load<u64>(chosen) != 0) store<u64>(chosen, load<u64>(chosen) - 1);
  store<u64>(row, load<u64>(row, KEYS) - 1, KEYS);
  if (hasExpiry) store<u64>(row, load<u64>(row, EXPIRING) - 1, EXPIRING);
  if (expired) store<u64>(row, load<u64>(row, EXPIRED) - 1, EXPIRED);
}

/** The action that was chosen for keys of this type. */
export function countAction(type: u32, action: u32, keys: u32 = 1): void {
  add(STATS + type * ROW + ACTIONS + action * 8, keys);
}

/** A key turned out to be too large for what was chosen. */
export function withdrawAction(type: u32, action: u32): void {
  const at = STATS + type * ROW + ACTIONS;
  store<u64>(at + action * 8, load<u64>(at + action * 8) - 1);
  bump(at);
}

/** Bytes of its value in the file. */
export function countBytes(type: u32, bytes: u64): void {
  add(STATS + type * ROW + BYTES, bytes);
}

/** Upper bounds of the histogram: expired, a minute, an hour, a day, a week, 30 days, a year, more; then keys without expiry. */
const MINUTE: i64 = 60000, HOUR: i64 = 3600000, DAY: i64 = 86400000;
const NO_EXPIRY: u32 = 8;

export function countTtl(hasExpiry: bool, left: i64): void {
  let bucket = NO_EXPIRY;
  if (hasExpiry) {
    if (left <= 0) bucket = 0;
    else if (left <= MINUTE) bucket = 1;
    else if (left <= HOUR) bucket = 2;
    else if (left <= DAY) bucket = 3;
    else if (left <= 7 * DAY) bucket = 4;
    else if (left <= 30 * DAY) bucket = 5;
    else if (left <= 365 * DAY) bucket = 6;
    else bucket = 7;
  }
  bump(TTL_HISTOGRAM + bucket * 8);
}

export function clearStats(): void {
  memory.fill(STATS, 0, 256 * ROW);
  memory.fill(TTL_HISTOGRAM, 0, TTL_BUCKETS * 8);
}
