/** What is inside a backup: versions, counts, expiry, functions. */

import type { StageContext } from '../context.js';
import type { PartSurvey } from '../rdb/survey.js';
import { rdbType } from '../rdb/types.js';
import type { InspectOptions } from './options.js';
import type { Checksum, DbCounts, InspectResult, TtlBucket } from './results.js';
import { selectionOf } from './selection.js';
import { openInputs, requireIntegrity, surveyInputs } from './survey-inputs.js';
import { Warnings } from './warnings.js';

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** The engine's buckets (src/engine/stats.ts), without the last one: keys that do not expire. */
const BUCKETS: readonly { label: string; upToMs: number | null }[] = [
  { label: 'expired', upToMs: 0 },
  { label: 'up to 1 minute', upToMs: MINUTE },
  { label: 'up to 1 hour', upToMs: HOUR },
  { label: 'up to 1 day', upToMs: DAY },
  { label: 'up to 7 days', upToMs: 7 * DAY },
  { label: 'up to 30 days', upToMs: 30 * DAY },
  { label: 'up to 365 days', upToMs: 365 * DAY },
  { label: 'more than 365 days', upToMs: null },
];

/** Checksums from the best to the worst: of several parts the worst is shown. */
const CHECKSUM_ORDER: readonly Checksum[] = ['ok', 'disabled', 'absent', 'mismatch'];

/** Walks every part. Throws CorruptInputError or UnsupportedInputError at the first byte that is not as it must be. */
export async function inspectStage(options: InspectOptions, ctx: StageContext): Promise<InspectResult> {
  const started = Date.now();
  const warnings = new Warnings(ctx);
  const sources = await openInputs(options.inputs);
  const selection = { ...selectionOf(options.selection), skipExpired: false };
  const parts = await surveyInputs(sources, { selection, plan: null, lookInside: false, now: started, stage: 'inspect' }, ctx);
  for (const part of parts) {
    warnings.ofPart(part);
    requireIntegrity(part);
  }
  return {
    command: 'inspect',
    ok: true,
    exitCode: 0,
    parts: parts.map(({ name, size, rdbVersion, dialect, checksum }) => ({ name, size, rdbVersion, dialect, checksum })),
    keys: sum(parts.map(({ byDb }) => sum([...byDb.values()].map(({ keys }) => keys)))),
    byDb: mergeDbs(parts),
    ...mergeTypes(parts),
    ttl: mergeTtl(parts),
    functions: parts.flatMap(({ functions }) => functions),
    aux: Object.assign({}, ...parts.map(({ aux }) => aux)) as Record<string, string>,
    rdbVersion: Math.max(...parts.map(({ rdbVersion }) => rdbVersion)),
    dialect: parts[0]?.dialect ?? 'redis',
    checksum: parts.map(({ checksum }) => checksum).reduce((a, b) => (CHECKSUM_ORDER.indexOf(a) > CHECKSUM_ORDER.indexOf(b) ? a : b), 'ok'),
    warnings: warnings.list,
    elapsedMs: Date.now() - started,
  };
}

/** Counts by database over several parts, as the result shows them. */
export function mergeDbs(parts: readonly PartSurvey[]): Record<string, DbCounts> {
  const merged: Record<string, DbCounts> = {};
  for (const { byDb } of parts) {
    for (const [db, counts] of byDb) {
      const total = (merged[String(db)] ??= { keys: 0, expiring: 0, expired: 0 });
      total.keys += counts.keys;
      total.expiring += counts.expiring;
      total.expired += counts.expired;
    }
  }
  return merged;
}

function mergeTypes(parts: readonly PartSurvey[]): Pick<InspectResult, 'byType' | 'byEncoding'> {
  const byType: InspectResult['byType'] = {};
  const byEncoding: InspectResult['byEncoding'] = {};
  for (const { byType: types, dialect } of parts) {
    for (const { byte, keys, bytes } of types.values()) {
      const type = rdbType(dialect, byte);
      add(byType, type?.kind ?? `type ${byte}`, keys, bytes);
      add(byEncoding, type?.name ?? `type ${byte}`, keys, bytes);
    }
  }
  return { byType, byEncoding };
}

function add(table: Record<string, { keys: number; bytes: number }>, name: string, keys: number, bytes: number): void {
  const row = (table[name] ??= { keys: 0, bytes: 0 });
  row.keys += keys;
  row.bytes += bytes;
}

function mergeTtl(parts: readonly PartSurvey[]): InspectResult['ttl'] {
  const counts = (i: number): number => sum(parts.map(({ ttl }) => ttl[i] ?? 0));
  const histogram: TtlBucket[] = BUCKETS.map((bucket, i) => ({ ...bucket, keys: counts(i) }));
  return { persistent: counts(BUCKETS.length), expiring: sum(histogram.map(({ keys }) => keys)), expired: counts(0), histogram };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
