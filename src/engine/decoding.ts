/** Entries whose value is decoded on the way: rebuilt in an older encoding, or written by native commands. */
import { clearStatus, fail, FAIL, NEED, OK, ROOM, status } from "./status";
import { commit, committed, p } from "./input";
import { ITEMS, ITEMS_SIZE } from "./memory";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import * as big from "./stream-out";
import * as commands from "./commands";
import { countFieldsOver, uncountKey, withdrawAction } from "./stats";
import { DONE, Items, phase } from "./walk";
import { walkValue } from "./types/table";
import { droppedNacks, firstMs, firstSeq, keepStreamVersion, NODE } from "./types/stream";
import { openTail } from "./stream-tail";
import { dropItems, EXPIRIES, ITEMS_HEAD, itemsTotal, itemsWhole, keepNodes, keepsNodes, SCORES, setItemsLimit, shape, startItems, STRINGS } from "./items";
import { build, BUILT, builtAt, builtLength, FIELD_TTL_FAIL, FIELDS_EXPIRE, nextString, NOTHING_LEFT } from "./rebuild";
import { COMMAND_OVERHEAD, emitRestoreFrom, FOOTER } from "./emit";
import { fits, regionSize } from "./output";
import { EVENT_BIG_BEGIN, EVENT_OUTPUT, EVENT_REWIND, EVENT_SETTLE, EVENT_UNSUPPORTED, REASON_FIELD_TTL, REASON_NACK, REASON_PENDING, REASON_SIZE } from "./events";
import { NO_EVENT } from "./opcodes";
import { rdbOutput } from "./rdb-out";
import { copyBytes, pumpHead, startRecord } from "./emit-rdb";
import * as large from "./rebuild-large";

/** Items of a value written by commands are used in chunks of this size. */
const CHUNK: u32 = 1 << 20;

const WALK: i32 = 0;
const DRAIN: i32 = 1;
const DRAIN_ALL: i32 = 2;
const WRITE: i32 = 3;
const STREAM: i32 = 4;
const ENDED: i32 = 5;
/** The rebuilt value goes to an RDB record. */
const RECORD: i32 = 6;
/** The groups of a stream larger than the items area are written; then it is read again for its nodes. */
const GROUPS: i32 = 7;
/** A chunk of a large value goes to an RDB record. */
const CHUNK_OUT: i32 = 8;

let step: i32 = ENDED;
/** The value is only judged: whether its fields expire. */
let judging: bool = false;
/** A field was seen whose time has not passed. */
let fieldLeft: bool = false;
let streamAt: u32 = 0;
let streamLeft: u32 = 0;
/** A stream may have to be read a second time: the window keeps it from its first byte, until EVENT_BIG_BEGIN said so. */
let holding: bool = false;
/** EVENT_BIG_BEGIN was given. */
let begun: bool = false;
/** Groups of the stream are written; it was read again for its nodes. */
let nodesOnly: bool = false;

export function decodingEnded(): bool {
  return step == ENDED;
}

/** By type byte: elements of an item and what they are. Streams: node key and node. */
export function startItemsOf(type: u32, limit: u32): void {
  if (type == 22 || type == 23 || type == 24 || type == 25) startItems(3, EXPIRIES, false, limit);
  else if (type == 3 || type == 5 || type == 12 || type == 17) startItems(2, SCORES, type == 5, limit);
  else if (type == 4 || type == 9 || type == 13 || type == 16 || isStream(type)) startItems(2, STRINGS, false, limit);
  else startItems(1, STRINGS, false, limit);
}

export function isStream(type: u32): bool {
  return type == 15 || type == 19 || type == 21 || type == 26 || type == 27;
}

/** Layout of a stream's rest for a type byte. */
export function streamVersion(type: u32): i32 {
  return type == 15 ? 1 : type == 19 ? 2 : 3;
}

/** Whether a walk that writes nothing must decode this value: fields that expire decide if it can be written, and if it still counts. */
export function mustJudge(type: u32): bool {
  return type >= 22 && type <= 25;
}

/** The target cannot keep that fields expire, and the policy is to fail. */
function mustNotExpire(): bool {
  return entry.action == plan.REBUILD && plan.formOf(entry.type) == 4 && plan.fieldTtlPolicy == FIELD_TTL_FAIL;
}

/** Whether the window must hold the value under way from its first byte. */
export function holdsValue(): bool {
  return holding;
}

/** From here on TypeScript keeps the value, should it be read again. */
export function letGo(): i32 {
  holding = false;
  begun = true;
  return EVENT_BIG_BEGIN;
}

/** Whether TypeScript keeps the value that is over now. */
export function wasKept(): bool {
  return begun;
}

/** Starts on a value that is read again. */
export function restartDecoding(): void {
  if (large.pass == large.COUNTING) {
    startItemsOf(entry.type, CHUNK);
    keepStreamVersion(streamVersion(plan.formOf(entry.type)));
    largeForm = large.startWriting(plan.formOf(entry.type));
    startRecord(largeForm);
    step = CHUNK_OUT;
  } else if (step == GROUPS) {
    keepNodes(true);
    keepStreamVersion(0);
    startItemsOf(entry.type, CHUNK);
    step = WALK;
  } else startDecoding(false);
  holding = false;
  begun = true;
}

/** Starts on the value at p, whose key is in scratch. */
export function startDecoding(judge: bool): void {
  judging = judge;
  keepNodes(true);
  nodesOnly = false;
  begun = false;
  holding = !judge && (rdbOutput || (isStream(entry.type) && plan.mayUseCommands(entry.type)));
  large.forgetLarge();
  fieldLeft = false;
  step = WALK;
  const byCommands = entry.action == plan.COMMANDS;
  // what commands cannot build has the whole area
  const whole = plan.mayUseCommands(entry.type) ? <u32>min<u64>(ITEMS_SIZE, plan.bigValue) : ITEMS_SIZE;
  startItemsOf(entry.type, judge || (byCommands && !isStream(entry.type)) ? CHUNK : whole);
  keepStreamVersion(streamVersion(byCommands ? entry.type : plan.formOf(entry.type)));
  if (byCommands && !judge) commands.startCommands(plan.kindOf(entry.type));
}

/** Goes on. The entry is over when `decodingEnded`. */
export function decode(): i32 {
  while (step != ENDED) {
    switch (step) {
      case WALK: {
        if (phase != DONE) walkValue<Items>(state.dialect, entry.type);
        if (status == ROOM) {
          clearStatus();
          p = committed;
          const event = itemsFull();
          if (event != NO_EVENT) return event;
          break;
        }
        if (status != OK) return NO_EVENT;
        commit();
        const event = valueDecoded();
        if (event != NO_EVENT) return event;
        break;
      }
      case DRAIN: {
        if (!commands.pumpCommands(false)) return commands.mustSettle ? EVENT_SETTLE : EVENT_OUTPUT;
        step = WALK;
        break;
      }
      case DRAIN_ALL: {
        if (!commands.pumpCommands(true)) return commands.mustSettle ? EVENT_SETTLE : EVENT_OUTPUT;
        state.keysCommands++;
        step = ENDED;
        break;
      }
      case GROUPS: {
        if (!commands.pumpCommands(false)) return commands.mustSettle ? EVENT_SETTLE : EVENT_OUTPUT;
        nodesOnly = true;
        return readAgain();
      }
      case CHUNK_OUT: {
        if (!pumpHead()) return EVENT_OUTPUT;
        large.usedOfChunk(copyBytes(large.chunkAt, large.chunkLength));
        if (large.chunkLength != 0) return EVENT_OUTPUT;
        dropItems();
        step = WALK;
        if (large.lastChunk) {
          state.keysRebuilt++;
          step = ENDED;
        }
        break;
      }
      case RECORD: {
        if (!pumpHead()) return EVENT_OUTPUT;
        const used = copyBytes(streamAt, streamLeft);
        streamAt += used;
        streamLeft -= used;
        if (streamLeft != 0) return EVENT_OUTPUT;
        state.keysRebuilt++;
        step = ENDED;
        break;
      }
      case WRITE: {
        if (rdbOutput) {
          startRecord(load<u8>(builtAt));
          streamAt = builtAt + 1;
          streamLeft = builtLength - 1;
          step = RECORD;
          break;
        }
        const bytes = <u64>builtLength + FOOTER + entry.keyLength + COMMAND_OVERHEAD;
        if (bytes > regionSize) {
          big.startStreamFrom(builtAt, builtLength);
          streamAt = builtAt + 1;
          streamLeft = builtLength - 1;
          step = STREAM;
          break;
        }
        if (!fits(bytes)) return EVENT_OUTPUT;
        emitRestoreFrom(builtAt, builtLength);
        state.keysRebuilt++;
        step = ENDED;
        break;
      }
      default: {
        if (!big.pumpPieces()) return EVENT_OUTPUT;
        if (big.stage == big.FINISHED) {
          state.keysRebuilt++;
          step = ENDED;
          break;
        }
        const used = big.copyValue(streamAt, streamLeft);
        if (used == 0) return EVENT_OUTPUT;
        streamAt += used;
        streamLeft -= used;
      }
    }
  }
  return NO_EVENT;
}

/** The area is full of whole items, and more are to come. */
function itemsFull(): i32 {
  if (judging) {
    if (someFieldExpires() && mustNotExpire()) return cannot(REASON_FIELD_TTL);
    dropItems();
    return NO_EVENT;
  }
  if (rdbOutput) return largeFull();
  if (isStream(entry.type) && !nodesOnly && plan.mayUseCommands(entry.type)) return streamFull();
  if (entry.action == plan.COMMANDS) {
    commands.moreItems();
    step = DRAIN;
    return NO_EVENT;
  }
  // too much for one RESTORE: what is decoded goes out by commands, and so does the rest
  const lossy = mustNotExpire() && someFieldExpires();
  if (!plan.mayUseCommands(entry.type) || lossy || !commands.startCommands(plan.kindOf(entry.type))) return cannot(REASON_SIZE);
  entry.action = plan.COMMANDS;
  setItemsLimit(CHUNK);
  step = DRAIN;
  return NO_EVENT;
}

/** Type byte that a large value is rebuilt as. */
let largeForm: u32 = 0;

function largeFull(): i32 {
  if (holding) return letGo();
  if (large.pass == large.WRITING) {
    large.makeChunk(largeForm, false);
    step = CHUNK_OUT;
    return NO_EVENT;
  }
  if (!large.mayStream(plan.formOf(entry.type))) return cannot(REASON_SIZE);
  if (large.pass == large.WHOLE) {
    large.startCounting();
    setItemsLimit(CHUNK);
  }
  large.countChunk();
  if (large.earliest >= 0 && mustNotExpire()) return cannot(REASON_FIELD_TTL);
  dropItems();
  return NO_EVENT;
}

function largeDecoded(): i32 {
  if (large.pass == large.WRITING) {
    large.makeChunk(largeForm, true);
    step = CHUNK_OUT;
    return NO_EVENT;
  }
  large.countChunk();
  large.keepTotal();
  if (large.earliest >= 0 && mustNotExpire()) return cannot(REASON_FIELD_TTL);
  if (shape == EXPIRIES && large.fields == 0) {
    state.keysExpired++;
    step = ENDED;
    return NO_EVENT;
  }
  return readAgain();
}

/** A stream that the area does not hold: what follows its nodes comes first, so they are let go. */
function streamFull(): i32 {
  if (holding) return letGo();
  if (entry.action != plan.COMMANDS) {
    // what was decoded is in an older layout
    entry.action = plan.COMMANDS;
    return readAgain();
  }
  keepNodes(false);
  setItemsLimit(ITEMS_SIZE);
  // nodes go; what there is already of the rest moves to the front
  if (phase <= NODE) startItemsOf(entry.type, ITEMS_SIZE);
  else dropItems();
  return NO_EVENT;
}

function readAgain(): i32 {
  state.numberA = <f64>entry.valueOffset;
  return EVENT_REWIND;
}

function streamDecoded(): i32 {
  if (!nodesOnly && !openTail(itemsWhole, streamVersion(entry.type), firstMs, firstSeq)) return cannot(REASON_PENDING);
  commands.moreItems();
  step = keepsNodes ? DRAIN_ALL : GROUPS;
  return NO_EVENT;
}

function valueDecoded(): i32 {
  if (itemsTotal == 0 && !isStream(entry.type)) {
    state.keysEmpty++;
    if (plan.walkOnly) uncountKey(entry.type, entry.action, entry.hasExpiry, entry.hasExpiry && entry.expiry <= plan.now);
    step = ENDED;
    return NO_EVENT;
  }
  if (judging) {
    if (someFieldExpires() && mustNotExpire()) return cannot(REASON_FIELD_TTL);
    if (!fieldLeft) countFieldsOver(entry.type, entry.hasExpiry, entry.hasExpiry && entry.expiry <= plan.now);
    step = ENDED;
    return NO_EVENT;
  }
  if (droppedNacks != 0) return cannot(REASON_NACK);
  if (entry.action == plan.COMMANDS && isStream(entry.type)) return streamDecoded();
  if (entry.action == plan.COMMANDS) {
    commands.moreItems();
    step = DRAIN_ALL;
    return NO_EVENT;
  }
  if (large.pass != large.WHOLE) return largeDecoded();
  const result = build(plan.formOf(entry.type));
  if (result == FIELDS_EXPIRE) return cannot(REASON_FIELD_TTL);
  if (result == NOTHING_LEFT) {
    state.keysExpired++;
    step = ENDED;
  } else if (result != BUILT || <u64>builtLength + FOOTER > plan.largestBulk) return cannot(REASON_SIZE);
  else step = WRITE;
  return NO_EVENT;
}

/** The entry turns out to be none that can be written. What is left of its value is walked over. */
function cannot(reason: i32): i32 {
  withdrawAction(entry.type, entry.action);
  state.keysUnsupported++;
  step = ENDED;
  if (plan.walkOnly) return NO_EVENT;
  state.numberA = reason;
  return EVENT_UNSUPPORTED;
}

/** Of the fields held: whether one expires and is not to be left out as expired. Notes whether one is left at all. */
function someFieldExpires(): bool {
  let found = false;
  for (let q = ITEMS + ITEMS_HEAD; q < itemsWhole; q += 8) {
    q = nextString(nextString(q));
    const expiry = load<i64>(q);
    if (expiry < 0 || expiry > plan.now) fieldLeft = true;
    if (expiry >= 0 && !(plan.skipExpired && expiry <= plan.now)) found = true;
  }
  return found;
}
