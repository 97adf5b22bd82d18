/**
 * Entries as records of an RDB file:
 *
 *     [252 i64 ms | 253 i32 s] [248 len idle] [249 u8 frequency] [KEY_META] type, str key, value
 *
 * (redis 7.4 src/rdb.c rdbSaveKeyValuePair; 252 since RDB 3, 248 and 249 since 9, KEY_META since 13 and directly before
 * the type: redis 8.6.) A record needs no length before its value, so a large one goes from the window to the regions as
 * it is walked, without a second read.
 */
import {
  expiry, frequency, hasExpiry, hasFrequency, hasIdle, idle, keyAt, keyLength, metaAt, metaLength,
} from "./entry";
import { PIECES } from "./memory";
import { putLength } from "./items";
import { advance, copyTo, finishCommand, fits, indexFits, out, outEnd, regionSize } from "./output";
import { isDivided, partition, targetVersion } from "./rdb-out";

const EXPIRY_MS: u8 = 252;
const EXPIRY_SECONDS: u8 = 253;
const IDLE: u8 = 248;
const FREQUENCY: u8 = 249;
const FIRST_WITH_MS: i32 = 3;
const FIRST_WITH_ACCESS: i32 = 9;
/** More than the attributes, the type byte and the length of the key take. */
const HEAD: u32 = 64;

/** Attributes, type and length of the key. */
function putHead(at: u32, type: u32): u32 {
  if (hasExpiry && targetVersion >= FIRST_WITH_MS) {
    store<u8>(at, EXPIRY_MS);
    store<i64>(at, expiry, 1);
    at += 9;
  } else if (hasExpiry) {
    // a key never dies earlier than it should
    store<u8>(at, EXPIRY_SECONDS);
    store<i32>(at, <i32>min<i64>((expiry + 999) / 1000, i32.MAX_VALUE), 1);
    at += 5;
  }
  if (targetVersion >= FIRST_WITH_ACCESS) {
    if (hasIdle) {
      store<u8>(at, IDLE);
      at = putLength(at + 1, idle);
    }
    if (hasFrequency) {
      store<u16>(at, <u16>(<u32>FREQUENCY | (frequency << 8)));
      at += 2;
    }
  }
  // a key with metadata is not planned for a version that has none
  if (metaLength != 0) {
    copyTo(at, metaAt, metaLength);
    at += metaLength;
  }
  store<u8>(at, <u8>type);
  return putLength(at + 1, keyLength);
}

/** Tells TypeScript where in the region a record begins, and which file it is for: address | partition << 32. */
function mark(): void {
  if (isDivided()) finishCommand(<u64>out | (<u64>partition() << 32), 0);
}

/** Whether a record whose value has `length` bytes could be in one region. */
export function fitsRegion(length: u64): bool {
  return length + keyLength + metaLength + HEAD <= regionSize;
}

/** A record with the `length` bytes of value at `from`; false where the region is full. */
export function emitRecord(type: u32, from: u32, length: u32): bool {
  if (!fits(<u64>length + keyLength + metaLength + HEAD)) return false;
  mark();
  let at = putHead(out, type);
  copyTo(at, keyAt, keyLength);
  at += keyLength;
  copyTo(at, from, length);
  advance(at + length - out);
  return true;
}

/** Head and key of a record in pieces. */
const AT_START: i32 = 0;
const AT_HEAD: i32 = 1;
const AT_KEY: i32 = 2;
const AT_VALUE: i32 = 3;
let stage: i32 = AT_VALUE;
let piece: u32 = 0;
let pieceLeft: u32 = 0;

/** Starts a record whose value follows piece by piece. Key and KEY_META are in scratch. */
export function startRecord(type: u32): void {
  piece = PIECES;
  pieceLeft = putHead(PIECES, type) - PIECES;
  stage = AT_START;
}

/** Writes what goes before the value; false where the region is full. */
export function pumpHead(): bool {
  if (stage == AT_VALUE) return true;
  if (stage == AT_START) {
    if (out == outEnd || !indexFits()) return false;
    mark();
    stage = AT_HEAD;
  }
  while (true) {
    const n = copyBytes(piece, pieceLeft);
    piece += n;
    pieceLeft -= n;
    if (pieceLeft != 0) return false;
    if (++stage == AT_VALUE) return true;
    piece = keyAt;
    pieceLeft = keyLength;
  }
}

/** As many bytes as the region takes; returns how many. */
export function copyBytes(from: u32, length: u32): u32 {
  const n = min(length, outEnd - out);
  memory.copy(out, from, n);
  advance(n);
  return n;
}
