/** How each type of a file is written to an RDB of another version: as it is, in an older form, or not at all. */

import { EngineAction } from './engine.js';
import type { EnginePlan, FieldTtlPolicy } from './engine-setup.js';
import { formIn, holdsAsIs, type RdbTarget } from './older-forms.js';
import { rdbTypesOf, type RdbType } from './types.js';

export interface RdbTypePlan {
  readonly action: 'copy' | 'rebuild' | 'unsupported';
  /** Type byte that is rebuilt; 0 elsewhere. */
  readonly form: number;
  /** Why it cannot be written; empty where it can. */
  readonly reason: string;
}

export interface RdbPlan {
  readonly types: ReadonlyMap<number, RdbTypePlan>;
  readonly engine: EnginePlan;
}

/** First version that keeps metadata of keys (KEY_META), of Redis alone. */
const FIRST_WITH_META = 13;
const ACTIONS = { copy: EngineAction.restore, rebuild: EngineAction.rebuild, unsupported: EngineAction.unsupported } as const;

export function planRdb(target: RdbTarget, source: RdbTarget, fieldTtl: FieldTtlPolicy): RdbPlan {
  const types = new Map(rdbTypesOf(source.dialect).map((type) => [type.byte, planType(target, source.version, type)]));
  return {
    types,
    engine: {
      types: new Map([...types].map(([byte, { action, form }]) => [byte, { action: ACTIONS[action], footer: 0, form }])),
      carryIdle: true, carryFrequency: true,
      carryMeta: source.dialect === 'redis' && target.dialect === 'redis' && target.version >= FIRST_WITH_META,
      fieldTtl,
      // a file has no commands, and no limit for a value
      replace: false, absoluteRestore: true, absoluteSet: true, commandsAllowed: false, hsetManyFields: true, bigValue: 2 ** 53, largestBulk: 2 ** 53,
      modules: [],
    },
  };
}

function planType(target: RdbTarget, from: number, type: RdbType): RdbTypePlan {
  if (isTemplate(type)) return unsupported('its fields are kept in a hash template, which is not taken apart by this version');
  if (holdsAsIs(target, type, from)) return { action: 'copy', form: 0, reason: '' };
  const form = formIn(target, type);
  if (form !== null) return { action: 'rebuild', form: form.byte, reason: '' };
  return unsupported(`RDB ${target.version} of ${target.dialect} has no form for it (${type.encoding}, from RDB ${type.since} on)`);
}

function unsupported(reason: string): RdbTypePlan {
  return { action: 'unsupported', form: 0, reason };
}

/** Hashes of Redis 8.10 whose field names stand once in the file (opcode 242). */
function isTemplate({ byte, dialects }: RdbType): boolean {
  return byte >= 29 && byte <= 32 && dialects.includes('redis');
}
