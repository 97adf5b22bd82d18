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
import { E_PENDING, E_STREAM, E_STREAM_ID, OK, fail, need, status } from "../status";
import { firstUnknown, forgetPending, notePending } from "./pending-ids";
import { commit, end, p, readCount, readLength, readWholeString, takeBytes, wholeAt, wholeLength } from "../input";
import { BLOB_SCRATCH } from "../memory";
import { itemsFit, keepsNodes, putString, putTail, putTailString } from "../items";
import { closeEntry, entriesLeft, entryDeleted, entryMs, entrySeq, openEntry, openNode } from "../packed/stream-listpack";
import { BLOB_STREAM, checks, decodes, DONE, enter, itemsA, itemsB, itemsC, measures, phase, takeBlob, takeString } from "../walk";
import { measureConsumer, measureEntries, measureGroup, measureIds } from "../measure";

const NODES_COUNT: i32 = 0;
const NODE_KEY: i32 = 1;
/** The last phase that is about nodes. */
export const NODE: i32 = 2;
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
function takeIds<S>(left: u64, since: i32): u64 {
  const at = p;
  const whole = <u64>((end - p) / ID_BYTES);
  const now = min(left, whole);
  p += <u32>now * ID_BYTES;
  if (measures<S>() && since == 1) measureIds(at, p);
  if (since == 1 && checks<S>()) {
    const unknown = firstUnknown(at, p);
    if (unknown != 0) {
      fail(E_PENDING, unknown, 0, bswap<u64>(load<u64>(unknown)));
      return left;
    }
  }
  if (!keepTail<S>(at, since)) return left;
  commit();
  if (left > now) need();
  return left - now;
}

/** The key of a node: the first id of its listpack, 16 bytes (stream.h). */
function takeNodeKey<S>(): void {
  const at = p;
  readWholeString(BLOB_SCRATCH);
  if (status != OK) return;
  if (wholeLength != ID_BYTES) {
    p = at;
    fail(E_STREAM_ID, at, ID_BYTES, wholeLength);
  } else if (measures<S>()) measureIds(wholeAt, wholeAt + ID_BYTES);
  else if (decodes<S>()) {
    keyMs = bswap<u64>(load<u64>(wholeAt));
    keySeq = bswap<u64>(load<u64>(wholeAt, 8));
    if (!keepsNodes) return;
    if (itemsFit(ID_BYTES + 9)) putString(wholeAt, ID_BYTES);
    else p = at;
  }
}

/** Key of the node under way, and id of the stream's first live entry. */
let keyMs: u64 = 0;
let keySeq: u64 = 0;
let firstKnown: bool = false;
export let firstMs: u64 = 0;
export let firstSeq: u64 = 0;

/** The node that was taken may hold the first live entry. */
function noteFirst(): void {
  if (!openNode(wholeAt, wholeLength)) return;
  while (entriesLeft > 0 && openEntry()) {
    if (!entryDeleted) {
      firstKnown = true;
      firstMs = keyMs + <u64>entryMs;
      firstSeq = keySeq + <u64>entrySeq;
      return;
    }
    closeEntry();
  }
}

/** Layout in which the items hold what follows the nodes: 1 to 3, at most that of the value; what it has no place for is dropped. 0: nothing of it. */
let keptVersion: i32 = 3;
/** Entries that only version 5 can mark as taken from their consumer. */
export let droppedNacks: u64 = 0;

export function keepStreamVersion(version: i32): void {
  keptVersion = version;
}

/** Bytes [at, p) of the tail were taken: they are kept where the kept layout has them. Returns false where room is missing. */
function keepTail<S>(at: u32, since: i32): bool {
  if (!decodes<S>() || keptVersion < since) return true;
  if (!itemsFit(p - at)) {
    p = at;
    return false;
  }
  putTail(at, p - at);
  return true;
}

/** A name: decoded and kept as a plain string. */
function takeName<S>(since: i32): void {
  if (!decodes<S>()) {
    takeString<S>();
    return;
  }
  const at = p;
  readWholeString(BLOB_SCRATCH);
  if (status != OK || keptVersion < since) return;
  if (itemsFit(<u64>wholeLength + 9)) putTailString(wholeAt, wholeLength);
  else p = at;
}

/** `version`: 1 to 5 for types 15, 19, 21, 26, 27. */
export function walkStream<S>(version: i32): void {
  while (status == OK && phase != DONE) {
    switch (phase) {
      case NODES_COUNT: {
        itemsA = readCount(ID_BYTES + 8);
        droppedNacks = 0;
        firstKnown = false;
        firstMs = firstSeq = 0;
        if (status == OK) enter(itemsA == 0 ? TOTALS : NODE_KEY);
        break;
      }
      case NODE_KEY: {
        takeNodeKey<S>();
        if (status == OK) enter(NODE);
        break;
      }
      case NODE: {
        takeBlob<S>(BLOB_STREAM);
        if (status != OK) break;
        if (decodes<S>() && !firstKnown) noteFirst();
        itemsA--;
        enter(itemsA == 0 ? TOTALS : NODE_KEY);
        break;
      }
      case TOTALS: {
        const at = p;
        takeLengths(version >= 2 ? 8 : 3);
        if (status != OK) break;
        const after = p;
        p = at;
        const length = readLength();
        if (measures<S>()) measureEntries(length);
        takeLengths(2);
        const rest = p;
        if (decodes<S>() && keptVersion >= 1) {
          if (!itemsFit(after - at)) {
            p = at;
            break;
          }
          putTail(at, rest - at);
          if (keptVersion >= 2) putTail(rest, after - rest);
        }
        p = after;
        enter(GROUPS_COUNT);
        break;
      }
      case GROUPS_COUNT: {
        const at = p;
        itemsA = readCount(5);
        if (status == OK && keepTail<S>(at, 1)) enter(itemsA == 0 ? (version >= 4 ? IDMP_HEAD : DONE) : GROUP_NAME);
        break;
      }
      case GROUP_NAME: {
        takeName<S>(1);
        if (status == OK) enter(GROUP_HEAD);
        break;
      }
      case GROUP_HEAD: {
        if (checks<S>()) forgetPending();
        const at = p;
        itemsB = takeLengthsAndCount(version >= 2 ? 3 : 2, ID_BYTES + 9);
        if (status == OK && measures<S>()) measureGroup(itemsB);
        if (status == OK && keepGroupHead<S>(at, version)) enter(PENDING);
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
          if (!keepTail<S>(at, 1)) return;
          if (measures<S>()) measureIds(at, at + ID_BYTES);
          if (checks<S>() && !notePending(at)) {
            fail(E_PENDING, at, 1, bswap<u64>(load<u64>(at)));
            return;
          }
          itemsB--;
          commit();
        }
        enter(CONSUMERS_COUNT);
        break;
      }
      case CONSUMERS_COUNT: {
        const at = p;
        itemsB = readCount(10);
        if (status == OK && keepTail<S>(at, 1)) enter(afterConsumer(version));
        break;
      }
      case CONSUMER_NAME: {
        takeName<S>(1);
        if (status == OK) enter(CONSUMER_HEAD);
        break;
      }
      case CONSUMER_HEAD: {
        const at = p;
        takeBytes(version >= 3 ? 16 : 8);
        if (status != OK) break;
        itemsC = readCount(ID_BYTES);
        if (status != OK) p = at;
        else if (keepConsumerHead<S>(at, version)) {
          if (measures<S>()) measureConsumer();
          enter(CONSUMER_PENDING);
        }
        break;
      }
      case CONSUMER_PENDING: {
        itemsC = takeIds<S>(itemsC, 1);
        if (itemsC != 0) break;
        itemsB--;
        enter(afterConsumer(version));
        break;
      }
      case NACKED_COUNT: {
        itemsC = readCount(ID_BYTES);
        droppedNacks += itemsC;
        if (status == OK) enter(NACKED);
        break;
      }
      case NACKED: {
        itemsC = takeIds<S>(itemsC, 5);
        if (itemsC == 0) endGroup(version);
        break;
      }
      case IDMP_HEAD: {
        itemsA = takeLengthsAndCount(2, 2);
        if (status == OK) enter(itemsA == 0 ? IDMP_TAIL : PRODUCER_NAME);
        break;
      }
      case PRODUCER_NAME: {
        takeName<S>(4);
        if (status == OK) enter(PRODUCER_COUNT);
        break;
      }
      case PRODUCER_COUNT: {
        itemsB = readCount(3);
        if (status == OK) afterProducerEntry();
        break;
      }
      case PRODUCER_ENTRY_NAME: {
        takeName<S>(4);
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

/** Last id and, from 2 on, entries read; then how many are pending. */
function keepGroupHead<S>(at: u32, version: i32): bool {
  if (!decodes<S>() || keptVersion == 0) return true;
  const after = p;
  if (!itemsFit(after - at)) {
    p = at;
    return false;
  }
  p = at;
  takeLengths(2);
  putTail(at, p - at);
  let rest = p;
  if (version >= 2) {
    readLength();
    if (keptVersion >= 2) putTail(rest, p - rest);
    rest = p;
  }
  p = after;
  putTail(rest, after - rest);
  return true;
}

/** Seen and, from 3 on, active time; then how many are pending. */
function keepConsumerHead<S>(at: u32, version: i32): bool {
  if (!decodes<S>() || keptVersion == 0) return true;
  if (!itemsFit(p - at)) {
    p = at;
    return false;
  }
  const times: u32 = version >= 3 ? 16 : 8;
  putTail(at, keptVersion >= 3 ? times : 8);
  putTail(at + times, p - at - times);
  return true;
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
