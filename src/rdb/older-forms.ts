/** Which encodings an RDB version has, and which older ones a value can be rebuilt in (src/engine/rebuild.ts). */

import { rdbType, type Dialect, type RdbType } from './types.js';

/** The version a file is written in. Below 80 both dialects share it, as far as Valkey goes (11). */
export interface RdbTarget {
  readonly dialect: Dialect;
  readonly version: number;
}

/** Valkey's own numbers start here, so that no Redis takes its files for its own (valkey src/rdb.h, RDB_FOREIGN_VERSION_MAX 79). */
export const FIRST_VALKEY_VERSION = 80;
/** The newest that Valkey shares with Redis: valkey 7.2 to 8.1. */
export const LAST_SHARED_VERSION = 11;
/** The newest whose layouts are known as a whole. */
export const NEWEST_REDIS_VERSION = 15;
export const NEWEST_VALKEY_VERSION = 81;

/** Encodings of a kind, the one that keeps most first. Hashes: with field expiries where the value may have them. */
const FORMS: Readonly<Record<string, (type: RdbType) => readonly (readonly [Dialect, number])[]>> = {
  list: () => [['redis', 1]],
  set: () => [['redis', 2]],
  zset: () => [['redis', 5], ['redis', 3]],
  hash: (type) => (hasFieldExpiries(type) ? [['valkey', 22], ['redis', 24], ['redis', 4]] : [['redis', 4]]),
  stream: (type) => ([['redis', 21], ['redis', 19], ['redis', 15]] as const).filter(([, byte]) => byte < type.byte),
};

/** Forms that a value of this type can be rebuilt in, the best first: type byte and the dialect in which it means that. */
export function olderForms(type: RdbType): readonly RdbType[] {
  if (!decodable(type)) return [];
  return (FORMS[type.kind]?.(type) ?? []).map(([dialect, byte]) => rdbType(dialect, byte)).filter((form) => form !== undefined);
}

/** Whether the engine takes the value apart: not hash templates (29 to 32), nor Valkey's 23, whose layout no release shows. */
export function decodable({ byte, dialects }: RdbType): boolean {
  return byte <= 27 && !(byte === 23 && dialects.includes('valkey'));
}

/** Redis 7.4 and later, Valkey 9.0 and later keep hashes with expiring fields in encodings of their own. */
function hasFieldExpiries({ kind, byte }: RdbType): boolean {
  return kind === 'hash' && byte >= 22 && byte <= 25;
}

/** The files of RDB 5 and before know ziplists, but not all of the integers that later servers put there (redis 2.6 src/ziplist.c). */
const FIRST_WITH_ALL_ZIPLISTS = 6;
const ZIPLISTS: ReadonlySet<number> = new Set([10, 12, 13]);

/** Whether a value of this type may stand in such a file as it is. `from`: the version it stands in now. */
export function holdsAsIs(target: RdbTarget, type: RdbType, from: number): boolean {
  if (!type.dialects.includes(target.dialect) || type.since > target.version) return false;
  return from <= target.version || !ZIPLISTS.has(type.byte) || target.version >= FIRST_WITH_ALL_ZIPLISTS;
}

/** The best form that such a file has for a value of this type; null: none. */
export function formIn(target: RdbTarget, type: RdbType): RdbType | null {
  return olderForms(type).find((form) => form.dialects.includes(target.dialect) && form.since <= target.version) ?? null;
}
