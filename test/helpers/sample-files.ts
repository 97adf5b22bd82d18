/** RDB files of any size, for tests that need work to last. */
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, entry, len, rdb, selectDb, str, writeCrc64, type Bytes } from './rdb-builder.js';
import { tempDir } from './temp-dir.js';

export interface SampleOptions {
  keys: number;
  /** Bytes of each value. */
  valueBytes: number;
  /** Start of each key. */
  prefix?: string;
  db?: number;
  /** Every second key is a list of one element, which is written with RESTORE. */
  lists?: boolean;
}

/** Keys prefix0, prefix1 … with values that do not compress. */
export function sampleRdb({ keys, valueBytes, prefix = 'key:', db = 0, lists = false }: SampleOptions): Bytes {
  const noise = Buffer.alloc(valueBytes + 1000);
  for (let i = 0; i < noise.length; i += 1) noise[i] = (Math.imul(i, 2654435761) >>> 13) & 255;
  const parts: Bytes[] = [selectDb(db)];
  for (let i = 0; i < keys; i += 1) {
    const value = str(noise.subarray(i % 1000, (i % 1000) + valueBytes));
    parts.push(lists && i % 2 === 1 ? entry(1, `${prefix}${i}`, len(1), value) : entry(0, `${prefix}${i}`, value));
  }
  return rdb(parts);
}

/** Writes a file into a directory of its own (removed at exit) and gives its path. */
export function sampleFile(name: string, file: Bytes): string {
  const path = join(tempDir('sample'), name);
  writeFileSync(path, file);
  return path;
}

/** A file whose one string holds `size` zero bytes, mostly a hole on disk; its checksum is switched off. */
export function sparseStringFile(name: string, size: number): string {
  const path = join(tempDir('sparse'), name);
  const head = bytes('REDIS0011', selectDb(0), 0, str('huge'), len(size));
  const fd = openSync(path, 'w');
  try {
    writeSync(fd, head, 0, head.length, 0);
    ftruncateSync(fd, head.length + size + 9);
    writeSync(fd, bytes(255), 0, 1, head.length + size);
  } finally {
    closeSync(fd);
  }
  return path;
}

/** `size` bytes of many small strings, written piece by piece with a right checksum. */
export function longFile(name: string, size: number): string {
  const path = join(tempDir('long'), name);
  const piece = sampleRdb({ keys: 20_000, valueBytes: 80 }).subarray(9, -9);
  const whole = Buffer.concat([Buffer.from('REDIS0011'), ...Array.from({ length: Math.ceil(size / piece.length) }, () => piece), Buffer.from([255]), Buffer.alloc(8)]);
  writeCrc64(whole, whole.length - 8);
  writeFileSync(path, whole);
  return path;
}
