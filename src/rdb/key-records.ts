/** Keys as the engine measures them (src/engine/inspect.ts): records in a region, prefixes, histograms. */

import type { Engine } from './engine.js';
import { ENGINE_MEMORY, REGION_SIZE } from './memory-map.js';
import { rdbType, type Dialect, type RdbType } from './types.js';

/** Longer prefixes of a key are not counted; nor are deeper ones than this. */
export const PREFIX_BYTES = 256;
export const PREFIX_DEPTH = 8;
/** A key is cut to this length in a record. */
export const KEY_BYTES = 1 << 18;
/** Records taken at a time where only candidates for the largest keys come: the sooner what is large is known, the fewer. */
const CANDIDATES = 1024;
/** As the engine's index has room for. */
const ALL = 16384;

const PREFIX_ENTRY = 48;

export interface MeasureOptions {
  /** What ends a prefix, 0 to 64 bytes; none: no prefixes. */
  delimiter: Uint8Array;
  /** Of the allocator of the server whose memory is estimated: 8 as Redis builds it, 16 as Debian links it. */
  quantum: 8 | 16;
}

/** What a part's keys are handed to, a batch at a time. */
export interface KeyReader {
  /** Before the part's first byte. */
  start(engine: Engine): void;
  /** The region is full, or the part has ended. The records are gone when it returns. */
  take(engine: Engine, part: string): Promise<void>;
}

/** Every key that the engine walks from now on is measured, over all parts. */
export function startMeasuring(engine: Engine, options: MeasureOptions): void {
  if (options.delimiter.length > ENGINE_MEMORY.DELIMITER_SIZE) throw new Error('the delimiter is too long');
  engine.bytes.set(options.delimiter, ENGINE_MEMORY.DELIMITER);
  engine.calls.configureInspect(options.delimiter.length, options.quantum);
}

/** An empty region for records. `all`: of every key; else only of those above what `setCandidates` said. */
export function openRecords(engine: Engine, all: boolean): void {
  const region = engine.map.regions[0];
  if (region === undefined) throw new Error('the engine has no region');
  engine.calls.openRegion(region.at, REGION_SIZE, region.index, all ? ALL : CANDIDATES);
}

/** A cursor over the records of a region: nothing is made per key. Valid until the engine goes on. */
export class KeyRecords {
  readonly part: string;
  readonly #engine: Engine;
  readonly #dialect: Dialect;
  readonly #view: DataView;
  #at = 0;
  #size = 0;

  constructor(engine: Engine, part: string) {
    this.part = part;
    this.#engine = engine;
    this.#dialect = engine.dialect;
    this.#view = new DataView(engine.bytes.buffer);
    this.#at = engine.map.regions[0]?.at ?? 0;
  }

  /** Steps to the next record; false after the last. */
  next(): boolean {
    this.#at += this.#size;
    if (this.#at >= this.#engine.out) return false;
    this.#size = this.#view.getUint32(this.#at, true);
    return true;
  }

  get rdbType(): number { return this.#view.getUint32(this.#at + 4, true); }
  get type(): RdbType | undefined { return rdbType(this.#dialect, this.rdbType); }
  get #flags(): number { return this.#view.getUint32(this.#at + 8, true); }
  get db(): number { return this.#view.getInt32(this.#at + 12, true); }
  get offset(): number { return this.#f64(16); }
  /** Bytes of the value in the file. */
  get bytes(): number { return this.#f64(24); }
  get memory(): number { return this.#f64(32); }
  get elements(): number { return this.#f64(40); }
  /** Bytes of the elements, decoded. */
  get payload(): number { return this.#f64(48); }
  /** Bytes of the largest element; null where they are not looked into. */
  get largest(): number | null {
    const largest = this.#f64(56);
    return largest === 0 && this.payload > 0 ? null : largest;
  }
  /** Absolute, ms; null: none. */
  get expiresAtMs(): number | null { return this.#flags & 1 ? Number(this.#view.getBigInt64(this.#at + 64, true)) : null; }
  get idleSeconds(): number | null { return this.#flags & 2 ? this.#f64(72) : null; }
  get frequency(): number | null { return this.#flags & 4 ? this.#view.getUint32(this.#at + 80, true) : null; }
  get keyLength(): number { return this.#view.getUint32(this.#at + 84, true); }
  /** A view of the engine's memory, of at most KEY_BYTES. */
  get key(): Uint8Array {
    const from = this.#at + 96;
    return this.#engine.bytes.subarray(from, from + this.#view.getUint32(this.#at + 88, true));
  }

  #f64(at: number): number { return this.#view.getFloat64(this.#at + at, true); }
}

export interface PrefixCount {
  db: number;
  prefix: Uint8Array;
  depth: number;
  keys: number;
  /** At least this much, and at most `missed` more. */
  memory: number;
  missed: number;
}

/**
 * The heaviest prefixes, heaviest first, a shorter one before a longer. Where not every prefix could be counted, what the
 * file may hold more of among those left out than of them is not told. `dropped`: 0 where each was counted.
 */
export function readPrefixes(engine: Engine, delimiter: Uint8Array, top: number): { prefixes: PrefixCount[]; dropped: number } {
  const view = new DataView(engine.bytes.buffer);
  const dropped = engine.calls.prefixDropped();
  const entry = (i: number): number => ENGINE_MEMORY.PREFIX_TABLE + i * PREFIX_ENTRY;
  const memory = (i: number): number => view.getFloat64(entry(i) + 8, true);
  const depth = (i: number): number => view.getUint32(entry(i) + 36, true);
  const order = Array.from({ length: engine.calls.prefixCount() }, (_, i) => i).filter((i) => memory(i) > dropped);
  order.sort((a, b) => memory(b) - memory(a) || depth(a) - depth(b) || a - b);
  const prefixes = order.slice(0, top).flatMap((i) => {
    const at = entry(i);
    const name = ENGINE_MEMORY.PREFIX_NAMES + view.getUint32(at + 44, true) * PREFIX_BYTES;
    const counted: PrefixCount = {
      db: view.getInt32(at + 32, true), prefix: engine.bytes.slice(name, name + view.getUint16(at + 40, true)), depth: depth(i),
      keys: view.getFloat64(at + 24, true), memory: memory(i), missed: view.getFloat64(at + 16, true),
    };
    return counted.keys === 1 ? unfolded(counted, engine.bytes.slice(name, name + view.getUint16(at + 42, true)), delimiter) : [counted];
  });
  prefixes.sort((a, b) => b.memory - a.memory || a.depth - b.depth);
  return { prefixes: prefixes.slice(0, top), dropped };
}

/** A prefix of one key stands for the longer ones of that key, up to `whole`. */
function unfolded(counted: PrefixCount, whole: Uint8Array, delimiter: Uint8Array): PrefixCount[] {
  const all = [counted];
  const bytes = Buffer.from(whole);
  for (let { depth, prefix: { length } } = counted; length < whole.length; ) {
    length = bytes.indexOf(delimiter, length) + delimiter.length;
    all.push({ ...counted, depth: ++depth, prefix: whole.subarray(0, length) });
  }
  return all;
}

/** Keys by idle time and by access frequency, where the file has them; the bounds are in src/engine/inspect.ts. */
export function readHistograms(engine: Engine): { idle: number[]; frequency: number[] } {
  const view = new DataView(engine.bytes.buffer);
  const read = (at: number, length: number): number[] => Array.from({ length }, (_, i) => Number(view.getBigUint64(at + i * 8, true)));
  return { idle: read(ENGINE_MEMORY.IDLE_HISTOGRAM, 7), frequency: read(ENGINE_MEMORY.FREQUENCY_HISTOGRAM, 9) };
}
