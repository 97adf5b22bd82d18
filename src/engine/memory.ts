/**
 * The memory map of the engine: one fixed, non-growing WebAssembly.Memory that TypeScript makes and the engine
 * imports. Every table, scratch area, input window and output region has its place here, so that nothing is
 * allocated while a file is read. Areas that are rarely used are only address space: the kernel gives them no page
 * until something is written there.
 *
 * `src/rdb/memory-map.ts` holds the same numbers for the TypeScript side; a test keeps the two equal.
 */

/** CRC64 slicing tables: 16 × 256 × 8 bytes. */
export const CRC_TABLES: u32 = 0x10000;
/** Scratch of the CRC64 fold: history and one block. */
export const CRC_FOLD: u32 = 0x18000;
/** What the engine tells TypeScript on return; see state.ts. */
export const STATE: u32 = 0x20000;
/** Write plan: 256 × 8 bytes {u8 action, u8 kind, u16 footer version, u8 form, 3 unused}, by RDB type byte. */
export const PLAN: u32 = 0x21000;
/** Known modules: MODULE_SLOTS × 16 bytes {u64 module id, u32 action, u32 unused}. */
export const MODULES: u32 = 0x22000;
export const MODULE_SLOTS: u32 = 64;
/** Statistics of the current database: 256 × 96 bytes by RDB type byte; see stats.ts. */
export const STATS: u32 = 0x24000;
/** Keys by remaining time to live: TTL_BUCKETS × 8 bytes. */
export const TTL_HISTOGRAM: u32 = 0x2a000;
export const TTL_BUCKETS: u32 = 16;
/** Keys by idle time and by access frequency: HISTOGRAM_BUCKETS × 8 bytes each; see inspect.ts. */
export const IDLE_HISTOGRAM: u32 = 0x2a100;
export const FREQUENCY_HISTOGRAM: u32 = 0x2a180;
export const HISTOGRAM_BUCKETS: u32 = 16;
/** Where keys are measured: 256 × 16 bytes by RDB type byte {u64 memory, u64 elements}. */
export const MEASURES: u32 = 0x2b000;
/** Bytes of an sds string by its length, below 256: u16 each. */
export const SDS_SIZES: u32 = 0x2c000;
/** What ends a prefix of a key: at most DELIMITER_SIZE bytes. */
export const DELIMITER: u32 = 0x2c400;
export const DELIMITER_SIZE: u32 = 64;
/** Lengths of the prefixes of a key: u32 each. */
export const PREFIX_ENDS: u32 = 0x2c440;
/** Sample of the counters of prefixes: 255 × f64. */
export const PREFIX_SAMPLE: u32 = 0x2c800;
/** Glob patterns of --match and --exclude: a packed list; see glob.ts. */
export const GLOBS: u32 = 0x30000;
export const GLOBS_SIZE: u32 = 0x10000;
/** LZF streaming: 8 KiB of history, then 64 KiB of output. */
export const LZF_STREAM: u32 = 0x40000;
export const LZF_HISTORY: u32 = 0x2000;
export const LZF_STREAM_OUT: u32 = 0x10000;
/** Head, middle and tail of a command that is written in pieces; with room for KEY_META. */
export const PIECES: u32 = 0x54000;
/** KEY_META bytes of an entry that is larger than the window (RDB 13). */
export const META_SCRATCH: u32 = 0x60000;
export const META_SCRATCH_SIZE: u32 = 0x8000;
/** Output to files by slot: 16384 × u16, which file; CRC16 table; PARTITIONS × 16 bytes {u64 keys, u64 expiring}. See rdb-out.ts. */
export const SLOT_PARTITIONS: u32 = 0x68000;
export const CRC16_TABLE: u32 = 0x70000;
export const PARTITION_COUNTS: u32 = 0x72000;
export const PARTITIONS: u32 = 1024;
/** Hash templates of the file: TEMPLATE_SLOTS × 16 bytes {u64 id + 1, u64 fields}. */
export const TEMPLATES: u32 = 0x80000;
export const TEMPLATE_SLOTS: u32 = 0x8000;
/** The key under which a value is built by commands. */
export const STAGING: u32 = 0x100000;
export const STAGING_SIZE: u32 = 0x100000;
/** Decoded key of the current entry, where it does not stand plainly in the window. */
export const KEY_SCRATCH: u32 = STAGING + STAGING_SIZE + 0x1000;
/** Largest string the engine holds whole: a key, an AUX value, a function library, a packed blob. */
export const WHOLE_LIMIT: u32 = 64 << 20;
/** Decoded packed blob, AUX value, function library. */
export const BLOB_SCRATCH: u32 = KEY_SCRATCH + WHOLE_LIMIT + 0x1000;
/** A value decoded: items.ts. */
export const ITEMS: u32 = BLOB_SCRATCH + WHOLE_LIMIT + 0x1000;
export const ITEMS_SIZE: u32 = WHOLE_LIMIT + 0x100000;
/** Prefixes of keys (prefixes.ts), in the place of the items: what measures keys decodes no values. */
export const PREFIX_ENTRIES: u32 = 0x2000;
export const PREFIX_BUCKETS: u32 = 0x4000;
/** Longer prefixes are not counted. */
export const PREFIX_NAME: u32 = 256;
export const PREFIX_INDEX: u32 = ITEMS;
export const PREFIX_TABLE: u32 = PREFIX_INDEX + PREFIX_BUCKETS * 4;
export const PREFIX_NAMES: u32 = PREFIX_TABLE + PREFIX_ENTRIES * 48 + 64;
/** Ends of entries that are built by commands; see deferred.ts. */
export const DEFERRED: u32 = ITEMS + ITEMS_SIZE + 0x1000;
export const DEFERRED_SIZE: u32 = 0x600000;
/** Where TypeScript puts input windows and output regions. */
export const FREE_AREA: u32 = DEFERRED + DEFERRED_SIZE + 0x1000;
/** Copies may run over their end by this many bytes, and loads may read as many past it: every area is followed by as much. */
export const PADDING: u32 = 64;
