/**
 * Where things are in the engine's memory: the numbers of src/engine/memory.ts (a test keeps the two equal), and what
 * TypeScript lays out behind them: input windows, output regions, and a large window that is only address space until a
 * packed blob or a key needs it.
 */

const MIB = 1 << 20;
const ITEMS = 0x100000 + (MIB + 0x1000) + 2 * (64 * MIB + 0x1000);

/** As in src/engine/memory.ts. */
export const ENGINE_MEMORY = {
  STATE: 0x20000,
  PLAN: 0x21000,
  MODULES: 0x22000,
  MODULE_SLOTS: 64,
  STATS: 0x24000,
  TTL_HISTOGRAM: 0x2a000,
  TTL_BUCKETS: 16,
  IDLE_HISTOGRAM: 0x2a100,
  FREQUENCY_HISTOGRAM: 0x2a180,
  MEASURES: 0x2b000,
  DELIMITER: 0x2c400,
  DELIMITER_SIZE: 64,
  GLOBS: 0x30000,
  GLOBS_SIZE: 0x10000,
  SLOT_PARTITIONS: 0x68000,
  PARTITION_COUNTS: 0x72000,
  PARTITIONS: 1024,
  PREFIX_TABLE: ITEMS + 0x4000 * 4,
  PREFIX_NAMES: ITEMS + 0x4000 * 4 + 0x2000 * 48 + 64,
  WHOLE_LIMIT: 64 * MIB,
  DEFERRED: ITEMS + (65 * MIB + 0x1000),
  FREE_AREA: ITEMS + (65 * MIB + 0x1000) + (6 * MIB + 0x1000),
  PADDING: 64,
} as const;

/** Bytes read at a time. */
export const CHUNK_SIZE = MIB;
/** Bytes of an entry that the next chunk is put behind, before the large window is taken. */
export const CARRY_SIZE = MIB + 256 * 1024;
/** Bytes of an output region, unless less may be in flight: as much as one write takes well, and the largest command that is written at once. */
export const REGION_SIZE = MIB;
/** Commands a region's index has room for. */
export const INDEX_SLOTS = 16384;

const PAGE = 65536;
const align = (n: number): number => Math.ceil(n / PAGE) * PAGE;

const SLOT_SIZE = align(CARRY_SIZE + CHUNK_SIZE + ENGINE_MEMORY.PADDING);

export interface MemoryMap {
  /** Pages of 64 KiB. */
  readonly pages: number;
  /** Two input slots: address of each one's chunk; CARRY_SIZE bytes before it are its carry. */
  readonly chunks: readonly [number, number];
  /** Room for an entry that needs more contiguous bytes than a slot has. */
  readonly large: number;
  readonly largeSize: number;
  /** What the caller asked for besides, zeros at first. */
  readonly extra: number;
  readonly regionSize: number;
  readonly regions: readonly { readonly at: number; readonly index: number }[];
}

/** Lays out memory with `regionCount` output regions of `regionSize` bytes. */
export function memoryMap(regionCount: number, regionSize: number, extraBytes: number): MemoryMap {
  const indexAt = align(regionSize + ENGINE_MEMORY.PADDING);
  const stride = indexAt + INDEX_SLOTS * 8;
  const slots = align(ENGINE_MEMORY.FREE_AREA);
  const regionsAt = slots + 2 * SLOT_SIZE;
  const regions = Array.from({ length: regionCount }, (_, i) => {
    const at = regionsAt + i * stride;
    return { at, index: at + indexAt };
  });
  const large = regionsAt + regionCount * stride;
  // a key and a packed blob, each of the limit, and a chunk
  const largeSize = 2 * ENGINE_MEMORY.WHOLE_LIMIT + 4 * MIB;
  const extra = large + align(largeSize + ENGINE_MEMORY.PADDING);
  return {
    pages: (extra + align(extraBytes)) / PAGE,
    chunks: [slots + CARRY_SIZE, slots + SLOT_SIZE + CARRY_SIZE],
    large,
    largeSize,
    extra,
    regionSize,
    regions,
  };
}
