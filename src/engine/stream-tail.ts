/**
 * What follows the nodes of a stream, as its items hold it (types/stream.ts): counters, groups, their pending entries and
 * consumers, read one after the other.
 */
import { BLOB_SCRATCH } from "./memory";
import { nextString, stringAt, stringLength } from "./rebuild";

const ID_BYTES: u32 = 16;
/** Id and delivery time; the number of deliveries follows. */
const PENDING_BYTES: u32 = ID_BYTES + 8;

/** What comes after the nodes: read from here. */
let t: u32 = 0;
let version: i32 = 3;
let length: u64 = 0;
export let lastMs: u64 = 0;
export let lastSeq: u64 = 0;
export let deletedMs: u64 = 0;
export let deletedSeq: u64 = 0;
export let added: u64 = 0;
export let groupsLeft: u64 = 0;
/** The first live entry, for what older layouts do not tell. */
let firstMs: u64 = 0;
let firstSeq: u64 = 0;
/** The group under way. */
export let groupAt: u32 = 0;
export let groupLength: u32 = 0;
export let groupMs: u64 = 0;
export let groupSeq: u64 = 0;
export let entriesRead: u64 = 0;
export let consumersLeft: u64 = 0;
export let consumerAt: u32 = 0;
export let consumerLength: u32 = 0;
export let idsLeft: u64 = 0;
/** Addresses of the group's pending entries, in the order of the file; that of ids. */
const PENDING_INDEX: u32 = BLOB_SCRATCH;
export let pendingCount: u32 = 0;
let nextPending: u32 = 0;
/** The id that a consumer has pending: its address, that of its entry in the group, its deliveries. */
export let claimAt: u32 = 0;
let claimPending: u32 = 0;
export let claimDeliveries: u64 = 0;

/**
 * What follows the nodes is at `at`, in the layout of a version from 1 to 3. Returns false where commands cannot make it:
 * pending entries without a consumer, or consumers with entries that are not pending.
 */
export function openTail(at: u32, newVersion: i32, newFirstMs: u64, newFirstSeq: u64): bool {
  t = at;
  version = newVersion;
  firstMs = newFirstMs;
  firstSeq = newFirstSeq;
  length = takeLength();
  lastMs = takeLength();
  lastSeq = takeLength();
  added = length;
  deletedMs = deletedSeq = 0;
  if (version >= 2) {
    takeLength();
    takeLength();
    deletedMs = takeLength();
    deletedSeq = takeLength();
    added = takeLength();
  }
  groupsLeft = takeLength();
  const groups = t, count = groupsLeft;
  while (groupsLeft != 0) if (!checkGroup()) return false;
  t = groups;
  groupsLeft = count;
  return true;
}

function checkGroup(): bool {
  takeGroup();
  let claimed: u64 = 0;
  while (consumersLeft != 0) {
    takeConsumer();
    claimed += idsLeft;
    for (; idsLeft != 0; idsLeft--) {
      if (findPending(t) == 0) return false;
      t += ID_BYTES;
    }
  }
  return claimed == pendingCount;
}

/** A length as it stands in the file: see input.ts readLengthOrEncoding, which checked it. */
function takeLength(): u64 {
  const first = load<u8>(t);
  if (first < 64) {
    t += 1;
    return first;
  }
  if (first < 128) {
    t += 2;
    return bswap<u16>(load<u16>(t - 2)) & 0x3fff;
  }
  if (first == 0x80) {
    t += 5;
    return bswap<u32>(load<u32>(t - 4));
  }
  t += 9;
  return bswap<u64>(load<u64>(t - 8));
}

/** The next group, up to its consumers. */
export function takeGroup(): void {
  groupsLeft--;
  t = nextString(t);
  groupAt = stringAt;
  groupLength = stringLength;
  groupMs = takeLength();
  groupSeq = takeLength();
  entriesRead = version >= 2 ? takeLength() : estimateEntriesRead();
  pendingCount = 0;
  nextPending = 0;
  for (let left = takeLength(); left != 0; left--) {
    store<u32>(PENDING_INDEX + (pendingCount << 2), t);
    pendingCount++;
    t += PENDING_BYTES;
    takeLength();
  }
  consumersLeft = takeLength();
}

/** The next consumer of the group, up to its ids. */
export function takeConsumer(): void {
  consumersLeft--;
  t = nextString(t);
  consumerAt = stringAt;
  consumerLength = stringLength;
  t += version >= 3 ? 16 : 8;
  idsLeft = takeLength();
}

function isBefore(aMs: u64, aSeq: u64, bMs: u64, bSeq: u64): bool {
  return aMs < bMs || (aMs == bMs && aSeq < bSeq);
}

/** As servers from 7.0 on do when they load the oldest layout (src/t_stream.c streamEstimateDistanceFromFirstEverEntry); no entry counts as deleted. */
function estimateEntriesRead(): u64 {
  const unknown = <u64>-1;
  if (added == 0) return 0;
  if (isBefore(lastMs, lastSeq, groupMs, groupSeq)) return unknown;
  if (groupMs == lastMs && groupSeq == lastSeq) return added;
  if (isBefore(groupMs, groupSeq, firstMs, firstSeq)) return 0;
  return groupMs == firstMs && groupSeq == firstSeq ? 1 : unknown;
}

/** The group's pending entry with the id at `id`; 0 where there is none. */
function findPending(id: u32): u32 {
  const ms = bswap<u64>(load<u64>(id)), seq = bswap<u64>(load<u64>(id, 8));
  let low: u32 = 0, high = pendingCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = load<u32>(PENDING_INDEX + (middle << 2));
    const otherMs = bswap<u64>(load<u64>(at)), otherSeq = bswap<u64>(load<u64>(at, 8));
    if (otherMs == ms && otherSeq == seq) return at;
    if (isBefore(otherMs, otherSeq, ms, seq)) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** Id of the next placeholder: the group's pending entries, in the order of ids. Its address; 0 after the last one. */
export function takePlaceholder(): u32 {
  if (nextPending == pendingCount) return 0;
  nextPending++;
  return load<u32>(PENDING_INDEX + ((nextPending - 1) << 2));
}

/** Takes the next id that the consumer has pending. */
export function takeClaim(): void {
  claimAt = t;
  claimPending = findPending(t);
  t = claimPending + PENDING_BYTES;
  claimDeliveries = takeLength();
  t = claimAt + ID_BYTES;
  idsLeft--;
}

/** Time of the last delivery of the id that was taken. */
export function claimTime(): i64 {
  return load<i64>(claimPending, ID_BYTES);
}
