/**
 * Plain strings, many in one go. In many files nearly every key is one, and so small that the steps around it cost more
 * than the key; here are the same steps without the turns between them. What is not plain (another type or encoding, an
 * attribute other than the expiry in ms, an expired key, a filter, the end of the window or of the region) is left to
 * the steps, which know it all.
 */
import { COMMAND_OVERHEAD, emitSet } from "./emit";
import * as entry from "./entry";
import { filters } from "./glob";
import { base, end, p, STRING_INTEGER, STRING_RAW } from "./input";
import { measuring } from "./inspect";
import { OPCODE_EXPIRY_MS } from "./opcodes";
import { fits } from "./output";
import * as plan from "./plan";
import { rdbOutput } from "./rdb-out";
import * as state from "./state";
import { countAction, countTtl, countStrings } from "./stats";

/** A length of up to 6 bits, one of up to 14, and an integer of 1, 2 or 4 bytes, by the first byte (input.ts). */
const LENGTH_6: u32 = 64;
const LENGTH_14: u32 = 128;
const INTEGER: u32 = 0xc0;
const LONGEST: u64 = 1 << 14;
/** Expiry, type, key of up to 63 bytes, header of the value: as much may be read before it is known where the value ends. PADDING is 64. */
const LEAST: u32 = 16;

/** Whether a string with or without an expiry begins at `at`; other types are not worth asking further. */
// @ts-ignore: decorator
@inline
export function beginsString(at: u32): bool {
  const first: u32 = load<u8>(at);
  return first == 0 || (first == OPCODE_EXPIRY_MS && load<u8>(at, 9) == 0);
}

/** Takes strings from the cursor on while they are plain; the cursor is then after the last. Returns false where there was none. */
export function takePlainStrings(): bool {
  const action = plan.plannedAction(0);
  const writes = action == plan.SET && !plan.walkOnly;
  if (
    (action != plan.SET && action != plan.PASS) || !plan.dbSelected || plan.kindMask != 0 || plan.minimumTtl != 0 || filters() ||
    measuring || rdbOutput || plan.largestBulk < LONGEST
  ) return false;
  const takesExpiry = action == plan.PASS || plan.absoluteSet || !plan.absoluteRestore;
  const first = p;
  let at = p;
  let keys: u32 = 0;
  let expiring: u32 = 0;
  let valueBytes: u64 = 0;
  entry.type = 0;
  while (end - at >= LEAST && beginsString(at)) {
    const expires = load<u8>(at) != 0;
    const keyAt = at + (expires ? 11 : 2);
    const keyLength: u32 = load<u8>(keyAt - 1);
    if (keyLength >= LENGTH_6) break;
    const valueAt = keyAt + keyLength;
    const head: u32 = load<u8>(valueAt);
    let body = valueAt + 1;
    let stored = head;
    let kind = STRING_RAW;
    if (head >= LENGTH_6) {
      if (head < LENGTH_14) {
        stored = ((head & 63) << 8) | load<u8>(body);
        body++;
      } else if (head >= INTEGER && head <= INTEGER + 2) {
        stored = 1 << (head & 3);
        kind = STRING_INTEGER;
      } else break;
    }
    // nothing here can wrap: all of it lies within 17 KB of `at`
    const next = body + stored;
    if (next > end) break;
    if (expires) {
      const expiry = load<i64>(at, 1);
      const left = expiry - plan.now;
      if (left <= 0 || !takesExpiry) break;
      entry.expiry = expiry;
      if (writes && !fits(stored + keyLength + COMMAND_OVERHEAD)) break;
      expiring++;
      countTtl(true, left);
    } else if (writes && !fits(stored + keyLength + COMMAND_OVERHEAD)) break;
    if (writes) {
      entry.hasExpiry = expires;
      entry.keyAt = keyAt;
      entry.keyLength = keyLength;
      entry.entryOffset = base + at;
      emitSet(kind, body, stored, stored);
    }
    keys++;
    valueBytes += next - valueAt;
    at = next;
  }
  entry.hasExpiry = false;
  if (keys == 0) return false;
  p = at;
  state.keysRead += keys;
  if (writes) state.keysSet += keys;
  countStrings(keys, expiring, valueBytes, base + first);
  if (action == plan.SET) countAction(0, plan.SET, keys);
  return true;
}
