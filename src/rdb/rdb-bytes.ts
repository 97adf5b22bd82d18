/** What stands around the entries of an RDB file, as bytes (redis 7.4 src/rdb.c rdbSaveRio, rdbSaveLen; valkey 9.0 src/rdb.c). */

import { FIRST_VALKEY_VERSION, type RdbTarget } from './older-forms.js';

const OPCODE = { function: 245, aux: 250, resize: 251, select: 254, end: 255 } as const;

/** "REDIS0011", "VALKEY080". */
export function header({ version }: RdbTarget): Uint8Array {
  const text = version >= FIRST_VALKEY_VERSION ? `VALKEY${String(version).padStart(3, '0')}` : `REDIS${String(version).padStart(4, '0')}`;
  return Buffer.from(text, 'latin1');
}

export function auxField(name: Uint8Array, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(OPCODE.aux), string(name), string(value)]);
}

export function functionLibrary(source: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(OPCODE.function), string(source)]);
}

export function selectDb(db: number): Uint8Array {
  return Buffer.concat([Buffer.of(OPCODE.select), length(db)]);
}

/** Keys of the database that was selected, and how many of them expire: a hint for the size of tables. */
export function resizeDb(keys: number, expiring: number): Uint8Array {
  return Buffer.concat([Buffer.of(OPCODE.resize), length(keys), length(expiring)]);
}

export function end(): Uint8Array {
  return Buffer.of(OPCODE.end);
}

export function checksum(crc: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes;
}

function string(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([length(bytes.length), bytes]);
}

function length(n: number): Uint8Array {
  if (n < 64) return Buffer.of(n);
  if (n < 16384) return Buffer.of(0x40 | (n >> 8), n & 0xff);
  if (n <= 0xffff_ffff) {
    const bytes = Buffer.alloc(5, 0x80);
    bytes.writeUInt32BE(n, 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9, 0x81);
  bytes.writeBigUInt64BE(BigInt(n), 1);
  return bytes;
}
