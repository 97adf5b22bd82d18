/** The table of bad inputs: each ends with the words in messages/<name>.error.txt and exit code 8. */
import { gzipSync } from 'node:zlib';
import { aux, bytes, double, entry, expireMs, functionLibrary, i64, intset, len, len64, listpack, lzf, rdb, sealed, selectDb, str, stream, streamKey, u32, ziplist, zipmap, type Bytes } from '../helpers/rdb-builder.js';

export interface BadFile {
  /** File name of the message; says what is wrong. */
  name: string;
  file: Bytes;
  /** What is wrong lies in a packed value: a server loads it, and may crash on it later. */
  inside?: boolean;
}

const HUGE = 1n << 62n;
const good = entry(0, 'good', str('value'));
const zipped = rdb([selectDb(0), good, ...Array.from({ length: 200 }, (_, i) => entry(0, `key:${i}`, str(`value ${i * 7919}`)))]);

/** A file with a good key first, so that the place of the bad one is told apart. */
function one(...parts: Bytes[]): Bytes {
  return rdb([selectDb(0), good, ...parts]);
}

function under(magic: string, ...parts: Bytes[]): Bytes {
  return rdb([selectDb(0), good, ...parts], { magic });
}

function flipped(file: Bytes, at: number): Bytes {
  const out = Buffer.from(file);
  out[at] = (out[at] ?? 0) ^ 0x10;
  return out;
}

export const BAD_FILES: readonly BadFile[] = [
  // What is no RDB file at all
  { name: 'a text file', file: Buffer.from('# Backup of the shop\nsee the wiki\n') },
  { name: 'an error page', file: Buffer.from('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>') },
  { name: 'an append-only file', file: Buffer.from('*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n') },
  { name: 'a valkey envelope', file: bytes('VCS', 1, 1, 0, 0, 'compressed') },
  { name: 'shorter than a header', file: Buffer.from('REDIS') },
  { name: 'a header and nothing else', file: Buffer.from('REDIS0011') },
  { name: 'a header with letters', file: Buffer.from('REDIS00ab') },
  { name: 'version zero', file: rdb([good], { magic: 'REDIS0000' }) },
  { name: 'a newer redis version', file: rdb([good], { magic: 'REDIS0099' }) },
  { name: 'a newer valkey version', file: rdb([good], { magic: 'VALKEY999' }) },
  { name: 'a valkey version that never was', file: rdb([good], { magic: 'VALKEY011' }) },

  // The end
  { name: 'cut in a key', file: one().subarray(0, 14) },
  { name: 'cut in a value', file: one(entry(0, 'k', str('x'.repeat(100)))).subarray(0, 80) },
  { name: 'cut before the end opcode', file: rdb([selectDb(0), good], { open: true, checksum: 'none' }) },
  { name: 'cut in the checksum', file: one().subarray(0, -3) },
  { name: 'no checksum', file: rdb([selectDb(0), good], { checksum: 'none' }) },
  { name: 'a wrong checksum', file: rdb([selectDb(0), good], { checksum: 'wrong' }) },
  { name: 'a flipped bit in a value', file: flipped(one(), 20) },
  { name: 'commands after the end', file: bytes(one(), '*1\r\n$4\r\nPING\r\n') },
  { name: 'a gzip file cut short', file: gzipSync(zipped).subarray(0, 400) },
  { name: 'a gzip file with a flipped bit', file: flipped(gzipSync(zipped), 500) },
  { name: 'a gzip file of text', file: gzipSync('no backup at all') },
  { name: 'a zstd file of nonsense', file: bytes(0x28, 0xb5, 0x2f, 0xfd, 'this is not zstd data, whatever its first bytes say') },

  // Opcodes and types
  { name: 'an unknown type', file: one(entry(99, 'odd', str('value'))) },
  { name: 'an unknown opcode', file: one(bytes(241), str('x')) },
  { name: 'a redis type in a valkey file', file: under('VALKEY080', entry(25, 'hash', i64(1), str(listpack(['f', 'v', 0])))) },
  { name: 'a valkey hash in a redis file', file: under('REDIS0012', entry(22, 'hash', len(2), str('f'), str('v'), i64(4_070_908_800_000), str('g'), str('w'), i64(-1))) },
  { name: 'a redis opcode in a valkey file', file: under('VALKEY080', bytes(242), len(1), len(1), str('f')) },
  { name: 'a module of version 1', file: one(entry(6, 'module', len64(1n), str('data'))) },
  { name: 'a module value without end', file: one(entry(7, 'module', len64(0x8406ac7229da5d2dn), len(1), len(1), len(9), len(1))) },
  { name: 'functions of a release candidate', file: one(bytes(246), str('code')) },
  { name: 'a database too high', file: rdb([selectDb(HUGE), good]) },

  // Lengths
  { name: 'a key of 2 to the 62 bytes', file: one(bytes(0), len64(HUGE), bytes('x')) },
  { name: 'a string of 2 to the 62 bytes', file: one(entry(0, 'k', len64(HUGE), bytes('x'))) },
  { name: 'a list of 2 to the 62 elements', file: one(entry(1, 'k', len64(HUGE), str('x'))) },
  { name: 'a hash of 2 to the 62 fields', file: one(entry(4, 'k', len64(HUGE), str('f'), str('v'))) },
  { name: 'a stream of 2 to the 62 nodes', file: one(entry(15, 'k', len64(HUGE), str(streamKey(1n, 1n)))) },
  { name: 'a function of 2 to the 62 bytes', file: one(bytes(245), len64(HUGE), bytes('x')) },
  { name: 'an aux field of 2 to the 62 bytes', file: rdb([bytes(250), len64(HUGE), bytes('x')]) },
  { name: 'a reserved length', file: one(entry(0, 'k', bytes(0x82, 0, 0, 0, 0, 'x'))) },
  { name: 'a count that is no length', file: one(entry(1, 'k', bytes(0xc0, 5), str('x'))) },
  { name: 'a string encoding that does not exist', file: one(entry(0, 'k', bytes(0xc5, 1, 2))) },
  { name: 'a compressed string of 2 to the 62 bytes', file: one(entry(0, 'k', lzf(bytes(0, 'a', 0xe0, 11, 0), HUGE))) },
  { name: 'a compressed string that makes less', file: one(entry(0, 'k', lzf(bytes(0, 'a', 0xe0, 11, 0), 22))) },
  { name: 'a compressed string that points before itself', file: one(entry(0, 'k', lzf(bytes(0, 'a', 0xe0, 11, 9), 21))) },

  // Collections
  { name: 'an odd hash ziplist', file: one(entry(13, 'k', str(ziplist(['f', 'v', 'g'])))), inside: true },
  { name: 'a score that is not a number', file: one(entry(5, 'k', len(1), str('m'), double(NaN))) },
  { name: 'a score in words', file: one(entry(3, 'k', len(1), str('m'), bytes(3, 'top'))) },
  { name: 'a quicklist node of kind 3', file: one(entry(18, 'k', len(1), len(3), str(listpack(['a'])))) },
  { name: 'a quicklist whose node is text', file: one(entry(18, 'k', len(1), len(2), str('no listpack'))), inside: true },
  { name: 'a quicklist whose ziplist is text', file: one(entry(14, 'k', len(1), str('no ziplist'))), inside: true },

  // Packed values that lie
  { name: 'a listpack longer than its string', file: one(entry(16, 'k', str(listpack(['f', 'v'], { total: 640 })))), inside: true },
  { name: 'a listpack shorter than its string', file: one(entry(16, 'k', str(listpack(['f', 'v'], { total: 8 })))), inside: true },
  { name: 'a listpack that counts too many', file: one(entry(16, 'k', str(listpack(['f', 'v'], { count: 4 })))), inside: true },
  { name: 'a listpack without its end', file: one(entry(16, 'k', str(listpack(['f', 'v'], { end: 0 })))), inside: true },
  { name: 'a listpack element beyond its end', file: one(entry(16, 'k', str(bytes(u32(12), 2, 0, 0x81, 'f', 2, 0xbf, 255)))), inside: true },
  { name: 'an odd hash listpack', file: one(entry(16, 'k', str(listpack(['f', 'v', 'g'])))), inside: true },
  { name: 'an empty listpack string', file: one(entry(16, 'k', str(''))), inside: true },
  { name: 'a ziplist longer than its string', file: one(entry(10, 'k', str(ziplist(['a', 'b'], { total: 900 })))), inside: true },
  { name: 'a ziplist whose tail is elsewhere', file: one(entry(10, 'k', str(ziplist(['a', 'b'], { tail: 5000 })))), inside: true },
  { name: 'a ziplist that counts too many', file: one(entry(10, 'k', str(ziplist(['a', 'b'], { count: 9 })))), inside: true },
  { name: 'a ziplist without its end', file: one(entry(10, 'k', str(ziplist(['a', 'b'], { end: 1 })))), inside: true },
  { name: 'a zipmap that goes on', file: one(entry(9, 'k', str(zipmap([['f', 'v']], { end: 9 })))), inside: true },
  { name: 'a zipmap value beyond its end', file: one(entry(9, 'k', str(bytes(1, 1, 'f', 200, 0, 'v', 255)))), inside: true },
  { name: 'an intset of three-byte numbers', file: one(entry(11, 'k', str(intset(2, [1, 2], { width: 3 })))), inside: true },
  { name: 'an intset that counts too many', file: one(entry(11, 'k', str(intset(2, [1, 2], { count: 0x40000000 })))), inside: true },
  { name: 'an intset out of order', file: one(entry(11, 'k', str(intset(2, [2, 1])))), inside: true },

  // Streams
  { name: 'a stream node key of 15 bytes', file: one(entry(15, 'k', stream({ key: new Uint8Array(15) }))) },
  { name: 'a stream node that is text', file: one(entry(15, 'k', stream({ node: bytes('no listpack') }))), inside: true },
  { name: 'a stream node whose entry is short', file: one(entry(15, 'k', stream({ node: listpack([1, 0, 1, 'f', 0, 2, 0, 0]) }))), inside: true },
  { name: 'a stream with 2 to the 62 groups', file: one(entry(15, 'k', stream({ groups: len64(HUGE) }))) },

  // Hashes with field expiries
  { name: 'a field expiry before none', file: under('REDIS0012', entry(24, 'k', i64(-5), len(1), len(1), str('f'), str('v'))) },
  { name: 'a field listpack that is no triple', file: under('REDIS0012', entry(25, 'k', i64(1), str(listpack(['f', 'v'])))), inside: true },
];

/** Odd, but every server takes them, so redferry does. */
export const ODD_FILES: readonly BadFile[] = [
  { name: 'a type of a later version', file: under('REDIS0010', entry(20, 'later', str(listpack(['a'])))) },
  { name: 'an expiry without a key', file: one(expireMs(1)) },
  { name: 'a database that is empty', file: one(selectDb(5), selectDb(6)) },
  { name: 'an unknown aux field', file: rdb([aux('%brand-new', 'x'), selectDb(0), good]) },
  { name: 'an expiry of the year 5000', file: one(expireMs(95_617_584_000_000), entry(0, 'k', str('v'))) },
  { name: 'a frequency above 127', file: one(bytes(249, 255), entry(0, 'k', str('v'))) },
];

/** Good files, for the tests that cut or flip them at every byte. */
export const WHOLE_FILES: readonly { name: string; file: Bytes }[] = [
  {
    name: 'strings and attributes',
    file: rdb([aux('redis-ver', '7.2.0'), selectDb(3), bytes(251, 2, 1), expireMs(4_070_908_800_000), entry(0, 'key', str('value')), entry(0, 'number', bytes(0xc1, 1, 2)), functionLibrary('#!lua name=a\n')]),
  },
  {
    name: 'packed values',
    file: rdb([selectDb(0), entry(16, 'hash', str(listpack(['f', 5]))), entry(18, 'list', len(2), len(2), str(listpack(['a'])), len(1), str('plain')), entry(11, 'set', str(intset(4, [1, 70000]))), entry(9, 'map', str(zipmap([['f', 'v']]))), entry(10, 'old', str(ziplist(['a', 7])))]),
  },
  { name: 'a stream with groups', file: rdb([selectDb(0), entry(15, 'stream', stream({ groups: bytes(len(1), str('g'), len(1), len(1), len(1), streamKey(1n, 1n), i64(5), len(1), len(1), str('c'), i64(6), len(1), streamKey(1n, 1n)) }))]) },
  { name: 'a valkey hash', file: rdb([selectDb(0), entry(22, 'hash', len(1), str('f'), str('v'), i64(-1))], { magic: 'VALKEY080' }) },
  { name: 'a checksum switched off', file: sealed(rdb([selectDb(0), good]), 'zero') },
];
