/** The beginning of a key's line of JSON: everything before its value. */
import { base64Length } from "./base64";
import { writeDecimal, writeUnsigned } from "./decimal";
import { db, expiry, frequency, hasExpiry, hasFrequency, hasIdle, idle, keyAt, keyLength, type } from "./entry";
import { moduleId } from "./types/module";
import * as plan from "./plan";
import { out } from "./output";
import { addPart, fitsAnyRegion, PART_TEXT, pumpParts, putAscii, putQuoted, roomLeft, wrote } from "./text-out";

/** More than all but the key takes. */
export const HEAD_ROOM: u32 = 256;

/** Database that lines name; -1: the one of the file. */
let lineDb: i32 = -1;
export function setLineDb(db: i32): void {
  lineDb = db;
}

/** Words of TYPE, in the order of KINDS in src/rdb/engine-setup.ts. */
function putKind(at: u32): u32 {
  switch (plan.kindOf(type)) {
    case 0: return putAscii(at, "string");
    case 1: return putAscii(at, "list");
    case 2: return putAscii(at, "set");
    case 3: return putAscii(at, "zset");
    case 4: return putAscii(at, "hash");
    case 5: return putAscii(at, "stream");
    case 6: return putModuleName(at);
    case 7: return putAscii(at, "array");
    default: return putAscii(at, "gcra");
  }
}

/** Nine characters of six bits (redis 7.4 src/module.c moduleTypeNameByID). */
function putModuleName(at: u32): u32 {
  for (let i = 0; i < 9; i++) {
    const six = <u32>(moduleId >> (58 - <u64>i * 6)) & 63;
    const character = six < 26 ? six + 65 : six < 52 ? six + 71 : six < 62 ? six - 4 : six == 62 ? 45 : 95;
    store<u8>(at + i, <u8>character);
  }
  return at + 9;
}

function putBeforeKey(at: u32): u32 {
  at = writeDecimal(putAscii(at, '{"db":'), lineDb < 0 ? db : lineDb);
  return putAscii(at, ',"key":');
}

function putAfterKey(at: u32): u32 {
  at = putKind(putAscii(at, ',"type":"'));
  at = putAscii(at, '","pexpireat":');
  at = hasExpiry ? writeDecimal(at, expiry) : putAscii(at, "null");
  if (hasIdle) at = writeUnsigned(putAscii(at, ',"idle":'), idle);
  if (hasFrequency) at = writeUnsigned(putAscii(at, ',"freq":'), frequency);
  return putAscii(at, ',"value":');
}

/** Where the room is known to be there: base64 of the key and HEAD_ROOM. */
// @ts-ignore: decorator
@inline
export function putHead(at: u32): u32 {
  return putAfterKey(putQuoted(putBeforeKey(at), keyAt, keyLength));
}

/** Starts a line. A key too large for a region becomes parts; the caller pumps them. Returns false where the region is full. */
export function startLine(): bool {
  const bytes = base64Length(keyLength) + HEAD_ROOM;
  if (bytes <= <u64>roomLeft()) {
    wrote(putHead(out));
    return true;
  }
  if (fitsAnyRegion(bytes)) return false;
  let at = putBeforeKey(PART_TEXT);
  store<u8>(at++, 34);
  addPart(PART_TEXT, at - PART_TEXT, false);
  addPart(keyAt, keyLength, true);
  const after = at;
  store<u8>(at, 34);
  at = putAfterKey(at + 1);
  addPart(after, at - after, false);
  pumpParts();
  return true;
}
