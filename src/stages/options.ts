/** What each stage is asked to do: plain values, already validated. Defaults live in src/config only. */

import type { Endpoint } from '../resp/endpoint.js';

/** Words of `--type`. */
export const KEY_TYPES = ['string', 'list', 'set', 'zset', 'hash', 'stream', 'module'] as const;

export type KeyType = (typeof KEY_TYPES)[number];

export interface SelectionOptions {
  /** Only these dbs of the backup (numbers in the file, before `dbMap`). */
  dbs?: number[];
  /** db in the file → db at the target. */
  dbMap: Map<number, number>;
  /** Redis globs; a key must match at least one, when there are any. */
  match: string[];
  /** Redis globs; a key that matches one is left out. */
  exclude: string[];
  types?: KeyType[];
  expired: 'skip' | 'keep';
  /** Leave out keys that expire within this time. */
  minTtlMs?: number;
}

export interface WriteOptions {
  onConflict: 'fail' | 'skip' | 'replace';
  write: 'auto' | 'restore' | 'commands';
  saveBandwidth: boolean;
  /** Bytes of a value from which it is written by native commands. */
  bigValue: number;
  /** Hash fields that expire, at a target that cannot keep that. */
  fieldTtl: 'fail' | 'drop' | 'expire-key';
  functions: 'replace' | 'skip' | 'fail';
  /** Lua scripts kept in the file's AUX fields (Redis 4.0 to 6.2). */
  scripts: 'load' | 'skip';
  onUnsupported: 'fail' | 'skip';
  /** Bytes sent and not yet answered, at most. */
  maxInflight: number;
}

export interface TargetOptions {
  target: Endpoint;
  /** The target's URL without password: fit for people and JSON. */
  targetName: string;
}

export interface CheckOptions {
  /** Locations: paths, or `-`. */
  inputs: string[];
  target?: Endpoint;
  targetName?: string;
  selection: SelectionOptions;
  write: WriteOptions;
  /** Ids of alarms that do not stop the command. */
  accept: string[];
}

export interface ImportOptions extends TargetOptions {
  inputs: string[];
  selection: SelectionOptions;
  write: WriteOptions;
}

export interface VerifyOptions extends TargetOptions {
  inputs: string[];
  selection: SelectionOptions;
  level: 'count';
  /** Percent by which the target's memory may differ from the file's `used-mem`. */
  memoryTolerance: number;
}

export interface InspectOptions {
  inputs: string[];
  selection: SelectionOptions;
}

export interface RunOptions extends ImportOptions, VerifyOptions {
  accept: string[];
}
