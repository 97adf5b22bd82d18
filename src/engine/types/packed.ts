/**
 * Values that are one packed blob, and lists that are several (redis 7.4 src/rdb.c rdbLoadObject).
 *
 *     9 hash  zipmap              13 hash  ziplist, pairs
 *    10 list  ziplist             16 hash  listpack, pairs
 *    11 set   intset              17 zset  listpack, pairs
 *    12 zset  ziplist, pairs      20 set   listpack
 *    14 list  len n, n × ziplist
 *    18 list  len n, n × {len container 1 plain | 2 packed, str | listpack}
 *    23 hash  listpack of {field, value, expiry}      Redis 7.4 release candidates
 *    25 hash  i64 earliest ms, listpack of {field, value, expiry}
 */
import { E_CONTAINER, E_PAIRS, fail, OK, status } from "../status";
import { committed, p, readCount, readLength, takeBytes, commit } from "../input";
import { BLOB_LISTPACK, BLOB_ZIPLIST, blobElements, decodes, DONE, emptyCollection, enter, itemsA, itemsB, itemsC, looksInside, phase, takeBlob, takeString } from "../walk";

const START: i32 = 0;
const BLOB: i32 = 1;
const NODES: i32 = 2;

/** quicklist2 containers (src/quicklist.h QUICKLIST_NODE_CONTAINER_*). */
const PLAIN: u64 = 1;
const PACKED: u64 = 2;

/** One blob whose elements come in groups of `multiple`, after `prefix` plain bytes. */
export function walkBlob<S>(kind: i32, multiple: i32, prefix: u32): void {
  if (phase == START) {
    if (prefix != 0) {
      takeBytes(prefix);
      if (status != OK) return;
    }
    enter(BLOB);
  }
  const at = p;
  takeBlob<S>(kind);
  if (status != OK) return;
  emptyCollection = blobElements == 0;
  if (looksInside<S>() || decodes<S>()) {
    if (blobElements % multiple != 0) {
      fail(E_PAIRS, at, multiple, blobElements);
      return;
    }
  }
  enter(DONE);
}

/** A list in nodes; `containers`: each node says whether it is packed. */
export function walkQuicklist<S>(containers: bool): void {
  if (phase == START) {
    const nodes = readCount(containers ? 2 : 1);
    if (status != OK) return;
    itemsA = nodes;
    itemsC = 0;
    enter(NODES);
  }
  while (itemsA != 0) {
    if (containers && itemsB == 0) {
      const at = p;
      const container = readLength();
      if (status != OK) return;
      if (container != PLAIN && container != PACKED) {
        fail(E_CONTAINER, at, PACKED, container);
        return;
      }
      itemsB = container;
      commit();
    }
    if (itemsB == PLAIN) {
      takeString<S>();
      blobElements = 1;
    } else takeBlob<S>(containers ? BLOB_LISTPACK : BLOB_ZIPLIST);
    if (status != OK) return;
    itemsC += blobElements;
    itemsB = 0;
    itemsA--;
    commit();
  }
  // nodes may be empty; a list of only such is no list
  emptyCollection = itemsC == 0;
  phase = DONE;
}
