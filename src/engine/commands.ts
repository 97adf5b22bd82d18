/**
 * From items (items.ts) to native commands, for what RESTORE cannot carry: a value above the target's limit or above
 * --big-value, a target without RESTORE. They build a staging key in the same slot, which gets the expiry and is then
 * renamed: no reader sees half a value, and a retry starts clean with DEL.
 *
 * Streams: see stream-commands.ts.
 *
 *     DEL staging · RPUSH | SADD | ZADD | HSET staging … (batches) · PEXPIREAT staging ms · RENAME[NX] staging key
 *
 * EXPIRE and RENAME wait until the batches were answered: deferred.ts.
 *
 * A batch ends at `largestArguments` or BATCH_BYTES, whichever comes first; an item larger than a region is a batch of
 * its own and is written in pieces.
 */
import { ITEMS, STAGING, STAGING_SIZE, PIECES } from "./memory";
import * as entry from "./entry";
import {
  binaryScores, dropItems, EXPIRIES, itemsHeld, ITEMS_HEAD, itemsWhole, shape, SCORES,
} from "./items";
import { advance, bulkLength, copyTo, finishCommand, fits, out, putBulk, putEnd, putNumber, putText, regionSize } from "./output";
import { addBulk, addCount, endPieces, moveText, piecesLeft, pumpPieces, startPieces, STEP, textEnd } from "./pieces";
import { nextString, putTextScore, stringAt, stringLength, textScoreBytes } from "./rebuild";
import * as plan from "./plan";
import { defer, forgetDeferred, putCount, putRemoval } from "./deferred";
import { pumpStream, startStreamCommands } from "./stream-commands";
import { moreNodes } from "./stream-entries";

export const LIST: u32 = 1;
export const SET_KIND: u32 = 2;
export const ZSET: u32 = 3;
export const HASH: u32 = 4;
export const STREAM: u32 = 5;

const BATCH_BYTES: u32 = 128 << 10;
/** An argument above this is not gathered with others. */
const LARGE_ARGUMENT: u32 = 64 << 10;

const RPUSH = memory.data<u8>([36, 53, 13, 10, 82, 80, 85, 83, 72, 13, 10, 0, 0, 0, 0, 0]); // $5\r\nRPUSH\r\n
const SADD = memory.data<u8>([36, 52, 13, 10, 83, 65, 68, 68, 13, 10, 0, 0, 0, 0, 0, 0]); // $4\r\nSADD\r\n
const ZADD = memory.data<u8>([36, 52, 13, 10, 90, 65, 68, 68, 13, 10, 0, 0, 0, 0, 0, 0]); // $4\r\nZADD\r\n
const HSET = memory.data<u8>([36, 52, 13, 10, 72, 83, 69, 84, 13, 10, 0, 0, 0, 0, 0, 0]); // $4\r\nHSET\r\n
const HPEXPIREAT = memory.data<u8>([36, 49, 48, 13, 10, 72, 80, 69, 88, 80, 73, 82, 69, 65, 84, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // $10\r\nHPEXPIREAT\r\n
const FIELDS_1 = memory.data<u8>([36, 54, 13, 10, 70, 73, 69, 76, 68, 83, 13, 10, 36, 49, 13, 10, 49, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // $6\r\nFIELDS\r\n$1\r\n1\r\n
const INF = memory.data<u8>([36, 51, 13, 10, 105, 110, 102, 13, 10, 0, 0, 0, 0, 0, 0, 0]); // $3\r\ninf\r\n
const MINUS_INF = memory.data<u8>([36, 52, 13, 10, 45, 105, 110, 102, 13, 10, 0, 0, 0, 0, 0, 0]); // $4\r\n-inf\r\n
const STAGING_PREFIX = memory.data<u8>([114, 101, 100, 102, 101, 114, 114, 121, 45, 115, 116, 97, 103, 105, 110, 103, 58, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // redferry-staging:
const STAGING_PREFIX_LENGTH: u32 = 17;

const IDLE: i32 = 0;
const CLEAR: i32 = 1;
const BATCHES: i32 = 2;
const FIELD_EXPIRIES: i32 = 3;
const FINISH: i32 = 5;

export let stage: i32 = IDLE;
/** What is deferred must be settled before the entry can end. */
export let mustSettle: bool = false;

/** What was deferred has been written. */
export function settled(): void {
  mustSettle = false;
  forgetDeferred();
}

let kind: u32 = 0;
let key: u32 = 0;
let keyLength: u32 = 0;
/** Next item to be written. */
let cursor: u32 = 0;
/** Next item whose field expiry is to be written. */
let expiryCursor: u32 = 0;

/** Starts an entry, whose key must stand still until its end. Returns false where the key is too long for a staging key. */
export function startCommands(newKind: u32): bool {
  kind = newKind;
  if (entry.keyLength + STAGING_PREFIX_LENGTH + 2 > STAGING_SIZE) return false;
  key = STAGING;
  keyLength = putStagingKey();
  cursor = ITEMS + ITEMS_HEAD;
  expiryCursor = cursor;
  stage = CLEAR;
  if (kind == STREAM) startStreamCommands(key, keyLength);
  return true;
}

/** Same slot as the key: its hash tag stays the first braces; a key without one becomes the tag (redis 7.4 src/cluster.c keyHashSlot). */
function putStagingKey(): u32 {
  copyTo(STAGING, <u32>STAGING_PREFIX, STAGING_PREFIX_LENGTH);
  const at = STAGING + STAGING_PREFIX_LENGTH;
  if (hasTag()) {
    memory.copy(at, entry.keyAt, entry.keyLength);
    return STAGING_PREFIX_LENGTH + entry.keyLength;
  }
  store<u8>(at, 123);
  memory.copy(at + 1, entry.keyAt, entry.keyLength);
  store<u8>(at + 1 + entry.keyLength, 125);
  return STAGING_PREFIX_LENGTH + entry.keyLength + 2;
}

function hasTag(): bool {
  const stop = entry.keyAt + entry.keyLength;
  for (let q = entry.keyAt; q < stop; q++) {
    if (load<u8>(q) != 123) continue;
    for (let r = q + 1; r < stop; r++) if (load<u8>(r) == 125) return r > q + 1;
    return false;
  }
  return false;
}

/** New items are in the area: they are written from its start. */
export function moreItems(): void {
  cursor = ITEMS + ITEMS_HEAD;
  expiryCursor = cursor;
  moreNodes();
}

/** Writes what is at hand; `all`: the value is complete. Returns false where the region is full. */
export function pumpCommands(all: bool): bool {
  while (true) {
    if (piecesLeft != 0 && !pumpPieces()) return false;
    switch (stage) {
      case CLEAR: {
        if (!fits(keyLength + 64)) return false;
        end(putRemoval(out, key, keyLength), STEP);
        stage = BATCHES;
        break;
      }
      case BATCHES: {
        if (kind == STREAM) {
          if (!pumpStream(all)) return false;
          if (!all) return true;
          stage = FINISH;
          break;
        }
        if (cursor < itemsWhole) {
          if (!putBatch()) return false;
          break;
        }
        stage = FIELD_EXPIRIES;
        break;
      }
      case FIELD_EXPIRIES: {
        if (shape == EXPIRIES && expiryCursor < itemsWhole) {
          if (!putFieldExpiry()) return false;
          break;
        }
        dropItems();
        moreItems();
        stage = BATCHES;
        if (!all) return true;
        stage = FINISH;
        break;
      }
      case FINISH: {
        if (!defer(key, keyLength)) {
          mustSettle = true;
          return false;
        }
        stage = IDLE;
        return true;
      }
      default: return true;
    }
  }
}

function end(at: u32, type: u32): void {
  advance(at - out);
  finishCommand(entry.entryOffset, type);
}

function putVerb(at: u32): u32 {
  if (kind == LIST) return putText(at, <u32>RPUSH, 11);
  if (kind == SET_KIND) return putText(at, <u32>SADD, 10);
  if (kind == ZSET) return putText(at, <u32>ZADD, 10);
  return putText(at, <u32>HSET, 10);
}

/** Bytes a score takes as an argument, at most. */
const SCORE_ROOM: u32 = 272;

/** Address after the item at q, and in `itemArguments` how many bytes its arguments take. */
let itemArguments: u64 = 0;
function measureItem(q: u32): u32 {
  q = nextString(q);
  itemArguments = bulkLength(stringLength);
  if (kind == ZSET) {
    itemArguments += SCORE_ROOM;
    return binaryScores ? q + 8 : q + textScoreBytes(q);
  }
  if (kind != HASH) return q;
  q = nextString(q);
  itemArguments += bulkLength(stringLength);
  return shape == EXPIRIES ? q + 8 : q;
}

function putScore(at: u32, q: u32): u32 {
  const text = PIECES + 0x800;
  let from = q;
  if (binaryScores) {
    putTextScore(text, load<f64>(q));
    from = text;
  }
  const length: u32 = load<u8>(from);
  // inf and -inf have a code instead of text
  if (length == 254) return putText(at, <u32>INF, 9);
  if (length == 255) return putText(at, <u32>MINUS_INF, 10);
  return putBulk(at, from + 1, length);
}

/** The arguments of the item at q. Returns the address after the item. */
let argumentsEnd: u32 = 0;
function putItem(at: u32, q: u32): u32 {
  q = nextString(q);
  if (kind == ZSET) {
    const member = stringAt, length = stringLength;
    const after = binaryScores ? q + 8 : q + textScoreBytes(q);
    argumentsEnd = putBulk(putScore(at, q), member, length);
    return after;
  }
  at = putBulk(at, stringAt, stringLength);
  if (kind == HASH) {
    q = nextString(q);
    at = putBulk(at, stringAt, stringLength);
    if (shape == EXPIRIES) q += 8;
  }
  argumentsEnd = at;
  return q;
}

/** As many items as one command takes. Returns false where the region must be sent first. */
function putBatch(): bool {
  const perItem: u32 = kind == ZSET || kind == HASH ? 2 : 1;
  // HMSET answers OK, as a key that is written does; HSET with many fields came with Redis 4.0
  const most = kind == HASH && !plan.hsetManyFields ? <u32>1 : (plan.largestArguments - 2) / perItem;
  let count: u32 = 0;
  let bytes: u64 = keyLength + 64;
  let q = cursor;
  while (q < itemsWhole && count < most) {
    const next = measureItem(q);
    if (count != 0 && (bytes + itemArguments > BATCH_BYTES || itemArguments > LARGE_ARGUMENT)) break;
    bytes += itemArguments;
    count++;
    q = next;
  }
  if (bytes > regionSize) return putLargeItem(perItem);
  if (!fits(bytes)) return false;
  let at = putBulk(putVerb(putCount(out, 2 + count * perItem)), key, keyLength);
  for (; count != 0; count--) {
    cursor = putItem(at, cursor);
    at = argumentsEnd;
  }
  end(at, STEP);
  return true;
}

/** One item larger than a region. */
function putLargeItem(perItem: u32): bool {
  startPieces(true);
  addCount(2 + perItem);
  moveText(putVerb(textEnd));
  addBulk(key, keyLength);
  let q = nextString(cursor);
  if (kind == ZSET) {
    const member = stringAt, length = stringLength;
    moveText(putScore(textEnd, q));
    addBulk(member, length);
    q = binaryScores ? q + 8 : q + textScoreBytes(q);
  } else {
    addBulk(stringAt, stringLength);
    if (kind == HASH) {
      q = nextString(q);
      addBulk(stringAt, stringLength);
      if (shape == EXPIRIES) q += 8;
    }
  }
  cursor = q;
  return endPieces();
}

/** HPEXPIREAT staging ms FIELDS 1 field, for the next field that expires. */
function putFieldExpiry(): bool {
  const start = expiryCursor;
  const afterField = nextString(start);
  const field = stringAt, length = stringLength;
  const q = nextString(afterField);
  const expiry = load<i64>(q);
  if (expiry >= 0) {
    if (!fits(<u64>keyLength + length + 256)) return false;
    let at = putText(putCount(out, 6), <u32>HPEXPIREAT, 17);
    at = putNumber(putBulk(at, key, keyLength), max<i64>(expiry, 1));
    at = putText(at, <u32>FIELDS_1, 19);
    end(putBulk(at, field, length), STEP);
  }
  expiryCursor = q + 8;
  return true;
}
