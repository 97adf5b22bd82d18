/** Loads parts into a running server: probe, first pass where the parts can be read twice, then the writing. */

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';

import { InterruptedError, PartialError, RedferryError } from '../errors.js';
import type { StageContext } from '../context.js';
import { Engine } from '../rdb/engine.js';
import { REGION_SIZE } from '../rdb/memory-map.js';
import type { PartSurvey } from '../rdb/survey.js';
import { connect } from '../resp/connection.js';
import { Loader } from '../target/loader.js';
import { LISTED_FAILURES } from '../target/load-tally.js';
import { probeTarget } from '../target/probe.js';
import type { TargetProfile } from '../target/profile.js';
import { removeLeftovers } from '../target/staging.js';
import type { ImportOptions } from './options.js';
import { plannerFor, preflightChecks, preflightError, unsupportedKeys } from './preflight.js';
import type { ImportResult } from './results.js';
import { selectionOf } from './selection.js';
import { openInputs, requireIntegrity, surveyInputs } from './survey-inputs.js';
import { Warnings } from './warnings.js';

/**
 * Writes every selected key. Throws PartialError where keys failed, and whatever ended the run before its end; each
 * carries the result as far as it got.
 */
export async function importStage(options: ImportOptions, ctx: StageContext): Promise<ImportResult> {
  const started = Date.now();
  const warnings = new Warnings(ctx);
  const sources = await openInputs(options.inputs);
  const profile = await probeTarget(options.target, ctx);
  const planner = plannerFor(profile, options.write);
  const selection = selectionOf(options.selection);
  const now = (): number => Date.now() + profile.clockOffsetMs;

  const engine = await Engine.create(...regionsFor(options.write.maxInflight));

  // what can be read twice is walked whole before the first write; the rest is judged on the way
  const rereadable = sources.every((source) => source.rereadable);
  const survey = (lookInside: boolean): Promise<PartSurvey[]> => surveyInputs(
    sources, { selection, plan: (dialect) => planner(dialect).engine, lookInside, now: now(), stage: 'import' }, ctx, engine,
  );
  let parts = rereadable ? await survey(false) : null;
  parts?.forEach(requireIntegrity);
  const vouched = parts?.every(({ checksum }) => checksum === 'ok') ?? false;
  if (parts !== null && !vouched) parts = await survey(true);
  for (const part of parts ?? []) warnings.ofPart(part);
  const facts = {
    profile, parts, selection: options.selection, write: options.write,
    unsupported: unsupportedKeys(parts ?? [], planner), denied: planner(parts?.[0]?.dialect ?? 'redis').denied,
  };
  const checks = preflightChecks(facts);
  for (const { id, status, evidence, cause } of checks) if (status === 'alarm') warnings.add(id, `${evidence} ${cause}`);

  const refused = preflightError(checks, [], false);
  if (refused !== null) {
    refused.result = resultOf(null, options, warnings, started, refused.exitCode);
    throw refused;
  }
  if ((parts ?? []).some(({ byType }) => [...byType.values()].some(({ commands }) => commands > 0))) await removeDeadStaging(options, profile, warnings, ctx);
  const connection = await connect({ ...options.target, db: 0 }, { signal: ctx.signal, name: 'redferry' });
  const loader = new Loader(engine, connection, {
    selection,
    plan: (dialect) => planner(dialect).engine,
    dbMap: options.selection.dbMap,
    onConflict: options.write.onConflict,
    onUnsupported: options.write.onUnsupported,
    functions: options.write.functions,
    scripts: options.write.scripts,
    lookInside: parts === null,
    now,
  }, ctx);
  try {
    for (const source of sources) await loader.load(source);
  } catch (error) {
    const ended = error instanceof InterruptedError ? new InterruptedError(error.signal, { progress: loader.progress(), cause: error }) : error;
    if (ended instanceof RedferryError) ended.result = resultOf(loader, options, warnings, started, ended.exitCode);
    throw ended;
  } finally {
    connection.destroy();
  }
  const { failed, counts } = loader.tally;
  if (parts === null && counts.empty > 0) warnings.add('input.emptyKeys', 'Collections without elements, which servers skip (up to 6.0 some keep them).', counts.empty);
  if (failed === 0) return resultOf(loader, options, warnings, started, 0);
  if (failed > LISTED_FAILURES) warnings.add('import.failuresListed', `Only the first ${LISTED_FAILURES} failures are listed.`, failed - LISTED_FAILURES);
  throw new PartialError(`${options.targetName}: ${failed} keys failed, ${loader.tally.written} were written.`, {
    result: resultOf(loader, options, warnings, started, 3),
    hint: 'Each is listed with its place in the backup and the server\'s words.',
  });
}

/** Values that an earlier run began to build by commands and did not finish. */
async function removeDeadStaging(options: ImportOptions, { keyspace }: TargetProfile, warnings: Warnings, ctx: StageContext): Promise<void> {
  if (keyspace === null || keyspace.size === 0) return;
  const connection = await connect({ ...options.target, db: 0 }, { signal: ctx.signal, name: 'redferry' });
  try {
    const removed = await removeLeftovers(connection, keyspace.keys(), ctx.signal);
    if (removed > 0) warnings.add('target.staging', 'Staging keys of a run that died were removed.', removed);
  } finally {
    connection.destroy();
  }
}

/** At most `maxInflight` bytes in regions that were sent, one more region to be filled meanwhile. */
function regionsFor(maxInflight: number): [count: number, size: number] {
  const size = Math.min(REGION_SIZE, Math.floor(maxInflight / 2));
  return [Math.floor(maxInflight / size) + 1, size];
}

/** The same sources, target and options give the same id. */
function jobId({ inputs, targetName, selection, write }: ImportOptions): string {
  const inputsAsGiven = inputs.map((input) => (input === '-' ? input : resolve(input)));
  const what = [inputsAsGiven, targetName, { ...selection, dbMap: [...selection.dbMap] }, write];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
}

function resultOf(loader: Loader | null, options: ImportOptions, warnings: Warnings, started: number, exitCode: number): ImportResult {
  const tally = loader?.tally;
  const counts = tally?.counts ?? { read: 0, filtered: 0, expired: 0, empty: 0, set: 0, restore: 0, rebuild: 0, commands: 0 };
  return {
    command: 'import', ok: exitCode === 0, exitCode, jobId: jobId(options), target: options.targetName,
    keys: {
      read: counts.read, written: tally?.written ?? 0, skippedExpired: counts.expired, skippedFiltered: counts.filtered,
      skippedExisting: tally?.existing ?? 0, failed: tally?.failed ?? 0,
    },
    plan: { set: counts.set, restore: counts.restore, rebuild: counts.rebuild, commands: counts.commands },
    functions: tally?.functions ?? 0,
    scripts: tally?.scripts ?? 0,
    bytes: { read: tally?.bytesRead ?? 0, sent: tally?.bytesSent ?? 0 },
    resumedFrom: null,
    failures: tally?.failures ?? [],
    warnings: warnings.list,
    elapsedMs: Date.now() - started,
  };
}
