/** Selection and write plan, put into the engine before it reads a part. */

import { type Engine, EngineAction, type EngineActionCode } from './engine.js';
import type { Dialect, Kind } from './types.js';
import { rdbTypesOf } from './types.js';

/** Order of the bits of the engine's kind mask. */
const KINDS: readonly Kind[] = ['string', 'list', 'set', 'zset', 'hash', 'stream', 'module', 'array', 'gcra'];

export interface Selection {
  /** Databases of the file; undefined: all. */
  readonly dbs: ReadonlySet<number> | undefined;
  readonly kinds: readonly Kind[] | undefined;
  readonly match: readonly Uint8Array[];
  readonly exclude: readonly Uint8Array[];
  readonly skipExpired: boolean;
  /** 0: none. */
  readonly minTtlMs: number;
}

export const EVERYTHING: Selection = { dbs: undefined, kinds: undefined, match: [], exclude: [], skipExpired: false, minTtlMs: 0 };

/** What a target takes, as the engine needs it. */
export interface EnginePlan {
  /** `form`: type byte that `rebuild` makes; 0 elsewhere. */
  readonly types: ReadonlyMap<number, { readonly action: EngineActionCode; readonly footer: number; readonly form: number }>;
  readonly replace: boolean;
  /** RESTORE with ABSTTL, SET with PXAT; else relative to the clock. */
  readonly absoluteRestore: boolean;
  readonly absoluteSet: boolean;
  readonly carryIdle: boolean;
  readonly carryFrequency: boolean;
  readonly carryMeta: boolean;
  /** Field expiries at a target without them. */
  readonly fieldTtl: FieldTtlPolicy;
  /** Native commands may build a value under a staging key. */
  readonly commandsAllowed: boolean;
  /** HSET takes more than one field (Redis 4.0 and later). */
  readonly hsetManyFields: boolean;
  /** Streams by native commands; null or absent: the target has no such commands. */
  readonly streams?: StreamCommands | null;
  /** Values of more bytes are written by commands, where they may. */
  readonly bigValue: number;
  /** Bytes of the largest argument the target takes. */
  readonly largestBulk: number;
  /** Module id (as in the file, version bits ignored) → action. */
  readonly modules: readonly { readonly id: bigint; readonly action: EngineActionCode }[];
}

/** What the commands of streams take at the target. */
export interface StreamCommands {
  /** XSETID … ENTRIESADDED n MAXDELETEDID id (Redis 7.0). */
  readonly setsCounters: boolean;
  /** XGROUP CREATE … ENTRIESREAD n (Redis 7.0). */
  readonly setsEntriesRead: boolean;
  /** XGROUP CREATECONSUMER (Redis 6.2). */
  readonly createsConsumers: boolean;
}

export type FieldTtlPolicy = 'fail' | 'drop' | 'expire-key';

/** As in src/engine/rebuild.ts. */
const FIELD_TTL_POLICIES: readonly FieldTtlPolicy[] = ['fail', 'drop', 'expire-key'];
/** Below every limit known of servers and proxies. */
const LARGEST_ARGUMENTS = 1000;

export interface EngineMode {
  /** Look inside packed values, because nothing vouches for them or because they are to be checked. */
  readonly lookInside: boolean;
  /** Count and check, write nothing. */
  readonly walkOnly: boolean;
}

/** What is set before the first byte. `plan` null: every type passes, to be counted only. */
export function configureEngine(engine: Engine, selection: Selection, plan: EnginePlan | null, mode: EngineMode): void {
  const mask = (selection.kinds ?? []).reduce((bits, kind) => bits | (1 << KINDS.indexOf(kind)), 0);
  engine.calls.configure(
    mask, BigInt(selection.minTtlMs), flag(selection.skipExpired), flag(plan?.replace), flag(plan?.absoluteRestore),
    flag(plan?.absoluteSet), flag(plan?.carryIdle), flag(plan?.carryFrequency), BigInt(plan?.largestBulk ?? 2 ** 53),
    flag(plan?.carryMeta), flag(mode.lookInside), flag(mode.walkOnly),
  );
  engine.calls.configureRebuild(FIELD_TTL_POLICIES.indexOf(plan?.fieldTtl ?? 'fail'), flag(plan?.commandsAllowed), flag(plan?.hsetManyFields), LARGEST_ARGUMENTS, BigInt(plan?.bigValue ?? 2 ** 53));
  const streams = plan?.streams ?? null;
  engine.calls.configureStreams(flag(streams !== null), flag(streams?.setsCounters), flag(streams?.setsEntriesRead), flag(streams?.createsConsumers));
  engine.setModules(plan?.modules ?? []);
  // the schema of the options bounds them, so that they fit
  if (!engine.setGlobs(selection.match, selection.exclude)) throw new Error('the key patterns are longer than 64 KiB together');
  engine.calls.selectDb(flag(selectsDb(selection, 0)));
}

/** What depends on the file's dialect: set at its header. `fallback` for types the plan does not name. */
export function applyPlan(engine: Engine, dialect: Dialect, plan: EnginePlan | null, fallback: EngineActionCode): void {
  for (let byte = 0; byte < 256; byte++) engine.setPlan(byte, EngineAction.unsupported, 0, 0, 0);
  for (const type of rdbTypesOf(dialect)) {
    const planned = plan?.types.get(type.byte) ?? { action: fallback, footer: 0, form: 0 };
    engine.setPlan(type.byte, planned.action, KINDS.indexOf(type.kind), planned.footer, planned.form);
  }
}

export function selectsDb(selection: Selection, db: number): boolean {
  return selection.dbs === undefined || selection.dbs.has(db);
}

function flag(value: boolean | undefined): number {
  return value === true ? 1 : 0;
}
