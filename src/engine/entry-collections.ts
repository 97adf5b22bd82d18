/** Values that go out as they are: held in the window and written at once, or, where they are larger than a region, measured or copied on. */
import { clearStatus, E_TOO_LARGE, fail, FAIL, NEED, OK, status } from "./status";
import { commit, committed, drainPending, end, offsetOf, p, pending } from "./input";
import { META_SCRATCH_SIZE } from "./memory";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import * as big from "./stream-out";
import * as rdb from "./rdb-out";
import { DONE, emptyCollection, phase } from "./walk";
import { COMMAND_OVERHEAD, emitRestore, FOOTER, metaBytes } from "./emit";
import { copyBytes, emitRecord, fitsRegion, pumpHead, startRecord } from "./emit-rdb";
import { fits, regionSize } from "./output";
import { COPYING, endEntry, MEASURING, PASSING, REREADING, stage, tooLarge, walked } from "./entry-stages";
import { EVENT_BIG_BEGIN, EVENT_BIG_READY, EVENT_OUTPUT, EVENT_REWIND } from "./events";
import { NO_EVENT } from "./opcodes";

/** While copying: the first byte of the value that is not in a region yet. */
let copyAt: u32 = 0;

export function hold(): i32 {
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

export function outgrow(): i32 {
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
export function copyOut(): i32 {
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

export function measure(): i32 {
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
