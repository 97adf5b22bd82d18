/** verify counts truthfully, check and run say what they found, inspect shows what is inside. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InspectResult } from '../../src/stages/results.js';
import { corpusFiles, FIXTURES_DIR } from '../helpers/corpus.js';
import { entry, expireMs, len, listpack, rdb, selectDb, str } from '../helpers/rdb-builder.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { matrixServers } from '../helpers/server-versions.js';
import { describeRun, jsonOf, runCli, type CliJson } from '../helpers/run-cli.js';
import { sampleFile, sampleRdb } from '../helpers/sample-files.js';

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await client.flushall();
  await client.call('FUNCTION', 'FLUSH');
});

const fixture = (name: string): string => join(FIXTURES_DIR, `${name}.rdb`);
const types = fixture('7.0.15/types');

async function run(args: string[], code = 0): Promise<CliJson> {
  const result = await runCli([...args, '--json']);
  expect(result.code, describeRun(result)).toBe(code);
  const json = jsonOf(result);
  expect(json).toMatchObject({ command: args[0], ok: code === 0, exitCode: code });
  return json;
}

describe('verify', () => {
  test('equal after an import, over all dbs', async () => {
    await run(['import', types, server.url]);
    const { keys, byDb, differences, memory } = await run(['verify', types, server.url]);
    expect(keys).toEqual({ expected: 42, equal: 42, missing: 0, different: 0, extra: 0, expiredSince: 0 });
    expect(Object.keys(byDb)).toEqual(['0', '1', '9']);
    expect(differences).toEqual([]);
    expect(memory.source).toBeGreaterThan(0);
    expect(memory.target).toBeGreaterThan(0);
    expect(memory.explanation).toMatch(/\w/);
  });

  test('missing keys are 6, by db', async () => {
    await run(['import', types, server.url]);
    await client.del('string:text', 'list:one');
    await client.select(9);
    await client.del('stream:plain');
    await client.select(0);
    const { keys, differences, byDb } = await run(['verify', types, server.url], 6);
    expect(keys).toMatchObject({ expected: 42, equal: 39, missing: 3, extra: 0 });
    expect(byDb['0']).toMatchObject({ missing: 2 });
    expect(byDb['9']).toMatchObject({ missing: 1 });
    expect(differences.map(({ db }) => db)).toEqual([0, 9]);
  });

  test('keys too many are 6, also in a db the backup does not have', async () => {
    await run(['import', types, server.url]);
    await client.select(4);
    await client.set('stranger', 1);
    await client.select(0);
    const { keys } = await run(['verify', types, server.url], 6);
    expect(keys).toMatchObject({ equal: 42, missing: 0, extra: 1 });
  });

  test('one missing and one too many do not cancel out when one of them expires', async () => {
    await run(['import', types, server.url]);
    await client.persist('string:expiring');
    const { keys, differences } = await run(['verify', types, server.url], 6);
    expect(keys).toMatchObject({ missing: 1, extra: 1 });
    expect(differences.map(({ kind }) => kind).sort()).toEqual(['expiring', 'persistent']);
  });

  test('an empty target is 6', async () => {
    const { keys } = await run(['verify', types, server.url], 6);
    expect(keys).toMatchObject({ expected: 42, equal: 0, missing: 42 });
  });

  test('keys that had expired are told and not missed', async () => {
    const expired = fixture('7.0.15/expired');
    await run(['import', expired, server.url]);
    const { keys } = await run(['verify', expired, server.url]);
    expect(keys).toEqual({ expected: 3, equal: 3, missing: 0, different: 0, extra: 0, expiredSince: 3 });
  });

  test('keys that expire between import and verify are told and not missed', async () => {
    const soon = Date.now() + 2500;
    const path = sampleFile('soon.rdb', rdb([selectDb(0), entry(0, 'stays', str('v')), ...Array.from({ length: 50 }, (_, i) => Buffer.concat([expireMs(soon), entry(0, `soon ${i}`, str('v'))]))]));
    const imported = await run(['import', path, server.url]);
    expect(imported.keys.written).toBe(51);
    await sleep(soon + 100 - Date.now());
    const { keys } = await run(['verify', path, server.url]);
    expect(keys).toMatchObject({ expected: 1, equal: 1, missing: 0, extra: 0, expiredSince: 50 });
  });

  test.each(matrixServers().map((version) => [version.name, version] as const))('what %s saved, expired keys and fields included, verifies on another of its kind', async (name, version) => {
    const twin = await startServer({ version });
    try {
      for (const recipe of ['types', 'expired']) {
        await twin.client().flushall();
        await run(['import', fixture(`${name}/${recipe}`), twin.url]);
        await run(['verify', fixture(`${name}/${recipe}`), twin.url]);
        await sleep(500); // the server's own cycle removes hashes whose last field has expired
        await run(['verify', fixture(`${name}/${recipe}`), twin.url]);
      }
    } finally {
      await twin.stop();
    }
  });

  test('with the options of the import: filters, dbs, several files', async () => {
    const more = sampleFile('more.rdb', gzipSync(sampleRdb({ keys: 20, valueBytes: 10, prefix: 'more' })));
    const options = ['--db', '0,9', '--db-map', '9:2', '--exclude', 'hash:*'];
    await run(['import', types, more, server.url, ...options]);
    const { keys, byDb } = await run(['verify', types, more, server.url, ...options]);
    expect(keys).toMatchObject({ missing: 0, extra: 0 });
    expect(Object.keys(byDb)).toEqual(['0', '2']);
    expect(keys.equal).toBe(35 - 2 + 5 + 20);
  });

  test('collections without elements, which servers skip, are not missed', async () => {
    const path = sampleFile('empty.rdb', rdb([selectDb(0), entry(1, 'empty list', len(0)), entry(4, 'empty hash', len(0)), entry(16, 'empty listpack', str(listpack([]))), entry(0, 'k', str('v'))]));
    const { keys } = await run(['import', path, server.url]);
    expect(keys).toMatchObject({ written: 1, failed: 0 });
    expect((await run(['verify', path, server.url])).keys).toMatchObject({ expected: 1, equal: 1, missing: 0 });
  });

  test('compares memory when there is enough of it, and says why it differs', async () => {
    const keys = 60_000;
    const big = await startServer();
    try {
      const source = big.client();
      await source.call('DEBUG', 'POPULATE', keys, 'key', 1500);
      await source.call('SAVE');
      const path = sampleFile('big.rdb', readFileSync(join(big.dir, 'dump.rdb')));
      await run(['import', path, server.url]);
      const near = await run(['verify', path, server.url]);
      expect(near.memory.withinTolerance).toBe(true);
      expect(near.memory.ratio).toBeCloseTo(1, 0);
      await client.config('SET', 'maxmemory', 0);
      await client.set('ballast', Buffer.alloc(120_000_000));
      await client.del('key:1');
      const far = await run(['verify', path, server.url]);
      expect(far.memory.withinTolerance).toBe(false);
      expect(far.warnings.map(({ id }) => id)).toContain('memory.tolerance');
    } finally {
      await big.stop();
    }
  });

  test('a bad file is 8, a wrong password 12, no server 7', async () => {
    await run(['verify', sampleFile('cut.rdb', readFileSync(types).subarray(0, 500)), server.url], 8);
    await run(['verify', types, 'redis://127.0.0.1:1'], 7);
    await client.call('ACL', 'SETUSER', 'nobody', 'on', '>secret');
    await run(['verify', types, `redis://nobody:wrong@127.0.0.1:${server.port}`], 12);
  });
});

describe('check', () => {
  test('many files in one command, each with its counts', async () => {
    const files = corpusFiles();
    for (let i = 0; i < files.length; i += 50) {
      const some = files.slice(i, i + 50);
      const { parts } = await run(['check', ...some.map((file) => file.path)]);
      expect(parts).toHaveLength(some.length);
      for (const [n, file] of some.entries()) {
        const part = parts[n];
        expect(part?.name).toBe(basename(file.path));
        const keysPerDb = Object.fromEntries(Object.entries(part?.byDb ?? {}).map(([db, counts]) => [db, counts.keys]));
        if (file.meta.keysPerDb !== undefined) expect(keysPerDb, file.name).toEqual(file.meta.keysPerDb);
        if (Object.keys(file.meta.rdbTypeBytes ?? {}).length > 0) expect(part?.rdbTypeBytes, file.name).toEqual(file.meta.rdbTypeBytes);
        expect(part?.functions, file.name).toBe(file.meta.functions?.length ?? 0);
        expect(file.meta.header, file.name).toBe(part?.dialect === 'valkey' ? `VALKEY${String(part.rdbVersion).padStart(3, '0')}` : `REDIS${String(part?.rdbVersion).padStart(4, '0')}`);
      }
    }
  });

  test('with a target: the plan and every check, and nothing stays there', async () => {
    const { plan, checks, keys } = await run(['check', types, server.url]);
    expect(keys.read).toBe(42);
    expect(plan.set + plan.restore).toBe(42);
    expect(plan.unsupported).toBe(0);
    expect(checks.map(({ status }) => status)).not.toContain('failed');
    expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['backup.integrity', 'acl.commands', 'plan.unsupported', 'target.dbcount', 'target.empty', 'target.space']));
    expect(await client.dbsize()).toBe(0);
    expect(await client.info('keyspace')).not.toContain('db');
  });

  test('what the target does not know is listed: type, count, place, reason', async () => {
    const { unsupported, plan, error } = await run(['check', fixture('8.0.2/hfe'), server.url], 8);
    expect(unsupported.map(({ rdbType }) => rdbType).sort()).toEqual([24, 25]);
    expect(unsupported.every(({ part, count, exampleOffset, reason }) => part === 'hfe.rdb' && count > 0 && exampleOffset > 9 && reason !== '')).toBe(true);
    expect(plan.unsupported).toBe(unsupported.reduce((sum, { count }) => sum + count, 0));
    expect(error.hint).toMatch(/--on-unsupported skip/);
    expect(await client.dbsize()).toBe(0);
  });

  test('a target that is not empty raises an alarm, which can be accepted', async () => {
    await client.set('was there', 1);
    const { error } = await run(['check', types, server.url], 5);
    expect(error.message).toMatch(/target\.empty/);
    await run(['check', types, server.url, '--accept', 'target.empty']);
    await run(['check', types, server.url, '--on-conflict', 'skip']);
    expect(await client.keys('*')).toEqual(['was there']);
  });

  test('a bad file among good ones is 8 and named', async () => {
    const bad = sampleFile('bad one.rdb', readFileSync(types).subarray(0, 2000));
    const { error } = await run(['check', types, bad], 8);
    expect(error.message).toMatch(/^bad one\.rdb: offset \d+/);
  });
});

describe('run', () => {
  test('checks, imports and verifies, with one report', async () => {
    const json = await run(['run', types, server.url]);
    expect(json.check).toMatchObject({ ok: true });
    expect(json.import).toMatchObject({ ok: true, keys: { written: 42 } });
    expect(json.verify).toMatchObject({ ok: true, keys: { equal: 42, missing: 0, extra: 0 } });
  });

  test('stops at the check', async () => {
    const json = await run(['run', fixture('8.0.2/hfe'), server.url], 8);
    expect(json.import).toBeNull();
    expect(json.verify).toBeNull();
    expect(await client.dbsize()).toBe(0);
  });

  test('stops at the alarm of a target that is not empty, unless told otherwise', async () => {
    await client.set('string:text', 'was there');
    const stopped = await run(['run', types, server.url], 5);
    expect(stopped.import).toBeNull();
    expect(await client.dbsize()).toBe(1);
    const json = await run(['run', types, server.url, '--on-conflict', 'replace']);
    expect(json.verify).toMatchObject({ keys: { equal: 42, extra: 0 } });
  });
});

describe('inspect', () => {
  test('shows counts, types, encodings, expiry, functions', async () => {
    const result = await runCli(['inspect', fixture('7.0.15/functions'), types, '--json']);
    expect(result.code, describeRun(result)).toBe(0);
    const json = JSON.parse(result.stdout) as InspectResult;
    expect(json).toMatchObject({ command: 'inspect', ok: true, keys: 65, rdbVersion: 10, dialect: 'redis', checksum: 'ok' });
    expect(json.functions.map(({ name }) => name).sort()).toEqual(['first', 'second']);
    expect(Object.keys(json.byType).sort()).toEqual(['hash', 'list', 'set', 'stream', 'string', 'zset']);
    expect(Object.values(json.byEncoding).reduce((sum, { keys }) => sum + keys, 0)).toBe(65);
    expect(json.ttl.persistent + json.ttl.expiring).toBe(65);
    expect(json.aux['redis-ver']).toBe('7.0.15');
  });

  test('reads as text', async () => {
    const result = await runCli(['inspect', types]);
    expect(result.code, describeRun(result)).toBe(0);
    expect(result.stdout).toMatch(/42/);
    expect(result.stdout).toMatch(/stream/);
  });
});
