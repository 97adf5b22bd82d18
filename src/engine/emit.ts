/**
 * Commands for entries that stand whole in the window.
 *
 *     SET key value [NX] [PXAT ms | PX ms]
 *     RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME s] [FREQ n]
 *
 * A payload is [KEY_META] type value, u16 version, u64 CRC64 of all before it, little endian (redis 7.4 src/cluster.c
 * createDumpPayload, verifyDumpPayload).
 */
import { crc64 } from "./crc64";
import { decimalLength, digits, writeDecimal } from "./decimal";
import {
  entryOffset, expiry, frequency, hasExpiry, hasFrequency, hasIdle, idle, keyAt, keyLength, metaAt, metaLength, type, valueAt,
} from "./entry";
import { lzfDecompress } from "./lzf";
import { advance, bulkLength, copyTo, finishCommand, out, putBulk, putBulkHead, putEnd, putNumber, putText } from "./output";
import { absoluteRestore, absoluteSet, carryFrequency, carryIdle, carryMeta, footerOf, now, replace } from "./plan";
import { loadStringInteger, STRING_INTEGER, STRING_RAW } from "./input";

export const FOOTER: u32 = 10;
/** More than head, options and number texts of any command take besides key and value. */
export const COMMAND_OVERHEAD: u32 = 256;

const SET_HEAD = memory.data<u8>([13, 10, 36, 51, 13, 10, 83, 69, 84, 13, 10, 0, 0, 0, 0, 0]); // \r\n$3\r\nSET\r\n
const RESTORE_HEAD = memory.data<u8>([13, 10, 36, 55, 13, 10, 82, 69, 83, 84, 79, 82, 69, 13, 10, 0]); // \r\n$7\r\nRESTORE\r\n
const NX = memory.data<u8>([36, 50, 13, 10, 78, 88, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0]); // $2\r\nNX\r\n
const PXAT = memory.data<u8>([36, 52, 13, 10, 80, 88, 65, 84, 13, 10, 0, 0, 0, 0, 0, 0]); // $4\r\nPXAT\r\n
const PX = memory.data<u8>([36, 50, 13, 10, 80, 88, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0]); // $2\r\nPX\r\n
const REPLACE = memory.data<u8>([36, 55, 13, 10, 82, 69, 80, 76, 65, 67, 69, 13, 10, 0, 0, 0]); // $7\r\nREPLACE\r\n
const ABSTTL = memory.data<u8>([36, 54, 13, 10, 65, 66, 83, 84, 84, 76, 13, 10, 0, 0, 0, 0]); // $6\r\nABSTTL\r\n
const IDLETIME = memory.data<u8>([36, 56, 13, 10, 73, 68, 76, 69, 84, 73, 77, 69, 13, 10, 0, 0]); // $8\r\nIDLETIME\r\n
const FREQ = memory.data<u8>([36, 52, 13, 10, 70, 82, 69, 81, 13, 10, 0, 0, 0, 0, 0, 0]); // $4\r\nFREQ\r\n

/** A time to live of 0 means none, and one that is over must not become that: the least is 1. */
function timeToLive(absolute: bool): i64 {
  const ttl = absolute ? expiry : expiry - now;
  return ttl < 1 ? 1 : ttl;
}

/** "*n\r\n$3\r\nSET\r\n" */
export function putSetHead(at: u32): u32 {
  store<u16>(at, 0x332a + (((replace ? 0 : 1) + (hasExpiry ? 2 : 0)) << 8));
  return putText(at + 2, SET_HEAD, 11);
}

export function putSetOptions(at: u32): u32 {
  if (!replace) at = putText(at, NX, 8);
  if (!hasExpiry) return at;
  at = absoluteSet ? putText(at, PXAT, 10) : putText(at, PX, 8);
  return putNumber(at, timeToLive(absoluteSet));
}

function sendsIdle(): bool {
  return hasIdle && carryIdle;
}

/** IDLETIME and FREQ exclude each other; no server writes both. */
function sendsFrequency(): bool {
  return hasFrequency && carryFrequency && !sendsIdle();
}

function sendsAbsolute(): bool {
  return hasExpiry && absoluteRestore;
}

/** "*n\r\n$7\r\nRESTORE\r\n" */
export function putRestoreHead(at: u32): u32 {
  const parts: u32 = 4 + (replace ? 1 : 0) + (sendsAbsolute() ? 1 : 0) + (sendsIdle() ? 2 : 0) + (sendsFrequency() ? 2 : 0);
  store<u16>(at, 0x302a + (parts << 8));
  return putText(at + 2, RESTORE_HEAD, 15);
}

/** The time to live, between key and payload. */
export function putRestoreTtl(at: u32): u32 {
  return putNumber(at, hasExpiry ? timeToLive(absoluteRestore) : 0);
}

export function putRestoreOptions(at: u32): u32 {
  if (replace) at = putText(at, REPLACE, 13);
  if (sendsAbsolute()) at = putText(at, ABSTTL, 12);
  if (sendsIdle()) at = putNumber(putText(at, IDLETIME, 14), idle);
  else if (sendsFrequency()) at = putNumber(putText(at, FREQ, 10), frequency);
  return at;
}

/** Bytes of KEY_META that go into the payload. */
export function metaBytes(): u32 {
  return carryMeta ? metaLength : 0;
}

/** RESTORE with the `length` bytes of value at valueAt. */
export function emitRestore(length: u32): void {
  const payload = metaBytes() + 1 + length + FOOTER;
  let at = putRestoreTtl(putBulk(putRestoreHead(out), keyAt, keyLength));
  at = putBulkHead(at, payload);
  const start = at;
  if (metaBytes() != 0) {
    copyTo(at, metaAt, metaLength);
    at += metaLength;
  }
  store<u8>(at, <u8>type);
  copyTo(at + 1, valueAt, length);
  at += 1 + length;
  store<u16>(at, <u16>footerOf(type));
  store<u64>(at, crc64(0, start, at + 2 - start), 2);
  at = putRestoreOptions(putEnd(at + FOOTER));
  advance(at - out);
  finishCommand(entryOffset, type);
}

/** RESTORE with a value that was built in memory, type byte first. */
export function emitRestoreFrom(from: u32, length: u32): void {
  let at = putRestoreTtl(putBulk(putRestoreHead(out), keyAt, keyLength));
  at = putBulkHead(at, length + FOOTER);
  copyTo(at, from, length);
  store<u16>(at + length, <u16>footerOf(type));
  store<u64>(at + length, crc64(0, at, length + 2), 2);
  at = putRestoreOptions(putEnd(at + length + FOOTER));
  advance(at - out);
  finishCommand(entryOffset, type);
}

/** SET with the string whose stored bytes are at `body`. Returns false where its LZF is wrong; nothing is written then. */
export function emitSet(kind: i32, body: u32, stored: u32, length: u32): bool {
  let at = putBulk(putSetHead(out), keyAt, keyLength);
  if (kind == STRING_RAW) at = putBulk(at, body, stored);
  else if (kind == STRING_INTEGER) at = putNumber(at, loadStringInteger(body, stored));
  else {
    at = putBulkHead(at, length);
    if (!lzfDecompress(body, stored, at, length)) return false;
    at = putEnd(at + length);
  }
  at = putSetOptions(at);
  advance(at - out);
  finishCommand(entryOffset, type);
  return true;
}
