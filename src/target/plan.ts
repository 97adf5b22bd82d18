/** From what a target accepts and what the user wants: how each RDB type is written (docs/architecture.md, the write plan). */

import { EngineAction, type EngineActionCode } from '../rdb/engine.js';
import type { EnginePlan, FieldTtlPolicy } from '../rdb/engine-setup.js';
import { decodable, olderForms } from '../rdb/older-forms.js';
import { rdbTypesOf, type Dialect, type RdbType } from '../rdb/types.js';
import { restorableModules } from './module-types.js';
import type { TargetProfile } from './profile.js';

export interface PlanOptions {
  onConflict: 'fail' | 'skip' | 'replace';
  write: 'auto' | 'restore' | 'commands';
  saveBandwidth: boolean;
  /** Bytes of a value from which it is written by commands. */
  bigValue: number;
  /** Field expiries at a target that has none. */
  fieldTtl: FieldTtlPolicy;
}

export interface TypePlan {
  readonly action: 'set' | 'restore' | 'rebuild' | 'commands' | 'unsupported';
  /** Type byte of the older encoding that `rebuild` makes; 0 elsewhere. */
  readonly form: number;
  /** Version at the end of the payload; 0 where there is none. */
  readonly footer: number;
  /** Why it cannot be written; empty where it can. */
  readonly reason: string;
}

export interface WritePlan {
  /** Every type of the file's dialect, by byte. */
  readonly types: ReadonlyMap<number, TypePlan>;
  readonly engine: EnginePlan;
  /** The server's words where it is permission that is missing: exit code 12 fits better than 4. */
  readonly denied: string | null;
}

/** Valkey's numbers start here, so that no Redis takes its files for its own (valkey src/rdb.h, RDB_FOREIGN_VERSION_MAX 79). */
const FIRST_VALKEY_FOOTER = 80;
/** 2.6 to 3.0 take no other. */
const UNIVERSAL_FOOTER = 6;
/** Defaults of servers that do not tell (src/config.c). */
const DEFAULT_MAX_BULK = 512 * 1024 * 1024;
const DEFAULT_QUERY_BUFFER = 1024 * 1024 * 1024;

/**
 * The footer for a type: the lowest the target accepts that is not below the version that introduced the type. A footer is only
 * a gate, the type byte decides how the value is read (verifyDumpPayload, src/cluster.c), so the lowest opens the most doors.
 * Types of one dialect alone keep to that dialect's numbers, so that no server reads them as something else. null: there is none.
 */
export function chooseFooter(footers: readonly number[], type: RdbType): number | null {
  const least = Math.max(type.since, UNIVERSAL_FOOTER);
  const redisOnly = !type.dialects.includes('valkey');
  return footers.find((footer) => footer >= least && !(redisOnly && footer >= FIRST_VALKEY_FOOTER)) ?? null;
}

export function planWrites(profile: TargetProfile, dialect: Dialect, options: PlanOptions): WritePlan {
  const types = new Map(rdbTypesOf(dialect).map((type) => [type.byte, planType(profile, dialect, type, options)]));
  const actions = new Map([...types].map(([byte, { action, footer, form }]) => [byte, { action: codeOf(action), footer, form }]));
  const largestBulk = Math.min(profile.limits.protoMaxBulkLen ?? DEFAULT_MAX_BULK, profile.limits.clientQueryBufferLimit ?? DEFAULT_QUERY_BUFFER);
  return {
    types,
    engine: {
      types: actions,
      replace: options.onConflict === 'replace',
      absoluteRestore: profile.absttl,
      absoluteSet: profile.setPxat,
      carryIdle: profile.idletime,
      carryFrequency: profile.freq,
      // Not probed: the classes of KEY_META (RDB 13) belong to modules.
      carryMeta: false,
      largestBulk,
      fieldTtl: options.fieldTtl,
      commandsAllowed: options.write !== 'restore',
      hsetManyFields: profile.hsetManyFields,
      streams: profile.streams,
      bigValue: options.bigValue,
      modules: restorableModules(profile).map((id) => ({ id, action: EngineAction.restore })),
    },
    denied: profile.blocked.find(({ command, permission }) => permission && ((command === 'RESTORE' && options.write !== 'commands') || command === 'SET'))?.text ?? null,
  };
}

function planType(profile: TargetProfile, dialect: Dialect, type: RdbType, options: PlanOptions): TypePlan {
  if (type.byte === 0 && mayUseSet(profile, options)) return { action: 'set', form: 0, footer: chooseFooter(profile.footers, type) ?? 0, reason: '' };
  const byCommands = (COMMAND_KINDS.has(type.kind) || (type.kind === 'stream' && profile.streams !== null)) && decodable(type);
  if (options.write === 'commands' && byCommands) return { action: 'commands', form: 0, footer: 0, reason: '' };
  const reason = whyNotRestore(profile, type, options);
  if (reason !== null) {
    if (byCommands && options.write !== 'restore') return { action: 'commands', form: 0, footer: 0, reason: '' };
    return { action: 'unsupported', form: 0, footer: 0, reason };
  }
  // modules are not probed: which of them are there is decided per value, in the engine
  if (profile.knownTypes[dialect].has(type.byte) || type.byte === MODULE_2) return { action: 'restore', form: 0, footer: chooseFooter(profile.footers, type) ?? 0, reason: '' };
  const form = olderForm(profile, type);
  const footer = form === null ? null : chooseFooter(profile.footers, form);
  if (form !== null && footer !== null) return { action: 'rebuild', form: form.byte, footer, reason: '' };
  return { action: 'unsupported', form: 0, footer: 0, reason: `the target does not know this encoding (${type.encoding}, from RDB ${type.since} on), nor an older form of it` };
}

const MODULE_2 = 7;

/** Kinds that native commands can build under a staging key at any target; streams where it has their commands. */
const COMMAND_KINDS: ReadonlySet<string> = new Set(['list', 'set', 'zset', 'hash']);

/** Encodings that a kind can be rebuilt in, the one that keeps most first. Hashes: with field expiries where the value may have them. */
function olderForm(profile: TargetProfile, type: RdbType): RdbType | null {
  return olderForms(type).find(({ byte, dialects }) => profile.knownTypes[dialects.includes('redis') ? 'redis' : 'valkey'].has(byte)) ?? null;
}

/** SET spares the target a CRC and an LZF pass, where it takes expiry and conflict policy in the same command. */
function mayUseSet(profile: TargetProfile, options: PlanOptions): boolean {
  if (!profile.setPx && !profile.setPxat) return false;
  if (!profile.restore) return true;
  return options.write === 'commands' || (options.write === 'auto' && !options.saveBandwidth);
}

function whyNotRestore(profile: TargetProfile, type: RdbType, options: PlanOptions): string | null {
  const blocked = profile.blocked.find(({ command }) => command === 'RESTORE');
  if (blocked !== undefined) return `the target refuses RESTORE: ${blocked.text}`;
  if (!profile.restore) return 'the target accepts no RESTORE payload';
  if (type.kind === 'module' && restorableModules(profile).length === 0) return 'the target has no module whose values could be restored';
  if (!type.restorable) return 'this form stands in files only: no server restores it';
  if (options.onConflict === 'replace' && !profile.replace) return 'the target knows no RESTORE … REPLACE (Redis 3.0 has it first); use --on-conflict fail or skip';
  return null;
}

function codeOf(action: TypePlan['action']): EngineActionCode {
  return EngineAction[action];
}
