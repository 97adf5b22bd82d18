/**
 * What follows the entries of a stream, from the layout in which items.ts holds it (types/stream.ts): last id, counters,
 * consumer groups sorted by name, their consumers sorted, what is pending in each by id.
 */
import { E_STREAM, E_TOO_LARGE, fail, OK, status } from "./status";
import { p } from "./input";
import { base64Length } from "./base64";
import { writeUnsigned } from "./decimal";
import { itemsEnd, itemsWhole } from "./items";
import { BLOB_SCRATCH, WHOLE_LIMIT } from "./memory";
import { out } from "./output";
import { nextString, stringAt, stringLength } from "./rebuild";
import { sortItems } from "./sort-items";
import { addQuotedPart, putStreamId } from "./json-stream";
import { fitsAnyRegion, pumpParts, putAscii, putQuoted, roomLeft, wrote } from "./text-out";
import { firstMs, firstSeq } from "./types/stream";

const ID_BYTES: u32 = 16;
const ENTRIES_READ_UNKNOWN: u64 = u64.MAX_VALUE;

/** Number at q; returns the address after it. */
let number: u64 = 0;
function nextNumber(q: u32): u32 {
  const byte = load<u8>(q);
  if (byte < 0x80) {
    number = byte < 0x40 ? byte : (<u64>(byte & 63) << 8) | load<u8>(q, 1);
    return byte < 0x40 ? q + 1 : q + 2;
  }
  if (byte == 0x80) {
    number = bswap<u32>(load<u32>(q, 1));
    return q + 5;
  }
  number = bswap<u64>(load<u64>(q, 1));
  return q + 9;
}

let version: i32 = 3;
let length: u64 = 0;
let lastMs: u64 = 0;
let lastSeq: u64 = 0;
let deletedMs: u64 = 0;
let deletedSeq: u64 = 0;
let added: u64 = 0;

/** Index of groups at BLOB_SCRATCH, by name; next and end. */
let group: u32 = 0;
let groupsEnd: u32 = 0;
let firstGroup: bool = true;
/** Consumers of the group by name, then its pending entries by id. */
let consumer: u32 = 0;
let consumersEnd: u32 = 0;
let pending: u32 = 0;
let pendingEnd: u32 = 0;
let firstOfList: bool = true;

const TOTALS: i32 = 0;
const GROUP: i32 = 1;
const GROUP_NAME: i32 = 2;
const GROUP_HEAD: i32 = 3;
const CONSUMERS: i32 = 4;
const PENDING: i32 = 5;
const PENDING_NAME: i32 = 6;
const PENDING_COUNT: i32 = 7;
const ENDED: i32 = 8;

let place: i32 = ENDED;

/** The stream is decoded whole; `newVersion`: 1 to 3, the layout of what follows its nodes. */
export function startGroups(newVersion: i32): void {
  version = newVersion;
  place = TOTALS;
  let q = nextNumber(itemsWhole);
  length = number;
  q = nextNumber(q);
  lastMs = number;
  q = nextNumber(q);
  lastSeq = number;
  deletedMs = deletedSeq = 0;
  added = length;
  if (version >= 2) {
    q = nextNumber(nextNumber(q));
    q = nextNumber(q);
    deletedMs = number;
    q = nextNumber(q);
    deletedSeq = number;
    q = nextNumber(q);
    added = number;
  }
  q = nextNumber(q);
  let groups = number;
  group = BLOB_SCRATCH;
  groupsEnd = group;
  firstGroup = true;
  for (; groups != 0 && scratchHolds(groupsEnd + 8); groups--) {
    store<u64>(groupsEnd, q);
    groupsEnd += 8;
    q = afterGroup(q);
  }
  if (status == OK && q != itemsEnd) fail(E_STREAM, p, itemsEnd - itemsWhole, q - itemsWhole);
  if (status == OK) sortItems(group, (groupsEnd - group) >> 3);
}

function scratchHolds(end: u32): bool {
  if (end <= BLOB_SCRATCH + WHOLE_LIMIT) return true;
  fail(E_TOO_LARGE, p, WHOLE_LIMIT, end - BLOB_SCRATCH);
  return false;
}

/** The group under way. */
let groupMs: u64 = 0;
let groupSeq: u64 = 0;
let groupRead: u64 = 0;
/** Name, last id and, from version 2 on, entries read; returns the address of the number of pending entries. */
function readGroupHead(q: u32): u32 {
  q = nextNumber(nextString(q));
  groupMs = number;
  q = nextNumber(q);
  groupSeq = number;
  if (version < 2) return q;
  q = nextNumber(q);
  groupRead = number;
  return q;
}

function consumerTimes(): u32 {
  return version >= 3 ? 16 : 8;
}

function afterGroup(q: u32): u32 {
  q = nextNumber(readGroupHead(q));
  for (let left = number; left != 0; left--) {
    q = nextNumber(q + ID_BYTES + 8);
  }
  q = nextNumber(q);
  for (let left = number; left != 0; left--) {
    q = nextNumber(nextString(q) + consumerTimes());
    q += <u32>number * ID_BYTES;
  }
  return q;
}

/*
 * A pending entry while it is sorted: its id as a string of items.ts, the address of its consumer's name, 0 for none,
 * the number of its deliveries.
 */
const RECORD: u32 = 32;
const RECORD_CONSUMER: u32 = 20;
const RECORD_COUNT: u32 = 24;

/** Reads the group at q: its consumers and what is pending, each sorted. */
function readGroup(q: u32): void {
  q = nextNumber(readGroupHead(q));
  const count = number;
  const records = (groupsEnd + 7) & ~7;
  pending = records + <u32>count * RECORD;
  pendingEnd = pending + (<u32>count << 3);
  if (count > WHOLE_LIMIT / RECORD || !scratchHolds(pendingEnd)) {
    if (status == OK) fail(E_TOO_LARGE, p, WHOLE_LIMIT / RECORD, count);
    return;
  }
  let record = records;
  for (let at = pending; at < pendingEnd; at += 8, record += RECORD) {
    store<u8>(record, <u8>ID_BYTES);
    v128.store(record, v128.load(q), 1);
    q = nextNumber(q + ID_BYTES + 8);
    store<u32>(record, 0, RECORD_CONSUMER);
    store<u64>(record, number, RECORD_COUNT);
    store<u64>(at, record);
  }
  sortItems(pending, <u32>count);
  q = nextNumber(q);
  consumer = pendingEnd;
  consumersEnd = consumer;
  for (let left = number; left != 0; left--) {
    if (!scratchHolds(consumersEnd + 8)) return;
    const name = q;
    store<u64>(consumersEnd, name);
    consumersEnd += 8;
    q = nextNumber(nextString(q) + consumerTimes());
    for (let ids = number; ids != 0; ids--, q += ID_BYTES) own(q, name);
  }
  sortItems(consumer, (consumersEnd - consumer) >> 3);
}

/** The pending entry with the id at `id` is the consumer's. */
function own(id: u32, name: u32): void {
  const ms = bswap<u64>(load<u64>(id)), seq = bswap<u64>(load<u64>(id, 8));
  let low = pending, high = pendingEnd;
  while (low < high) {
    const middle = low + (((high - low) >> 4) << 3);
    const record = load<u32>(middle);
    const otherMs = bswap<u64>(load<u64>(record, 1)), otherSeq = bswap<u64>(load<u64>(record, 9));
    if (otherMs == ms && otherSeq == seq) {
      store<u32>(record, name, RECORD_CONSUMER);
      return;
    }
    if (otherMs < ms || (otherMs == ms && otherSeq < seq)) low = middle + 8;
    else high = middle;
  }
}

/** What 7.2 makes of a group of a file that does not say (src/t_stream.c streamEstimateDistanceFromFirstEverEntry; nothing is known to be deleted). */
function estimatedRead(): u64 {
  if (added == 0) return 0;
  if (groupMs == lastMs && groupSeq == lastSeq) return added;
  if (groupMs > lastMs || (groupMs == lastMs && groupSeq > lastSeq)) return ENTRIES_READ_UNKNOWN;
  if (groupMs == firstMs && groupSeq == firstSeq) return added - length + 1;
  return groupMs < firstMs || (groupMs == firstMs && groupSeq < firstSeq) ? added - length : ENTRIES_READ_UNKNOWN;
}

/** More than any piece of text here takes, but for names. */
const ROOM: u32 = 192;

/** Writes the rest of the stream's object; false where the region is full. */
export function writeGroups(): bool {
  while (status == OK) {
    if (!pumpParts() || roomLeft() < ROOM) return false;
    switch (place) {
      case TOTALS: {
        let at = putStreamId(putAscii(out, '],"lastId":"'), lastMs, lastSeq);
        at = putStreamId(putAscii(at, '","maxDeletedId":"'), deletedMs, deletedSeq);
        at = writeUnsigned(putAscii(at, '","entriesAdded":'), added);
        wrote(putAscii(at, ',"groups":['));
        place = GROUP;
        break;
      }
      case GROUP: {
        if (group == groupsEnd) {
          wrote(putAscii(out, "]}"));
          place = ENDED;
          break;
        }
        wrote(putAscii(out, firstGroup ? '{"name":' : ',{"name":'));
        firstGroup = false;
        place = GROUP_NAME;
        break;
      }
      case GROUP_NAME: {
        if (!writeName(load<u32>(group), false)) return false;
        place = GROUP_HEAD;
        break;
      }
      case GROUP_HEAD: {
        readGroup(load<u32>(group));
        if (status != OK) return false;
        let at = putStreamId(putAscii(out, ',"lastDeliveredId":"'), groupMs, groupSeq);
        at = putAscii(at, '","entriesRead":');
        const read = version >= 2 ? groupRead : estimatedRead();
        at = read == ENTRIES_READ_UNKNOWN ? putAscii(at, "null") : writeUnsigned(at, read);
        wrote(putAscii(at, ',"consumers":['));
        firstOfList = true;
        place = CONSUMERS;
        break;
      }
      case CONSUMERS: {
        if (consumer == consumersEnd) {
          wrote(putAscii(out, '],"pending":['));
          firstOfList = true;
          place = PENDING;
          break;
        }
        if (!writeName(load<u32>(consumer), !firstOfList)) return false;
        firstOfList = false;
        consumer += 8;
        break;
      }
      case PENDING: {
        if (pending == pendingEnd) {
          wrote(putAscii(out, "]}"));
          group += 8;
          place = GROUP;
          break;
        }
        const id = load<u32>(pending) + 1;
        const at = putStreamId(putAscii(out, firstOfList ? '["' : ',["'), bswap<u64>(load<u64>(id)), bswap<u64>(load<u64>(id, 8)));
        wrote(putAscii(at, '",'));
        firstOfList = false;
        place = PENDING_NAME;
        break;
      }
      case PENDING_NAME: {
        const name = load<u32>(load<u32>(pending), RECORD_CONSUMER);
        if (name == 0) wrote(putAscii(out, "null"));
        else if (!writeName(name, false)) return false;
        place = PENDING_COUNT;
        break;
      }
      case PENDING_COUNT: {
        const at = writeUnsigned(putAscii(out, ","), load<u64>(load<u32>(pending), RECORD_COUNT));
        wrote(putAscii(at, "]"));
        pending += 8;
        place = PENDING;
        break;
      }
      default: return true;
    }
  }
  return false;
}

/** A name of items.ts; false where the region is full. What no region holds becomes parts. */
function writeName(q: u32, comma: bool): bool {
  nextString(q);
  const bytes = base64Length(stringLength) + 4;
  if (bytes > <u64>roomLeft()) {
    if (fitsAnyRegion(bytes)) return false;
    addQuotedPart(stringAt, stringLength, comma);
    return true;
  }
  let at = out;
  if (comma) store<u8>(at++, 44);
  wrote(putQuoted(at, stringAt, stringLength));
  return true;
}
