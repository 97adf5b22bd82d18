/** The stages of an entry, and what they share: the walk of its value, its end, its counts. */
import { OK, status } from "./status";
import { commit, drainPending, offsetOf, p, pending, stringLength } from "./input";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import { countBytes, uncountKey, withdrawAction } from "./stats";
import { Check, DONE, phase, Skip } from "./walk";
import { walkValue } from "./types/table";
import { FOOTER, metaBytes } from "./emit";
import { EVENT_UNSUPPORTED, REASON_SIZE } from "./events";

/** Between entries. */
export const AT_OPCODE: i32 = 1;
/** The value is walked, its bytes are not needed. */
export const PASSING: i32 = 10;
/** The value is walked, the window keeps it from the type byte on. */
export const HOLDING: i32 = 11;
/** A value larger than a region is walked to find its length. */
export const MEASURING: i32 = 12;
/** TypeScript reads it again and writes it; see big… in index.ts. */
export const REREADING: i32 = 13;
export const STRING: i32 = 14;
/** A string larger than a region goes from the window to regions. */
export const STREAMING: i32 = 15;
export const RECORDING: i32 = 16;
/** See decoding.ts. */
export const DECODING: i32 = 17;
/** See inspect.ts. */
export const COUNTING: i32 = 18;
/** The key is noted for TypeScript before its value is walked. */
export const NOTING: i32 = 23;
/** A value larger than a region goes to an RDB record as it is walked. */
export const COPYING: i32 = 19;
/** See json.ts. */
export const JSON_LINE: i32 = 20;
/** See values.ts. */
export const VALUES: i32 = 21;


export let stage: i32 = AT_OPCODE;
/** The entry passed the selection: its bytes are counted. */
export let selected: bool = false;

/** A value of fewer bytes fits any target, and a string's header may not have been read (skipShortString). */
const SHORT: u64 = 256;

export function walk(): void {
  if (plan.lookInside) walkValue<Check>(state.dialect, entry.type);
  else walkValue<Skip>(state.dialect, entry.type);
}

export function endEntry(): void {
  if (selected) countBytes(entry.type, offsetOf(p) - entry.valueOffset);
  stage = AT_OPCODE;
  entry.resetAttributes();
  commit();
}

/** Walks on; true where the value is done. */
export function walked(): bool {
  if (phase != DONE) walk();
  if (status == OK && pending != 0) drainPending();
  return status == OK && phase == DONE;
}

/** A collection without elements: servers skip it, so it is no key. */
export function noteEmpty(): void {
  state.keysEmpty++;
  if (!selected) return;
  uncountKey(entry.type, entry.action, entry.hasExpiry, entry.hasExpiry && entry.expiry <= plan.now);
}

/** Whether the target would refuse the value for its length alone. */
export function noteSize(): void {
  const stored = offsetOf(p) - entry.valueOffset;
  if (stored < SHORT) return;
  // of a string this long, the header that was read last is its own
  const bulk = entry.action == plan.SET ? stringLength : stored + metaBytes() + 1 + FOOTER;
  if (bulk <= plan.largestBulk) return;
  withdrawAction(entry.type, entry.action);
  if (state.keysTooLarge == 0) state.firstTooLarge = entry.entryOffset;
  state.keysTooLarge++;
}

export function tooLarge(): i32 {
  if (state.keysTooLarge == 0) state.firstTooLarge = entry.entryOffset;
  state.keysTooLarge++;
  state.numberA = REASON_SIZE;
  return EVENT_UNSUPPORTED;
}
