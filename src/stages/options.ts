/** What each stage is asked to do: plain values, already validated. Defaults live in src/config only. */

import type { KeyRecords } from '../rdb/key-records.js';
import type { Endpoint } from '../resp/endpoint.js';

/** Where the rows of keys go. */
export interface KeySink {
  /** The records are gone when it returns. */
  take(records: KeyRecords): Promise<void>;
  /** All keys were read. */
  close(): Promise<void>;
}

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
  /** How many of the largest keys and of the heaviest prefixes are shown. */
  top: number;
  /** What ends a prefix of a key: at most 64 bytes. */
  delimiter: string;
  /** Takes a record of each key, in the order of the file. */
  keys?: KeySink;
  /** Of the allocator whose memory is estimated; 8, as servers build it, unless it is said. */
  quantum?: 8 | 16;
}

/** What convert writes. `extensions` of file names, in lower case; `divides`: keys may be divided among several files by slot. */
export const CONVERT_FORMATS = [
  { name: 'rdb', extensions: ['.rdb'], divides: true },
  { name: 'jsonl', extensions: ['.jsonl', '.ndjson'], divides: false },
  { name: 'resp', extensions: ['.resp'], divides: false },
] as const;

export type ConvertFormatName = (typeof CONVERT_FORMATS)[number]['name'];

export interface ConvertOptions {
  inputs: string[];
  /** A path, `-`, or with `split` a pattern of paths: {n}, {id}, {host}, {port}, {slots}. */
  output: string;
  format: ConvertFormatName;
  selection: SelectionOptions;
  /** The RDB version to write, and whose server is to load it; undefined: as the inputs. */
  rdbVersion?: number;
  dialect?: 'redis' | 'valkey';
  /** Keys are divided by slot: among so many files, or as a list of nodes (a path) says. */
  split: { count: number } | { nodes: string } | null;
  onConflict: 'fail' | 'skip' | 'replace';
  onUnsupported: 'fail' | 'skip';
  fieldTtl: 'fail' | 'drop' | 'expire-key';
  /** How RESP is written. */
  write: 'auto' | 'restore' | 'commands';
  saveBandwidth: boolean;
  bigValue: number;
  functions: 'replace' | 'skip' | 'fail';
  /** Existing files are replaced. */
  force: boolean;
}

export interface RunOptions extends ImportOptions, VerifyOptions {
  accept: string[];
}
