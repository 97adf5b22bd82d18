/**
 * Ids that a stream's group has pending, kept while its consumers are checked: each id of a consumer must be one of the
 * group's. Redis 6.0 exits over one that is not ("Consumer entry not found in group global PEL", redis 7.4 src/rdb.c
 * rdbLoadObject refuses it). They stand in the items area, which a check does not use; a group with more than it holds is
 * not checked.
 */
import { ITEMS, ITEMS_SIZE } from "../memory";

const ID_BYTES: u32 = 16;
const MOST: u32 = ITEMS_SIZE / ID_BYTES;

let count: u32 = 0;
let complete: bool = true;

export function forgetPending(): void {
  count = 0;
  complete = true;
}

/** Returns false where an id does not come after the one before it: servers write them as a radix tree has them, ascending, each once. */
export function notePending(id: u32): bool {
  const at = ITEMS + count * ID_BYTES;
  if (count != 0 && compare(at - ID_BYTES, id) >= 0) return false;
  if (count == MOST) complete = false;
  else {
    v128.store(at, v128.load(id));
    count++;
  }
  return true;
}

/** Address of the first id in [from, to) that is not the group's; 0 where all are. */
export function firstUnknown(from: u32, to: u32): u32 {
  if (!complete) return 0;
  for (let id = from; id < to; id += ID_BYTES) if (!isPending(id)) return id;
  return 0;
}

function isPending(id: u32): bool {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compare(ITEMS + middle * ID_BYTES, id);
    if (order == 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

/** Ids are big endian, so that their bytes sort as their numbers. */
function compare(a: u32, b: u32): i32 {
  const x = bswap<u64>(load<u64>(a)), y = bswap<u64>(load<u64>(b));
  if (x != y) return x < y ? -1 : 1;
  const u = bswap<u64>(load<u64>(a, 8)), v = bswap<u64>(load<u64>(b, 8));
  return u == v ? 0 : u < v ? -1 : 1;
}
