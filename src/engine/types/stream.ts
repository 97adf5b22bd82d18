/**
 * Streams, types 15, 19, 21, 26, 27 (redis 7.4 src/rdb.c rdbSaveObject, rdbSaveStreamPEL, rdbSaveStreamConsumers; 26 and
 * 27: redis 8.6 and 8.8 src/rdb.c).
 *
 *     len n, n × {str node key of 16 bytes, str listpack}
 *     len length, id last; from 19: id first, id max deleted, len entries added          id = len ms, len seq
 *     len groups, each:
 *       str name, id last; from 19: len entries read
 *       len pending, each: 16 raw bytes id, i64 delivery time, len deliveries
 *       len consumers, each: str name, i64 seen; from 21: i64 active; len pending, 16 raw bytes each
 *       from 27: len nacked, 16 raw bytes each
 *     from 26: len duration, len max entries, len producers, each: str id, len entries, each: str id, id;
 *              len added, len duplicates
 */
import { E_STREAM, E_STREAM_ID, fail, need, OK, status } from "../status";
import { commit, end, p, readCount, readLength, readStringHeader, stringKind, stringLength, takeBytes, STRING_LZF, readWholeString, wholeLength } from "../input";
import { KEY_SCRATCH, BLOB_SCRATCH } from "../memory";
import { BLOB_STREAM, blobElements, DONE, enter, itemsA, itemsB, itemsC, looksInside, phase, takeBlob, takeString } from "../walk";

const NODES_COUNT: i32 = 0;
const NODE_KEY: i32 = 1;
const NODE: i32 = 2;
const TOTALS: i32 = 3;
const GROUPS_COUNT: i32 = 4;
const GROUP_NAME: i32 = 5;
const GROUP_HEAD: i32 = 6;
const PENDING: i32 = 7;
const CONSUMERS_COUNT: i32 = 8;
const CONSUMER_NAME: i32 = 9;
const CONSUMER_HEAD: i32 = 10;
const CONSUMER_PENDING: i32 = 11;
const NACKED_COUNT: i32 = 12;
const NACKED: i32 = 13;
const IDMP_HEAD: i32 = 14;
const PRODUCER_NAME: i32 = 15;
const PRODUCER_COUNT: i32 = 16;
const PRODUCER_ENTRY_NAME: i32 = 17;
const PRODUCER_ENTRY_ID: i32 = 18;
const IDMP_TAIL: i32 = 19;

const ID_BYTES: u32 = 16;

/** Takes n lengths as one unit. */
function takeLengths(n: i32): void {
  const at = p;
  for (; n > 0; n--) {
    readLength();
    if (status != OK) {
      p = at;
      return;
    }
  }
}

/** A length that counts what follows, after `before` other lengths; all one unit. */
function takeLengthsAndCount(before: i32, itemBytes: u64): u64 {
  const at = p;
  takeLengths(before);
  if (status != OK) return 0;
  const count = readCount(itemBytes);
  if (status != OK) p = at;
  return count;
}

/** Steps over raw ids, as many as the window holds; returns how many are left. */
function takeIds(left: u64): u64 {
  const whole = <u64>((end - p) / ID_BYTES);
  const now = min(left, whole);
  p += <u32>now * ID_BYTES;
  commit();
  if (left > now) need();
  return left - now;
}

/** The key of a node: the first id of its listpack, 16 bytes (stream.h). */
function takeNodeKey<S>(): void {
  const at = p;
  readWholeString(BLOB_SCRATCH);
  if (status == OK && wholeLength != ID_BYTES) {
    p = at;
    fail(E_STREAM_ID, at, ID_BYTES, wholeLength);
  }
}

/** `version`: 1 to 5 for types 15, 19, 21, 26, 27. */
export function walkStream<S>(version: i32): void {
  while (status == OK && phase != DONE) {
    switch (phase) {
      case NODES_COUNT: {
        itemsA = readCount(ID_BYTES + 8);
        if (status == OK) enter(itemsA == 0 ? TOTALS : NODE_KEY);
        break;
      }
      case NODE_KEY: {
        takeNodeKey<S>();
        if (status == OK) enter(NODE);
        break;
      }
      case NODE: {
        const at = p;
        takeBlob<S>(BLOB_STREAM);
        if (status != OK) break;
        itemsA--;
        enter(itemsA == 0 ? TOTALS : NODE_KEY);
        break;
      }
      case TOTALS: {
        takeLengths(version >= 2 ? 8 : 3);
        if (status == OK) enter(GROUPS_COUNT);
        break;
      }
      case GROUPS_COUNT: {
        itemsA = readCount(5);
        if (status == OK) enter(itemsA == 0 ? (version >= 4 ? IDMP_HEAD : DONE) : GROUP_NAME);
        break;
      }
      case GROUP_NAME: {
        takeString<S>();
        if (status == OK) enter(GROUP_HEAD);
        break;
      }
      case GROUP_HEAD: {
        itemsB = takeLengthsAndCount(version >= 2 ? 3 : 2, ID_BYTES + 9);
        if (status == OK) enter(PENDING);
        break;
      }
      case PENDING: {
        while (itemsB != 0) {
          const at = p;
          takeBytes(ID_BYTES + 8);
          if (status != OK) return;
          readLength();
          if (status != OK) {
            p = at;
            return;
          }
          itemsB--;
          commit();
        }
        enter(CONSUMERS_COUNT);
        break;
      }
      case CONSUMERS_COUNT: {
        itemsB = readCount(10);
        if (status == OK) enter(afterConsumer(version));
        break;
      }
      case CONSUMER_NAME: {
        takeString<S>();
        if (status == OK) enter(CONSUMER_HEAD);
        break;
      }
      case CONSUMER_HEAD: {
        const at = p;
        takeBytes(version >= 3 ? 16 : 8);
        if (status != OK) break;
        itemsC = readCount(ID_BYTES);
        if (status != OK) p = at;
        else enter(CONSUMER_PENDING);
        break;
      }
      case CONSUMER_PENDING: {
        itemsC = takeIds(itemsC);
        if (itemsC != 0) break;
        itemsB--;
        enter(afterConsumer(version));
        break;
      }
      case NACKED_COUNT: {
        itemsC = readCount(ID_BYTES);
        if (status == OK) enter(NACKED);
        break;
      }
      case NACKED: {
        itemsC = takeIds(itemsC);
        if (itemsC == 0) endGroup(version);
        break;
      }
      case IDMP_HEAD: {
        itemsA = takeLengthsAndCount(2, 2);
        if (status == OK) enter(itemsA == 0 ? IDMP_TAIL : PRODUCER_NAME);
        break;
      }
      case PRODUCER_NAME: {
        takeString<S>();
        if (status == OK) enter(PRODUCER_COUNT);
        break;
      }
      case PRODUCER_COUNT: {
        itemsB = readCount(3);
        if (status == OK) afterProducerEntry();
        break;
      }
      case PRODUCER_ENTRY_NAME: {
        takeString<S>();
        if (status == OK) enter(PRODUCER_ENTRY_ID);
        break;
      }
      case PRODUCER_ENTRY_ID: {
        takeLengths(2);
        if (status != OK) break;
        itemsB--;
        afterProducerEntry();
        break;
      }
      case IDMP_TAIL: {
        takeLengths(2);
        if (status == OK) enter(DONE);
        break;
      }
      default: {
        fail(E_STREAM, p, DONE, phase);
      }
    }
  }
}

/** itemsB consumers of the group are left: the next one, or what follows them. */
function afterConsumer(version: i32): i32 {
  if (itemsB != 0) return CONSUMER_NAME;
  if (version >= 5) return NACKED_COUNT;
  itemsA--;
  return itemsA != 0 ? GROUP_NAME : version >= 4 ? IDMP_HEAD : DONE;
}

function endGroup(version: i32): void {
  itemsA--;
  enter(itemsA != 0 ? GROUP_NAME : IDMP_HEAD);
}

function afterProducerEntry(): void {
  if (itemsB != 0) {
    enter(PRODUCER_ENTRY_NAME);
    return;
  }
  itemsA--;
  enter(itemsA != 0 ? PRODUCER_NAME : IDMP_TAIL);
}
