/**
 * From items (items.ts) to a value in the oldest layout that the target knows: type byte, count, items. It stands in the
 * items area, or, where items must change their form, in the area of decoded blobs, which is free by then.
 *
 *     1 list · 2 set · 4 hash                    count, items
 *     3 zset                                     count, {str, score as text}
 *     5 zset                                     count, {str, f64}
 *    22 hash with expiry (Valkey ≥ 9.0)          count, {str, str, i64 ms}
 *    24 hash with expiry (Redis ≥ 7.4)           i64 earliest, count, {len ttl, str, str}, ttl 0 none, else expiry - earliest + 1
 *    15, 19, 21 stream                           nodes, node key and listpack each, then the rest as items.ts kept it
 */
import { BLOB_SCRATCH, ITEMS, WHOLE_LIMIT } from "./memory";
import * as entry from "./entry";
import { arity, binaryScores, EXPIRIES, ITEMS_HEAD, itemsEnd, itemsHeld, itemsWhole, putLength, shape } from "./items";
import { copyTo } from "./output";
import * as plan from "./plan";

/** JavaScript's shortest text of a double, which reads back as the same; returns its length. At most 32 bytes. */
// @ts-ignore: decorator
@external("env", "formatScore")
export declare function formatScore(score: f64, to: u32): u32;

export const FIELD_TTL_FAIL: u32 = 0;
export const FIELD_TTL_DROP: u32 = 1;
export const FIELD_TTL_EXPIRE_KEY: u32 = 2;

export const BUILT: i32 = 0;
/** Fields expire, the target cannot keep that, and the policy is to fail. */
export const FIELDS_EXPIRE: i32 = 1;
export const TOO_LARGE: i32 = 2;
/** Every field has expired: there is no key any more. */
export const NOTHING_LEFT: i32 = 3;

/** What `build` made: type byte first. */
export let builtAt: u32 = 0;
export let builtLength: u32 = 0;
/** Field expiries that the target has no place for. */
export let droppedExpiries: u64 = 0;

/** Address and length of the string item at q; returns the address after it. */
export let stringAt: u32 = 0;
export let stringLength: u32 = 0;
export function nextString(q: u32): u32 {
  const first = load<u8>(q);
  if (first < 64) {
    stringAt = q + 1;
    stringLength = first;
  } else if (first < 128) {
    stringAt = q + 2;
    stringLength = bswap<u16>(load<u16>(q)) & 0x3fff;
  } else {
    stringAt = q + 5;
    stringLength = bswap<u32>(load<u32>(q, 1));
  }
  return stringAt + stringLength;
}

/** Bytes of the text score at q, its length byte included. */
export function textScoreBytes(q: u32): u32 {
  const length: u32 = load<u8>(q);
  return length >= 253 ? 1 : 1 + length;
}

/** Makes the value of type `form` from the items that are held. */
export function build(form: u32): i32 {
  if (shape == EXPIRIES) {
    if (form == 22) return prefix(form, itemsHeld, ITEMS + ITEMS_HEAD);
    return form == 24 ? buildRedisExpiries() : buildWithoutExpiries();
  }
  if (arity == 2 && (form == 3 || form == 5)) {
    if (!binaryScores) return prefix(3, itemsHeld, ITEMS + ITEMS_HEAD);
    return form == 5 ? prefix(5, itemsHeld, ITEMS + ITEMS_HEAD) : buildTextScores();
  }
  return prefix(form, itemsHeld, ITEMS + ITEMS_HEAD);
}

/** Writes type byte and count directly before the items at `at`, which end where the items do. */
function prefix(form: u32, count: u64, at: u32): i32 {
  const scratch = ITEMS;
  const head = putLength(scratch + 1, count) - scratch;
  store<u8>(scratch, <u8>form);
  builtAt = at - head;
  memory.copy(builtAt, scratch, head);
  builtLength = itemsEnd - builtAt;
  return BUILT;
}

const OUT: u32 = BLOB_SCRATCH;
const OUT_LIMIT: u32 = BLOB_SCRATCH + WHOLE_LIMIT;

function finish(end: u32): i32 {
  builtAt = OUT;
  builtLength = end - OUT;
  return BUILT;
}

function buildTextScores(): i32 {
  store<u8>(OUT, 3);
  let at = putLength(OUT + 1, itemsHeld);
  for (let q = ITEMS + ITEMS_HEAD; q < itemsWhole; ) {
    const start = q;
    q = nextString(q);
    if (q - start + 40 > OUT_LIMIT - at) return TOO_LARGE;
    copyTo(at, start, q - start);
    at += q - start;
    at = putTextScore(at, load<f64>(q));
    q += 8;
  }
  return finish(at);
}

/** A score as type 3 has it. */
export function putTextScore(at: u32, score: f64): u32 {
  if (score == Infinity || score == -Infinity) {
    store<u8>(at, score > 0 ? 254 : 255);
    return at + 1;
  }
  const length = formatScore(score, at + 1);
  store<u8>(at, <u8>length);
  return at + 1 + length;
}

function expiryAfter(q: u32): i64 {
  return load<i64>(nextString(nextString(q)));
}

/** Fields whose time has passed are left out, unless expired keys are kept too: no server would show them. */
export function fieldIsOver(expiry: i64): bool {
  return expiry >= 0 && expiry <= plan.now && plan.skipExpired;
}

/** Earliest expiry of a field that is not over, and how many fields are not; -1 where none expires. */
let fieldsLeft: u64 = 0;
function earliestExpiry(): i64 {
  let earliest: i64 = -1;
  fieldsLeft = 0;
  for (let q = ITEMS + ITEMS_HEAD; q < itemsWhole; q = nextString(nextString(q)) + 8) {
    const expiry = expiryAfter(q);
    if (fieldIsOver(expiry)) continue;
    fieldsLeft++;
    if (expiry >= 0 && (earliest < 0 || expiry < earliest)) earliest = expiry;
  }
  return earliest;
}

function buildRedisExpiries(): i32 {
  const earliest = earliestExpiry();
  if (fieldsLeft == 0) return NOTHING_LEFT;
  let at = OUT + 1;
  store<u8>(OUT, earliest < 0 ? 4 : 24);
  if (earliest >= 0) {
    store<i64>(at, earliest);
    at += 8;
  }
  at = putLength(at, fieldsLeft);
  for (let q = ITEMS + ITEMS_HEAD; q < itemsWhole; ) {
    const fields = q;
    q = nextString(nextString(q));
    const expiry = load<i64>(q);
    const length = q - fields;
    q += 8;
    if (fieldIsOver(expiry)) continue;
    if (length + 16 > OUT_LIMIT - at) return TOO_LARGE;
    if (earliest >= 0) at = putLength(at, expiry < 0 ? 0 : <u64>(expiry - earliest + 1));
    copyTo(at, fields, length);
    at += length;
  }
  return finish(at);
}

/** A plain hash, by the policy for field expiries. */
function buildWithoutExpiries(): i32 {
  const earliest = earliestExpiry();
  if (fieldsLeft == 0) return NOTHING_LEFT;
  if (earliest >= 0) {
    if (plan.fieldTtlPolicy == FIELD_TTL_FAIL) return FIELDS_EXPIRE;
    // with expire-key no field outlives its time: the key goes with the first of them
    if (plan.fieldTtlPolicy == FIELD_TTL_EXPIRE_KEY && (!entry.hasExpiry || earliest < entry.expiry)) {
      entry.hasExpiry = true;
      entry.expiry = earliest;
    }
    droppedExpiries++;
  }
  store<u8>(OUT, 4);
  let at = putLength(OUT + 1, fieldsLeft);
  for (let q = ITEMS + ITEMS_HEAD; q < itemsWhole; ) {
    const fields = q;
    q = nextString(nextString(q));
    const length = q - fields;
    const over = fieldIsOver(load<i64>(q));
    q += 8;
    if (over) continue;
    if (length + 16 > OUT_LIMIT - at) return TOO_LARGE;
    copyTo(at, fields, length);
    at += length;
  }
  return finish(at);
}

/** A hash whose fields expire loses that. */
export function droppedField(): void {
  droppedExpiries++;
}

export function resetRebuild(): void {
  droppedExpiries = 0;
}
