/** What is inside a backup: versions, counts, expiry, functions. */

import type { StageContext } from '../context.js';
import { Engine } from '../rdb/engine.js';
import type { PartSurvey } from '../rdb/survey.js';
import { rdbType } from '../rdb/types.js';
import type { InspectOptions } from './options.js';
import { MeasuredKeys, memoryEstimate } from './measured-keys.js';
import type { Checksum, InspectedDb, InspectedGroup, InspectResult, TtlBucket } from './results.js';
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
  const engine = await Engine.create(1);
  const measured = new MeasuredKeys(engine, options);
  const parts = await surveyInputs(sources, { selection, plan: null, lookInside: false, now: started, stage: 'inspect', keys: measured }, ctx, engine);
  await options.keys?.close();
  for (const part of parts) {
    warnings.ofPart(part);
    requireIntegrity(part);
  }
  const byDb = mergeDbs(parts);
  return {
    command: 'inspect',
    ok: true,
    exitCode: 0,
    parts: parts.map(({ name, size, rdbVersion, dialect, checksum }) => ({ name, size, rdbVersion, dialect, checksum })),
    keys: sum(parts.map(({ byDb }) => sum([...byDb.values()].map(({ keys }) => keys)))),
    byDb,
    ...mergeTypes(parts),
    memory: memoryEstimate(sum(Object.values(byDb).map(({ memory }) => memory)), byDb, parts.map(({ aux }) => aux['used-mem'])),
    ...measured.end(engine),
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
function mergeDbs(parts: readonly PartSurvey[]): Record<string, InspectedDb> {
  const merged: Record<string, InspectedDb> = {};
  for (const { byDb } of parts) {
    for (const [db, counts] of byDb) {
      const total = (merged[String(db)] ??= { keys: 0, expiring: 0, expired: 0, bytes: 0, memory: 0 });
      total.keys += counts.keys;
      total.expiring += counts.expiring;
      total.expired += counts.expired;
      total.bytes += counts.bytes;
      total.memory += counts.memory;
    }
  }
  return merged;
}

function mergeTypes(parts: readonly PartSurvey[]): Pick<InspectResult, 'byType' | 'byEncoding'> {
  const byType: InspectResult['byType'] = {};
  const byEncoding: InspectResult['byEncoding'] = {};
  for (const { byType: types, dialect } of parts) {
    for (const counts of types.values()) {
      const type = rdbType(dialect, counts.byte);
      add(byType, type?.kind ?? `type ${counts.byte}`, counts);
      add(byEncoding, type?.name ?? `type ${counts.byte}`, counts);
    }
  }
  return { byType, byEncoding };
}

function add(table: Record<string, InspectedGroup>, name: string, counts: InspectedGroup): void {
  const row = (table[name] ??= { keys: 0, bytes: 0, memory: 0, elements: 0 });
  for (const field of ['keys', 'bytes', 'memory', 'elements'] as const) row[field] += counts[field];
}

function mergeTtl(parts: readonly PartSurvey[]): InspectResult['ttl'] {
  const counts = (i: number): number => sum(parts.map(({ ttl }) => ttl[i] ?? 0));
  const histogram: TtlBucket[] = BUCKETS.map((bucket, i) => ({ ...bucket, keys: counts(i) }));
  return { persistent: counts(BUCKETS.length), expiring: sum(histogram.map(({ keys }) => keys)), expired: counts(0), histogram };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
