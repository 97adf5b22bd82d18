/** Integrity of a backup; with a target, what an import would do. Nothing is written but the probe's key, which is removed. */

import type { StageContext } from '../context.js';
import type { PartSurvey } from '../rdb/survey.js';
import type { Dialect } from '../rdb/types.js';
import type { WritePlan } from '../target/plan.js';
import type { TargetProfile } from '../target/profile.js';
import type { CheckOptions } from './options.js';
import { plannerFor, preflightChecks, preflightError, unsupportedKeys } from './preflight.js';
import type { CheckedPart, CheckOutcome, CheckResult } from './results.js';
import { selectionOf } from './selection.js';
import { openInputs, requireIntegrity, surveyInputs } from './survey-inputs.js';
import { Warnings } from './warnings.js';

/**
 * Walks every part whole, inside of packed values too. Throws CorruptInputError or UnsupportedInputError for the parts;
 * with a target CheckFailedError, AlarmError or AuthError, carrying the result.
 */
export async function checkStage(options: CheckOptions, ctx: StageContext): Promise<CheckResult> {
  const started = Date.now();
  const warnings = new Warnings(ctx);
  const sources = await openInputs(options.inputs);
  const profile = options.target === undefined ? null : await (await import('../target/probe.js')).probeTarget(options.target, ctx);
  const planner = profile === null ? null : plannerFor(profile, options.write);
  const plan = planner === null ? null : (dialect: Dialect) => planner(dialect).engine;
  const now = started + (profile?.clockOffsetMs ?? 0);
  const parts = await surveyInputs(sources, { selection: selectionOf(options.selection), plan, lookInside: true, now, stage: 'check' }, ctx);
  for (const part of parts) {
    requireIntegrity(part);
    warnings.ofPart(part);
  }
  const unsupported = planner === null ? [] : unsupportedKeys(parts, planner);
  const checks = [integrity(parts), ...targetChecks(options, profile, parts, planner, unsupported)];
  const error = preflightError(checks, options.accept, true);
  const result: CheckResult = {
    command: 'check', ok: error === null, exitCode: error?.exitCode ?? 0,
    ...(options.targetName !== undefined && { target: options.targetName }),
    parts: parts.map(checkedPart),
    keys: { read: sum(parts, 'read'), skippedExpired: sum(parts, 'skippedExpired'), skippedFiltered: sum(parts, 'filtered') },
    plan: planCounts(parts), unsupported, checks, warnings: warnings.list, elapsedMs: Date.now() - started,
  };
  if (error === null) return result;
  error.result = result;
  throw error;
}

function targetChecks(
  options: CheckOptions, profile: TargetProfile | null, parts: readonly PartSurvey[], planner: ((dialect: Dialect) => WritePlan) | null,
  unsupported: ReturnType<typeof unsupportedKeys>,
): CheckOutcome[] {
  if (profile === null || planner === null) return [];
  const denied = parts.map(({ dialect }) => planner(dialect).denied).find((words) => words !== null) ?? null;
  return preflightChecks({ profile, parts, selection: options.selection, write: options.write, unsupported, denied });
}

function integrity(parts: readonly PartSurvey[]): CheckOutcome {
  const words = parts.map(({ name, checksum, read }) => `${name}: ${read} keys, checksum ${checksum}`).join('; ');
  return { id: 'backup.integrity', status: 'pass', evidence: `every value was walked. ${words}.`, cause: '', remedy: '' };
}

function checkedPart(part: PartSurvey): CheckedPart {
  const { name, size, rdbVersion, dialect, checksum, aux, functions } = part;
  return {
    name, size, rdbVersion, dialect, checksum, keys: part.read,
    byDb: Object.fromEntries([...part.byDb].map(([db, { keys, expiring, expired }]) => [String(db), { keys, expiring, expired }])),
    rdbTypeBytes: Object.fromEntries([...part.byType.values()].map(({ byte, keys }) => [String(byte), keys])),
    functions: functions.length, aux,
  };
}

function planCounts(parts: readonly PartSurvey[]): CheckResult['plan'] {
  const plan = { set: 0, restore: 0, rebuild: 0, commands: 0, unsupported: 0 };
  for (const { byType } of parts) {
    for (const row of byType.values()) {
      plan.set += row.set;
      plan.restore += row.restore;
      plan.rebuild += row.rebuild;
      plan.commands += row.commands;
      plan.unsupported += row.unsupported;
    }
  }
  return plan;
}

function sum(parts: readonly PartSurvey[], field: 'read' | 'skippedExpired' | 'filtered'): number {
  return parts.reduce((total, part) => total + part[field], 0);
}
