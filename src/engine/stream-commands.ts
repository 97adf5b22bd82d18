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
import { dropItems } from "./items";
import { addBulk, addCount, addId, addNumber, addWord, endPieces, markOk, piecesLeft, pumpPieces, startPieces } from "./pieces";
import { allowStreams } from "./plan";
import { pumpEntries, startEntries } from "./stream-entries";
import {
  added, claimAt, claimDeliveries, claimTime, consumerAt, consumerLength, consumersLeft, deletedMs, deletedSeq, entriesRead, groupAt, groupLength,
  groupMs, groupSeq, groupsLeft, idsLeft, lastMs, lastSeq, pendingCount, takeClaim, takeConsumer, takeGroup, takePlaceholder,
} from "./stream-tail";

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
const ENTRIES: i32 = 7;
const COUNTERS: i32 = 8;
const ENDED: i32 = 9;

let work: i32 = ENDED;
let key: u32 = 0;
let keyLength: u32 = 0;

export function startStreamCommands(newKey: u32, newKeyLength: u32): void {
  key = newKey;
  keyLength = newKeyLength;
  work = CREATE;
  startEntries(key, keyLength);
}

/** Writes what is at hand; `all`: the last nodes are. Returns false where the region is full. */
export function pumpStream(all: bool): bool {
  while (true) {
    if (piecesLeft != 0 && !pumpPieces()) return false;
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
        work = groupsLeft == 0 ? ENTRIES : GROUP;
        if (!putSetId(0, 0, false)) return false;
        break;
      }
      case GROUP: {
        takeGroup();
        work = PLACEHOLDERS;
        if (!putGroup()) return false;
        break;
      }
      case PLACEHOLDERS: {
        const at = takePlaceholder();
        if (at == 0) {
          work = CONSUMER;
          break;
        }
        startCommand(5, "XADD");
        addRawId(at);
        addWord("x");
        addWord("y");
        if (!endPieces()) return false;
        break;
      }
      case CONSUMER: {
        if (consumersLeft == 0) {
          work = pendingCount != 0 ? TRIM : groupsLeft == 0 ? ENTRIES : GROUP;
          break;
        }
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
      case ENTRIES: {
        if (!pumpEntries()) return false;
        if (!all) {
          dropItems();
          return true;
        }
        work = COUNTERS;
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
  markOk();
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
  markOk();
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
  takeClaim();
  if (idsLeft == 0) work = CONSUMER;
  startCommand(12, "XCLAIM");
  addBulk(groupAt, groupLength);
  addBulk(consumerAt, consumerLength);
  addWord("0");
  addRawId(claimAt);
  addWord("TIME");
  addNumber(claimTime());
  addWord("RETRYCOUNT");
  addNumber(<i64>claimDeliveries);
  addWord("JUSTID");
  addWord("FORCE");
  return endPieces();
}
