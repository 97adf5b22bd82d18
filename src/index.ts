/** What the package exports: the RDB reader and the errors it throws. */

export { readRdb, type RdbEntry, type RdbHeader, type ReadRdbOptions } from './rdb/read-rdb.js';
export type { Dialect, Kind } from './rdb/types.js';
export { CorruptInputError, RedferryError, UnsupportedInputError } from './errors.js';
