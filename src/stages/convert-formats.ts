/** The formats that convert writes: one row each. */

import type { PartSource } from '../rdb/part-source.js';
import type { Selection } from '../rdb/engine-setup.js';
import type { StageContext } from '../context.js';
import type { OutputFile } from '../stores/output-file.js';
import type { ConvertOptions } from './options.js';
import type { ConvertPlan, ImportFailure } from './results.js';
import type { Warnings } from './warnings.js';

export const CONVERT_FORMAT_NAMES = ['rdb', 'jsonl', 'resp'] as const;
export type ConvertFormatName = (typeof CONVERT_FORMAT_NAMES)[number];

/** What a writer gets: inputs that were found to be sound where they can be read twice, and files to write to. */
export interface ConvertJob {
  readonly sources: readonly PartSource[];
  readonly options: ConvertOptions;
  readonly selection: Selection;
  /** Clock for expiry, ms: the same for every pass. */
  readonly now: number;
  readonly ctx: StageContext;
  readonly warnings: Warnings;
  /** Opens the output; several for formats that divide. The stage finishes, publishes and discards them. */
  open(path: string): Promise<OutputFile>;
  /** Kept up to date while the writer works, so that a run that ends early says how far it got. */
  readonly counts: ConvertCounts;
}

export interface ConvertCounts {
  keys: { read: number; written: number; skippedExpired: number; skippedFiltered: number; skippedExisting: number; failed: number };
  plan: ConvertPlan;
  functions: number;
  failures: ImportFailure[];
  /** Of each output, in the order in which they were opened. */
  outputKeys: number[];
}

export interface ConvertFormat {
  readonly name: ConvertFormatName;
  /** Of file names, in lower case. */
  readonly extensions: readonly string[];
  /** Takes --split-slots and --nodes. */
  readonly divides: boolean;
  /** Writes everything; throws what stops it. Loaded only when it is used. */
  write(job: ConvertJob): Promise<void>;
}

export const CONVERT_FORMATS: readonly ConvertFormat[] = [
  { name: 'rdb', extensions: ['.rdb'], divides: true, write: async (job) => (await import('./convert-rdb.js')).writeRdb(job) },
  { name: 'jsonl', extensions: ['.jsonl', '.ndjson'], divides: false, write: async (job) => (await import('./convert-jsonl.js')).writeJsonl(job) },
  { name: 'resp', extensions: ['.resp'], divides: false, write: async (job) => (await import('./convert-resp.js')).writeResp(job) },
];

/** The format that `--to` names, or the extension of the file; undefined where neither tells. */
export function convertFormat(output: string, to: ConvertFormatName | undefined): ConvertFormat | undefined {
  if (to !== undefined) return CONVERT_FORMATS.find(({ name }) => name === to);
  const lower = output.toLowerCase();
  return CONVERT_FORMATS.find(({ extensions }) => extensions.some((extension) => lower.endsWith(extension)));
}

