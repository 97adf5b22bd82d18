/** The keys of an inspection as they are read: the largest are kept, all are handed on to whoever wants a row of each. */

import type { Engine } from '../rdb/engine.js';
import { KeyRecords, openRecords, readHistograms, readPrefixes, startMeasuring, type KeyReader } from '../rdb/key-records.js';
import { LargestKeys } from './largest-keys.js';
import type { InspectOptions } from './options.js';
import type { DbCounts, InspectResult, MemoryEstimate } from './results.js';

const MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** As in src/engine/inspect.ts. */
const IDLE: readonly { label: string; upToSeconds: number | null }[] = [
  { label: 'up to 1 minute', upToSeconds: MINUTE },
  { label: 'up to 1 hour', upToSeconds: HOUR },
  { label: 'up to 1 day', upToSeconds: DAY },
  { label: 'up to 7 days', upToSeconds: 7 * DAY },
  { label: 'up to 30 days', upToSeconds: 30 * DAY },
  { label: 'up to 365 days', upToSeconds: 365 * DAY },
  { label: 'more than 365 days', upToSeconds: null },
];

/** Redis' and Valkey's own build of jemalloc. */
const QUANTUM = 8;
/** A dict's entry, and a slot of its table, which is a power of two (redis 7.0 src/dict.h). */
const DICT_ENTRY = 24, SLOT = 8, SLOTS = 4;

export class MeasuredKeys implements KeyReader {
  readonly #options: InspectOptions;
  readonly #byMemory: LargestKeys;
  readonly #byElements: LargestKeys;

  constructor(engine: Engine, options: InspectOptions) {
    this.#options = options;
    this.#byMemory = new LargestKeys(options.top, ({ memory }) => memory);
    this.#byElements = new LargestKeys(options.top, ({ elements }) => elements);
    startMeasuring(engine, { delimiter: Buffer.from(options.delimiter), quantum: options.quantum ?? QUANTUM });
  }

  start(engine: Engine): void {
    const all = this.#options.keys !== undefined;
    engine.calls.setCandidates(all ? -1 : this.#byMemory.threshold, all ? -1 : this.#byElements.threshold);
    openRecords(engine, all);
  }

  async take(engine: Engine, part: string): Promise<void> {
    const records = new KeyRecords(engine, part);
    while (records.next()) {
      this.#byMemory.offer(records);
      if (records.rdbType !== 0) this.#byElements.offer(records);
    }
    await this.#options.keys?.take(new KeyRecords(engine, part));
    this.start(engine);
  }

  end(engine: Engine): Pick<InspectResult, 'biggest' | 'prefixes' | 'idle' | 'frequency'> {
    const { top, delimiter } = this.#options;
    const { prefixes, dropped } = readPrefixes(engine, Buffer.from(delimiter), top);
    const { idle, frequency } = readHistograms(engine);
    const some = (counts: readonly number[]): boolean => counts.some((keys) => keys > 0);
    return {
      biggest: { byMemory: [...this.#byMemory.list], byElements: [...this.#byElements.list] },
      prefixes: { delimiter, dropped, top: prefixes },
      idle: some(idle) ? IDLE.map((bucket, i) => ({ ...bucket, keys: idle[i] ?? 0 })) : null,
      frequency: some(frequency) ? frequency.map((keys, i) => ({ label: frequencyLabel(i), upTo: 2 ** i - 1, keys })) : null,
    };
  }
}

function frequencyLabel(i: number): string {
  return i < 2 ? String(i) : `${2 ** (i - 1)} to ${2 ** i - 1}`;
}

/** Memory of keys and of the tables that hold them; `aux` of all parts says what the source used. */
export function memoryEstimate(keys: number, byDb: Readonly<Record<string, DbCounts>>, usedMemory: readonly (string | undefined)[]): MemoryEstimate {
  const tables = Object.values(byDb).reduce((bytes, db) => bytes + tableBytes(db.keys) + (db.expiring === 0 ? 0 : tableBytes(db.expiring) + db.expiring * DICT_ENTRY), 0);
  const source = usedMemory.reduce((bytes: number | null, text) => (bytes === null || text === undefined || !/^\d+$/.test(text) ? null : bytes + Number(text)), 0);
  return { total: keys + tables, keys, tables, model: 'redis-7.0', source: usedMemory.length === 0 ? null : source };
}

/** Slots of a table for so many keys. */
function tableBytes(keys: number): number {
  return SLOT * Math.max(SLOTS, 2 ** Math.ceil(Math.log2(Math.max(1, keys))));
}
