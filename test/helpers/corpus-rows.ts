/**
 * The canonical form in which a server's content is compared: one row per key, as the corpus of RDB files defines it.
 * Binary is base64; sets, zsets and hashes are sorted by raw member bytes; expiries are absolute milliseconds.
 */

/** [member, score as the server prints it] */
export type ScoredMember = [string, string];
/** [field, value] or [field, value, expiry in ms] */
export type HashField = [string, string] | [string, string, number];
/** [id, consumer, times delivered] */
export type PendingEntry = [string, string, number];

export interface StreamGroup {
  name: string;
  lastDeliveredId: string;
  entriesRead: number | null;
  consumers: string[];
  pending: PendingEntry[];
}

export interface StreamValue {
  entries: [string, string[]][];
  lastId: string;
  maxDeletedId: string;
  entriesAdded: number;
  groups: StreamGroup[];
}

export interface VectorSetValue {
  dim: number;
  elements: [string, string[], string | null][];
}

/** string | list and set | zset | hash | stream | vector set | module keys nobody here can read */
export type Value = string | string[] | ScoredMember[] | HashField[] | StreamValue | VectorSetValue | null;

export interface Row {
  db: number;
  key: string;
  type: string;
  pexpireat: number | null;
  value: Value;
  idle?: number;
  freq?: number;
}

/** A row of an expected file: `value`, or its digest when it is long. */
export interface ExpectedRow extends Omit<Row, 'value'> {
  value?: Value;
  sha256?: string;
  jsonLength?: number;
  length?: number;
}

export interface FunctionLibrary {
  library: string;
  engine: string;
  code: string;
}
