/** Small files to damage: fixtures, small corpus files, and layouts no server of the matrix writes any more. */
import { corpusBytes, corpusFiles } from '../helpers/corpus.js';
import { bytes, double, entry, expireMs, expireSeconds, frequency, functionLibrary, i64, idle, intset, len, listpack, lzf, rdb, resizeDb, selectDb, str, stream, ziplist, zipmap } from '../helpers/rdb-builder.js';
import type { Seed } from './mutate.js';

const LARGEST = 12_000;

export function fuzzSeeds(): Seed[] {
  const files = corpusFiles()
    .filter((file) => !file.gzipped)
    .map((file) => ({ name: file.name, file: corpusBytes(file) }))
    .filter(({ file }) => file.length <= LARGEST);
  return [...files, ...builtSeeds()];
}

export function builtSeeds(): Seed[] {
  const long = 'x'.repeat(300);
  const old = [
    selectDb(0),
    resizeDb(6, 1),
    expireSeconds(2_000_000_000),
    entry(0, 'string', lzf(bytes(0, 'a', 0xe0, 11, 0), 21)),
    entry(1, 'list', len(2), str('a'), bytes(0xc0, 5)),
    entry(3, 'zset 1', len(3), str('m'), bytes(3, '1.5'), str('top'), bytes(254), str('low'), bytes(255)),
    entry(9, 'zipmap', str(zipmap([['f', 'v'], ['g', long]]))),
    entry(10, 'ziplist', str(ziplist(['a', -5, long, 'b']))),
    entry(11, 'intset', str(intset(4, [-70000, 1, 300]))),
    entry(12, 'zset ziplist', str(ziplist(['m', 3, 'n', '4.5']))),
    entry(13, 'hash ziplist', str(ziplist(['f', 'v']))),
  ];
  const recent = [
    selectDb(1),
    functionLibrary("#!lua name=lib\nredis.register_function('f', function() return 1 end)"),
    expireMs(4_070_908_800_000),
    entry(14, 'quicklist', len(2), str(ziplist(['a'])), str(ziplist(['b', 1]))),
    idle(100),
    entry(15, 'stream', stream({ groups: bytes(len(1), str('g'), len(1), len(1), len(1), bytes(new Uint8Array(15), 1), i64(5), len(1), len(1), str('c'), i64(6), len(1), bytes(new Uint8Array(15), 1)) })),
    frequency(200),
    entry(16, 'hash listpack', str(listpack(['f', 5, 'g', long]))),
    entry(17, 'zset listpack', str(listpack(['m', '2.25']))),
    entry(18, 'quicklist 2', len(2), len(2), str(listpack(['a', 200])), len(1), str('plain')),
    entry(20, 'set listpack', str(listpack(['a', 'b', -3]))),
  ];
  const fieldExpiry = [
    selectDb(0),
    entry(24, 'hash 24', i64(4_070_908_800_000), len(2), len(1), str('f'), str('v'), len(0), str('g'), str('w')),
    entry(25, 'hash 25', i64(4_070_908_800_000), str(listpack(['f', 'v', 4_070_908_800_000n, 'g', 'w', 0]))),
    entry(22, 'hash 22', len(1), len(4_070_908_800_000n), str('f'), str('v')),
    entry(23, 'hash 23', str(listpack(['f', 'v', 4_070_908_800_000n]))),
    // module id "hashmodul" version 1, two values and the end
    entry(7, 'module', bytes(0x81, 0x84, 0x06, 0xac, 0x72, 0x29, 0xda, 0x5d, 0x2d), len(1), len(1), len(2), len(1), len(3), bytes(0, 0, 0x80, 0x3f), len(4), double(2), len(5), str('text'), len(0)),
  ];
  const valkey = [selectDb(0), entry(22, 'hash 22', len(2), str('f'), str('v'), i64(4_070_908_800_000), str('g'), str('w'), i64(-1)), entry(0, 's', str('v'))];
  return [
    { name: 'built/old', file: rdb(old, { magic: 'REDIS0009' }) },
    { name: 'built/recent', file: rdb(recent, { magic: 'REDIS0011' }) },
    { name: 'built/field-expiry', file: rdb(fieldExpiry, { magic: 'REDIS0012' }) },
    { name: 'built/valkey', file: rdb(valkey, { magic: 'VALKEY080' }) },
  ];
}
