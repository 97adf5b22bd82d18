/** The engine (src/engine, compiled to WebAssembly) as TypeScript sees it: its calls, its events, its state. */

import { readFile } from 'node:fs/promises';

import { ENGINE_MEMORY, memoryMap, REGION_SIZE, type MemoryMap } from './memory-map.js';

/** Why `scan` returned: src/engine/events.ts. */
export const EngineEvent = {
  input: 0,
  output: 1,
  error: 2,
  header: 3,
  aux: 4,
  select: 5,
  resize: 6,
  function: 7,
  moduleAux: 8,
  slotInfo: 9,
  slotImport: 10,
  update: 11,
  unsupported: 12,
  bigBegin: 13,
  bigReady: 14,
  end: 15,
  rewind: 16,
  bigOver: 17,
  settle: 18,
} as const;

/** What to do with an entry: src/engine/plan.ts. */
export const EngineAction = { unsupported: 0, restore: 1, set: 2, pass: 3, record: 4, rebuild: 5, commands: 6, jsonLine: 7, values: 8 } as const;
export type EngineActionCode = (typeof EngineAction)[keyof typeof EngineAction];

interface EngineExports {
  open(size: number): void;
  prepareMove(): void;
  moveWindow(from: number, to: number): void;
  openRegion(at: number, size: number, index: number, slots: number): void;
  scan(): number;
  pumpBig(): number;
  acceptBig(bytes: number): void;
  putSelect(db: number): number;
  updateCrc(crcAt: number, from: number, length: number): void;
  configure(
    kindMask: number, minimumTtl: bigint, skipExpired: number, replace: number, absoluteRestore: number, absoluteSet: number,
    carryIdle: number, carryFrequency: number, largestBulk: bigint, carryMeta: number, lookInside: number, walkOnly: number,
  ): void;
  configureRebuild(fieldTtlPolicy: number, commandsAllowed: number, hsetManyFields: number, largestArguments: number, bigValue: bigint): void;
  configureStreams(allowed: number, setsCounters: number, setsEntriesRead: number, createsConsumers: number): void;
  rewind(): void;
  /** Address after the last end that waits. */
  readonly deferredEnd: { readonly value: number };
  putDeferred(record: number, broken: number): number;
  settled(): void;
  configureRdb(version: number, partitions: number, notesKeys: number): void;
  setHashSeed(low: bigint, high: bigint): void;
  setOutputDb(db: number): void;
  /** Database that JSON lines name; -1: the one of the file. */
  setLineDb(db: number): void;
  setSkips(at: number): void;
  skippedKeys(): number;
  keySlot(at: number, length: number): number;
  setClock(now: bigint): void;
  selectDb(selected: number): void;
  setModules(count: number): void;
  setGlobs(matches: number, excludes: number): void;
  globMatches(pattern: number, patternEnd: number, text: number, textEnd: number): number;
  lzfDecompress(from: number, stored: number, to: number, length: number): number;
  lzfValid(from: number, stored: number, length: number): number;
  clearStats(): void;
  clearMeasures(): void;
  configureInspect(delimiterLength: number, quantum: number): void;
  setCandidates(memory: number, elements: number): void;
  prefixCount(): number;
  prefixDropped(): number;
}

/** Row of statistics of one RDB type byte, for the database under way: src/engine/stats.ts. */
export interface TypeStats {
  byte: number;
  keys: number;
  expiring: number;
  expired: number;
  bytes: number;
  firstOffset: number;
  unsupported: number;
  restore: number;
  set: number;
  rebuild: number;
  commands: number;
  /** 0 where keys are not measured: src/engine/inspect.ts. */
  memory: number;
  elements: number;
}

/** As in src/engine/stats.ts. */
const STATS_ROW = 96;

/** JavaScript's text of a double is the shortest that reads back as the same (ECMA-262 Number::toString); -0 needs care. */
function scoreFormatter(memory: WebAssembly.Memory): (score: number, to: number) => number {
  const bytes = Buffer.from(memory.buffer);
  return (score, to) => bytes.write(Object.is(score, -0) ? '-0' : String(score), to, 'latin1');
}

let compiled: Promise<WebAssembly.Module> | null = null;

/** Compiles once per process. */
function compiledEngine(): Promise<WebAssembly.Module> {
  compiled ??= readFile(new URL('../engine/engine.wasm', import.meta.url)).then((bytes) => WebAssembly.compile(bytes));
  return compiled;
}

/** One instance reads one file at a time and holds its own memory. */
export class Engine {
  readonly map: MemoryMap;
  readonly bytes: Uint8Array;
  readonly calls: EngineExports;
  readonly #view: DataView;

  private constructor(map: MemoryMap, memory: WebAssembly.Memory, calls: EngineExports) {
    this.map = map;
    this.bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    this.calls = calls;
  }

  /** A reader that only walks needs one region; a writer one more than it may have in flight. `extraBytes`: of the caller's own, at `map.extra`. */
  static async create(regionCount: number, regionSize = REGION_SIZE, extraBytes = 0): Promise<Engine> {
    const map = memoryMap(regionCount, regionSize, extraBytes);
    const memory = new WebAssembly.Memory({ initial: map.pages, maximum: map.pages });
    const instance = new WebAssembly.Instance(await compiledEngine(), { env: { memory, formatScore: scoreFormatter(memory) } });
    // the shape of the module is src/engine/index.ts, built with this file
    return new Engine(map, memory, instance.exports as unknown as EngineExports);
  }

  get cursor(): number { return this.#u32(0); }
  get keep(): number { return this.#u32(4); }
  get out(): number { return this.#u32(8); }
  get commands(): number { return this.#u32(12); }
  get errorCode(): number { return this.#u32(16); }
  get version(): number { return this.#u32(20); }
  get dialect(): 'redis' | 'valkey' { return this.#u32(24) === 1 ? 'valkey' : 'redis'; }
  get type(): number { return this.#u32(28); }
  /** Copies: the engine's memory is reused. */
  get stringA(): Uint8Array { return this.#bytesAt(32); }
  get stringB(): Uint8Array { return this.#bytesAt(40); }
  get key(): Uint8Array { return this.#bytesAt(48); }
  get db(): number { return this.#u32(56); }
  /** Blobs and compressed strings that were too large to be looked into. */
  get unchecked(): number { return this.#u32(60); }
  get numberA(): number { return this.#f64(64); }
  get numberB(): number { return this.#f64(72); }
  get numberC(): number { return this.#f64(80); }
  /** With `input`: bytes that the window must hold, 0 for any more. */
  get needed(): number { return this.#f64(88); }
  get entryOffset(): number { return this.#f64(96); }
  get valueOffset(): number { return this.#f64(104); }
  /** Offset in the file of the cursor. */
  get offset(): number { return this.#f64(112); }
  get valueAt(): number { return this.#u32(120); }
  /** The cursor is inside an entry: `key`, `type` and `db` are its own. */
  get inEntry(): boolean { return this.#u32(124) === 1; }
  get moduleId(): bigint { return this.#u64(128); }
  get errorExpected(): bigint { return this.#u64(136); }
  get errorFound(): bigint { return this.#u64(144); }
  get crcFound(): bigint { return this.#u64(152); }
  get crcWritten(): bigint { return this.#u64(160); }
  get keysRead(): number { return this.#f64(168); }
  get keysFiltered(): number { return this.#f64(176); }
  get keysExpired(): number { return this.#f64(184); }
  get keysEmpty(): number { return this.#f64(192); }
  get keysSet(): number { return this.#f64(200); }
  get keysRestored(): number { return this.#f64(208); }
  get keysUnsupported(): number { return this.#f64(216); }
  get keysTooLarge(): number { return this.#f64(224); }
  get firstTooLarge(): number { return this.#f64(232); }
  get keysRebuilt(): number { return this.#f64(256); }
  get keysCommands(): number { return this.#f64(264); }
  /** Values whose field expiries were dropped, as the policy says. */
  get droppedExpiries(): number { return this.#f64(272); }
  /** JSON lines whose items are in the file's order, being too many to be sorted; and those whose value is null. */
  get unsortedLines(): number { return this.#f64(400); }
  get nullLines(): number { return this.#f64(408); }
  /** JSON lines written. */
  get lines(): number { return this.#f64(416); }
  /** Commands in the region under way that answer OK without being a key: src/engine/pieces.ts STEP_OK. */
  get okSteps(): number { return this.#u32(280); }
  get errorOffset(): number { return this.#f64(240); }
  /** Offset inside the decoded blob at errorOffset; -1 where the error is in the file itself. */
  get errorInside(): number { return this.#f64(248); }

  /** Statistics of the keys selected since the last `clearStats`. */
  typeStats(): TypeStats[] {
    const rows: TypeStats[] = [];
    for (let byte = 0; byte < 256; byte++) {
      const at = ENGINE_MEMORY.STATS + byte * STATS_ROW;
      const n = (offset: number): number => Number(this.#view.getBigUint64(at + offset, true));
      const measure = (offset: number): number => Number(this.#view.getBigUint64(ENGINE_MEMORY.MEASURES + byte * 16 + offset, true));
      const keys = n(0);
      if (keys === 0) continue;
      rows.push({
        byte, keys, expiring: n(8), expired: n(16), bytes: n(24), firstOffset: n(32) - 1, unsupported: n(40), restore: n(48), set: n(56),
        rebuild: n(80), commands: n(88), memory: measure(0), elements: measure(8),
      });
    }
    return rows;
  }

  /** Keys by time to live; the bounds are in src/engine/stats.ts. */
  ttlHistogram(): number[] {
    return Array.from({ length: 9 }, (_, i) => Number(this.#view.getBigUint64(ENGINE_MEMORY.TTL_HISTOGRAM + i * 8, true)));
  }

  /** `form`: type byte of the encoding that `rebuild` makes. */
  setPlan(byte: number, action: EngineActionCode, kind: number, footer: number, form: number): void {
    const at = ENGINE_MEMORY.PLAN + byte * 8;
    this.bytes[at] = action;
    this.bytes[at + 1] = kind;
    this.#view.setUint16(at + 2, footer, true);
    this.bytes[at + 4] = form;
  }

  setModules(modules: readonly { id: bigint; action: EngineActionCode }[]): void {
    modules.slice(0, ENGINE_MEMORY.MODULE_SLOTS).forEach(({ id, action }, i) => {
      this.#view.setBigUint64(ENGINE_MEMORY.MODULES + i * 16, id, true);
      this.#view.setUint32(ENGINE_MEMORY.MODULES + i * 16 + 8, action, true);
    });
    this.calls.setModules(Math.min(modules.length, ENGINE_MEMORY.MODULE_SLOTS));
  }

  /** Which of the outputs holds each of the 16384 slots. */
  setSlotPartitions(partitions: Uint16Array): void {
    partitions.forEach((partition, slot) => this.#view.setUint16(ENGINE_MEMORY.SLOT_PARTITIONS + slot * 2, partition, true));
  }

  /** Keys that a walk found are to be written to each of `count` outputs, since the last call. */
  takePartitionCounts(count: number): { keys: number; expiring: number }[] {
    const at = ENGINE_MEMORY.PARTITION_COUNTS;
    const counts = Array.from({ length: count }, (_, i) => ({
      keys: Number(this.#view.getBigUint64(at + i * 16, true)), expiring: Number(this.#view.getBigUint64(at + i * 16 + 8, true)),
    }));
    this.bytes.fill(0, at, at + count * 16);
    return counts;
  }

  getU64(at: number): bigint { return this.#view.getBigUint64(at, true); }
  setU64(at: number, value: bigint): void { this.#view.setBigUint64(at, value, true); }

  /** Redis globs, as bytes. Returns false where they are too many for their area. */
  setGlobs(match: readonly Uint8Array[], exclude: readonly Uint8Array[]): boolean {
    let at = ENGINE_MEMORY.GLOBS;
    const limit = at + ENGINE_MEMORY.GLOBS_SIZE;
    for (const glob of [...match, ...exclude]) {
      if (at + 4 + glob.length > limit) return false;
      this.#view.setUint32(at, glob.length, true);
      this.bytes.set(glob, at + 4);
      at += 4 + glob.length;
    }
    this.calls.setGlobs(match.length, exclude.length);
    return true;
  }

  /** Ends of entries that wait to be settled: src/engine/deferred.ts. */
  deferred(): { at: number; offset: number; key: Uint8Array }[] {
    const records = [];
    for (let at: number = ENGINE_MEMORY.DEFERRED; at < this.calls.deferredEnd.value; at += this.#view.getUint32(at, true)) {
      const key = this.#view.getUint32(at + 4, true);
      records.push({
        at, offset: Number(this.#view.getBigUint64(at + 24, true)), key: this.bytes.slice(key, key + this.#view.getUint32(at + 8, true)),
      });
    }
    return records;
  }

  /** Where the command `i` of an index came from: its file offset and its RDB type byte (254: SELECT, offset is the db). */
  indexEntry(index: number, i: number): { offset: number; type: number } {
    const word = this.#view.getBigUint64(index + i * 8, true);
    return { offset: Number(word & 0xff_ffff_ffff_ffffn), type: Number(word >> 56n) };
  }

  #u32(at: number): number { return this.#view.getUint32(ENGINE_MEMORY.STATE + at, true); }
  #f64(at: number): number { return this.#view.getFloat64(ENGINE_MEMORY.STATE + at, true); }
  #u64(at: number): bigint { return this.#view.getBigUint64(ENGINE_MEMORY.STATE + at, true); }
  #bytesAt(at: number): Uint8Array {
    const from = this.#u32(at);
    return this.bytes.slice(from, from + this.#u32(at + 4));
  }
}
