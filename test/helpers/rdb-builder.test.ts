/** What the builder builds, a real server loads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aux, bytes, double, entry, expireMs, frequency, idle, intset, len, listpack, lzf, rdb, resizeDb, selectDb, str, stream, writeCrc64, ziplist, zipmap } from './rdb-builder.js';
import { readBack } from './read-back.js';
import { startServer } from './redis-server.js';
import { removeDir, tempDir } from './temp-dir.js';

const b64 = (text: string): string => Buffer.from(text).toString('base64');

test('its CRC64 is that of redis', () => {
  const file = Buffer.concat([Buffer.from('123456789'), Buffer.alloc(8)]);
  writeCrc64(file, 9);
  expect(file.readBigUInt64LE(9)).toBe(0xe9c6d914c4b8d9can);
});

test('a server loads every layout it builds', async () => {
  const long = 'long '.repeat(60);
  const file = rdb(
    [
      aux('redis-ver', '7.0.15'),
      selectDb(3),
      resizeDb(17, 1),
      expireMs(4_070_908_800_000),
      entry(0, 'string', str('value')),
      idle(5),
      entry(0, 'compressed', lzf(bytes(0, 'a', 0xe0, 11, 0), 21)),
      frequency(200),
      entry(1, 'list', len(2), str('a'), str('b')),
      entry(2, 'set', len(1), str('m')),
      entry(3, 'zset 1', len(2), str('m'), bytes(3, '1.5'), str('top'), bytes(254)),
      entry(4, 'hash', len(1), str('f'), str('v')),
      entry(5, 'zset 2', len(1), str('m'), double(-2.5)),
      entry(9, 'zipmap', str(zipmap([['f', 'v'], ['g', long]]))),
      entry(10, 'ziplist', str(ziplist(['a', -5, long, 'b']))),
      entry(11, 'intset', str(intset(2, [-7, 1, 300]))),
      entry(12, 'zset ziplist', str(ziplist(['m', 3]))),
      entry(13, 'hash ziplist', str(ziplist(['f', 'v']))),
      entry(14, 'quicklist', len(2), str(ziplist(['a'])), str(ziplist(['b', 1]))),
      entry(15, 'stream', stream()),
      entry(16, 'hash listpack', str(listpack(['f', 5, 'g', long]))),
      entry(17, 'zset listpack', str(listpack(['m', '2.25']))),
      entry(18, 'quicklist 2', len(2), len(2), str(listpack(['a', 200])), len(1), str('plain')),
    ],
    { magic: 'REDIS0010' },
  );
  const dir = tempDir();
  writeFileSync(join(dir, 'built.rdb'), file);
  const server = await startServer({ rdb: join(dir, 'built.rdb') });
  try {
    const rows = await readBack(server.client(), { version: server.version });
    expect(new Set(rows.map((row) => row.db))).toEqual(new Set([3]));
    expect(Object.fromEntries(rows.map((row) => [Buffer.from(row.key, 'base64').toString(), row.value]))).toEqual({
      string: b64('value'),
      compressed: b64('a'.repeat(21)),
      list: [b64('a'), b64('b')],
      set: [b64('m')],
      'zset 1': [[b64('m'), '1.5'], [b64('top'), 'inf']],
      hash: [[b64('f'), b64('v')]],
      'zset 2': [[b64('m'), '-2.5']],
      zipmap: [[b64('f'), b64('v')], [b64('g'), b64(long)]],
      ziplist: [b64('a'), b64('-5'), b64(long), b64('b')],
      intset: [b64('-7'), b64('1'), b64('300')],
      'zset ziplist': [[b64('m'), '3']],
      'hash ziplist': [[b64('f'), b64('v')]],
      quicklist: [b64('a'), b64('b'), b64('1')],
      stream: { entries: [['1-1', [b64('f'), b64('v')]]], lastId: '1-1', maxDeletedId: '0-0', entriesAdded: 1, groups: [] },
      'hash listpack': [[b64('f'), b64('5')], [b64('g'), b64(long)]],
      'zset listpack': [[b64('m'), '2.25']],
      'quicklist 2': [b64('a'), b64('200'), b64('plain')],
    });
    expect(rows.find((row) => row.key === b64('string'))?.pexpireat).toBe(4_070_908_800_000);
  } finally {
    await server.stop();
    removeDir(dir);
  }
});
