/**
 * A stream as native commands, from its items: what follows its nodes first (groups, consumers, pending entries), then
 * its nodes, then its counters.
 *
 *     XADD staging MAXLEN 0 0-1 x y · XSETID staging 0-0                               an empty stream
 *     for each group: XGROUP CREATE staging group id [ENTRIESREAD n]
 *       XADD staging id x y, for each pending id
 *       for each consumer: XGROUP CREATECONSUMER, or XCLAIM … TIME ms RETRYCOUNT n JUSTID FORCE for what it has pending
 *       XTRIM staging MAXLEN 0 · XSETID staging 0-0                                     empty again; the pending stay
 *     XADD staging id field value …                                                    for each live entry
 *     XSETID staging last [ENTRIESADDED n MAXDELETEDID id]
 *
 * Redis 7.0 and later make no pending entry of an id that is not in the stream (src/t_stream.c xclaimCommand), and a
 * file holds such: of entries that were deleted. So every pending id is put in before it is claimed. Trimming, unlike
 * XDEL, leaves the largest deleted id as it is, and an empty stream may have its last id set back.
 */
import { BLOB_SCRATCH, ITEMS } from "./memory";
import { elementAt, elementInteger, elementIsInteger, elementLength } from "./packed/element";
import { writeDecimal } from "./decimal";
import { dropItems, ITEMS_HEAD, itemsWhole } from "./items";
import { advance, finishCommand, indexFits, out, outEnd, putBulk, putEnd, putNumber, regionSize } from "./output";
import {
  closeEntry, entriesLeft, entryDeleted, entryField, entryFields, entryMs, entrySeq, entryValue, openEntry, openNode, putEntryBack,
} from "./packed/stream-listpack";
import { addBulk, addCount, addId, addNumber, addWord, endPieces, piecesLeft, pumpPieces, putId, putWord, startPieces, STEP } from "./pieces";
import { nextString, stringAt, stringLength } from "./rebuild";
import * as entry from "./entry";
import { allowStreams } from "./plan";

/** XSETID … ENTRIESADDED MAXDELETEDID, XGROUP CREATE … ENTRIESREAD (Redis 7.0); XGROUP CREATECONSUMER (6.2). */
let setsCounters: bool = false;
let setsEntriesRead: bool = false;
let createsConsumers: bool = false;

/** `allowed`: the target has the commands of streams at all. */
export function configureStreams(allowed: bool, newSetsCounters: bool, newSetsEntriesRead: bool, newCreatesConsumers: bool): void {
  allowStreams(allowed);
  setsCounters = newSetsCounters;
  setsEntriesRead = newSetsEntriesRead;
  createsConsumers = newCreatesConsumers;
}

const CREATE: i32 = 0;
const SET_BACK: i32 = 1;
const GROUP: i32 = 2;
const PLACEHOLDERS: i32 = 3;
const CONSUMER: i32 = 4;
const CLAIM: i32 = 5;
const TRIM: i32 = 6;
const NODE: i32 = 7;
const ENTRY: i32 = 8;
const COUNTERS: i32 = 9;
const ENDED: i32 = 10;

const ID_BYTES: u32 = 16;
/** Id and delivery time; the number of deliveries follows. */
const PENDING_BYTES: u32 = ID_BYTES + 8;

let work: i32 = ENDED;
let key: u32 = 0;
let keyLength: u32 = 0;

/** What comes after the nodes: read from here. */
let t: u32 = 0;
let version: i32 = 3;
let length: u64 = 0;
let lastMs: u64 = 0;
let lastSeq: u64 = 0;
let deletedMs: u64 = 0;
let deletedSeq: u64 = 0;
let added: u64 = 0;
let groupsLeft: u64 = 0;
/** The first live entry, for what older layouts do not tell. */
let firstMs: u64 = 0;
let firstSeq: u64 = 0;
/** The group under way. */
let groupAt: u32 = 0;
let groupLength: u32 = 0;
let groupMs: u64 = 0;
let groupSeq: u64 = 0;
let entriesRead: u64 = 0;
let consumersLeft: u64 = 0;
let consumerAt: u32 = 0;
let consumerLength: u32 = 0;
let idsLeft: u64 = 0;
/** Addresses of the group's pending entries, in the order of the file; that of ids. */
const PENDING_INDEX: u32 = BLOB_SCRATCH;
let pendingCount: u32 = 0;
let nextPending: u32 = 0;
/** Next node, and the key of the one that is open. */
let nodes: u32 = 0;
let nodeMs: u64 = 0;
let nodeSeq: u64 = 0;
/** Fields of an entry larger than a region that are still to be written; -1: none is under way. */
let fieldsLeft: i64 = -1;
let atValue: bool = false;

export function startStreamCommands(newKey: u32, newKeyLength: u32): void {
  key = newKey;
  keyLength = newKeyLength;
  nodes = ITEMS + ITEMS_HEAD;
  work = CREATE;
  fieldsLeft = -1;
}

/** The nodes come now, from the start of the items area. */
export function moreNodes(): void {
  nodes = ITEMS + ITEMS_HEAD;
}

/**
 * What follows the nodes is at `at`, in the layout of a version from 1 to 3. Returns false where commands cannot make it:
 * pending entries without a consumer, or consumers with entries that are not pending.
 */
export function openTail(at: u32, newVersion: i32, newFirstMs: u64, newFirstSeq: u64): bool {
  t = at;
  version = newVersion;
  firstMs = newFirstMs;
  firstSeq = newFirstSeq;
  length = takeLength();
  lastMs = takeLength();
  lastSeq = takeLength();
  added = length;
  deletedMs = deletedSeq = 0;
  if (version >= 2) {
    takeLength();
    takeLength();
    deletedMs = takeLength();
    deletedSeq = takeLength();
    added = takeLength();
  }
  groupsLeft = takeLength();
  const groups = t;
  for (let left = groupsLeft; left != 0; left--) if (!checkGroup()) return false;
  t = groups;
  return true;
}

function checkGroup(): bool {
  takeGroup();
  let claimed: u64 = 0;
  for (; consumersLeft != 0; consumersLeft--) {
    takeConsumer();
    claimed += idsLeft;
    for (; idsLeft != 0; idsLeft--) {
      if (findPending(t) == 0) return false;
      t += ID_BYTES;
    }
  }
  return claimed == pendingCount;
}

/** A length as it stands in the file: see input.ts readLengthOrEncoding, which checked it. */
function takeLength(): u64 {
  const first = load<u8>(t);
  if (first < 64) {
    t += 1;
    return first;
  }
  if (first < 128) {
    t += 2;
    return bswap<u16>(load<u16>(t - 2)) & 0x3fff;
  }
  if (first == 0x80) {
    t += 5;
    return bswap<u32>(load<u32>(t - 4));
  }
  t += 9;
  return bswap<u64>(load<u64>(t - 8));
}

function takeGroup(): void {
  t = nextString(t);
  groupAt = stringAt;
  groupLength = stringLength;
  groupMs = takeLength();
  groupSeq = takeLength();
  entriesRead = version >= 2 ? takeLength() : estimateEntriesRead();
  pendingCount = 0;
  nextPending = 0;
  for (let left = takeLength(); left != 0; left--) {
    store<u32>(PENDING_INDEX + (pendingCount << 2), t);
    pendingCount++;
    t += PENDING_BYTES;
    takeLength();
  }
  consumersLeft = takeLength();
}

function takeConsumer(): void {
  t = nextString(t);
  consumerAt = stringAt;
  consumerLength = stringLength;
  t += version >= 3 ? 16 : 8;
  idsLeft = takeLength();
}

function isBefore(aMs: u64, aSeq: u64, bMs: u64, bSeq: u64): bool {
  return aMs < bMs || (aMs == bMs && aSeq < bSeq);
}

/** As servers from 7.0 on do when they load the oldest layout (src/t_stream.c streamEstimateDistanceFromFirstEverEntry); no entry counts as deleted. */
function estimateEntriesRead(): u64 {
  const unknown = <u64>-1;
  if (added == 0) return 0;
  if (isBefore(lastMs, lastSeq, groupMs, groupSeq)) return unknown;
  if (groupMs == lastMs && groupSeq == lastSeq) return added;
  if (isBefore(groupMs, groupSeq, firstMs, firstSeq)) return 0;
  return groupMs == firstMs && groupSeq == firstSeq ? 1 : unknown;
}

/** The group's pending entry with the id at `id`; 0 where there is none. */
function findPending(id: u32): u32 {
  const ms = bswap<u64>(load<u64>(id)), seq = bswap<u64>(load<u64>(id, 8));
  let low: u32 = 0, high = pendingCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = load<u32>(PENDING_INDEX + (middle << 2));
    const otherMs = bswap<u64>(load<u64>(at)), otherSeq = bswap<u64>(load<u64>(at, 8));
    if (otherMs == ms && otherSeq == seq) return at;
    if (isBefore(otherMs, otherSeq, ms, seq)) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** Whether all that comes before the nodes was written. */
export function groupsWritten(): bool {
  return work >= NODE;
}

/** Writes what is at hand; `all`: the last nodes are. Returns false where the region is full. */
export function pumpStream(all: bool): bool {
  while (true) {
    if (piecesLeft != 0 && !pumpPieces()) return false;
    if (fieldsLeft >= 0) {
      if (!putLargeField()) return false;
      continue;
    }
    switch (work) {
      case CREATE: {
        work = SET_BACK;
        startCommand(7, "XADD");
        addWord("MAXLEN");
        addWord("0");
        addWord("0-1");
        addWord("x");
        addWord("y");
        if (!endPieces()) return false;
        break;
      }
      case SET_BACK: {
        work = groupsLeft == 0 ? NODE : GROUP;
        if (!putSetId(0, 0, false)) return false;
        break;
      }
      case GROUP: {
        groupsLeft--;
        takeGroup();
        work = PLACEHOLDERS;
        if (!putGroup()) return false;
        break;
      }
      case PLACEHOLDERS: {
        if (nextPending == pendingCount) {
          work = CONSUMER;
          break;
        }
        const at = load<u32>(PENDING_INDEX + (nextPending << 2));
        nextPending++;
        startCommand(5, "XADD");
        addRawId(at);
        addWord("x");
        addWord("y");
        if (!endPieces()) return false;
        break;
      }
      case CONSUMER: {
        if (consumersLeft == 0) {
          work = pendingCount != 0 ? TRIM : groupsLeft == 0 ? NODE : GROUP;
          break;
        }
        consumersLeft--;
        takeConsumer();
        if (idsLeft != 0) work = CLAIM;
        else if (!putConsumer()) return false;
        break;
      }
      case CLAIM: {
        if (!putClaim()) return false;
        break;
      }
      case TRIM: {
        work = SET_BACK;
        startCommand(4, "XTRIM");
        addWord("MAXLEN");
        addWord("0");
        if (!endPieces()) return false;
        break;
      }
      case NODE: {
        if (nodes >= itemsWhole) {
          if (!all) {
            dropItems();
            return true;
          }
          work = COUNTERS;
          break;
        }
        takeNode();
        break;
      }
      case ENTRY: {
        if (!putEntries()) return false;
        break;
      }
      case COUNTERS: {
        work = ENDED;
        if (!putSetId(lastMs, lastSeq, true)) return false;
        break;
      }
      default: return true;
    }
  }
}

/** "*<n>", the command's name, the key. */
function startCommand(count: u32, name: string): void {
  startPieces(true);
  addCount(count);
  addWord(name);
  addBulk(key, keyLength);
}

function addRawId(at: u32): void {
  addId(bswap<u64>(load<u64>(at)), bswap<u64>(load<u64>(at, 8)));
}

/** The number of entries added is set from the start: some servers allow no group to have read more. */
function putSetId(ms: u64, seq: u64, last: bool): bool {
  startCommand(3 + (setsCounters ? (last ? 4 : 2) : 0), "XSETID");
  addId(ms, seq);
  if (setsCounters) {
    addWord("ENTRIESADDED");
    addNumber(<i64>added);
    if (last) {
      addWord("MAXDELETEDID");
      addId(deletedMs, deletedSeq);
    }
  }
  return endPieces();
}

function putGroup(): bool {
  startPieces(true);
  addCount(5 + (setsEntriesRead ? 2 : 0));
  addWord("XGROUP");
  addWord("CREATE");
  addBulk(key, keyLength);
  addBulk(groupAt, groupLength);
  addId(groupMs, groupSeq);
  if (setsEntriesRead) {
    addWord("ENTRIESREAD");
    addNumber(<i64>entriesRead);
  }
  return endPieces();
}

/** A consumer with nothing pending. Where it cannot be created, reading its history does it (before 6.2). */
function putConsumer(): bool {
  startPieces(true);
  if (createsConsumers) {
    addCount(5);
    addWord("XGROUP");
    addWord("CREATECONSUMER");
    addBulk(key, keyLength);
    addBulk(groupAt, groupLength);
    addBulk(consumerAt, consumerLength);
  } else {
    addCount(7);
    addWord("XREADGROUP");
    addWord("GROUP");
    addBulk(groupAt, groupLength);
    addBulk(consumerAt, consumerLength);
    addWord("STREAMS");
    addBulk(key, keyLength);
    addWord("0-0");
  }
  return endPieces();
}

function putClaim(): bool {
  const id = t;
  t += ID_BYTES;
  idsLeft--;
  if (idsLeft == 0) work = CONSUMER;
  const pending = findPending(id);
  const after = t;
  t = pending + PENDING_BYTES;
  const deliveries = takeLength();
  t = after;
  startCommand(12, "XCLAIM");
  addBulk(groupAt, groupLength);
  addBulk(consumerAt, consumerLength);
  addWord("0");
  addRawId(id);
  addWord("TIME");
  addNumber(load<i64>(pending, ID_BYTES));
  addWord("RETRYCOUNT");
  addNumber(<i64>deliveries);
  addWord("JUSTID");
  addWord("FORCE");
  return endPieces();
}

function takeNode(): void {
  nodes = nextString(nodes);
  nodeMs = bswap<u64>(load<u64>(stringAt));
  nodeSeq = bswap<u64>(load<u64>(stringAt, 8));
  nodes = nextString(nodes);
  openNode(stringAt, stringLength);
  work = ENTRY;
}

/** The entries of the node that is open. Returns false where the region is full. */
function putEntries(): bool {
  while (entriesLeft > 0) {
    openEntry();
    if (!entryDeleted && !putEntry()) {
      putEntryBack();
      return false;
    }
    if (fieldsLeft >= 0) return true;
    closeEntry();
  }
  work = NODE;
  return true;
}

const ENTRY_ROOM: u32 = 160;

/** Writes the open entry where the region holds it, or starts it in pieces where none would. */
function putEntry(): bool {
  if (!indexFits()) return false;
  let at = out;
  if (<u64>keyLength + ENTRY_ROOM <= <u64>(outEnd - at)) {
    at = putWord(putCount(at, entryFields), "XADD");
    at = putId(putBulk(at, key, keyLength), nodeMs + <u64>entryMs, nodeSeq + <u64>entrySeq);
    let left = entryFields;
    for (; left > 0; left--) {
      entryField();
      if (!elementFits(at)) break;
      at = putElement(at);
      entryValue();
      if (!elementFits(at)) break;
      at = putElement(at);
    }
    if (left == 0) {
      advance(at - out);
      finishCommand(entry.entryOffset, STEP);
      return true;
    }
  }
  if (outEnd - out != regionSize) return false;
  putEntryBack();
  openEntry();
  fieldsLeft = entryFields;
  atValue = false;
  startPieces(entryFields == 0);
  addCount(3 + 2 * <u32>entryFields);
  addWord("XADD");
  addBulk(key, keyLength);
  addId(nodeMs + <u64>entryMs, nodeSeq + <u64>entrySeq);
  endPieces();
  return true;
}

/** "*<arguments>\r\n" */
function putCount(at: u32, fields: i64): u32 {
  store<u8>(at, 42);
  return putEnd(writeDecimal(at + 1, 3 + 2 * fields));
}

function elementFits(at: u32): bool {
  return (elementIsInteger ? 64 : <u64>elementLength + 40) <= <u64>(outEnd - at);
}

function putElement(at: u32): u32 {
  return elementIsInteger ? putNumber(at, elementInteger) : putBulk(at, elementAt, elementLength);
}

/** The next field or value of an entry larger than a region. */
function putLargeField(): bool {
  if (fieldsLeft == 0) {
    fieldsLeft = -1;
    closeEntry();
    return true;
  }
  if (atValue) entryValue();
  else entryField();
  if (atValue) fieldsLeft--;
  atValue = !atValue;
  startPieces(fieldsLeft == 0);
  if (elementIsInteger) addNumber(elementInteger);
  else addBulk(elementAt, elementLength);
  return endPieces();
}
