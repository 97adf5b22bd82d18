/** What the package exports: the RDB reader and the errors it throws. */

export { readRdb, type RdbEntry, type RdbHeader, type RdbValueEntry, type ReadRdbOptions } from './rdb/read-rdb.js';
export type { HashField, RdbValue, ScoredMember } from './rdb/rdb-value.js';
export type { StreamConsumer, StreamEntry, StreamGroup, StreamItem, StreamPending, StreamState } from './rdb/stream-value.js';
export type { Dialect, Kind } from './rdb/types.js';
export { CorruptInputError, RedferryError, UnsupportedInputError } from './errors.js';
