/** Input that arrives in pieces of a chosen size, shaped as the sources that stages read. */
import type { PartSource, PartStream } from '../../src/rdb/part-source.js';

export interface ChunkOptions {
  /** At most so many bytes per read; Infinity gives whatever fits. */
  size: number;
  name?: string;
  /** Let a stage read it again from the start, as it could a file. */
  rereadable?: boolean;
}

/** A part held in memory that never gives more than `size` bytes at once. */
export function chunkedPart(bytes: Uint8Array, { size, name = 'memory.rdb', rereadable = false }: ChunkOptions): PartSource {
  return {
    name,
    size: rereadable ? bytes.length : null,
    rereadable,
    open: () => Promise.resolve(chunkedStream(bytes, size)),
  };
}

export function chunkedStream(bytes: Uint8Array, size: number): PartStream {
  let position = 0;
  return {
    read(target, offset, length) {
      const part = bytes.subarray(position, position + Math.min(length, size));
      target.set(part, offset);
      position += part.length;
      return Promise.resolve(part.length);
    },
    get storedPosition() {
      return position;
    },
    readAt: null,
    compression: 'none',
    close: () => Promise.resolve(),
  };
}
