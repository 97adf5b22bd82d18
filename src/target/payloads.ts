/**
 * The smallest well-formed value of each RDB type, made by hand, to ask a server whether it knows the type. Well-formed, because
 * a malformed one ends some old servers; no module types at all, because even a good one does (4.0.14, 5.0.14, 6.0.16).
 * Layouts: rdbSaveObject and rdbLoadObject in src/rdb.c of redis 7.0.15 (0–19), 7.4.1 (20–25), the RDB 13 samples of librdb
 * (26), redis#14797 and #15162 (27, 28), and valkey 9 (its 22).
 */

import { crc64 } from '../rdb/crc64.js';
import type { Dialect } from '../rdb/types.js';

/** 2100-01-01, for hash fields that expire: far away, and the same in every run. */
const FIELD_EXPIRY_MS = 4_102_444_800_000n;

/** The one field of every hash and its value, read back where two dialects share a type byte. */
export const PROBE_FIELD = 'f';
export const PROBE_VALUE = 'v';

const F = string(PROBE_FIELD);
const V = string(PROBE_VALUE);
/** Listpack elements with their back lengths: a string of one character, and 7-bit integers (listpack.c). */
const LP_F = [0x81, 0x66, 2];
const LP_V = [0x81, 0x76, 2];
const LP_0 = [0, 1];
const LP_1 = [1, 1];
/** 64-bit integer: what does not fit 32 bits (listpack has nothing between). */
const LP_EXPIRY = [0xf4, ...int64(FIELD_EXPIRY_MS), 9];
/** Ziplist elements without the length of the one before: one character, and the immediate integer 1 (ziplist.c). */
const ZL_F = [1, 0x66];
const ZL_V = [1, 0x76];
const ZL_1 = [0xf2];

const EMPTY_ID = [0, 0];
const FIRST_ID = [1, 1];
/** One node with the entry 1-1, one field: master entry, then flags SAMEFIELDS, id differences, value, count (t_stream.c). */
const STREAM_NODE = blob([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
const STREAM_LISTPACK = blob(listpack(LP_1, LP_0, LP_1, LP_F, LP_0, [2, 1], LP_0, LP_0, LP_V, [4, 1]));
const STREAM = [1, ...STREAM_NODE, ...STREAM_LISTPACK, 1, ...FIRST_ID];
/** First id, highest deleted id, entries added: 7.0. */
const STREAM_7 = [...STREAM, ...FIRST_ID, ...EMPTY_ID, 1];
const NO_GROUPS = [0];
/** Idempotent producers: 100 s, 100 entries (6+8 bits of length each), no producer, none added, none refused. */
const NO_PRODUCERS = [0x40, 100, 0x40, 100, 0, 0, 0];

const SHARED: readonly (readonly [byte: number, value: readonly number[]])[] = [
  [0, V],
  [1, [1, ...V]],
  [2, [1, ...V]],
  [3, [1, ...V, ...string('1')]],
  [4, [1, ...F, ...V]],
  [5, [1, ...V, ...double(1)]],
  [9, blob([1, 1, 0x66, 1, 0, 0x76, 0xff])],
  [10, blob(ziplist(ZL_V))],
  [11, blob([2, 0, 0, 0, 1, 0, 0, 0, 1, 0])],
  [12, blob(ziplist(ZL_V, ZL_1))],
  [13, blob(ziplist(ZL_F, ZL_V))],
  [14, [1, ...blob(ziplist(ZL_V))]],
  [15, [...STREAM, ...NO_GROUPS]],
  [16, blob(listpack(LP_F, LP_V))],
  [17, blob(listpack(LP_V, LP_1))],
  [18, [1, 2, ...blob(listpack(LP_V))]],
  [19, [...STREAM_7, ...NO_GROUPS]],
  [20, blob(listpack(LP_V))],
  [21, [...STREAM_7, ...NO_GROUPS]],
];

const REDIS: typeof SHARED = [
  [22, [1, 0, ...F, ...V]],
  [23, blob(listpack(LP_F, LP_V, LP_0))],
  [24, [...int64(FIELD_EXPIRY_MS), 1, 1, ...F, ...V]],
  [25, [...int64(FIELD_EXPIRY_MS), ...blob(listpack(LP_F, LP_V, LP_EXPIRY))]],
  [26, [...STREAM_7, ...NO_GROUPS, ...NO_PRODUCERS]],
  // Differs from 26 inside of groups only.
  [27, [...STREAM_7, ...NO_GROUPS, ...NO_PRODUCERS]],
  // One element, no insertion index; index 0, tag 0 (string).
  [28, [1, 0, 0, 0, ...V]],
];

const VALKEY: typeof SHARED = [[22, [1, ...F, ...V, ...int64(FIELD_EXPIRY_MS)]]];

const values: Record<Dialect, ReadonlyMap<number, readonly number[]>> = {
  redis: new Map([...SHARED, ...REDIS]),
  valkey: new Map([...SHARED, ...VALKEY]),
};

/** Type bytes that can be asked about, ascending. */
export function probedTypes(dialect: Dialect): number[] {
  return [...values[dialect].keys()];
}

/** Type byte, value, footer version (2 bytes) and CRC64 of all that (8 bytes), little-endian: createDumpPayload, src/cluster.c. */
export function probePayload(dialect: Dialect, byte: number, footer: number): Uint8Array {
  const value = values[dialect].get(byte);
  if (value === undefined) throw new Error(`no probe value of type ${byte} (${dialect})`);
  const body = Uint8Array.of(byte, ...value, footer & 0xff, footer >> 8);
  return Uint8Array.of(...body, ...int64(crc64(body)));
}

function string(text: string): number[] {
  return blob([...Buffer.from(text)]);
}

/** Length (6 bits are enough for all of these) and bytes. */
function blob(bytes: readonly number[]): number[] {
  return [bytes.length, ...bytes];
}

function int64(value: bigint): number[] {
  return [...new Uint8Array(BigUint64Array.of(value).buffer)];
}

function double(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

/** Total bytes (4), elements (2), the elements, 0xff. */
function listpack(...elements: readonly (readonly number[])[]): number[] {
  const body = elements.flat();
  return [body.length + 7, 0, 0, 0, elements.length, 0, ...body, 0xff];
}

/** Total bytes (4), offset of the last entry (4), entries (2), each with the length of the one before, 0xff. */
function ziplist(...elements: readonly (readonly number[])[]): number[] {
  const body: number[] = [];
  let last = 0;
  let tail = 0;
  for (const element of elements) {
    tail = body.length;
    body.push(last, ...element);
    last = body.length - tail;
  }
  return [body.length + 11, 0, 0, 0, 10 + tail, 0, 0, 0, elements.length, 0, ...body, 0xff];
}
