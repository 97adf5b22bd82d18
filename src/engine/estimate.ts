/**
 * Elements of the value that was measured, and the memory a server needs for key and value: what Redis 7.0 would say to
 * MEMORY USAGE key SAMPLES 0 (redis 7.0 src/object.c objectComputeSize), in the encoding of the file. Redis 7.2
 * and 8.0 say nearly the same; Valkey from 8.1 on needs less. Types that 7.0 has not are reckoned by their own sources.
 */
import * as m from "./measure";
import { allocated, sdsBytes } from "./allocator";
import { radixIds, radixNodes } from "./radix-nodes";

/** Sizes of structs on 64 bits (redis 7.0 src/server.h, dict.h, quicklist.h, stream.h). */
const ROBJ: u64 = 16;
const DICT_ENTRY: u64 = 24;
const DICT: u64 = 56;
const DICT_SLOTS: u64 = 4;
const QUICKLIST: u64 = 40;
const QUICKLIST_NODE: u64 = 32;
const ZSET: u64 = 16;
const SKIPLIST: u64 = 32;
/** A node with 32 levels. */
const SKIPLIST_HEADER: u64 = 536;
const SKIPLIST_NODE: u64 = 24;
const SKIPLIST_LEVEL: u64 = 16;
const STREAM: u64 = 80;
const STREAM_ID: u64 = 16;
const GROUP: u64 = 40;
const CONSUMER: u64 = 24;
const NACK: u64 = 24;
/** streamRadixTreeMemoryUsage: a node's head and thirty pointers. */
const RADIX_NODE: u64 = 244;
/** An sds of at most this length stands in the same allocation as its robj (object.c OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const EMBEDDED: u64 = 44;
/** Bytes of a node of a list that was written element by element (list-max-listpack-size -2). */
const LIST_NODE: u64 = 8192;
/** Plain hashes and zsets that small become a listpack when they are loaded (redis 7.0 src/config.c). */
const HASH_LISTPACK_ENTRIES: u64 = 512;
const ZSET_LISTPACK_ENTRIES: u64 = 128;
const LISTPACK_VALUE: u64 = 64;
const LISTPACK_HEAD: u64 = 7;
/** What a field's expiry needs beside it (redis 7.4 src/mstr.h, ebuckets.h ExpireMeta; valkey 9.0 src/entry.h). */
const FIELD_EXPIRY: u64 = 24;
const FIELD_EXPIRY_VALKEY: u64 = 8;
const LISTPACK_EX: u64 = 48;
const ARRAY_SLOT: u64 = 16;
/** Files of servers that keep a list of one node as a listpack (Redis and Valkey from 7.2 on). */
const FIRST_LISTPACK_LISTS: i32 = 11;

/** Strings of one element, and of one group in a blob, are told by the type byte. */
export function groupOf(type: u32): u32 {
  if (type == 12 || type == 17) return 2;
  return type == 23 || type == 25 ? 3 : 0;
}

/** Elements: members, fields, entries; 1 for what has none. */
export function elementsOf(type: u32): u64 {
  switch (type) {
    case 0:
    case 7: return 1;
    case 4:
    case 9:
    case 13:
    case 16:
    case 22:
    case 23:
    case 24:
    case 25: return m.strings >> 1;
    case 15:
    case 19:
    case 21:
    case 26:
    case 27:
    case 28: return m.entries;
    // the first of the values is the number of the template
    case 29:
    case 30: return m.strings == 0 ? 0 : m.strings - 1;
    case 31: return m.strings >> 1;
    default: return m.strings;
  }
}

/** Key and its entry in the dict of the database. */
export function keyMemory(keyLength: u32): u64 {
  return sdsBytes(keyLength) + DICT_ENTRY;
}

/** `stored`: bytes of the value in the file, for what is opaque. */
export function valueMemory(type: u32, valkey: bool, version: i32, stored: u64): u64 {
  switch (type) {
    case 0: return m.isNumber ? ROBJ : m.payload <= EMBEDDED ? allocated(ROBJ + 4 + m.payload) : ROBJ + m.sdsTotal;
    case 1: return plainList();
    case 2: return ROBJ + table(m.strings) + m.sdsTotal;
    case 3:
    case 5: return zset();
    case 4: return hash();
    case 7: return ROBJ + stored;
    case 10:
    case 14:
    case 18:
      if (version >= FIRST_LISTPACK_LISTS && m.blobs == 1 && m.sdsTotal == 0) return ROBJ + m.blobTotal;
      return ROBJ + QUICKLIST + m.blobs * QUICKLIST_NODE + m.blobTotal + plainNodes();
    case 15:
    case 19:
    case 21:
    case 26:
    case 27: return stream();
    case 22:
    case 24: return ROBJ + table(m.strings >> 1) + m.sdsTotal + (m.strings >> 1) * (valkey ? FIELD_EXPIRY_VALKEY : FIELD_EXPIRY);
    case 23:
    case 25: return ROBJ + LISTPACK_EX + m.blobTotal;
    case 28: return ROBJ + m.entries * ARRAY_SLOT + m.sdsTotal;
    default: return ROBJ + m.sdsTotal + m.blobTotal;
  }
}

/** A dict of n entries; 8 bytes for each slot, and slots are a power of two. */
function table(n: u64): u64 {
  return DICT + n * DICT_ENTRY + 8 * slots(n);
}

function slots(n: u64): u64 {
  return n <= DICT_SLOTS ? DICT_SLOTS : <u64>1 << (64 - clz<u64>(n - 1));
}

function hash(): u64 {
  const fields = m.strings >> 1;
  if (fields <= HASH_LISTPACK_ENTRIES && m.largest <= LISTPACK_VALUE) return ROBJ + allocated(LISTPACK_HEAD + m.payload + 2 * m.strings);
  return ROBJ + table(fields) + m.sdsTotal;
}

/** A node has one level, and another one with a chance of a quarter each (redis 7.0 src/t_zset.c zslRandomLevel). */
function zset(): u64 {
  const n = m.strings;
  if (n <= ZSET_LISTPACK_ENTRIES && m.largest <= LISTPACK_VALUE) return ROBJ + allocated(LISTPACK_HEAD + m.payload + 12 * n);
  let quarters: u64 = 0;
  for (let level: u64 = 1; level <= 4; level++) quarters += (level < 4 ? 3 << (2 * (4 - level)) : 4) * allocated(SKIPLIST_NODE + level * SKIPLIST_LEVEL);
  return ROBJ + ZSET + SKIPLIST + allocated(SKIPLIST_HEADER) + table(n) + m.sdsTotal + n * quarters / 256;
}

function plainList(): u64 {
  const bytes = m.payload + 2 * m.strings;
  return ROBJ + QUICKLIST + (bytes / LIST_NODE + 1) * QUICKLIST_NODE + allocated(min(bytes + LISTPACK_HEAD, LIST_NODE)) + (bytes > LIST_NODE ? bytes - LIST_NODE : 0);
}

/** Nodes of a quicklist that are one large element: kept by the sink as sds, without its head. */
function plainNodes(): u64 {
  return m.sdsTotal;
}

function stream(): u64 {
  return ROBJ + STREAM + m.blobTotal + radixIds * STREAM_ID + radixNodes * RADIX_NODE + m.groups * GROUP + m.consumers * CONSUMER +
    m.pendingEntries * NACK + m.sdsTotal;
}
