/** Who writes each of the formats of convert (options.ts has their names). */

import type { PartSource } from '../rdb/part-source.js';
import type { Selection } from '../rdb/engine-setup.js';
import type { StageContext } from '../context.js';
import type { OutputFile } from '../stores/output-file.js';
import type { ConvertFormatName, ConvertOptions } from './options.js';
import type { ConvertPlan, ImportFailure } from './results.js';
import type { Warnings } from './warnings.js';

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

/** Writes everything; throws what stops it. Loaded only when it is used. */
export const CONVERT_WRITERS: Readonly<Record<ConvertFormatName, (job: ConvertJob) => Promise<void>>> = {
  rdb: async (job) => (await import('./convert-rdb.js')).writeRdb(job),
  jsonl: async (job) => (await import('./convert-jsonl.js')).writeJsonl(job),
  resp: async (job) => (await import('./convert-resp.js')).writeResp(job),
};
