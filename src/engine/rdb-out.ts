/**
 * Output as an RDB file instead of RESP: which version, how many files, which keys are left to another input. What is
 * written where is decided by TypeScript, which puts headers, databases and trailers around the records of emit-rdb.ts.
 */
import { PARTITION_COUNTS } from "./memory";
import * as entry from "./entry";
import { advance, fits, out } from "./output";
import { hashHigh, hashKey, hashLow, seedHash } from "./key-hash";
import { keySlot, partitionOfSlot } from "./key-slot";

/** Records are written instead of commands; a walk that writes nothing counts what would be. */
export let rdbOutput: bool = false;
export let targetVersion: i32 = 0;
/** Files that keys are divided among, by slot. */
let partitions: u32 = 1;
/** A walk notes the hash of each key that would be written. */
export let notesKeys: bool = false;
/** One bit for each key of the file, by its place among them: another input has the same key, and wins. */
let skips: u32 = 0;
/** Database that keys go to. */
let outputDb: u32 = 0;
/** Keys that were left to another input. */
let skipped: u64 = 0;

export function configureRdb(newVersion: i32, newPartitions: u32, newNotesKeys: bool): void {
  rdbOutput = newVersion != 0;
  targetVersion = newVersion;
  partitions = newPartitions;
  notesKeys = newNotesKeys;
  skips = 0;
  skipped = 0;
  memory.fill(PARTITION_COUNTS, 0, newPartitions * 16);
}

/** Address of the bits; 0: none. */
export function setSkips(at: u32): void {
  skips = at;
}

export function setOutputDb(db: u32): void {
  outputDb = db;
}

export function setHashSeed(low: u64, high: u64): void {
  seedHash(low, high);
}

export function skippedKeys(): f64 {
  return <f64>skipped;
}

export function partition(): u32 {
  return partitions == 1 ? 0 : partitionOfSlot(keySlot(entry.keyAt, entry.keyLength));
}

export function isDivided(): bool {
  return partitions != 1;
}

/** Whether the key, the `ordinal`th of its file, is left to another input. */
export function isSkipped(ordinal: u64): bool {
  if (skips == 0 || !((load<u8>(skips + <u32>(ordinal >> 3)) >> <u8>(ordinal & 7)) & 1)) return false;
  skipped++;
  return true;
}

/** Counts a key that would be written: {u64 keys, u64 of them expiring} by partition. */
export function countPlanned(): void {
  const at = PARTITION_COUNTS + partition() * 16;
  store<u64>(at, load<u64>(at) + 1);
  if (entry.hasExpiry) store<u64>(at, load<u64>(at, 8) + 1, 8);
}

/** u64 hash, 8 more bytes of it, u64 place among the keys of the file, u64 offset, u32 partition | expiring << 31, u32 database. */
const NOTE: u32 = 40;

/** Notes the key; false where the region is full. */
export function noteKey(ordinal: u64): bool {
  if (!fits(NOTE)) return false;
  hashKey(outputDb, entry.keyAt, entry.keyLength);
  store<u64>(out, hashLow);
  store<u64>(out, hashHigh, 8);
  store<u64>(out, ordinal, 16);
  store<u64>(out, entry.entryOffset, 24);
  store<u32>(out, partition() | (entry.hasExpiry ? 0x80000000 : 0), 32);
  store<u32>(out, outputDb, 36);
  advance(NOTE);
  return true;
}
