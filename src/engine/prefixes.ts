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
 *     entry   0 u64 hash   8 f64 memory   16 f64 missed   24 f64 keys   32 i32 db   36 u32 depth   40 u16 length
 *             42 u16 length of the longest prefix of its first key   44 u32 name
 *
 * A prefix of one key stands for all longer ones of that key, too, which get entries when a second key comes.
 */
import {
  DELIMITER, PREFIX_BUCKETS, PREFIX_ENDS, PREFIX_ENTRIES, PREFIX_INDEX, PREFIX_NAME, PREFIX_NAMES, PREFIX_SAMPLE, PREFIX_TABLE,
} from "./memory";
import { copyTo } from "./output";

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
  const levels = findEnds(at, min(length, PREFIX_NAME));
  if (levels == 0) return;
  // so that nothing is dropped, and nothing moves, while a key is added
  if (used + 2 * DEEPEST > PREFIX_ENTRIES) prune();
  const whole = endOf(levels - 1);
  let hash: u64 = (<u64>db + 1) * MIX;
  let from: u32 = 0;
  for (let level: u32 = 0; level < levels; level++) {
    const to = endOf(level);
    hash = hashOf(hash, at + from, at + to);
    from = to;
    const entry = find(hash, db, at, to);
    if (entry == 0) {
      // what is below a prefix of one key is told by that key: see unfold
      add(hash, db, level + 1, at, to, whole, <f64>bytes, dropped);
      return;
    }
    if (load<f64>(entry, 24) == 1) unfold(entry);
    store<f64>(entry, load<f64>(entry, 8) + <f64>bytes, 8);
    store<f64>(entry, load<f64>(entry, 24) + 1, 24);
  }
}

// @ts-ignore: decorator
@inline
function endOf(level: u32): u32 {
  return load<u32>(PREFIX_ENDS + (level << 2));
}

/** Lengths of the prefixes, at PREFIX_ENDS; returns how many there are. */
function findEnds(at: u32, length: u32): u32 {
  const stop = at + length;
  const first = i8x16.splat(load<u8>(DELIMITER));
  let levels: u32 = 0;
  let next = at;
  for (let block = at; block < stop; block += 16) {
    let found: u32 = i8x16.bitmask(i8x16.eq(v128.load(block), first));
    while (found != 0) {
      const q = block + ctz<u32>(found);
      found &= found - 1;
      if (q < next) continue;
      if (q + delimiterLength > stop) return levels;
      if (delimiterLength > 1 && memory.compare(q, DELIMITER, delimiterLength) != 0) continue;
      next = q + delimiterLength;
      store<u32>(PREFIX_ENDS + (levels << 2), next - at);
      if (++levels == DEEPEST) return levels;
    }
  }
  return levels;
}

/** A second key comes to a prefix of one: the next prefix of the first one gets an entry of its own. */
function unfold(entry: u32): void {
  const length = load<u16>(entry, 40);
  const whole = load<u16>(entry, 42);
  if (length == whole) return;
  const name = nameOf(entry);
  let next: u32 = length;
  do next++; while (next < length + delimiterLength || memory.compare(name + next - delimiterLength, DELIMITER, delimiterLength) != 0);
  const hash = hashOf(load<u64>(entry), name + length, name + next);
  add(hash, load<i32>(entry, 32), load<u32>(entry, 36) + 1, name, next, whole, load<f64>(entry, 8), load<f64>(entry, 16));
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

/** The entry of a prefix, 0 where there is none. */
function find(hash: u64, db: i32, at: u32, length: u32): u32 {
  let bucket = <u32>(hash >> 20) & (PREFIX_BUCKETS - 1);
  while (true) {
    const number = load<u32>(PREFIX_INDEX + (bucket << 2));
    if (number == 0) return 0;
    const entry = PREFIX_TABLE + (number - 1) * ENTRY;
    if (
      load<u64>(entry) == hash && load<u16>(entry, 40) == length && load<i32>(entry, 32) == db && memory.compare(nameOf(entry), at, length) == 0
    ) return entry;
    bucket = (bucket + 1) & (PREFIX_BUCKETS - 1);
  }
}

/** A new entry, of one key. */
function add(hash: u64, db: i32, depth: u32, at: u32, length: u32, whole: u32, bytes: f64, missed: f64): void {
  const entry = PREFIX_TABLE + used * ENTRY;
  used++;
  store<u32>(PREFIX_INDEX + (freeBucket(hash) << 2), used);
  store<u64>(entry, hash);
  store<f64>(entry, bytes, 8);
  store<f64>(entry, missed, 16);
  store<f64>(entry, 1, 24);
  store<i32>(entry, db, 32);
  store<u32>(entry, depth, 36);
  store<u16>(entry, <u16>length, 40);
  store<u16>(entry, <u16>whole, 42);
  copyTo(nameOf(entry), at, whole);
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
