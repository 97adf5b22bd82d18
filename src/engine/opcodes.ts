/**
 * The file around the entries: header, opcodes, trailer (redis 7.4 src/rdb.c rdbLoadRioWithLoadingCtx; opcodes 242, 243:
 * redis 8.6 and 8.10, valkey 9.0 and 9.2 src/rdb.c).
 */
import { E_DB, E_FUNCTION_PRE_GA, E_MAGIC, E_OPCODE, E_RESP, E_TYPE, E_VERSION, fail, need, OK, status } from "./status";
import { commit, end, keep, p, readCount, readLength, readWholeString, takeBytes, wholeAt, wholeLength, fileSize, offsetOf } from "./input";
import { BLOB_SCRATCH, KEY_SCRATCH } from "./memory";
import * as entry from "./entry";
import * as state from "./state";
import {
  EVENT_AUX, EVENT_FUNCTION, EVENT_HEADER, EVENT_INPUT, EVENT_MODULE_AUX, EVENT_RESIZE, EVENT_SELECT, EVENT_SLOT_IMPORT, EVENT_SLOT_INFO, EVENT_UPDATE,
} from "./events";
import { REDIS, VALKEY } from "./types/table";

const HEADER_BYTES: u32 = 9;
/** Newest versions whose layouts are known; in 16 a type byte that is not stops the run by itself. */
const NEWEST_REDIS: i32 = 16;
const OLDEST_VALKEY: i32 = 80;
const NEWEST_VALKEY: i32 = 81;

export const OPCODE_UPDATE_OR_TEMPLATE: u32 = 242;
export const OPCODE_META_OR_SLOT_IMPORT: u32 = 243;
const OPCODE_SLOT_INFO: u32 = 244;
const OPCODE_FUNCTION: u32 = 245;
const OPCODE_FUNCTION_PRE_GA: u32 = 246;
export const OPCODE_MODULE_AUX: u32 = 247;
const OPCODE_IDLE: u32 = 248;
const OPCODE_FREQUENCY: u32 = 249;
const OPCODE_AUX: u32 = 250;
const OPCODE_RESIZE: u32 = 251;
export const OPCODE_EXPIRY_MS: u32 = 252;
const OPCODE_EXPIRY: u32 = 253;
const OPCODE_SELECT: u32 = 254;
export const OPCODE_EOF: u32 = 255;

/** Nothing for TypeScript: go on. */
export const NO_EVENT: i32 = -1;

/** "REDIS" and four digits, or "VALKEY" and three. */
export function readHeader(): i32 {
  const at = takeBytes(HEADER_BYTES);
  if (status != OK) return EVENT_INPUT;
  const redis = load<u32>(at) == 0x49444552 && load<u8>(at, 4) == 0x53; // "REDI" "S"
  const valkey = load<u32>(at) == 0x4b4c4156 && load<u16>(at, 4) == 0x5945; // "VALK" "EY"
  let version: i32 = 0;
  for (let i: u32 = redis ? 5 : 6; i < HEADER_BYTES; i++) {
    const digit = <i32>load<u8>(at + i) - 48;
    if (digit < 0 || digit > 9 || version < 0) version = -1;
    else version = version * 10 + digit;
  }
  p = at;
  if ((!redis && !valkey) || version < 0) fail(E_MAGIC, at);
  else if (redis && (version < 1 || version > NEWEST_REDIS)) fail(E_VERSION, at, NEWEST_REDIS, version);
  else if (valkey && (version < OLDEST_VALKEY || version > NEWEST_VALKEY)) fail(E_VERSION, at, NEWEST_VALKEY, version);
  if (status != OK) return NO_EVENT;
  p = at + HEADER_BYTES;
  state.version = version;
  state.dialect = valkey ? VALKEY : REDIS;
  return EVENT_HEADER;
}

function setA(): void {
  state.stringA = wholeAt;
  state.stringALength = wholeLength;
}

/** One opcode whose byte is at p, but those with a state of their own. The cursor is moved only if all of it is there. */
export function readOpcode(opcode: u32): i32 {
  const at = p;
  p = at + 1;
  switch (opcode) {
    case OPCODE_EXPIRY_MS: {
      const value = takeBytes(8);
      if (status != OK) break;
      entry.expiry = load<i64>(value);
      entry.hasExpiry = true;
      return NO_EVENT;
    }
    case OPCODE_EXPIRY: {
      const value = takeBytes(4);
      if (status != OK) break;
      entry.expiry = <i64>load<i32>(value) * 1000;
      entry.hasExpiry = true;
      return NO_EVENT;
    }
    case OPCODE_IDLE: {
      entry.idle = readLength();
      entry.hasIdle = true;
      return NO_EVENT;
    }
    case OPCODE_FREQUENCY: {
      const value = takeBytes(1);
      if (status != OK) break;
      entry.frequency = load<u8>(value);
      entry.hasFrequency = true;
      return NO_EVENT;
    }
    case OPCODE_SELECT: {
      const db = readLength();
      if (status != OK) break;
      if (db > 0x7fffffff) {
        fail(E_DB, at, 0x7fffffff, db);
        break;
      }
      entry.db = <i32>db;
      state.numberA = <f64>db;
      return EVENT_SELECT;
    }
    case OPCODE_RESIZE: {
      state.numberA = <f64>readLength();
      if (status == OK) state.numberB = <f64>readLength();
      return EVENT_RESIZE;
    }
    case OPCODE_SLOT_INFO: {
      state.numberA = <f64>readLength();
      if (status == OK) state.numberB = <f64>readLength();
      if (status == OK) state.numberC = <f64>readLength();
      return EVENT_SLOT_INFO;
    }
    case OPCODE_AUX: {
      readWholeString(KEY_SCRATCH);
      if (status != OK) break;
      setA();
      readWholeString(BLOB_SCRATCH);
      state.stringB = wholeAt;
      state.stringBLength = wholeLength;
      return EVENT_AUX;
    }
    case OPCODE_FUNCTION: {
      readWholeString(BLOB_SCRATCH);
      setA();
      return EVENT_FUNCTION;
    }
    case OPCODE_FUNCTION_PRE_GA: {
      fail(E_FUNCTION_PRE_GA, at, OPCODE_FUNCTION, opcode);
      break;
    }
    case OPCODE_META_OR_SLOT_IMPORT: return readSlotImport();
    case OPCODE_UPDATE_OR_TEMPLATE: return readUpdate();
    default: fail(opcode < 200 ? E_TYPE : E_OPCODE, at, 0, opcode);
  }
  return NO_EVENT;
}

/** Valkey ≥ 9.0: str job, len ranges, each len first slot, len last slot (src/cluster_migrateslots.c). */
function readSlotImport(): i32 {
  readWholeString(BLOB_SCRATCH);
  if (status != OK) return NO_EVENT;
  setA();
  let ranges = readCount(2);
  while (ranges-- != 0 && status == OK) {
    readLength();
    if (status == OK) readLength();
  }
  return EVENT_SLOT_IMPORT;
}

/** Valkey ≥ 9.2: one command as RESP, from a save without fork (src/forkless.c writeReplicationData). */
function readUpdate(): i32 {
  let left = readRespNumber(42);
  while (left-- != 0 && status == OK) {
    const length = readRespNumber(36);
    if (status != OK) break;
    const at = p;
    if (length > <u64>(end - p) || <u64>(end - p) - length < 2) {
      need(<u64>(p - keep) + length + 2);
      break;
    }
    p += <u32>length + 2;
    if (load<u16>(p - 2) != 0x0a0d) fail(E_RESP, at, 0x0a0d, load<u16>(p - 2));
  }
  return EVENT_UPDATE;
}

function readRespNumber(mark: u8): u64 {
  const at = p;
  let value: u64 = 0;
  for (let q = at; ; q++) {
    if (q >= end) {
      need();
      return 0;
    }
    const c = load<u8>(q);
    if (q == at) {
      if (c == mark) continue;
    } else if (c == 13 && q > at + 1) {
      if (q + 1 >= end) need();
      p = q + 2;
      return value;
    } else if (c >= 48 && c <= 57 && q < at + 12) {
      value = value * 10 + (c - 48);
      continue;
    }
    fail(E_RESP, q, mark, c);
    return 0;
  }
}
