/**
 * How entries that are built by commands end: EXPIRE and RENAME wait here until every step was answered. A step that the
 * server refused (OOM, say) would otherwise be followed by the RENAME that is already on its way, and half a value would
 * stand under the key. TypeScript settles (EVENT_SETTLE): when the answers are in, each entry either ends, or its staging
 * key is removed.
 *
 *     record   u32 size, u32 key at, u32 key length, u32 bytes of the end, u32 its commands, u32 bytes of the removal,
 *              u64 offset of the entry; the end: [PEXPIREAT] RENAME[NX] [DEL], the removal: DEL
 */
import { DEFERRED, DEFERRED_SIZE } from "./memory";
import * as entry from "./entry";
import { advance, copyTo, finishCommand, fits, out, putBulk, putEnd, putNumber, putText } from "./output";
import { writeUnsigned } from "./decimal";
import { STEP } from "./pieces";
import * as plan from "./plan";

/** Type in the index of a region of the command that ends an entry. */
export const LAST: u32 = 253;

const HEAD: u32 = 32;
/** So many bytes wait before they are settled. */
const ENOUGH: u32 = 256 << 10;

const DEL = memory.data<u8>([36, 51, 13, 10, 68, 69, 76, 13, 10, 0, 0, 0, 0, 0, 0, 0]); // $3\r\nDEL\r\n
const PEXPIREAT = memory.data<u8>([36, 57, 13, 10, 80, 69, 88, 80, 73, 82, 69, 65, 84, 13, 10, 0]); // $9\r\nPEXPIREAT\r\n
const RENAME = memory.data<u8>([36, 54, 13, 10, 82, 69, 78, 65, 77, 69, 13, 10, 0, 0, 0, 0]); // $6\r\nRENAME\r\n
const RENAMENX = memory.data<u8>([36, 56, 13, 10, 82, 69, 78, 65, 77, 69, 78, 88, 13, 10, 0, 0]); // $8\r\nRENAMENX\r\n

export let deferredEnd: u32 = DEFERRED;

export function forgetDeferred(): void {
  deferredEnd = DEFERRED;
}

/** "*<n>\r\n" */
export function putCount(at: u32, n: u32): u32 {
  store<u8>(at, 42);
  return putEnd(writeUnsigned(at + 1, n));
}

/** "DEL staging" */
export function putRemoval(at: u32, key: u32, keyLength: u32): u32 {
  return putBulk(putText(putCount(at, 2), <u32>DEL, 9), key, keyLength);
}

/** Notes how the entry under way ends, whose value stands under `key`. Returns false where what waits must be settled first. */
export function defer(key: u32, keyLength: u32): bool {
  const bytes = HEAD + 4 * keyLength + entry.keyLength + 512;
  const used = deferredEnd - DEFERRED;
  if (used != 0 && (used > ENOUGH || bytes > DEFERRED_SIZE - used)) return false;
  const record = deferredEnd;
  let at = record + HEAD;
  let count: u32 = 1;
  if (entry.hasExpiry) {
    at = putBulk(putText(putCount(at, 3), <u32>PEXPIREAT, 15), key, keyLength);
    at = putNumber(at, max<i64>(entry.expiry, 1));
    count++;
  }
  at = putCount(at, 3);
  at = plan.replace ? putText(at, <u32>RENAME, 12) : putText(at, <u32>RENAMENX, 14);
  at = putBulk(at, key, keyLength);
  at = putBulk(at, entry.keyAt, entry.keyLength);
  store<u32>(record, at - 2 - entry.keyLength, 4);
  store<u32>(record, entry.keyLength, 8);
  if (!plan.replace) {
    // where the key was there, RENAMENX leaves the staging key
    at = putRemoval(at, key, keyLength);
    count++;
  }
  store<u32>(record, at - record - HEAD, 12);
  store<u32>(record, count, 16);
  const removal = at;
  at = putRemoval(at, key, keyLength);
  store<u32>(record, at - removal, 20);
  store<u64>(record, entry.entryOffset, 24);
  deferredEnd = (at + 7) & ~7;
  store<u32>(record, deferredEnd - record);
  return true;
}

/** Writes the end of a record, or its removal. Returns false where the region is full. */
export function putDeferred(record: u32, broken: bool): bool {
  const endBytes = load<u32>(record, 12);
  const bytes = broken ? load<u32>(record, 20) : endBytes;
  if (!fits(bytes)) return false;
  const offset = load<u64>(record, 24);
  copyTo(out, record + HEAD + (broken ? endBytes : 0), bytes);
  advance(bytes);
  if (broken) {
    finishCommand(offset, STEP);
    return true;
  }
  // [PEXPIREAT] RENAME[NX] [DEL]
  const count = load<u32>(record, 16);
  const last = plan.replace ? count - 1 : count - 2;
  for (let i: u32 = 0; i < count; i++) finishCommand(offset, i == last ? LAST : STEP);
  return true;
}
