/**
 * Nodes of a radix tree (redis 7.0 src/rax.c) over ids of 16 bytes that come in ascending order: those of a stream's
 * listpacks, of a group's pending entries, of a consumer's. A chain of bytes without branches is one node, a branch is
 * one, and each id ends in one.
 */
const ID_BYTES: i32 = 16;

export let radixNodes: u64 = 0;
export let radixIds: u64 = 0;
/** The last id, as two big-endian words. */
let high: u64 = 0;
let low: u64 = 0;
let first: bool = true;
/** Depths at which the path to the last id branches. */
let branches: u32 = 0;

/** Another tree; the counts go on. */
export function startTree(): void {
  first = true;
  branches = 0;
}

export function clearTrees(): void {
  radixNodes = 0;
  radixIds = 0;
  startTree();
}

// @ts-ignore: decorator
@inline
function chain(bytes: i32): u64 {
  return bytes > 0 ? 1 : 0;
}

/** The id at `at`. */
export function addId(at: u32): void {
  const nextHigh = bswap<u64>(load<u64>(at));
  const nextLow = bswap<u64>(load<u64>(at, 8));
  radixIds++;
  if (first) {
    first = false;
    radixNodes += 2;
  } else {
    const differ = nextHigh ^ high;
    const depth = <i32>(differ != 0 ? clz<u64>(differ) >> 3 : 8 + (clz<u64>(nextLow ^ low) >> 3));
    if (depth >= ID_BYTES) return;
    const above = branches & ((1 << depth) - 1);
    if (!((branches >> depth) & 1)) {
      // the chain that held this depth is cut in up to three
      const below = branches & ~((1 << (depth + 1)) - 1);
      const from = above == 0 ? 0 : 32 - <i32>clz<u32>(above);
      const to = below == 0 ? ID_BYTES : <i32>ctz<u32>(below);
      radixNodes += chain(depth - from) + chain(to - 1 - depth);
    }
    radixNodes += chain(ID_BYTES - 1 - depth) + 1;
    branches = above | (1 << depth);
  }
  high = nextHigh;
  low = nextLow;
}
