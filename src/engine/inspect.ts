/**
 * What `inspect` asks of each key: elements and memory, added up by type and by prefix, and a record of the keys that
 * may be among the largest (or of all of them).
 *
 *     record   0 u32 bytes of the record   4 u32 type   8 u32 flags: 1 expiry, 2 idle, 4 frequency   12 i32 db
 *             16 f64 offset   24 f64 value bytes in the file   32 f64 memory   40 f64 elements   48 f64 payload   56 f64 largest
 *             64 i64 expiry ms   72 f64 idle s   80 u32 frequency   84 u32 key length   88 u32 key bytes kept   92 unused
 *             96 key, padded to a multiple of 8
 */
import { FREQUENCY_HISTOGRAM, IDLE_HISTOGRAM, HISTOGRAM_BUCKETS, KEY_SCRATCH, MEASURES } from "./memory";
import * as entry from "./entry";
import { elementsOf, groupOf, keyMemory, valueMemory } from "./estimate";
import { startMeasure, largest, payload } from "./measure";
import { addPrefixes, setDelimiter } from "./prefixes";
import { setQuantum } from "./allocator";
import { advance, copyTo, finishCommand, fits, out } from "./output";

/** Keys are measured. */
export let measuring: bool = false;

/** A row of MEASURES: u64 memory, elements. */
const MEASURE: u32 = 16;
const FIXED: u32 = 96;
const FLAG_EXPIRY: u32 = 1, FLAG_IDLE: u32 = 2, FLAG_FREQUENCY: u32 = 4;
/** Longer keys are cut in a record. */
const KEY_KEPT: u32 = 1 << 18;

let candidateMemory: f64 = -1;
let candidateElements: f64 = -1;
let counted: bool = false;
let memoryFound: u64 = 0;
let elementsFound: u64 = 0;

/** Turns measuring on; the delimiter stands at DELIMITER. Sums by type begin anew with each file, prefixes here. */
export function configureInspect(delimiterLength: u32, allocatorQuantum: u32): void {
  measuring = true;
  setQuantum(allocatorQuantum);
  setDelimiter(delimiterLength);
  memory.fill(IDLE_HISTOGRAM, 0, HISTOGRAM_BUCKETS * 8);
  memory.fill(FREQUENCY_HISTOGRAM, 0, HISTOGRAM_BUCKETS * 8);
  clearMeasures();
}

/** Records are made of keys with more memory or, where they have elements, with more of those. */
export function setCandidates(bytes: f64, elements: f64): void {
  candidateMemory = bytes;
  candidateElements = elements;
}

export function clearMeasures(): void {
  memory.fill(MEASURES, 0, 256 * MEASURE);
}

/** The key was read and its value begins. The window may go: the key is kept. */
export function startKey(): void {
  if (entry.keyAt != KEY_SCRATCH) {
    copyTo(KEY_SCRATCH, entry.keyAt, entry.keyLength);
    entry.keyAt = KEY_SCRATCH;
  }
  counted = false;
  startMeasure(groupOf(entry.type));
}

/** The value was walked. Returns false where its record does not fit: to be called again. */
export function endKey(valkey: bool, version: i32, stored: u64): bool {
  if (!counted) count(valkey, version, stored);
  if (<f64>memoryFound <= candidateMemory && (entry.type == 0 || <f64>elementsFound <= candidateElements)) return true;
  const kept = min(entry.keyLength, KEY_KEPT);
  if (!fits(kept + FIXED + 16)) return false;
  putKeyRecord(kept, stored);
  return true;
}

function count(valkey: bool, version: i32, stored: u64): void {
  counted = true;
  const type = entry.type;
  memoryFound = keyMemory(entry.keyLength) + valueMemory(type, valkey, version, stored);
  elementsFound = elementsOf(type);
  const row = MEASURES + type * MEASURE;
  store<u64>(row, load<u64>(row) + memoryFound);
  store<u64>(row, load<u64>(row, 8) + elementsFound, 8);
  addPrefixes(entry.db, entry.keyAt, entry.keyLength, memoryFound);
  if (entry.hasIdle) bump(IDLE_HISTOGRAM + idleBucket(entry.idle) * 8);
  if (entry.hasFrequency) bump(FREQUENCY_HISTOGRAM + frequencyBucket(entry.frequency) * 8);
}

function bump(at: u32): void {
  store<u64>(at, load<u64>(at) + 1);
}

/** Up to a minute, an hour, a day, a week, 30 days, a year, more. */
function idleBucket(seconds: u64): u32 {
  if (seconds <= 60) return 0;
  if (seconds <= 3600) return 1;
  if (seconds <= 86400) return 2;
  if (seconds <= 7 * 86400) return 3;
  if (seconds <= 30 * 86400) return 4;
  return seconds <= 365 * 86400 ? 5 : 6;
}

/** 0, then up to 1, 3, 7, 15, 31, 63, 127, 255: the counter is logarithmic itself. */
function frequencyBucket(frequency: u32): u32 {
  return 32 - clz<u32>(frequency);
}

function isStream(type: u32): bool {
  return type == 15 || type == 19 || type == 21 || type == 26 || type == 27;
}

function putKeyRecord(kept: u32, stored: u64): void {
  const at = out;
  const size = (FIXED + kept + 7) & ~7;
  store<u32>(at, size);
  store<u32>(at, entry.type, 4);
  store<u32>(at, (entry.hasExpiry ? FLAG_EXPIRY : 0) | (entry.hasIdle ? FLAG_IDLE : 0) | (entry.hasFrequency ? FLAG_FREQUENCY : 0), 8);
  store<i32>(at, entry.db, 12);
  store<f64>(at, <f64>entry.entryOffset, 16);
  store<f64>(at, <f64>stored, 24);
  store<f64>(at, <f64>memoryFound, 32);
  store<f64>(at, <f64>elementsFound, 40);
  store<f64>(at, <f64>payload, 48);
  // the entries of a stream are not looked into
  store<f64>(at, isStream(entry.type) ? 0 : <f64>largest, 56);
  store<i64>(at, entry.expiry, 64);
  store<f64>(at, <f64>entry.idle, 72);
  store<u32>(at, entry.frequency, 80);
  store<u32>(at, entry.keyLength, 84);
  store<u32>(at, kept, 88);
  copyTo(at + FIXED, entry.keyAt, kept);
  advance(size);
  finishCommand(entry.entryOffset, entry.type);
}
