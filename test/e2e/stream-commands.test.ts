/**
 * Streams by native commands (`--write commands`): every file that has some, into every server of the matrix, reads back as
 * with RESTORE; pending entries of deleted entries, consumers without any, ids from 2^63 on, elements of any size, and
 * streams that are read in several passes, from a file and from a pipe.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkStage } from '../../src/stages/check.js';
import { importStage } from '../../src/stages/import.js';
import type { WriteOptions } from '../../src/stages/options.js';
import type { CheckResult, ImportResult } from '../../src/stages/results.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { corpusFiles } from '../helpers/corpus.js';
import type { Row } from '../helpers/corpus-rows.js';
import { bytes, entry, i64, len, listpack, rdb, str, streamKey, type Bytes } from '../helpers/rdb-builder.js';
import { readBack } from '../helpers/read-back.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { atLeast, matrixServers, type ServerVersion } from '../helpers/server-versions.js';
import { checkOptions, importOptions, selection, stageContext, writing } from '../helpers/stages.js';
import { tempDir } from '../helpers/temp-dir.js';
import { readWholeRows, stopReferences } from '../helpers/whole-rows.js';

const STREAM_TYPES = ['15', '19', '21'];
const files = corpusFiles().filter(({ meta }) => STREAM_TYPES.some((byte) => meta.rdbTypeBytes?.[byte] !== undefined));

describe.each(matrixServers())('$name', (version) => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startServer({ version });
    client = server.client();
  });
  afterAll(async () => {
    await server.stop();
    await stopReferences();
  });
  beforeEach(async () => {
    await client.flushall();
  });

  const oldStreams = !atLeast(version, 7);

  test.each(files.map((file) => [file.name, file] as const))('streams of %s read back as they were', async (_, file) => {
    const only = selection({ types: ['stream'] });
    const result = await importStage(
      importOptions([file.path], server, { selection: only, write: writing({ write: 'commands', functions: 'skip' }) }), stageContext(),
    );
    const rows = await readBack(client, { version });
    const expected = (oldStreams ? await readWholeRows(file) : readExpected(file.expectedPath)).filter(({ type }) => type === 'stream');
    expect(differences(expected, rows, { now: Date.now(), oldStreams })).toEqual([]);
    expect(result.failures).toEqual([]);
    expect(result.plan.commands).toBe(rows.length);
  });

  const wide = { write: 'commands' as const };
  const cases: [string, Partial<WriteOptions>, boolean][] = [
    ['at once', wide, false],
    ['in small regions', { ...wide, maxInflight: 256 << 10 }, false],
    ['larger than the memory for a value', { ...wide, bigValue: 64 << 10 }, false],
    ['larger than that, from what cannot seek', { ...wide, bigValue: 64 << 10 }, true],
    ['above --big-value', { write: 'auto', bigValue: 64 << 10 }, false],
    ['above --big-value, from what cannot seek', { write: 'auto', bigValue: 64 << 10 }, true],
  ];

  test.each(cases)('streams with all that streams can have, %s', async (_, options, gzipped) => {
    const before = await makeStreams(client, version);
    const file = join(server.dir, 'dump.rdb');
    // 'large' is above 1 MiB then, and is measured before it is written
    await client.config('SET', 'rdbcompression', options.write === 'auto' ? 'no' : 'yes');
    await client.call('SAVE');
    const path = gzipped ? join(tempDir(), 'dump.rdb.gz') : file;
    if (gzipped) writeFileSync(path, gzipSync(readFileSync(file), { level: 1 }));
    await client.flushall();
    const result = await importStage(importOptions([path], server, { write: writing(options) }), stageContext());
    const rows = await readBack(client, { version });
    expect(differences(before, rows, { now: Date.now(), oldStreams })).toEqual([]);
    expect(result.failures).toEqual([]);
    expect(await deliveryTimes(client)).toEqual(times.get(before));
    if (options.write === 'commands') expect(result.plan.commands).toBe(before.length);
    else expect(result.plan.commands).toBeGreaterThanOrEqual(1);
  });

  test('a stream of the oldest layout is the same by commands as by RESTORE', async () => {
    const ids = (...numbers: bigint[]): Bytes => bytes(...numbers.flatMap((ms) => [streamKey(ms, 0n)]));
    const group = (name: string, last: bigint, pending: bigint[]): Bytes =>
      bytes(str(name), len(last), len(0), len(pending.length), ...pending.flatMap((ms) => [streamKey(ms, 0n), i64(1_600_000_000_000n + ms), len(ms)]), len(2),
        str('idle'), i64(5), len(0), str('busy'), i64(6), len(pending.length), ids(...pending));
    const node = listpack([3, 1, 1, 'f', 0, 3, 0, 0, 'v', 4, 2, 1, 0, 'v', 4, 0, 2, 0, 1, 'g', 12, 6, 2, 200, 0, -7, 4]);
    const value = bytes(len(1), str(streamKey(10n, 0n)), str(node), len(3), len(210), len(0), len(6),
      group('before', 5n, []), group('first', 11n, [10n, 11n]), group('middle', 12n, [2n]), group('last', 210n, [11n, 12n, 210n]), group('beyond', 300n, []), group('', 0n, []));
    const path = join(tempDir(), 'old.rdb');
    writeFileSync(path, rdb([entry(15, 'old', value)], { magic: 'REDIS0009' }));
    const read = [];
    for (const write of ['restore', 'commands'] as const) {
      await client.flushall();
      await importStage(importOptions([path], server, { write: writing({ write }) }), stageContext());
      read.push(await readBack(client, { version }));
    }
    expect(read[1]).toHaveLength(1);
    expect(read[1]).toEqual(read[0]);
  });

  const head = (type: number): Bytes => bytes(len(1), str(streamKey(1n, 1n)), str(listpack([1, 0, 1, 'f', 0, 2, 0, 0, 'v', 4])), len(1), len(1), len(1), ...(type === 15 ? [] : [len(1), len(1), len(0), len(0), len(1)]));
  const unfit: [string, number, string, Bytes][] = [
    ['pending entries of no consumer', 15, 'REDIS0009', bytes(len(1), str('g'), len(1), len(1), len(1), streamKey(1n, 1n), i64(5), len(1), len(0))],
    ['an entry of a consumer that is not pending', 15, 'REDIS0009', bytes(len(1), str('g'), len(1), len(1), len(0), len(1), str('c'), i64(5), len(1), streamKey(1n, 1n))],
    ['entries taken from their consumer', 27, 'REDIS0014', bytes(len(1), str('g'), len(1), len(1), len(1), len(1), streamKey(1n, 1n), i64(5), len(1), len(0), len(1), streamKey(1n, 1n), len(100), len(100), len(0), len(0), len(0))],
  ];
  test.each(unfit)('a stream with %s is reported, and nothing of it is written', async (_, type, magic, groups) => {
    const path = join(tempDir(), 'odd.rdb');
    writeFileSync(path, rdb([entry(type, 'odd', bytes(head(type), groups))], { magic }));
    const options = importOptions([path], server, { write: writing({ write: 'commands', onUnsupported: 'skip' }) });
    const result = await importStage(options, stageContext()).catch((error: unknown) => (error as { result?: ImportResult }).result);
    expect(result).toMatchObject({ keys: { written: 0, failed: 1 } });
    if (type === 27) {
      const check = await checkStage(checkOptions([path], server), stageContext()).catch((error: unknown) => (error as { result?: CheckResult }).result);
      expect(check).toMatchObject({ unsupported: [{ rdbType: 27, count: 1 }] });
    }
    expect(await client.dbsize()).toBe(0);
  });
});

const times = new Map<Row[], unknown>();

/** Delivery times of the group of the stream `deleted`. */
async function deliveryTimes(client: Redis): Promise<unknown> {
  const info = (await client.call('XINFO', 'STREAM', 'deleted', 'FULL', 'COUNT', '0')) as unknown[];
  const groups = info[info.indexOf('groups') + 1] as unknown[][];
  return groups.map((group) => group[group.indexOf('pel') + 1] ?? group[group.indexOf('pending') + 1]);
}

/** Streams whose like no dump of commands should lose; as read back. */
async function makeStreams(client: Redis, version: ServerVersion): Promise<Row[]> {
  const high = '18446744073709551615';
  const half = '9223372036854775808';
  for (const id of ['1-1', '2-1', '2-2', `${half}-0`, `${half}-${high}`, `${high}-${half}`, `${high}-${high}`]) await client.xadd('deleted', id, 'n', '-5', Buffer.from([0, 255, 10]), '');
  await client.xgroup('CREATE', 'deleted', Buffer.from([103, 0, 13, 10]), '0');
  await client.xgroup('CREATE', 'deleted', 'behind', '2-2');
  await client.xgroup('CREATE', 'deleted', '', '0');
  await client.xreadgroup('GROUP', Buffer.from([103, 0, 13, 10]), 'anna', 'COUNT', 3, 'STREAMS', 'deleted', '>');
  await client.xreadgroup('GROUP', Buffer.from([103, 0, 13, 10]), 'bert', 'STREAMS', 'deleted', '>');
  await client.xreadgroup('GROUP', Buffer.from([103, 0, 13, 10]), 'idle', 'STREAMS', 'deleted', '>');
  await client.xreadgroup('GROUP', '', '', 'COUNT', 6, 'STREAMS', 'deleted', '>');
  await client.call('XCLAIM', 'deleted', '', 'other', '0', '2-2', 'TIME', '1234567890123', 'RETRYCOUNT', '77', 'JUSTID');
  await client.xdel('deleted', '2-1', `${half}-0`);
  await client.xtrim('deleted', 'MAXLEN', 4);

  await client.xadd('trimmed', '5-5', 'a', '1');
  await client.xadd('trimmed', '6-5', 'a', '1');
  await client.xgroup('CREATE', 'trimmed', 'g', '0');
  await client.xreadgroup('GROUP', 'g', 'c', 'STREAMS', 'trimmed', '>');
  await client.xtrim('trimmed', 'MAXLEN', 0);
  await client.xgroup('CREATE', 'never', 'g', '0', 'MKSTREAM');
  await client.xadd('gone', '7-7', 'a', '1');
  await client.xdel('gone', '7-7');

  const large = Buffer.alloc(3 << 20, 'large');
  await client.xadd('large', '1-1', 'a', large, large, 'b', '12345678901', '-1');
  await client.xadd('large', '1-2', ...Array.from({ length: 60_000 }, (_, i) => (i % 3 === 0 ? i : `field ${i}`)));
  await client.xadd('large', '1-3', 'a', large, 'c', 'b', 'd', '7');
  await client.xgroup('CREATE', 'large', large, '0');
  await client.xreadgroup('GROUP', large, large.subarray(1), 'COUNT', 2, 'STREAMS', 'large', '>');
  await client.pexpireat('large', 4_102_444_800_123);

  const pipeline = client.pipeline();
  for (let i = 1; i <= 20_000; i++) pipeline.xadd('long', `${i}-0`, 'name', `value ${i}`, 'number', i);
  await pipeline.exec();
  for (const group of ['one', 'two', 'three']) {
    await client.xgroup('CREATE', 'long', group, '0');
    for (let i = 0; i < 10; i++) await client.xreadgroup('GROUP', group, `consumer ${i % 4}`, 'COUNT', 700, 'STREAMS', 'long', '>');
  }
  await client.xdel('long', ...Array.from({ length: 5000 }, (_, i) => `${i * 3 + 1}-0`));
  const rows = await readBack(client, { version });
  times.set(rows, await deliveryTimes(client));
  return rows;
}
