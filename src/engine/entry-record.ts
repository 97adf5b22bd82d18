/**
 * An entry as a record for TypeScript (the library's `readRdb`), little endian:
 *
 *     0 u32 bytes of the record   4 u32 type   8 u32 flags: 1 expiry, 2 idle, 4 frequency   12 i32 db
 *    16 f64 offset   24 f64 value offset   32 f64 value bytes   40 i64 expiry ms   48 f64 idle s   56 u32 frequency
 *    60 u32 key length   64 key, padded to a multiple of 8
 */
import { advance, copyTo, finishCommand, out } from "./output";
import * as entry from "./entry";

/** Bytes of a record before its key. */
export const RECORD_HEAD: u32 = 64;
export const RECORD_OVERHEAD: u32 = RECORD_HEAD + 16;

function recordBytes(): u32 {
  return (RECORD_HEAD + entry.keyLength + 7) & ~7;
}

/** All but the key. `valueBytes` -1: not known yet. */
export function putRecordHead(at: u32, valueBytes: f64): void {
  store<u32>(at, recordBytes());
  store<u32>(at, entry.type, 4);
  store<u32>(at, (entry.hasExpiry ? 1 : 0) | (entry.hasIdle ? 2 : 0) | (entry.hasFrequency ? 4 : 0), 8);
  store<i32>(at, entry.db, 12);
  store<f64>(at, <f64>entry.entryOffset, 16);
  store<f64>(at, <f64>entry.valueOffset, 24);
  store<f64>(at, valueBytes, 32);
  store<i64>(at, entry.expiry, 40);
  store<f64>(at, <f64>entry.idle, 48);
  store<u32>(at, entry.frequency, 56);
  store<u32>(at, entry.keyLength, 60);
}

export function putRecord(valueBytes: u64): void {
  putRecordHead(out, <f64>valueBytes);
  copyTo(out + RECORD_HEAD, entry.keyAt, entry.keyLength);
  advance(recordBytes());
  finishCommand(entry.entryOffset, entry.type);
}
