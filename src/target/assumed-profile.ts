/** What a server can be taken to accept that nobody can ask: by the RDB version it reads, and cautiously. */

import { FIRST_VALKEY_VERSION, LAST_SHARED_VERSION, type RdbTarget } from '../rdb/older-forms.js';
import { rdbTypesOf, type Dialect } from '../rdb/types.js';
import type { TargetProfile } from './profile.js';

/** RDB versions of the servers that have these first: RESTORE and SET PX NX 2.6, REPLACE 3.0 (for certain 3.2), HSET of many fields 4.0, ABSTTL, IDLETIME, FREQ and streams 5.0, PXAT, FUNCTION and counters of streams 7.0. */
const RESTORE = 6, REPLACE = 7, MANY_FIELDS = 8, ABSTTL = 9, FUNCTIONS = 10;
const LEAST_FOOTER = 6;

export function assumedProfile({ dialect, version }: RdbTarget, timeMs: number): TargetProfile {
  const own = version >= FIRST_VALKEY_VERSION;
  // Valkey refuses what lies between its numbers and those it shares with Redis
  const lower = numbers(LEAST_FOOTER, own ? LAST_SHARED_VERSION : version);
  const footers = own ? [...lower, ...numbers(FIRST_VALKEY_VERSION, version)] : lower;
  const known = (of: Dialect): ReadonlySet<number> =>
    new Set(rdbTypesOf(of).filter((type) => type.dialects.includes(dialect) && type.since <= version && type.restorable).map(({ byte }) => byte));
  return {
    server: { product: dialect, version: null, runId: null, mode: 'unknown', role: 'unknown', maxmemory: null, maxmemoryPolicy: null, usedMemory: null },
    footers,
    highestFooter: { redis: lower.at(-1) ?? null, valkey: own ? version : null },
    restore: version >= RESTORE,
    replace: version >= REPLACE,
    absttl: version >= ABSTTL,
    idletime: version >= ABSTTL,
    freq: version >= ABSTTL,
    setPx: version >= RESTORE,
    setPxat: version >= FUNCTIONS,
    hsetManyFields: version >= MANY_FIELDS,
    streams: version >= ABSTTL ? { setsCounters: version >= FUNCTIONS, setsEntriesRead: version >= FUNCTIONS, createsConsumers: version >= FUNCTIONS } : null,
    knownTypes: { redis: known('redis'), valkey: known('valkey') },
    dialect,
    databases: null,
    functions: version >= FUNCTIONS,
    // a payload of a module that is not there ends servers up to 6.0
    modules: null,
    timeMs, clockOffsetMs: 0,
    limits: { protoMaxBulkLen: null, clientQueryBufferLimit: null },
    blocked: [],
    keyspace: null,
  };
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
