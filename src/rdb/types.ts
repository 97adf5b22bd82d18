/**
 * The table of RDB value types: what each type byte means, in which dialect, since which RDB version.
 *
 * Redis: `RDB_TYPE_*` in src/rdb.h (0–25 read in 7.4.1; 26–33 from the headers of 8.6, 8.8 and 8.10). Valkey: src/rdb.h of
 * 8.0.1 (0–21 as Redis 7.2) and of 9.0 (22), 9.2 (23). Bytes 22 and 23 mean different things in the two: look types up by
 * (dialect, byte), never by the byte alone.
 */

/** Whose meaning the bytes have: told by the magic, `REDIS` or `VALKEY` (from RDB 80 on). */
export type Dialect = 'redis' | 'valkey';

/** What users call the type of a key; words of `TYPE` but for `module`, whose word its module chooses. */
export type Kind = 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream' | 'module' | 'array' | 'gcra';

export interface RdbType {
  readonly byte: number;
  /** Unique name for messages and tables: "hash-listpack". */
  readonly name: string;
  readonly kind: Kind;
  /** How the value is laid out: "listpack", "ziplist nodes". */
  readonly encoding: string;
  /** First RDB version that has it; a RESTORE footer below it would be a lie. */
  readonly since: number;
  readonly dialects: readonly Dialect[];
  /** False for forms that stand in files only: a RESTORE of them is refused by every server. */
  readonly restorable: boolean;
}

const BOTH: readonly Dialect[] = ['redis', 'valkey'];
const REDIS: readonly Dialect[] = ['redis'];
const VALKEY: readonly Dialect[] = ['valkey'];

export const RDB_TYPES: readonly RdbType[] = [
  row(0, 'string', 'string', 'string', 1),
  row(1, 'list', 'list', 'elements', 1),
  row(2, 'set', 'set', 'elements', 1),
  row(3, 'zset', 'zset', 'elements, scores as text', 1),
  row(4, 'hash', 'hash', 'field-value pairs', 1),
  row(5, 'zset-2', 'zset', 'elements, binary scores', 8),
  row(6, 'module-pre-ga', 'module', 'opaque', 8, { restorable: false }),
  row(7, 'module-2', 'module', 'module opcodes', 8),
  row(9, 'hash-zipmap', 'hash', 'zipmap', 2),
  row(10, 'list-ziplist', 'list', 'ziplist', 2),
  row(11, 'set-intset', 'set', 'intset', 2),
  row(12, 'zset-ziplist', 'zset', 'ziplist', 2),
  row(13, 'hash-ziplist', 'hash', 'ziplist', 4),
  row(14, 'list-quicklist', 'list', 'ziplist nodes', 7),
  row(15, 'stream-listpacks', 'stream', 'listpacks', 9),
  row(16, 'hash-listpack', 'hash', 'listpack', 10),
  row(17, 'zset-listpack', 'zset', 'listpack', 10),
  row(18, 'list-quicklist-2', 'list', 'listpack and plain nodes', 10),
  row(19, 'stream-listpacks-2', 'stream', 'listpacks, 7.0 metadata', 10),
  row(20, 'set-listpack', 'set', 'listpack', 11),
  row(21, 'stream-listpacks-3', 'stream', 'listpacks, consumer active time', 11),
  row(22, 'hash-metadata-pre-ga', 'hash', 'ttl-field-value triples, 7.4 RC', 12, { dialects: REDIS }),
  row(23, 'hash-listpack-ex-pre-ga', 'hash', 'listpack with ttls, 7.4 RC', 12, { dialects: REDIS }),
  row(24, 'hash-metadata', 'hash', 'ttl-field-value triples', 12, { dialects: REDIS }),
  row(25, 'hash-listpack-ex', 'hash', 'listpack with ttls', 12, { dialects: REDIS }),
  row(26, 'stream-listpacks-4', 'stream', 'listpacks, idempotent producers', 13, { dialects: REDIS }),
  row(27, 'stream-listpacks-5', 'stream', 'listpacks, negative acknowledgements', 14, { dialects: REDIS }),
  row(28, 'array', 'array', 'index-value pairs', 14, { dialects: REDIS }),
  row(29, 'hash-template-listpack', 'hash', 'listpack, field names inlined', 15, { dialects: REDIS }),
  row(30, 'hash-template-listpack-ref', 'hash', 'listpack, field names by reference', 15, { dialects: REDIS, restorable: false }),
  row(31, 'hash-template-array', 'hash', 'values, field names inlined', 15, { dialects: REDIS }),
  row(32, 'hash-template-array-ref', 'hash', 'values, field names by reference', 15, { dialects: REDIS, restorable: false }),
  row(33, 'gcra', 'gcra', 'rate limiter state', 15, { dialects: REDIS }),
  row(22, 'hash-2', 'hash', 'field-value-expiry triples', 80, { dialects: VALKEY }),
  row(23, 'path-hash', 'hash', 'path hash', 81, { dialects: VALKEY }),
];

const byDialect: Record<Dialect, ReadonlyMap<number, RdbType>> = { redis: tableOf('redis'), valkey: tableOf('valkey') };

/** The type a byte means in a dialect; undefined where no public source defines it: stop there, never guess. */
export function rdbType(dialect: Dialect, byte: number): RdbType | undefined {
  return byDialect[dialect].get(byte);
}

/** All types of a dialect, by byte. */
export function rdbTypesOf(dialect: Dialect): readonly RdbType[] {
  return [...byDialect[dialect].values()].sort((a, b) => a.byte - b.byte);
}

function tableOf(dialect: Dialect): ReadonlyMap<number, RdbType> {
  return new Map(RDB_TYPES.filter((type) => type.dialects.includes(dialect)).map((type) => [type.byte, type]));
}

function row(
  byte: number,
  name: string,
  kind: Kind,
  encoding: string,
  since: number,
  { dialects = BOTH, restorable = true }: { dialects?: readonly Dialect[]; restorable?: boolean } = {},
): RdbType {
  return { byte, name, kind, encoding, since, dialects, restorable };
}
