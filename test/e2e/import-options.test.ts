/** What is written and how: conflicts, filters, dbs, expired keys, functions, several inputs, ways to connect. */
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { certificates } from '../helpers/certificates.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { FIXTURES_DIR } from '../helpers/corpus.js';
import { readBack, readFunctions } from '../helpers/read-back.js';
import { bytes, entry, expireMs, functionLibrary, intset, len, listpack, rdb, selectDb, str } from '../helpers/rdb-builder.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { CANARY, describeRun, jsonOf, runCli, type CliJson, type RunOptions } from '../helpers/run-cli.js';
import { sampleFile, sampleRdb } from '../helpers/sample-files.js';

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startServer({ tls: true });
  client = server.client();
  await client.call('ACL', 'SETUSER', 'loader', 'on', `>${CANARY}`, '~*', '+@all');
});
afterAll(() => server.stop());
beforeEach(async () => {
  await client.flushall();
  await client.call('FUNCTION', 'FLUSH');
});

const fixture = (name: string): string => join(FIXTURES_DIR, `${name}.rdb`);
const types = fixture('7.0.15/types');

async function load(args: string[], code = 0, options: RunOptions = {}): Promise<CliJson> {
  const result = await runCli(['import', ...args, '--json'], options);
  expect(result.code, describeRun(result)).toBe(code);
  const json = jsonOf(result);
  expect(json).toMatchObject({ command: 'import', exitCode: code, ok: code === 0 });
  return json;
}

async function expectFixture(name: string, ignore?: (row: { db: number }) => boolean): Promise<void> {
  const rows = await readBack(client, { version: server.version });
  expect(differences(readExpected(join(FIXTURES_DIR, `${name}.expected.jsonl.gz`)), rows, { now: Date.now(), ...(ignore === undefined ? {} : { ignore }) })).toEqual([]);
}

const keysOf = async (db = 0): Promise<string[]> => {
  await client.select(db);
  const keys = await client.keys('*');
  await client.select(0);
  return keys.sort();
};

describe('the input comes', () => {
  const packed = (): string => sampleFile('types.rdb.gz', gzipSync(readFileSync(types)));

  test('from a path, file:path and a file without suffix', async () => {
    const copy = sampleFile('a backup', readFileSync(types));
    for (const location of [types, `file:${types}`, copy]) {
      await client.flushall();
      await load([location, server.url]);
      await expectFixture('7.0.15/types');
    }
  });

  test('through a pipe', async () => {
    await load(['-', server.url], 0, { stdin: createReadStream(types) });
    await expectFixture('7.0.15/types');
  });

  test.each([1, 7])('through a pipe, %i bytes at a time', async (size) => {
    const file = readFileSync(types);
    async function* trickle(): AsyncGenerator<Buffer> {
      for (let at = 0; at < file.length; at += size) {
        yield file.subarray(at, at + size);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await load(['-', server.url], 0, { stdin: Readable.from(trickle()) });
    await expectFixture('7.0.15/types');
  });

  test('as stdin that is a file', async () => {
    const output = execFileSync('sh', ['-c', `"${process.execPath}" bin/redferry import - ${server.url} --json < "${types}"`], { encoding: 'utf8' });
    expect(JSON.parse(output)).toMatchObject({ ok: true });
    await expectFixture('7.0.15/types');
  });

  test('through a named pipe', async () => {
    const fifo = sampleFile('fifo', Buffer.alloc(0));
    execFileSync('sh', ['-c', `rm "${fifo}" && mkfifo "${fifo}"`]);
    const loading = load([fifo, server.url]);
    execFileSync('sh', ['-c', `cat "${types}" > "${fifo}"`]);
    await loading;
    await expectFixture('7.0.15/types');
  });

  test('as gzip, from a file and from a pipe', async () => {
    await load([packed(), server.url]);
    await expectFixture('7.0.15/types');
    await client.flushall();
    await load(['-', server.url], 0, { stdin: createReadStream(packed()) });
    await expectFixture('7.0.15/types');
  });

  test('as gzip of several members', async () => {
    const file = readFileSync(types);
    const members = Buffer.concat([gzipSync(file.subarray(0, 1000)), gzipSync(file.subarray(1000, 1001)), gzipSync(file.subarray(1001))]);
    await load([sampleFile('members.gz', members), server.url]);
    await expectFixture('7.0.15/types');
  });

  test('as zstd, from a file and from a pipe', async (context) => {
    if (spawnSync('zstd', ['--version']).error !== undefined) context.skip('the zstd command is not installed');
    const compressed = sampleFile('types.rdb.zst', execFileSync('zstd', ['-19', '-c', types]));
    await load([compressed, server.url]);
    await expectFixture('7.0.15/types');
    await client.flushall();
    await load(['-', server.url], 0, { stdin: createReadStream(compressed) });
    await expectFixture('7.0.15/types');
  });

  test('with values larger than a window, from a file, a pipe and gzip', async () => {
    const huge = Buffer.alloc(9_000_000, 'abcdefg');
    const file = rdb([
      selectDb(0),
      entry(0, 'string', str(huge)),
      entry(1, 'list', len(3), str(huge), str('x'), str(huge.subarray(1))),
      expireMs(4_070_908_800_000),
      entry(4, 'hash', len(40_000), ...Array.from({ length: 40_000 }, (_, i) => bytes(str(`field ${i}`), str(`value ${i} ${'y'.repeat(i % 200)}`)))),
      entry(0, 'after', str('small')),
    ]);
    const path = sampleFile('huge.rdb', file);
    const inputs: [string, RunOptions][] = [[path, {}], ['-', { stdin: createReadStream(path) }], [sampleFile('huge.rdb.gz', gzipSync(file, { level: 1 })), {}]];
    for (const [input, options] of inputs) {
      await client.flushall();
      const { keys } = await load([input, server.url], 0, options);
      expect(keys, input).toMatchObject({ read: 4, written: 4 });
      // Buffer.equals: a matcher would take seconds over so many bytes
      expect((await client.getBuffer('string'))?.equals(huge)).toBe(true);
      expect((await client.lindexBuffer('list', 2))?.equals(huge.subarray(1))).toBe(true);
      expect(await client.hlen('hash')).toBe(40_000);
      expect(await client.hget('hash', 'field 39999')).toBe(`value 39999 ${'y'.repeat(199)}`);
      expect(await client.pexpiretime('hash')).toBe(4_070_908_800_000);
      expect(await client.get('after')).toBe('small');
    }
  });

  test('in several files', async () => {
    const first = sampleFile('first.rdb', sampleRdb({ keys: 30, valueBytes: 10, prefix: 'a' }));
    const second = sampleFile('second.rdb', gzipSync(sampleRdb({ keys: 20, valueBytes: 10, prefix: 'b', db: 2 })));
    const third = sampleFile('third.rdb', sampleRdb({ keys: 10, valueBytes: 10, prefix: 'c' }));
    const { keys } = await load([first, second, third, server.url]);
    expect(keys).toMatchObject({ read: 60, written: 60 });
    expect(await keysOf(0)).toHaveLength(40);
    expect(await keysOf(2)).toHaveLength(20);
  });

  test('in several files of which the last is bad: nothing is written', async () => {
    const first = sampleFile('first.rdb', sampleRdb({ keys: 30, valueBytes: 10 }));
    const bad = sampleFile('bad.rdb', sampleRdb({ keys: 30, valueBytes: 10, prefix: 'b' }).subarray(0, -20));
    await load([first, bad, server.url], 8);
    expect(await client.dbsize()).toBe(0);
  });

  test('damaged through a pipe: what was written is said, and none of it is damaged', async () => {
    const file = Buffer.from(sampleRdb({ keys: 3000, valueBytes: 5000 }));
    file.writeUInt8(0x82, file.indexOf(Buffer.from('key:2500')) - 1); // its length
    const { keys, error } = await load(['-', server.url], 8, { stdin: file });
    expect(keys.written).toBe(await client.dbsize());
    expect(error.message).toMatch(/^stdin: offset \d+/);
  });
});

describe('--on-conflict', () => {
  const file = rdb([selectDb(0), entry(0, 'old', str('from the backup')), entry(1, 'old list', len(1), str('from the backup')), expireMs(4_070_908_800_000), entry(0, 'expiring', str('v')), entry(0, 'new', str('v'))]);
  let path: string;
  beforeAll(() => {
    path = sampleFile('conflict.rdb', file);
  });
  beforeEach(async () => {
    await client.set('old', 'was there');
    await client.rpush('old list', 'was', 'there');
    await client.hset('expiring', 'another', 'type');
  });

  test('fail: the keys in the way are listed, the others written, exit 3', async () => {
    const { keys, failures } = await load([path, server.url], 3);
    expect(keys).toMatchObject({ read: 4, written: 1, failed: 3, skippedExisting: 0 });
    expect(failures.map((failure) => [failure.db, failure.type, failure.keyHash.length])).toEqual([[0, 'string', 16], [0, 'list', 16], [0, 'string', 16]]);
    expect(failures.every((failure) => failure.part === 'conflict.rdb' && failure.error !== '')).toBe(true);
    expect(failures.map((failure) => file[failure.offset])).toEqual([0, 1, 252]); // the byte an entry begins with: its type, or its expiry
    expect(await client.get('old')).toBe('was there');
    expect(await client.get('new')).toBe('v');
  });

  test('skip: they stay as they are', async () => {
    const { keys, failures } = await load([path, server.url, '--on-conflict', 'skip']);
    expect(keys).toMatchObject({ read: 4, written: 1, failed: 0, skippedExisting: 3 });
    expect(failures).toEqual([]);
    expect(await client.get('old')).toBe('was there');
    expect(await client.lrange('old list', 0, -1)).toEqual(['was', 'there']);
    expect(await client.hgetall('expiring')).toEqual({ another: 'type' });
  });

  test.each([['--write', 'auto'], ['--write', 'restore']])('replace: they are as in the backup, type and expiry too (%s)', async (...flags) => {
    await client.expire('old', 1000);
    const { keys } = await load([path, server.url, '--on-conflict', 'replace', ...flags]);
    expect(keys).toMatchObject({ read: 4, written: 4, failed: 0 });
    expect(await client.get('old')).toBe('from the backup');
    expect(await client.ttl('old')).toBe(-1);
    expect(await client.lrange('old list', 0, -1)).toEqual(['from the backup']);
    expect(await client.pexpiretime('expiring')).toBe(4_070_908_800_000);
  });

  test('a flood of conflicts is counted, listed up to a bound, and fast', async () => {
    const many = sampleFile('many.rdb', sampleRdb({ keys: 60_000, valueBytes: 5 }));
    await load([many, server.url]);
    const { keys, failures, elapsedMs } = await load([many, server.url], 3);
    expect(keys).toMatchObject({ read: 60_000, written: 0, failed: 60_000 });
    expect(failures.length).toBeGreaterThan(100);
    expect(failures.length).toBeLessThan(60_000);
    expect(elapsedMs).toBeLessThan(10_000);
  });
});

describe('which keys', () => {
  const file = rdb([
    selectDb(0),
    entry(0, 'user:1', str('a')),
    entry(0, 'user:2', str('b')),
    entry(0, 'cart[1]', str('c')),
    entry(1, 'user:list', len(1), str('x')),
    entry(11, 'set', str(intset(2, [1, 2]))),
    entry(16, 'hash', str(listpack(['f', 'v']))),
    expireMs(Date.now() + 1_800_000),
    entry(0, 'soon', str('v')),
    expireMs(4_070_908_800_000),
    entry(0, 'late', str('v')),
    selectDb(3),
    entry(0, 'in three', str('v')),
    selectDb(4),
    entry(0, 'in four', str('v')),
  ]);
  let path: string;
  beforeAll(() => {
    path = sampleFile('which.rdb', file);
  });

  test.each([
    [['--match', 'user:*'], ['user:1', 'user:2', 'user:list']],
    [['--match', 'user:[12]', '--match', 'set'], ['set', 'user:1', 'user:2']],
    [['--match', 'cart\\[1\\]'], ['cart[1]']],
    [['--exclude', '*:*', '--exclude', 's*'], ['cart[1]', 'hash', 'late']],
    [['--match', 'user:*', '--exclude', '*:2'], ['user:1', 'user:list']],
    [['--type', 'list,set'], ['set', 'user:list']],
    [['--type', 'hash'], ['hash']],
    [['--type', 'string', '--min-ttl', '1h'], ['cart[1]', 'late', 'user:1', 'user:2']],
  ])('%j', async (flags, expected) => {
    const json = await load([path, server.url, ...flags, '--db', '0']);
    expect(await keysOf(0)).toEqual(expected);
    expect(json.keys).toMatchObject({ read: 10, written: expected.length, skippedFiltered: 10 - expected.length });
  });

  test('--db and --db-map', async () => {
    await load([path, server.url, '--db', '3,4', '--db-map', '3:0']);
    expect(await keysOf(0)).toEqual(['in three']);
    expect(await keysOf(3)).toEqual([]);
    expect(await keysOf(4)).toEqual(['in four']);
  });

  test('the db of the location', async () => {
    await load([path, `${server.url}/7`, '--db', '4']);
    expect(await keysOf(7)).toEqual(['in four']);
    expect(await client.dbsize()).toBe(0);
  });

  test('dbs that cross over', async () => {
    await load([path, server.url, '--db', '3,4', '--db-map', '3:4', '--db-map', '4:3']);
    expect(await keysOf(4)).toEqual(['in three']);
    expect(await keysOf(3)).toEqual(['in four']);
  });

  test('filters by environment', async () => {
    await load([path, server.url], 0, { env: { REDFERRY_MATCH: 'user:*', REDFERRY_DB: '0' } });
    expect(await keysOf(0)).toEqual(['user:1', 'user:2', 'user:list']);
  });
});

describe('--expired', () => {
  test('skip: what had expired is counted and left out', async () => {
    const { keys } = await load([fixture('7.0.15/expired'), server.url]);
    expect(keys).toEqual({ read: 6, written: 3, skippedExpired: 3, skippedFiltered: 0, skippedExisting: 0, failed: 0 });
    await expectFixture('7.0.15/expired');
  });

  test('keep: it is sent, and the server lets it expire', async () => {
    const { keys } = await load([fixture('7.0.15/expired'), server.url, '--expired', 'keep']);
    expect(keys).toMatchObject({ read: 6, skippedExpired: 0, failed: 0 });
    await expectFixture('7.0.15/expired');
  });

  test('keep, with replace: a key in the way of an expired one is gone', async () => {
    await client.set('gone:ms', 'in the way');
    await client.rpush('gone:list', 'in the way');
    await load([fixture('7.0.15/expired'), server.url, '--expired', 'keep', '--on-conflict', 'replace']);
    await expectFixture('7.0.15/expired');
  });
});

describe('--functions', () => {
  const path = fixture('7.0.15/functions');
  const other = "#!lua name=first\nredis.register_function('other', function() return 2 end)";

  test('replace is the default', async () => {
    await client.call('FUNCTION', 'LOAD', other);
    expect((await load([path, server.url])).functions).toBe(2);
    expect((await readFunctions(client, server.version)).map(({ library }) => library)).toEqual(['first', 'second']);
    expect(await client.call('FCALL', 'one', 0)).toBe(1);
  });

  test('skip leaves all of them out', async () => {
    expect((await load([path, server.url, '--functions', 'skip'])).functions).toBe(0);
    expect(await readFunctions(client, server.version)).toEqual([]);
  });

  test('fail stops at, or lists, one that is there', async () => {
    await client.call('FUNCTION', 'LOAD', other);
    const { failures, error } = await load([path, server.url, '--functions', 'fail'], 3);
    expect(JSON.stringify([failures, error])).toMatch(/already exists/);
    expect(await client.call('FCALL', 'other', 0)).toBe(2);
  });

  test('one that does not compile is listed with the words of the server', async () => {
    const broken = sampleFile('broken.rdb', rdb([functionLibrary('#!lua name=broken\nthis is no lua'), selectDb(0), entry(0, 'k', str('v'))], { magic: 'REDIS0010' }));
    const { failures, keys } = await load([broken, server.url], 3);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.error).toMatch(/compiling/);
    expect(keys.written).toBe(1);
  });
});

describe('the target is', () => {
  const env = { REDFERRY_TARGET_USERNAME: 'loader', REDFERRY_TARGET_PASSWORD: CANARY };

  test('a unix socket', async () => {
    await load([types, `unix:${server.socketPath}`]);
    await expectFixture('7.0.15/types');
  });

  test('an ACL user', async () => {
    await load([types, server.url], 0, { env });
    await expectFixture('7.0.15/types');
  });

  test('behind TLS, with an ACL user', async () => {
    await load([types, `rediss://127.0.0.1:${server.tlsPort}`, '--tls-ca', certificates().ca], 0, { env });
    await expectFixture('7.0.15/types');
  });

  test('behind TLS under another name', async () => {
    await load([types, `rediss://127.0.0.1:${server.tlsPort}`, '--tls-ca', certificates().ca, '--tls-server-name', 'redis.example']);
    await expectFixture('7.0.15/types');
  });

  test('behind TLS that is not checked, with a warning', async () => {
    const { warnings } = await load([types, `rediss://127.0.0.1:${server.tlsPort}`, '--tls-insecure']);
    expect(JSON.stringify(warnings)).toMatch(/insecure|certificate/);
    await expectFixture('7.0.15/types');
  });

  test('behind TLS that asks for a client certificate', async () => {
    const strict = await startServer({ tls: 'client-certificate' });
    try {
      const target = `rediss://localhost:${strict.tlsPort}`;
      const { ca, clientCert, clientKey } = certificates();
      await load([types, target, '--tls-ca', ca, '--tls-cert', clientCert, '--tls-key', clientKey]);
      expect(await strict.client().dbsize()).toBe(35);
      const without = await runCli(['import', types, target, '--tls-ca', ca]);
      expect([7, 12], describeRun(without)).toContain(without.code);
    } finally {
      await strict.stop();
    }
  });
});

test('text output says what happened and nothing unprintable', async () => {
  const path = sampleFile('bad name \u001b[31m.rdb', readFileSync(types));
  const result = await runCli(['import', path, server.url]);
  expect(result.code, describeRun(result)).toBe(0);
  expect(result.stdout + result.stderr).not.toContain('\u001b');
  expect(result.stdout).toMatch(/42/);
  writeFileSync(path, '');
});
