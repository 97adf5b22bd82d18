/** What must be true before the first write: the checks that a target and a survey of the parts allow. */

import { AlarmError, AuthError, CheckFailedError, type RedferryError, UnsupportedInputError } from '../errors.js';
import type { PartSurvey } from '../rdb/survey.js';
import { type Dialect, rdbType } from '../rdb/types.js';
import { planWrites, type WritePlan } from '../target/plan.js';
import type { TargetProfile } from '../target/profile.js';
import type { SelectionOptions, WriteOptions } from './options.js';
import type { CheckOutcome, UnsupportedKeys } from './results.js';

/** The write plan, which differs by the dialect of the file. */
export function plannerFor(profile: TargetProfile, write: WriteOptions): (dialect: Dialect) => WritePlan {
  const plans = new Map<Dialect, WritePlan>();
  return (dialect) => {
    const plan = plans.get(dialect) ?? planWrites(profile, dialect, write);
    plans.set(dialect, plan);
    return plan;
  };
}

/** Keys that cannot be written, by type: named before anything is. */
export function unsupportedKeys(parts: readonly PartSurvey[], planner: (dialect: Dialect) => WritePlan): UnsupportedKeys[] {
  const found: UnsupportedKeys[] = [];
  for (const part of parts) {
    const { types, engine } = planner(part.dialect);
    for (const tally of part.byType.values()) {
      if (tally.unsupported === 0) continue;
      const type = rdbType(part.dialect, tally.byte);
      const knownReason = types.get(tally.byte)?.reason ?? '';
      found.push({
        type: type?.kind ?? `type ${tally.byte}`, rdbType: tally.byte, count: tally.unsupported, part: part.name,
        exampleOffset: knownReason ? tally.firstOffset : part.tooLarge.firstOffset || tally.firstOffset,
        reason: knownReason || (tally.byte === 7 ? 'the target does not have its module' : `larger than the largest argument the target takes (${engine.largestBulk} bytes), or with what it cannot keep: expiring fields (see --field-ttl), metadata of a module`),
      });
    }
  }
  return found;
}

interface Preflight {
  profile: TargetProfile;
  /** null: the parts cannot be read twice, so only the target is checked. */
  parts: readonly PartSurvey[] | null;
  selection: SelectionOptions;
  write: WriteOptions;
  unsupported: readonly UnsupportedKeys[];
  denied: string | null;
}

type Check = (facts: Preflight) => CheckOutcome | null;

const CHECKS: readonly Check[] = [auth, unsupported, dbCount, functions, empty, version, space, policy];

/** Every check that applies, in the order an operator reads them. */
export function preflightChecks(facts: Preflight): CheckOutcome[] {
  return CHECKS.map((check) => check(facts)).filter((outcome) => outcome !== null);
}

/** The error that stops a run for these outcomes; null where nothing does. `alarms` false: they are for `check` and `run` to judge. */
export function preflightError(outcomes: readonly CheckOutcome[], accept: readonly string[], alarms: boolean): RedferryError | null {
  const failed = outcomes.filter(({ status }) => status === 'failed');
  const sentence = failed.map(({ id, evidence, cause }) => `${id}: ${evidence}${cause === '' ? '' : ` ${cause}`}`).join(' ');
  const hint = failed.map(({ remedy }) => remedy).join(' ');
  const ids = failed.map(({ id }) => id);
  if (ids.includes('acl.commands')) return new AuthError(sentence, { hint });
  if (ids.includes('plan.unsupported')) return new UnsupportedInputError({ source: 'check', offset: null }, sentence, { hint });
  if (failed.length > 0) return new CheckFailedError(sentence, ids, { hint });
  const raised = outcomes.filter(({ id, status }) => status === 'alarm' && !accept.includes(id));
  if (!alarms || raised.length === 0) return null;
  return new AlarmError(raised.map(({ id, evidence }) => `${id}: ${evidence}`).join(' '), raised.map(({ id }) => id));
}

const pass = (id: string, evidence: string): CheckOutcome => ({ id, status: 'pass', evidence, cause: '', remedy: '' });

function auth({ denied, profile }: Preflight): CheckOutcome {
  const id = 'acl.commands';
  if (denied === null) return pass(id, `connected to ${describe(profile)}; every command the import needs is allowed.`);
  return {
    id, status: 'failed', evidence: `the target answered "${denied}".`, cause: 'The user may not run the commands that write keys.',
    remedy: 'Give it +restore +set +select +del +info +function on all keys (~*), or use another user.',
  };
}

function unsupported({ unsupported: rows, parts, write }: Preflight): CheckOutcome | null {
  if (parts === null) return null;
  const id = 'plan.unsupported';
  if (rows.length === 0) return pass(id, 'every selected key can be written by set or restore.');
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const byType = rows.map(({ type, rdbType: byte, count }) => `${count} × ${type} (type ${byte})`).join(', ');
  if (write.onUnsupported === 'skip') return pass(id, `${total} keys will be left out, as asked for (--on-unsupported skip): ${byType}.`);
  return {
    id, status: 'failed', evidence: `${total} keys cannot be written: ${byType}.`, cause: [...new Set(rows.map(({ reason }) => reason))].join('; ') + '.',
    remedy: 'Choose a target that knows these encodings, leave the types out with --type, or go on without such keys with --on-unsupported skip.',
  };
}

/** Databases that keys go to must exist there. */
function dbCount({ profile, parts, selection }: Preflight): CheckOutcome | null {
  if (parts === null) return null;
  const id = 'target.dbcount';
  const used = [...new Set(parts.flatMap(({ byDb }) => [...byDb.keys()].map((db) => selection.dbMap.get(db) ?? db)))].sort((a, b) => a - b);
  const highest = used.at(-1) ?? 0;
  if (profile.databases === null) return pass(id, `the target does not say how many databases it has; the backup needs ${highest + 1}.`);
  if (highest < profile.databases) return pass(id, `the target has ${profile.databases} databases, the backup needs ${highest + 1}.`);
  return {
    id, status: 'failed', evidence: `the target has ${profile.databases} databases, keys go to db ${highest}.`, cause: 'SELECT would be refused.',
    remedy: 'Raise `databases` at the target, or move them: --db-map 5:0.',
  };
}

function functions({ profile, parts, write }: Preflight): CheckOutcome | null {
  const count = parts?.reduce((sum, part) => sum + part.functions.length, 0) ?? 0;
  if (count === 0) return null;
  const id = 'target.functions';
  if (write.functions === 'skip') return pass(id, `${count} function libraries will be left out, as asked for (--functions skip).`);
  if (profile.functions) return pass(id, `${count} function libraries will be loaded.`);
  return {
    id, status: 'failed', evidence: `the backup holds ${count} function libraries.`, cause: 'The target knows no functions (Redis 7.0 has them first), or refuses FUNCTION.',
    remedy: 'Go on without them with --functions skip.',
  };
}

function empty({ profile, write }: Preflight): CheckOutcome {
  const id = 'target.empty';
  if (profile.keyspace === null) return pass(id, 'the target does not tell its keyspace (INFO is refused).');
  const keys = [...profile.keyspace.values()].reduce((sum, db) => sum + db.keys, 0);
  if (keys === 0) return pass(id, 'the target holds no key.');
  const policy = `--on-conflict ${write.onConflict}`;
  if (write.onConflict !== 'fail') return pass(id, `the target holds ${keys} keys; those in the way are handled by ${policy}.`);
  return {
    id, status: 'alarm', evidence: `the target holds ${keys} keys.`, cause: `A key that exists makes its import fail (${policy}), and verify will count what was there before.`,
    remedy: 'Empty the target, choose --on-conflict skip or replace, or accept it.',
  };
}

/** For people: what the plan says has been tried, whatever the versions are. */
function version({ profile, parts }: Preflight): CheckOutcome | null {
  const part = parts?.[0];
  if (part === undefined) return null;
  const source = part.aux['valkey-ver'] ?? part.aux['redis-ver'] ?? 'an unknown version';
  return pass('target.version', `backup by ${source} (RDB ${part.rdbVersion}), target ${describe(profile)}; what it takes was tried, not assumed.`);
}

function space({ profile, parts }: Preflight): CheckOutcome | null {
  const { maxmemory, usedMemory } = profile.server;
  const id = 'target.space';
  if (maxmemory === null || maxmemory === 0) return pass(id, 'the target sets no maxmemory.');
  const needed = parts?.reduce((sum, { aux }) => sum + Number(aux['used-mem'] ?? 0), 0) ?? 0;
  const free = maxmemory - (usedMemory ?? 0);
  if (needed <= free) return pass(id, `${free} bytes are free below maxmemory, the source used ${needed}.`);
  return {
    id, status: 'alarm', evidence: `${free} bytes are free below maxmemory, the source used ${needed}.`, cause: 'The import may end in OOM, or keys may be evicted.',
    remedy: 'Raise maxmemory at the target, import a part of the keys, or accept it.',
  };
}

function policy({ profile }: Preflight): CheckOutcome | null {
  const { maxmemory, maxmemoryPolicy } = profile.server;
  if (maxmemory === null || maxmemory === 0 || maxmemoryPolicy === null) return null;
  const id = 'target.policy';
  if (maxmemoryPolicy === 'noeviction') return pass(id, 'maxmemory-policy is noeviction.');
  return {
    id, status: 'alarm', evidence: `maxmemory-policy is ${maxmemoryPolicy}.`, cause: 'At maxmemory the target would evict keys that were just imported.',
    remedy: 'Set maxmemory-policy noeviction for the time of the import, or accept it.',
  };
}

function describe({ server }: TargetProfile): string {
  return server.product === 'unknown' ? 'a server of unknown version' : `${server.product} ${server.version ?? ''}`.trim();
}
