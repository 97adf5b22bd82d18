/**
 * Rebuilding for an RDB file a value that the items area does not hold. Its items are decoded twice: first they are only
 * counted, as a count stands before them, then they are written chunk by chunk. Memory does not follow the value.
 */
import { BLOB_SCRATCH, ITEMS, PIECES, WHOLE_LIMIT } from "./memory";
import * as entry from "./entry";
import { arity, binaryScores, EXPIRIES, ITEMS_HEAD, itemsEnd, itemsTotal, itemsWhole, putLength, SCORES, shape } from "./items";
import { copyTo } from "./output";
import * as plan from "./plan";
import { E_TOO_LARGE, fail } from "./status";
import { p } from "./input";
import { droppedField, FIELD_TTL_EXPIRE_KEY, fieldIsOver, nextString, putTextScore } from "./rebuild";

export const WHOLE: i32 = 0;
export const COUNTING: i32 = 1;
export const WRITING: i32 = 2;
export let pass: i32 = WHOLE;

/** Bytes to be written next, and whether they are the last of the value. */
export let chunkAt: u32 = 0;
export let chunkLength: u32 = 0;
export let lastChunk: bool = false;
/** Fields that are left, and the earliest of their expiries; -1: none expires. */
export let fields: u64 = 0;
export let earliest: i64 = -1;

/** Beyond what KEY_META and the head of a record take of PIECES. */
const COUNT_AT: u32 = PIECES + 0xb000;
const START: u32 = ITEMS + ITEMS_HEAD;

export function forgetLarge(): void {
  pass = WHOLE;
}

/** Whether the items can be turned into `form` chunk by chunk: those of a blob that is still being decoded cannot be changed. */
export function mayStream(form: u32): bool {
  if (shape == EXPIRIES) return entry.type == 22 || entry.type == 24;
  return true;
}

export function startCounting(): void {
  pass = COUNTING;
  fields = 0;
  earliest = -1;
}

/** Counts the items that are held. */
export function countChunk(): void {
  if (shape != EXPIRIES) return;
  for (let q = START; q < itemsWhole; q += 8) {
    q = nextString(nextString(q));
    const expiry = load<i64>(q);
    if (fieldIsOver(expiry)) continue;
    fields++;
    if (expiry >= 0 && (earliest < 0 || expiry < earliest)) earliest = expiry;
  }
}

/** All items were counted: what stands before them. Returns the type byte, which is another where nothing expires any more. */
export function startWriting(form: u32): u32 {
  pass = WRITING;
  lastChunk = false;
  if (form == 24 && earliest < 0) form = 4;
  let at = COUNT_AT;
  if (shape == EXPIRIES && form == 4 && earliest >= 0) {
    droppedField();
    if (plan.fieldTtlPolicy == FIELD_TTL_EXPIRE_KEY && (!entry.hasExpiry || earliest < entry.expiry)) {
      entry.hasExpiry = true;
      entry.expiry = earliest;
    }
  }
  if (form == 24) {
    store<i64>(at, earliest);
    at += 8;
  }
  chunkAt = COUNT_AT;
  chunkLength = putLength(at, shape == EXPIRIES && form != 22 ? fields : total) - COUNT_AT;
  return form;
}

/** Items of the whole value, kept from the first pass. */
let total: u64 = 0;

export function keepTotal(): void {
  total = itemsTotal;
}

/** The items that are held, as `form` has them; with the last of them what follows the nodes of a stream. */
export function makeChunk(form: u32, last: bool): void {
  lastChunk = last;
  chunkAt = START;
  chunkLength = (last ? itemsEnd : itemsWhole) - START;
  if (shape == EXPIRIES && form != 22) convertFields(form);
  else if (shape == SCORES && arity == 2 && binaryScores && form == 3) convertScores();
}

const OUT: u32 = BLOB_SCRATCH;

function roomFor(at: u32, bytes: u32): bool {
  if (bytes <= OUT + WHOLE_LIMIT - at) return true;
  fail(E_TOO_LARGE, p, WHOLE_LIMIT, bytes);
  return false;
}

function convertFields(form: u32): void {
  const withTimes = form == 24 && earliest >= 0;
  let at = OUT;
  for (let q = START; q < itemsWhole; ) {
    const from = q;
    q = nextString(nextString(q));
    const length = q - from;
    const expiry = load<i64>(q);
    q += 8;
    if (fieldIsOver(expiry)) continue;
    if (!roomFor(at, length + 16)) return;
    if (withTimes) at = putLength(at, expiry < 0 ? 0 : <u64>(expiry - earliest + 1));
    copyTo(at, from, length);
    at += length;
  }
  chunkAt = OUT;
  chunkLength = at - OUT;
}

function convertScores(): void {
  let at = OUT;
  for (let q = START; q < itemsWhole; ) {
    const from = q;
    q = nextString(q);
    if (!roomFor(at, q - from + 40)) return;
    copyTo(at, from, q - from);
    at = putTextScore(at + (q - from), load<f64>(q));
    q += 8;
  }
  chunkAt = OUT;
  chunkLength = at - OUT;
}

/** So many bytes of the chunk were written. */
export function usedOfChunk(n: u32): void {
  chunkAt += n;
  chunkLength -= n;
}
