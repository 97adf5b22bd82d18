/** Strings: SET or RESTORE at once from the window, or, where they are larger than a region, streamed through it. */
import { E_LZF, fail, need, OK, status } from "./status";
import { commit, end, keep, p, readStringHeader, STRING_INTEGER, STRING_LZF, stringKind, stringLength, stringStored } from "./input";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import * as big from "./stream-out";
import { COMMAND_OVERHEAD, emitRestore, emitSet, FOOTER, metaBytes } from "./emit";
import { fits, out, outEnd, regionSize } from "./output";
import { lzfValid } from "./lzf";
import { endEntry, PASSING, stage, STREAMING, tooLarge } from "./entry-stages";
import { EVENT_OUTPUT } from "./events";
import { NO_EVENT } from "./opcodes";

/** Stored bytes of the string being streamed that are still to come. */
let streamLeft: u64 = 0;
let streamLzf: bool = false;

export function takeWholeString(): i32 {
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

export function streamString(): i32 {
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
