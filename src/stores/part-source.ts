/** What every store yields; the engine's side declares it. */
export type { Compression, PartSource, PartStream } from '../rdb/part-source.js';
