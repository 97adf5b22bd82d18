/** Proves by count that the target holds what the backup holds: per database, keys with and without expiry; and memory. */

import { setTimeout } from 'node:timers/promises';

import { MismatchError } from '../errors.js';
import type { StageContext } from '../context.js';
import type { KeyTally } from '../rdb/tally.js';
import type { PartSurvey } from '../rdb/survey.js';
import type { PartSource } from '../rdb/part-source.js';
import { connect, type RespConnection } from '../resp/connection.js';
import { type DbKeys, readClock, readKeyspace, readUsedMemory, refuseCluster, sweepExpired } from '../target/keyspace.js';
import { compareMemory } from './memory-comparison.js';
import type { SelectionOptions, VerifyOptions } from './options.js';
import type { VerifyCounts, VerifyDifference, VerifyResult } from './results.js';
import { selectionOf } from './selection.js';
import { openInputs, requireIntegrity, surveyInputs } from './survey-inputs.js';
import { Warnings } from './warnings.js';

/** Keys go on expiring while two sides are counted one after the other; it is tried again so often. */
const ROUNDS = 3;
const SWEEP_MS = 300;

interface Round {
  parts: PartSurvey[];
  expected: Map<number, KeyTally>;
  found: ReadonlyMap<number, DbKeys>;
}

/** Throws MismatchError (with the result) where a database holds other counts than the backup. */
export async function verifyStage(options: VerifyOptions, ctx: StageContext): Promise<VerifyResult> {
  const started = Date.now();
  const warnings = new Warnings(ctx);
  const sources = await openInputs(options.inputs);
  const connection = await connect({ ...options.target, db: 0 }, { signal: ctx.signal, name: 'redferry' });
  try {
    await refuseCluster(connection);
    const round = await countBothSides(sources, options, connection, ctx);
    for (const part of round.parts) warnings.ofPart(part);
    const target = await readUsedMemory(connection);
    const memory = compareMemory(round.parts, target, options.memoryTolerance);
    if (memory.withinTolerance === false) warnings.add('memory.tolerance', memory.explanation);
    const { byDb, differences } = compareCounts(round, comparedDbs(options.selection, round));
    const keys = total(Object.values(byDb));
    const ok = differences.length === 0;
    const result: VerifyResult = {
      command: 'verify', ok, exitCode: ok ? 0 : 6, level: options.level, target: options.targetName,
      keys, byDb, memory, differences, warnings: warnings.list, elapsedMs: Date.now() - started,
    };
    if (ok) return result;
    throw new MismatchError(
      `${options.targetName}: expected ${keys.expected} keys, ${keys.missing} are missing and ${keys.extra} are too many.`,
      { result, hint: 'See the differences by db. Import again with --on-conflict replace for what is missing; what is too much was there before or was written since.' },
    );
  } finally {
    connection.destroy();
  }
}

async function countBothSides(sources: readonly PartSource[], options: VerifyOptions, connection: RespConnection, ctx: StageContext): Promise<Round> {
  const selection = { ...selectionOf(options.selection), skipExpired: false };
  let round: Round | null = null;
  for (let i = 0; ; i++) {
    const now = await readClock(connection);
    // the parts are read again only where keys may have expired meanwhile and they can be
    if (round === null || sources.every(({ rereadable }) => rereadable)) {
      const parts = await surveyInputs(sources, { selection, plan: null, lookInside: false, now, stage: 'verify' }, ctx);
      parts.forEach(requireIntegrity);
      round = { parts, expected: expectedByDb(parts, options.selection.dbMap), found: new Map() };
    }
    round.found = await readKeyspace(connection, [...round.expected.keys()]);
    const stale = [...round.expected].filter(([db, tally]) => mayBeExpiry(tally, round?.found.get(db)));
    if (stale.length === 0 || i === ROUNDS - 1) return round;
    for (const [db] of stale) await sweepExpired(connection, db, ctx.signal);
    // fields of hashes expire in the server's own cycle, ten times a second
    await setTimeout(SWEEP_MS, undefined, { signal: ctx.signal });
  }
}

/** Whether there is a difference that may be keys which expired: on the way, or at the target but not removed yet. */
function mayBeExpiry(tally: KeyTally, found: DbKeys | undefined): boolean {
  if (tally.expiring === 0 || found === undefined) return false;
  const keysDiffer = found.keys !== tally.keys - tally.expired;
  return keysDiffer || (found.expires !== null && found.expires !== tally.expiring - tally.expired);
}

/** What each database of the target must hold. */
function expectedByDb(parts: readonly PartSurvey[], dbMap: ReadonlyMap<number, number>): Map<number, KeyTally> {
  const expected = new Map<number, KeyTally>();
  for (const { byDb } of parts) {
    for (const [fileDb, tally] of byDb) {
      const db = dbMap.get(fileDb) ?? fileDb;
      const sum = expected.get(db) ?? { keys: 0, expiring: 0, expired: 0 };
      expected.set(db, { keys: sum.keys + tally.keys, expiring: sum.expiring + tally.expiring, expired: sum.expired + tally.expired });
    }
  }
  return expected;
}

/** All databases of both sides; with --db only those where the selected ones went. */
function comparedDbs({ dbs, dbMap }: SelectionOptions, { expected, found }: Round): number[] {
  const all = dbs === undefined ? [...expected.keys(), ...found.keys()] : dbs.map((db) => dbMap.get(db) ?? db);
  return [...new Set(all)].sort((a, b) => a - b);
}

function compareCounts({ expected, found }: Round, dbs: readonly number[]): { byDb: Record<string, VerifyCounts>; differences: VerifyDifference[] } {
  const byDb: Record<string, VerifyCounts> = {};
  const differences: VerifyDifference[] = [];
  for (const db of dbs) {
    const want = expected.get(db) ?? { keys: 0, expiring: 0, expired: 0 };
    const have = found.get(db) ?? { keys: 0, expires: 0 };
    const alive = want.keys - want.expired;
    const kinds = have.expires === null
      ? [{ kind: 'keys', expected: alive, found: have.keys }]
      : [
          { kind: 'persistent', expected: want.keys - want.expiring, found: have.keys - have.expires },
          { kind: 'expiring', expected: want.expiring - want.expired, found: have.expires },
        ];
    const counts: VerifyCounts = { expected: alive, equal: 0, missing: 0, different: 0, extra: 0, expiredSince: want.expired };
    for (const each of kinds) {
      counts.equal += Math.min(each.expected, each.found);
      counts.missing += Math.max(0, each.expected - each.found);
      counts.extra += Math.max(0, each.found - each.expected);
      if (each.expected === each.found) continue;
      const word = each.kind === 'keys' ? 'keys' : `${each.kind} keys`;
      differences.push({ db, ...each, message: `db ${db}: expected ${each.expected} ${word}, found ${each.found}.` });
    }
    byDb[String(db)] = counts;
  }
  return { byDb, differences };
}

function total(rows: readonly VerifyCounts[]): VerifyCounts {
  const sum: VerifyCounts = { expected: 0, equal: 0, missing: 0, different: 0, extra: 0, expiredSince: 0 };
  for (const row of rows) {
    sum.expected += row.expected;
    sum.equal += row.equal;
    sum.missing += row.missing;
    sum.extra += row.extra;
    sum.expiredSince += row.expiredSince;
  }
  return sum;
}
