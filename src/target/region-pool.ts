/**
 * The regions of the engine's memory between three owners: the engine that fills one, the pipeline that has sent some,
 * and those that are free. A region comes back only when every command in it was answered, so that an error is traced
 * from the bytes that were sent.
 */

import type { Engine } from '../rdb/engine.js';
import { INDEX_SLOTS } from '../rdb/memory-map.js';
import type { Region } from '../resp/pipeline.js';

/** A SELECT among the commands of a region: from `index` on, commands are for a key of this database of the file. */
interface DbChange {
  index: number;
  fileDb: number;
}

interface RegionState {
  fileDb: number;
  changes: DbChange[];
}

/** In the engine's index (src/engine/commands.ts): a step of a value built by commands, its last command, and SELECT. */
export const STEP_OK_TYPE = 251;
export const STEP_TYPE = 252;
export const LAST_TYPE = 253;
const SELECT_TYPE = 254;

export interface CommandOrigin {
  /** Offset in the file of the entry. */
  offset: number;
  rdbType: number;
  fileDb: number;
  isSelect: boolean;
}

export class RegionPool {
  readonly #engine: Engine;
  readonly #free: number[];
  readonly #state: RegionState[];
  #current: number;
  #fileDb = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    const ids = engine.map.regions.map((_, id) => id);
    this.#state = ids.map(() => ({ fileDb: 0, changes: [] }));
    this.#current = 0;
    this.#free = ids.slice(1);
    this.#open();
  }

  /** Bytes of the region under way that are filled. */
  get filled(): number {
    return this.#engine.out - this.#region().at;
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.#region().at + this.#engine.map.regionSize - this.#engine.out;
  }

  get hasFree(): boolean {
    return this.#free.length > 0;
  }

  /** The region under way, to be sent; `next` must be called before the engine writes again. */
  take(): Region {
    const { at } = this.#region();
    return { id: this.#current, bytes: this.#engine.bytes.subarray(at, this.#engine.out), commands: this.#engine.commands };
  }

  /** Which commands of the region under way answer OK and are no keys: SELECT, steps of a stream. */
  noKeys(): number[] {
    const { index } = this.#region();
    if (this.#engine.okSteps === 0 && this.#state[this.#current]?.changes.length === 0) return [];
    return Array.from({ length: this.#engine.commands }, (_, i) => i).filter((i) => {
      const { type } = this.#engine.indexEntry(index, i);
      return type === STEP_OK_TYPE || type === SELECT_TYPE;
    });
  }

  /** Opens a free region for the engine. */
  next(): void {
    const id = this.#free.shift();
    if (id === undefined) throw new Error('no region is free');
    this.#current = id;
    this.#open();
  }

  release(region: Region): void {
    this.#free.push(region.id);
  }

  /** What the engine writes from here on is of this database of the file. */
  changeDb(fileDb: number): void {
    this.#fileDb = fileDb;
    this.#state[this.#current]?.changes.push({ index: this.#engine.commands, fileDb });
  }

  /** Where command `index` of a sent region came from. */
  origin(region: Region, index: number): CommandOrigin {
    const { offset, type } = this.#engine.indexEntry(this.#engine.map.regions[region.id]?.index ?? 0, index);
    const state = this.#state[region.id];
    const change = state?.changes.findLast((each) => each.index <= index);
    return { offset, rdbType: type, fileDb: change?.fileDb ?? state?.fileDb ?? 0, isSelect: type === SELECT_TYPE };
  }

  #region(): { at: number; index: number } {
    const region = this.#engine.map.regions[this.#current];
    if (region === undefined) throw new Error('the engine has no regions');
    return region;
  }

  #open(): void {
    const { at, index } = this.#region();
    this.#state[this.#current] = { fileDb: this.#fileDb, changes: [] };
    this.#engine.calls.openRegion(at, this.#engine.map.regionSize, index, INDEX_SLOTS);
  }
}

/**
 * Key of the command `index` of a region, from the RESP that was sent; null where the command began in an earlier
 * region. Every command is an array of bulk strings; `argument` is the place of its key.
 */
export function keyOfCommand(bytes: Uint8Array, index: number, argument = 1): Uint8Array | null {
  let at = 0;
  for (let command = 0; at < bytes.length; command++) {
    if (bytes[at] !== 0x2a) return null;
    const head = readNumber(bytes, at + 1);
    at = head.next;
    for (let part = 0; part < head.value; part++) {
      const length = readNumber(bytes, at + 1);
      if (command === index && part === argument) return bytes.slice(length.next, length.next + length.value);
      at = length.next + length.value + 2;
    }
  }
  return null;
}

/** Decimal digits from `at` to CR; `next` is after the LF. */
function readNumber(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let q = at;
  for (let digit = bytes[q]; digit !== undefined && digit !== 0x0d; digit = bytes[++q]) value = value * 10 + digit - 0x30;
  return { value, next: q + 2 };
}
