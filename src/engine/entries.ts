/** From a type byte to the end of its value: the key, the decision, the walk, the command. */
import { clearStatus, E_INTERNAL, E_LZF, E_MODULE_V1, E_TOO_LARGE, fail, FAIL, NEED, need, OK, status } from "./status";
import {
  base, commit, committed, drainPending, end, keep, offsetOf, p, pending, readLength, readStringHeader, readWholeString, STRING_INTEGER, STRING_LZF,
  stringKind, stringLength, stringStored, wholeAt, wholeLength,
} from "./input";
import { KEY_SCRATCH, META_SCRATCH_SIZE } from "./memory";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import * as big from "./stream-out";
import { countAction, countBytes, countKey, countTtl, uncountKey, withdrawAction } from "./stats";
import { keySelected } from "./glob";
import { Check, DONE, emptyCollection, Measure, phase, Skip, startWalk } from "./walk";
import { VALKEY, walkValue } from "./types/table";
import { droppedNacks } from "./types/stream";
import { COMMAND_OVERHEAD, emitRestore, emitSet, FOOTER, metaBytes } from "./emit";
import { fits, out, outEnd, regionSize } from "./output";
import { lzfValid } from "./lzf";
import { putRecord, RECORD_OVERHEAD } from "./entry-record";
import {
  EVENT_BIG_BEGIN, EVENT_BIG_OVER, EVENT_BIG_READY, EVENT_OUTPUT, EVENT_REWIND, EVENT_UNSUPPORTED, REASON_META, REASON_MODULE, REASON_SIZE, REASON_TYPE,
} from "./events";
import { NO_EVENT } from "./opcodes";
import { endKey, measuring, startKey } from "./inspect";
import { decode, decodingEnded, holdsValue, letGo, mustJudge, restartDecoding, startDecoding, wasKept } from "./decoding";
import { continueJson, jsonEnded, resetJson, startJson } from "./json";
import { continueValues, startValues, valuesEnded } from "./values";
import * as rdb from "./rdb-out";
import { copyBytes, emitRecord, fitsRegion, pumpHead, startRecord } from "./emit-rdb";

/** Between entries. */
export const AT_OPCODE: i32 = 1;
/** The value is walked, its bytes are not needed. */
const PASSING: i32 = 10;
/** The value is walked, the window keeps it from the type byte on. */
const HOLDING: i32 = 11;
/** A value larger than a region is walked to find its length. */
const MEASURING: i32 = 12;
/** TypeScript reads it again and writes it; see big… in index.ts. */
const REREADING: i32 = 13;
const STRING: i32 = 14;
/** A string larger than a region goes from the window to regions. */
const STREAMING: i32 = 15;
const RECORDING: i32 = 16;
/** See decoding.ts. */
const DECODING: i32 = 17;
/** See inspect.ts. */
const COUNTING: i32 = 18;

/** The key is noted for TypeScript before its value is walked. */
const NOTING: i32 = 21;
/** A value larger than a region goes to an RDB record as it is walked. */
const COPYING: i32 = 19;
/** See json.ts. */
const JSON_LINE: i32 = 20;
/** See values.ts. */
const VALUES: i32 = 21;

export let stage: i32 = AT_OPCODE;
/** The entry passed the selection: its bytes are counted. */
let selected: bool = false;
/** Stored bytes of the string being streamed that are still to come. */
let streamLeft: u64 = 0;
let streamLzf: bool = false;
let moduleDecision: u32 = 0;
/** While copying: the first byte of the value that is not in a region yet. */
let copyAt: u32 = 0;

/** A value of fewer bytes fits any target, and a string's header may not have been read (skipShortString). */
const SHORT: u64 = 256;

export function resetEntries(): void {
  stage = AT_OPCODE;
  resetJson();
  selected = false;
  entry.resetAttributes();
  entry.db = 0;
}

/** Whether what lies in the window from `keep` on, and not only from the cursor, is needed. */
export function holdsWindow(): bool {
  return stage == HOLDING || stage == STRING || (stage == DECODING && holdsValue());
}

export function keyInWindow(): bool {
  return holdsWindow() && entry.keyAt != KEY_SCRATCH;
}

/** Type byte at p, known in this dialect. Reads the key and decides. */
export function beginEntry(type: u32): i32 {
  const at = p;
  if (type == 6) {
    fail(E_MODULE_V1, at, 7, 6);
    return NO_EVENT;
  }
  p = at + 1;
  readWholeString(KEY_SCRATCH);
  if (status != OK) return NO_EVENT;
  const valueAt = p;
  if (type == 7) {
    // which module it is belongs to the decision
    const id = readLength();
    if (status != OK) return NO_EVENT;
    moduleDecision = plan.moduleAction(id);
    p = valueAt;
  }
  entry.keyAt = wholeAt;
  entry.keyLength = wholeLength;
  entry.type = type;
  entry.valueAt = valueAt;
  entry.valueOffset = offsetOf(valueAt);
  commit();
  startWalk();
  return decide(type);
}

/** plain-strings.ts takes most strings past here: whatever selects or counts must be known there too. */
function decide(type: u32): i32 {
  state.keysRead++;
  stage = PASSING;
  selected = false;
  const left = entry.hasExpiry ? entry.expiry - plan.now : 0;
  const expired = entry.hasExpiry && left <= 0;
  if (
    !plan.dbSelected || (plan.kindMask != 0 && !((plan.kindMask >> plan.kindOf(type)) & 1)) ||
    (plan.minimumTtl != 0 && entry.hasExpiry && !expired && left < plan.minimumTtl) || !keySelected(entry.keyAt, entry.keyLength)
  ) {
    state.keysFiltered++;
    return NO_EVENT;
  }
  selected = true;
  countKey(type, entry.entryOffset, entry.hasExpiry, expired);
  countTtl(entry.hasExpiry, left);
  if (expired && plan.skipExpired) {
    state.keysExpired++;
    return NO_EVENT;
  }
  if (rdb.rdbOutput && rdb.isSkipped(state.keysRead - 1)) return NO_EVENT;
  if (measuring) {
    startKey();
    stage = COUNTING;
    return NO_EVENT;
  }
  let action = plan.plannedAction(type);
  // what is to be sent goes by the module; what is only read does not
  if (type == 7 && action <= plan.SET && !rdb.rdbOutput) action = moduleDecision;
  let reason = type == 7 ? REASON_MODULE : REASON_TYPE;
  // idle time and frequency travel with RESTORE only
  if (action == plan.SET && ((entry.hasIdle && plan.carryIdle) || (entry.hasFrequency && plan.carryFrequency) || entry.metaLength != 0)) action = plan.RESTORE;
  // and so does an exact expiry, where SET knows only relative ones (6.0)
  if (action == plan.SET && entry.hasExpiry && !plan.absoluteSet && plan.absoluteRestore) action = plan.RESTORE;
  if ((action == plan.RESTORE || (action == plan.REBUILD && rdb.rdbOutput)) && entry.metaLength != 0 && !plan.carryMeta) {
    action = plan.UNSUPPORTED;
    reason = REASON_META;
  }
  entry.action = action;
  if (action == plan.JSON_LINE) {
    startJson();
    stage = JSON_LINE;
    return NO_EVENT;
  }
  if (action == plan.VALUES) {
    startValues();
    stage = VALUES;
    return NO_EVENT;
  }
  if (action != plan.PASS && action != plan.RECORD) countAction(type, action);
  if (action == plan.UNSUPPORTED) {
    state.keysUnsupported++;
    if (plan.walkOnly) return NO_EVENT;
    state.numberA = reason;
    return EVENT_UNSUPPORTED;
  }
  if (rdb.rdbOutput && plan.walkOnly) {
    rdb.countPlanned();
    if (rdb.notesKeys) {
      stage = NOTING;
      return NO_EVENT;
    }
  }
  if (plan.walkOnly && mustJudge(type)) {
    // its fields tell whether it can be written, and whether there is anything left of it
    big.saveKey();
    startDecoding(true);
    stage = DECODING;
    return NO_EVENT;
  }
  if (plan.walkOnly || action == plan.PASS) return NO_EVENT;
  if (action == plan.RECORD) {
    big.saveKey();
    stage = RECORDING;
  } else if (action == plan.REBUILD || action == plan.COMMANDS) {
    big.saveKey();
    startDecoding(false);
    stage = DECODING;
  } else stage = type == 0 && !rdb.rdbOutput ? STRING : HOLDING;
  return NO_EVENT;
}

function walk(): void {
  if (plan.lookInside) walkValue<Check>(state.dialect, entry.type);
  else walkValue<Skip>(state.dialect, entry.type);
}

function endEntry(): void {
  if (selected) countBytes(entry.type, offsetOf(p) - entry.valueOffset);
  stage = AT_OPCODE;
  entry.resetAttributes();
  commit();
}

/** The measured value is read again, from its first byte, and written by commands. */
export function rewindEntry(): void {
  if (!rdb.rdbOutput) entry.action = plan.COMMANDS;
  startWalk();
  restartDecoding();
  stage = DECODING;
}

/** Goes on with the entry under way. */
export function continueEntry(): i32 {
  if (pending != 0 && stage != COPYING && !drainPending()) return stage == HOLDING && end - entry.valueAt > regionSize ? outgrow() : NO_EVENT;
  switch (stage) {
    case PASSING: return pass();
    case HOLDING: return hold();
    case MEASURING: return measure();
    case REREADING: {
      if (big.stage == big.FINISHED) endEntry();
      else fail(E_INTERNAL, p, big.FINISHED, big.stage);
      return NO_EVENT;
    }
    case STRING: return takeWholeString();
    case COUNTING: return measureKey();
    case JSON_LINE: {
      const event = continueJson();
      if (jsonEnded()) endEntry();
      return event;
    }
    case VALUES: {
      const event = continueValues();
      if (valuesEnded()) endEntry();
      return event;
    }
    case STREAMING: return streamString();
    case DECODING: {
      let event = decode();
      if (status == NEED && holdsValue() && end - entry.valueAt > regionSize) {
        p = committed;
        clearStatus();
        return letGo();
      }
      if (event == NO_EVENT && decodingEnded() && status == OK && wasKept()) event = EVENT_BIG_OVER;
      // what is left of a value that was given up is walked over
      if (decodingEnded()) {
        if (phase == DONE) endEntry();
        else stage = PASSING;
      }
      return event;
    }
    case NOTING: {
      if (!rdb.noteKey(state.keysRead - 1)) return EVENT_OUTPUT;
      stage = PASSING;
      return NO_EVENT;
    }
    case COPYING: return copyOut();
    default: return record();
  }
}

/** Walks on; true where the value is done. */
function walked(): bool {
  if (phase != DONE) walk();
  if (status == OK && pending != 0) drainPending();
  return status == OK && phase == DONE;
}

function pass(): i32 {
  if (!walked()) return NO_EVENT;
  if (selected && entry.action <= plan.SET && plan.walkOnly) noteSize();
  if (selected && plan.walkOnly && droppedNacks != 0 && entry.type == 27 && (entry.action == plan.REBUILD || entry.action == plan.COMMANDS)) {
    // no older encoding and no command keeps what was taken from its consumer
    withdrawAction(entry.type, entry.action);
    state.keysUnsupported++;
  }
  if (emptyCollection) noteEmpty();
  endEntry();
  return NO_EVENT;
}

/** A collection without elements: servers skip it, so it is no key. */
export function noteEmpty(): void {
  state.keysEmpty++;
  if (!selected) return;
  uncountKey(entry.type, entry.action, entry.hasExpiry, entry.hasExpiry && entry.expiry <= plan.now);
}

/** Whether the target would refuse the value for its length alone. */
function noteSize(): void {
  const stored = offsetOf(p) - entry.valueOffset;
  if (stored < SHORT) return;
  // of a string this long, the header that was read last is its own
  const bulk = entry.action == plan.SET ? stringLength : stored + metaBytes() + 1 + FOOTER;
  if (bulk <= plan.largestBulk) return;
  withdrawAction(entry.type, entry.action);
  if (state.keysTooLarge == 0) state.firstTooLarge = entry.entryOffset;
  state.keysTooLarge++;
}

function tooLarge(): i32 {
  if (state.keysTooLarge == 0) state.firstTooLarge = entry.entryOffset;
  state.keysTooLarge++;
  state.numberA = REASON_SIZE;
  return EVENT_UNSUPPORTED;
}

function hold(): i32 {
  if (!walked()) {
    if (status == NEED && end - entry.valueAt > regionSize) {
      p = committed;
      return outgrow();
    }
    return NO_EVENT;
  }
  if (emptyCollection) {
    state.keysEmpty++;
    endEntry();
    return NO_EVENT;
  }
  const length = p - entry.valueAt;
  if (rdb.rdbOutput) {
    if (!fitsRegion(length)) return beginCopying();
    if (!emitRecord(entry.type, entry.valueAt, length)) return EVENT_OUTPUT;
    state.keysRestored++;
    endEntry();
    return NO_EVENT;
  }
  const bulk = <u64>length + metaBytes() + 1 + FOOTER;
  if (bulk > plan.largestBulk) {
    stage = PASSING;
    return tooLarge();
  }
  const bytes = bulk + entry.keyLength + COMMAND_OVERHEAD;
  if (bytes > regionSize) return beginMeasuring();
  if (!fits(bytes)) return EVENT_OUTPUT;
  emitRestore(length);
  state.keysRestored++;
  endEntry();
  return NO_EVENT;
}

/** The value is larger than a region: its length first. What was walked of it is let go. */
function beginMeasuring(): i32 {
  // the short window that led here is no reason to return for input: the event is
  clearStatus();
  if (!saved()) return NO_EVENT;
  stage = MEASURING;
  return EVENT_BIG_BEGIN;
}

/** Keeps key and KEY_META, as the window will go. */
function saved(): bool {
  if (entry.metaLength > META_SCRATCH_SIZE) {
    fail(E_TOO_LARGE, entry.metaAt, META_SCRATCH_SIZE, entry.metaLength);
    return false;
  }
  big.saveKey();
  return true;
}

function outgrow(): i32 {
  return rdb.rdbOutput ? beginCopying() : beginMeasuring();
}

/** The value is larger than a region: from here on it goes out as it is walked. */
function beginCopying(): i32 {
  clearStatus();
  if (!saved()) return NO_EVENT;
  commit();
  startRecord(entry.type);
  copyAt = entry.valueAt;
  stage = COPYING;
  return NO_EVENT;
}

/** Before the window moves, all that was walked of it is in a region. */
function copyOut(): i32 {
  // the window has moved since
  if (copyAt == 0) copyAt = p;
  while (true) {
    if (!pumpHead()) return EVENT_OUTPUT;
    copyAt += copyBytes(copyAt, p - copyAt);
    if (copyAt != p) {
      clearStatus();
      return EVENT_OUTPUT;
    }
    if (status != OK) {
      copyAt = 0;
      return NO_EVENT;
    }
    if (phase == DONE && pending == 0) {
      state.keysRestored++;
      endEntry();
      return NO_EVENT;
    }
    const done = pending != 0 ? drainPending() : walked();
    if (status == FAIL) return NO_EVENT;
    if (done) commit();
    else p = committed;
  }
}

function measure(): i32 {
  if (!walked()) return NO_EVENT;
  const length = offsetOf(p) - entry.valueOffset;
  commit();
  const bulk = length + metaBytes() + 1 + FOOTER;
  if (plan.mayUseCommands(entry.type) && (bulk > plan.largestBulk || length > plan.bigValue)) {
    state.numberA = <f64>entry.valueOffset;
    return EVENT_REWIND;
  }
  if (bulk > plan.largestBulk) {
    stage = PASSING;
    return tooLarge();
  }
  stage = REREADING;
  big.startStream(plan.RESTORE, length);
  state.numberA = <f64>entry.valueOffset;
  state.numberB = <f64>length;
  state.keysRestored++;
  return EVENT_BIG_READY;
}

function takeWholeString(): i32 {
  const at = entry.valueAt;
  p = at;
  readStringHeader();
  if (status != OK) return NO_EVENT;
  const body = p;
  const set = entry.action == plan.SET;
  const isInteger = stringKind == STRING_INTEGER;
  const length: u64 = set ? (isInteger ? 11 : stringLength) : <u64>(body - at) + stringStored;
  const bulk = set ? length : length + metaBytes() + 1 + FOOTER;
  if (bulk > plan.largestBulk) {
    p = at;
    stage = PASSING;
    return tooLarge();
  }
  const bytes = bulk + entry.keyLength + COMMAND_OVERHEAD;
  if (bytes > regionSize) {
    big.saveKey();
    big.startStream(entry.action, length);
    streamLzf = set && stringKind == STRING_LZF;
    if (streamLzf) big.startLzf();
    streamLeft = set ? stringStored : length;
    if (!set) p = at;
    stage = STREAMING;
    commit();
    return NO_EVENT;
  }
  if (stringStored > <u64>(end - body)) {
    p = at;
    need(<u64>(body - keep) + stringStored);
    return NO_EVENT;
  }
  if (!fits(bytes)) {
    p = at;
    return EVENT_OUTPUT;
  }
  const stored = <u32>stringStored;
  if (set) {
    if (!emitSet(stringKind, body, stored, <u32>stringLength)) {
      p = at;
      fail(E_LZF, at, stringLength, stored);
      return NO_EVENT;
    }
    state.keysSet++;
  } else {
    if (plan.lookInside && stringKind == STRING_LZF && !lzfValid(body, stored, <u32>stringLength)) {
      p = at;
      fail(E_LZF, at, stringLength, stored);
      return NO_EVENT;
    }
    emitRestore(<u32>length);
    state.keysRestored++;
  }
  p = body + stored;
  endEntry();
  return NO_EVENT;
}

function streamString(): i32 {
  if (!big.pumpPieces()) return EVENT_OUTPUT;
  if (big.stage == big.FINISHED) {
    if (entry.action == plan.SET) state.keysSet++;
    else state.keysRestored++;
    endEntry();
    return NO_EVENT;
  }
  const available = <u32>min(<u64>(end - p), streamLeft);
  let used: u32 = 0;
  if (streamLzf) {
    used = big.pumpLzf(p, available, <u64>available == streamLeft);
    streamLeft -= used;
    const finished = big.stage != big.VALUE;
    // the runs must make the declared length with the last byte: not before, and not less
    if (big.lzfBroken || (finished && streamLeft != 0) || (!finished && streamLeft == 0 && !big.lzfWaiting())) {
      fail(E_LZF, p, big.valueLeft, streamLeft);
      return NO_EVENT;
    }
    p += used;
    commit();
    if (finished) return NO_EVENT;
    if (big.lzfWaiting()) return EVENT_OUTPUT;
  } else {
    if (out == outEnd) return EVENT_OUTPUT;
    used = big.copyValue(p, available);
    streamLeft -= used;
    p += used;
    commit();
    if (big.stage != big.VALUE) return NO_EVENT;
    if (used < available) return EVENT_OUTPUT;
  }
  need();
  return NO_EVENT;
}

function measureKey(): i32 {
  if (phase != DONE) walkValue<Measure>(state.dialect, entry.type);
  if (status == OK && pending != 0) drainPending();
  if (status != OK || phase != DONE) return NO_EVENT;
  if (emptyCollection) state.keysEmpty++;
  else if (!endKey(state.dialect == VALKEY, state.version, offsetOf(p) - entry.valueOffset)) return EVENT_OUTPUT;
  endEntry();
  return NO_EVENT;
}

function record(): i32 {
  if (!walked()) return NO_EVENT;
  const bytes = entry.keyLength + RECORD_OVERHEAD;
  if (bytes > regionSize) {
    fail(E_TOO_LARGE, p, regionSize - RECORD_OVERHEAD, entry.keyLength);
    return NO_EVENT;
  }
  if (!fits(bytes)) return EVENT_OUTPUT;
  putRecord(offsetOf(p) - entry.valueOffset);
  endEntry();
  return NO_EVENT;
}
