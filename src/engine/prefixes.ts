/**
 * Memory by prefix of the key, in constant memory: a table of the heaviest ones.
 *
 * A prefix ends with the delimiter: of a:b:c they are "a:" and "a:b:". Where the table is full, the median of what its
 * entries hold is taken off all of them, and those with nothing left go (Misra and Gries 1982, in the form of Anderson
 * et al. 2017, "A High-Performance Algorithm for Identifying Frequent Items in Data Streams"). What was taken off is
 * `dropped`. An entry knows its memory since it came in, and `missed`, what was `dropped` then: its true memory is at
 * least the first and at most their sum; a prefix that is not in the table has at most `dropped`. Half of the entries
 * lose the median each time, so `dropped` is at most 2 / PREFIX_ENTRIES of the memory of all keys, times their depth.
 * A prefix is in the table whenever one below it is. Without a full table everything is exact.
 *
 *     entry   0 u64 hash   8 f64 memory   16 f64 missed   24 f64 keys   32 i32 db   36 u32 depth   40 u32 length   44 u32 name
 */
import {
  DELIMITER, PREFIX_BUCKETS, PREFIX_ENTRIES, PREFIX_INDEX, PREFIX_NAME, PREFIX_NAMES, PREFIX_SAMPLE, PREFIX_TABLE,
} from "./memory";

const ENTRY: u32 = 48;
/** Levels of the tree. */
const DEEPEST: u32 = 8;
const SAMPLES: u32 = 255;
const MIX: u64 = 0x9e3779b97f4a7c15;

let delimiterLength: u32 = 0;
let used: u32 = 0;
let dropped: f64 = 0;

export function prefixCount(): u32 {
  return used;
}

/** Memory that a prefix which is not in the table can have had. */
export function prefixDropped(): f64 {
  return dropped;
}

/** `length` bytes at DELIMITER; 0: no prefixes. */
export function setDelimiter(length: u32): void {
  delimiterLength = length;
  used = 0;
  dropped = 0;
  memory.fill(PREFIX_INDEX, 0, PREFIX_BUCKETS * 4);
  for (let i: u32 = 0; i < PREFIX_ENTRIES; i++) store<u32>(PREFIX_TABLE + i * ENTRY, i, 44);
}

/** Adds a key of `bytes` of memory to each of its prefixes. Reads up to 15 bytes past the key. */
export function addPrefixes(db: i32, at: u32, length: u32, bytes: u64): void {
  if (delimiterLength == 0) return;
  const stop = at + min(length, PREFIX_NAME);
  const first = i8x16.splat(load<u8>(DELIMITER));
  let hash: u64 = (<u64>db + 1) * MIX;
  let hashed = at;
  let depth: u32 = 0;
  let next = at;
  for (let block = at; block < stop; block += 16) {
    let found: u32 = i8x16.bitmask(i8x16.eq(v128.load(block), first));
    while (found != 0) {
      const q = block + ctz<u32>(found);
      found &= found - 1;
      if (q < next) continue;
      if (q + delimiterLength > stop) return;
      if (delimiterLength > 1 && memory.compare(q, DELIMITER, delimiterLength) != 0) continue;
      next = q + delimiterLength;
      hash = hashOf(hash, hashed, next);
      hashed = next;
      addPrefix(hash, db, ++depth, at, next - at, <f64>bytes);
      if (depth == DEEPEST) return;
    }
  }
}

function hashOf(hash: u64, from: u32, to: u32): u64 {
  for (; to - from >= 8; from += 8) hash = mix(hash ^ load<u64>(from));
  if (to != from) hash = mix(hash ^ (load<u64>(from) << (64 - ((to - from) << 3))));
  return hash;
}

// @ts-ignore: decorator
@inline
function mix(value: u64): u64 {
  value *= MIX;
  return value ^ (value >> 32);
}

// @ts-ignore: decorator
@inline
function nameOf(entry: u32): u32 {
  return PREFIX_NAMES + load<u32>(entry, 44) * PREFIX_NAME;
}

function addPrefix(hash: u64, db: i32, depth: u32, at: u32, length: u32, bytes: f64): void {
  let bucket = <u32>(hash >> 20) & (PREFIX_BUCKETS - 1);
  while (true) {
    const number = load<u32>(PREFIX_INDEX + (bucket << 2));
    if (number == 0) break;
    const entry = PREFIX_TABLE + (number - 1) * ENTRY;
    if (
      load<u64>(entry) == hash && load<u32>(entry, 40) == length && load<i32>(entry, 32) == db && memory.compare(nameOf(entry), at, length) == 0
    ) {
      store<f64>(entry, load<f64>(entry, 8) + bytes, 8);
      store<f64>(entry, load<f64>(entry, 24) + 1, 24);
      return;
    }
    bucket = (bucket + 1) & (PREFIX_BUCKETS - 1);
  }
  if (used == PREFIX_ENTRIES) {
    prune();
    bucket = freeBucket(hash);
  }
  const entry = PREFIX_TABLE + used * ENTRY;
  used++;
  store<u32>(PREFIX_INDEX + (bucket << 2), used);
  store<u64>(entry, hash);
  store<f64>(entry, bytes, 8);
  store<f64>(entry, dropped, 16);
  store<f64>(entry, 1, 24);
  store<i32>(entry, db, 32);
  store<u32>(entry, depth, 36);
  store<u32>(entry, length, 40);
  memory.copy(nameOf(entry), at, length);
}

function freeBucket(hash: u64): u32 {
  let bucket = <u32>(hash >> 20) & (PREFIX_BUCKETS - 1);
  while (load<u32>(PREFIX_INDEX + (bucket << 2)) != 0) bucket = (bucket + 1) & (PREFIX_BUCKETS - 1);
  return bucket;
}

// @ts-ignore: decorator
@inline
function left(entry: u32): f64 {
  return load<f64>(entry, 8) + load<f64>(entry, 16) - dropped;
}

/** The table is full: the lighter half goes. */
function prune(): void {
  dropped += medianLeft();
  memory.fill(PREFIX_INDEX, 0, PREFIX_BUCKETS * 4);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < used; i++) {
    const from = PREFIX_TABLE + i * ENTRY;
    if (left(from) <= 0) continue;
    const to = PREFIX_TABLE + kept * ENTRY;
    if (to != from) {
      const freed = load<u32>(to, 44);
      memory.copy(to, from, ENTRY);
      store<u32>(from, freed, 44);
    }
    kept++;
    store<u32>(PREFIX_INDEX + (freeBucket(load<u64>(to)) << 2), kept);
  }
  used = kept;
}

/** The median of a sample, as DataSketches does; insertion sort, for there are few. */
function medianLeft(): f64 {
  for (let i: u32 = 0; i < SAMPLES; i++) {
    const value = left(PREFIX_TABLE + <u32>(<u64>i * used / SAMPLES) * ENTRY);
    let q = PREFIX_SAMPLE + (i << 3);
    while (q > PREFIX_SAMPLE && load<f64>(q - 8) > value) {
      store<f64>(q, load<f64>(q - 8));
      q -= 8;
    }
    store<f64>(q, value);
  }
  return load<f64>(PREFIX_SAMPLE + ((SAMPLES >> 1) << 3));
}
