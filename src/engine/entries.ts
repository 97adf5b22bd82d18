/** From a type byte to the end of its value: the key, the decision, and which stage comes next. */
import { clearStatus, E_INTERNAL, E_MODULE_V1, E_TOO_LARGE, fail, NEED, OK, status } from "./status";
import { commit, committed, drainPending, end, offsetOf, p, pending, readLength, readWholeString, wholeAt, wholeLength } from "./input";
import { KEY_SCRATCH } from "./memory";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import * as big from "./stream-out";
import { countAction, countKey, countTtl, withdrawAction } from "./stats";
import { keySelected } from "./glob";
import { DONE, emptyCollection, Measure, phase, startWalk } from "./walk";
import { VALKEY, walkValue } from "./types/table";
import { droppedNacks } from "./types/stream";
import { fits, regionSize } from "./output";
import { putRecord, RECORD_OVERHEAD } from "./entry-record";
import { copyOut, hold, measure, outgrow } from "./entry-collections";
import { streamString, takeWholeString } from "./entry-strings";
import {
  AT_OPCODE, COPYING, COUNTING, DECODING, endEntry, HOLDING, JSON_LINE, MEASURING, noteEmpty, noteSize, NOTING, PASSING, RECORDING, REREADING, selected,
  stage, STREAMING, STRING, VALUES, walked,
} from "./entry-stages";
import { EVENT_BIG_OVER, EVENT_OUTPUT, EVENT_UNSUPPORTED, REASON_META, REASON_MODULE, REASON_TYPE } from "./events";
import { NO_EVENT } from "./opcodes";
import { endKey, measuring, startKey } from "./inspect";
import { decode, decodingEnded, holdsValue, letGo, mustJudge, restartDecoding, startDecoding, wasKept } from "./decoding";
import { continueJson, jsonEnded, resetJson, startJson } from "./json";
import { continueValues, startValues, valuesEnded } from "./values";
import * as rdb from "./rdb-out";

/** What is to be done with a value of the module that wrote it. */
let moduleDecision: u32 = 0;

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
