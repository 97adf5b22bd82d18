/**
 * What each stage returns, and `--json` prints as it is. Names are fixed and only ever added to
 * (docs/json.md). A stage that fails throws a RedferryError carrying the same shape in `.result`.
 */

import type { ConvertFormatName } from './options.js';

/** A named, counted warning. */
export interface ResultWarning {
  id: string;
  message: string;
  count: number;
}

export interface ResultBase {
  /** Whether the command did all it was asked for; the same as `exitCode === 0`. */
  ok: boolean;
  exitCode: number;
  warnings: ResultWarning[];
  elapsedMs: number;
}

/** Keys by the way they are written. */
export interface PlanCounts {
  set: number;
  restore: number;
  rebuild: number;
  commands: number;
}

export interface ImportFailure {
  part: string;
  offset: number;
  db: number;
  keyHash: string;
  type: string;
  /** The server's words. */
  error: string;
}

export interface ImportResult extends ResultBase {
  command: 'import';
  jobId: string;
  target: string;
  keys: {
    read: number;
    written: number;
    skippedExpired: number;
    skippedFiltered: number;
    skippedExisting: number;
    failed: number;
  };
  plan: PlanCounts;
  functions: number;
  /** Lua scripts of AUX fields that were loaded. */
  scripts: number;
  bytes: { read: number; sent: number };
  resumedFrom: null;
  failures: ImportFailure[];
}

export type Checksum = 'ok' | 'disabled' | 'absent' | 'mismatch';

/** Keys of one db as the file holds them; `expired` counts those whose time had passed when it was read. */
export interface DbCounts {
  keys: number;
  expiring: number;
  expired: number;
}

export interface CheckedPart {
  name: string;
  /** Bytes of the stored object; null when unknown (stdin). */
  size: number | null;
  rdbVersion: number;
  dialect: 'redis' | 'valkey';
  checksum: Checksum;
  keys: number;
  byDb: Record<string, DbCounts>;
  /** RDB type byte → keys. */
  rdbTypeBytes: Record<string, number>;
  functions: number;
  aux: Record<string, string>;
}

export interface CheckOutcome {
  /** E.g. `target.version`. */
  id: string;
  status: 'pass' | 'alarm' | 'failed';
  evidence: string;
  /** Empty where the check passed. */
  cause: string;
  remedy: string;
}

/** One kind of value that cannot be written by any plan this target and these options allow. */
export interface UnsupportedKeys {
  type: string;
  rdbType: number;
  count: number;
  part: string;
  /** Offset of the first such key in `part`. */
  exampleOffset: number;
  reason: string;
}

export interface CheckResult extends ResultBase {
  command: 'check';
  target?: string;
  parts: CheckedPart[];
  keys: { read: number; skippedExpired: number; skippedFiltered: number };
  plan: PlanCounts & { unsupported: number };
  unsupported: UnsupportedKeys[];
  checks: CheckOutcome[];
}

/** One db (or the whole) compared by count. */
export interface VerifyCounts {
  expected: number;
  equal: number;
  missing: number;
  different: number;
  extra: number;
  /** Keys of the backup whose time has passed since it was made. */
  expiredSince: number;
}

export interface VerifyDifference {
  db: number;
  /** E.g. `missing`, `extra`, `expiring`. */
  kind: string;
  expected: number;
  found: number;
  /** One sentence: where, found versus expected. */
  message: string;
}

export interface VerifyResult extends ResultBase {
  command: 'verify';
  level: 'count';
  target: string;
  keys: VerifyCounts;
  /** By db at the target. */
  byDb: Record<string, VerifyCounts>;
  /** Bytes; `ratio` is target / source. null where a side does not tell. `explanation` says what was compared and why it passes or not. */
  memory: { source: number | null; target: number | null; ratio: number | null; withinTolerance: boolean | null; explanation: string };
  differences: VerifyDifference[];
}

export interface InspectFunctionLibrary {
  name: string;
  engine: string;
  bytes: number;
}

/** Keys by how long they had to live when the file was inspected. `upToMs` null: no upper bound. */
export interface TtlBucket {
  label: string;
  upToMs: number | null;
  keys: number;
}

/** Keys of one type or encoding. */
export interface InspectedGroup {
  keys: number;
  /** Of their values, in the file. */
  bytes: number;
  /** Estimated. */
  memory: number;
  elements: number;
}

export interface InspectedDb extends DbCounts {
  bytes: number;
  memory: number;
}

export interface InspectedKey {
  part: string;
  db: number;
  type: string;
  encoding: string;
  /** Text in JSON, escaped as src/report/key-text.ts says; at most KEY_BYTES of it. */
  key: Uint8Array;
  keyLength: number;
  bytes: number;
  memory: number;
  elements: number;
  /** Bytes of the largest element; null where elements are not looked into. */
  largest: number | null;
  expiresAtMs: number | null;
  offset: number;
}

export interface InspectedPrefix {
  db: number;
  prefix: Uint8Array;
  depth: number;
  keys: number;
  /** At least this much, and at most `missed` more. */
  memory: number;
  missed: number;
}

/** Bytes that a server would need. */
export interface MemoryEstimate {
  total: number;
  keys: number;
  /** Tables of the databases, and of the keys that expire. */
  tables: number;
  /** The server whose structures were reckoned with. */
  model: 'redis-7.0';
  /** What the source used when it wrote the parts (AUX used-mem); null where a part does not say. */
  source: number | null;
}

export interface InspectResult extends ResultBase {
  command: 'inspect';
  parts: { name: string; size: number | null; rdbVersion: number; dialect: 'redis' | 'valkey'; checksum: Checksum }[];
  keys: number;
  byDb: Record<string, InspectedDb>;
  byType: Record<string, InspectedGroup>;
  byEncoding: Record<string, InspectedGroup>;
  memory: MemoryEstimate;
  biggest: { byMemory: InspectedKey[]; byElements: InspectedKey[] };
  /** `dropped`: 0 where each prefix was counted; else one that was not has at most twice as much memory. */
  prefixes: { delimiter: string; dropped: number; top: InspectedPrefix[] };
  /** null where the file has none. */
  idle: { label: string; upToSeconds: number | null; keys: number }[] | null;
  frequency: { label: string; upTo: number; keys: number }[] | null;
  ttl: { persistent: number; expiring: number; expired: number; histogram: TtlBucket[] };
  functions: InspectFunctionLibrary[];
  aux: Record<string, string>;
  rdbVersion: number;
  dialect: 'redis' | 'valkey';
  checksum: Checksum;
}

/** Keys by the way they are written: RDB copies or rebuilds them, RESP has them as import would send them. */
export interface ConvertPlan extends PlanCounts {
  copy: number;
}

export interface ConvertedFile {
  /** `-` for stdout. */
  path: string;
  format: ConvertFormatName;
  bytes: number;
  keys: number;
  sha256: string;
}

export interface ConvertResult extends ResultBase {
  command: 'convert';
  /** Files that are complete; none where the command failed. */
  outputs: ConvertedFile[];
  keys: {
    read: number;
    written: number;
    skippedExpired: number;
    skippedFiltered: number;
    /** Keys of which another input's, or another database's, was taken. */
    skippedExisting: number;
    failed: number;
  };
  plan: ConvertPlan;
  functions: number;
  failures: ImportFailure[];
}

export interface RunResult extends ResultBase {
  command: 'run';
  target: string;
  /** null where the stage was not reached. */
  check: CheckResult | null;
  import: ImportResult | null;
  verify: VerifyResult | null;
}

export type StageResult = ImportResult | CheckResult | VerifyResult | InspectResult | ConvertResult | RunResult;
