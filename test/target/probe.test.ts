import { afterEach, describe, expect, test } from 'vitest';
import type { RedferryError } from '../../src/errors.js';
import type { Endpoint } from '../../src/resp/endpoint.js';
import { Secret } from '../../src/resp/secret.js';
import { probeTarget } from '../../src/target/probe.js';
import type { TargetProfile } from '../../src/target/profile.js';
import { OLD_SERVERS, startFakeRedis, type FakeRedis, type FakeRedisOptions } from '../helpers/fake-redis.js';
import { tcpEndpoint } from '../helpers/fake-server.js';
import { startFaultProxy } from '../helpers/fault-proxy.js';
import { startServer, type StartOptions } from '../helpers/redis-server.js';
import { availableServers, defaultServer, type ServerVersion } from '../helpers/server-versions.js';

const never = { signal: new AbortController().signal };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function fake(options: Partial<FakeRedisOptions> = {}): Promise<FakeRedis> {
  const server = await startFakeRedis({ ...OLD_SERVERS['5.0']!, ...options });
  closing.push(() => server.stop());
  return server;
}

async function real(options: StartOptions = {}): ReturnType<typeof startServer> {
  const server = await startServer(options);
  closing.push(() => server.stop());
  return server;
}

async function failure(work: Promise<unknown>): Promise<RedferryError> {
  try {
    await work;
  } catch (error) {
    return error as RedferryError;
  }
  throw new Error('it worked');
}

const list = (types: ReadonlySet<number>): string => [...types].join(' ');

/** What real servers were seen to accept: footers, types in Redis' meaning, Valkey's 22, PXAT, FUNCTION. */
const SEEN: Record<string, [footers: string, redisTypes: string, valkey22: boolean, pxat: boolean, functions: boolean]> = {
  '6.0': ['6 7 8 9', '0 1 2 3 4 5 9 10 11 12 13 14 15', false, false, false],
  '7.0': ['6 7 8 9 10', '0 1 2 3 4 5 9 10 11 12 13 14 15 16 17 18 19', false, true, true],
  '8.0': ['6 7 8 9 10 11 12', '0 1 2 3 4 5 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25', false, true, true],
  'valkey-8.0': ['6 7 8 9 10 11', '0 1 2 3 4 5 9 10 11 12 13 14 15 16 17 18 19 20 21', false, true, true],
  'valkey-8.1': ['6 7 8 9 10 11', '0 1 2 3 4 5 9 10 11 12 13 14 15 16 17 18 19 20 21', false, true, true],
  'valkey-9.1': ['6 7 8 9 10 11 80', '0 1 2 3 4 5 9 10 11 12 13 14 15 16 17 18 19 20 21', true, true, true],
};

const seenOf = (version: ServerVersion): string => version.name.replace(/\.\d+$/, '');

describe.each(availableServers().filter((version) => SEEN[seenOf(version)] !== undefined).map((version) => [version.name, version] as const))('%s', (_, version) => {
  test('is seen for what it is, and left as it was', async () => {
    const server = await real({ version, config: ['databases 20'] });
    const client = server.client();
    await client.call('SET', 'mine', '1');
    const profile = await probeTarget(tcpEndpoint(server.port, { db: 7 }), never);
    const [footers, types, valkey22, pxat, functions] = SEEN[seenOf(version)]!;
    expect(profile.footers.join(' ')).toBe(footers);
    expect(list(profile.knownTypes.redis)).toBe(types);
    expect(profile.knownTypes.valkey.has(22)).toBe(valkey22);
    expect(profile).toMatchObject({
      server: { product: version.product, version: version.version.join('.'), mode: 'standalone', role: 'master', maxmemory: 0, maxmemoryPolicy: 'noeviction' },
      restore: true, replace: true, absttl: true, idletime: true, freq: true, setPx: true, setPxat: pxat,
      dialect: valkey22 ? 'valkey' : 'redis', databases: 20, functions,
      limits: { protoMaxBulkLen: 536_870_912, clientQueryBufferLimit: 1_073_741_824 },
    });
    expect(Math.abs(profile.clockOffsetMs)).toBeLessThan(100);
    expect(profile.keyspace).toEqual(new Map([[0, { keys: 1, expires: 0 }]]));
    expect(profile.blocked.map(({ command }) => command)).toEqual(functions ? [] : ['FUNCTION']);
    expect(await client.call('INFO', 'keyspace')).toMatch(/^# Keyspace\r\ndb0:keys=1,[^\n]*\r\n$/);
    expect(server.log()).not.toMatch(/BUG REPORT|ASSERTION/);
  });
});

describe('old servers', () => {
  test.each(Object.entries(OLD_SERVERS))('%s', async (name, options) => {
    const server = await fake(options);
    const profile = await probeTarget(server.endpoint, never);
    expect(profile.footers).toEqual(options.footers);
    expect([...profile.knownTypes.redis].sort((a, b) => a - b)).toEqual(options.types);
    expect(profile).toMatchObject({ replace: name !== '2.8', absttl: name === '5.0', idletime: name === '5.0', freq: name === '5.0', setPx: true, setPxat: false, functions: false, dialect: 'redis' });
    expect(Math.abs(profile.clockOffsetMs - 100_000)).toBeLessThan(2_000);
    expect(server.keys.size).toBe(0);
    const restores = server.commands.filter(([command]) => command === 'RESTORE');
    expect(restores.map((words) => words[3]!.charCodeAt(0)).filter((byte) => byte === 6 || byte === 7)).toEqual([]);
    // each write is removed by the very next command but one, and expires by itself
    for (const words of server.commands.filter(([command]) => command === 'RESTORE' || command === 'SET')) expect(words.join(' ')).toMatch(/ (60000|\d{13})( |$)/);
    expect(new Set(server.commands.filter(([command]) => ['RESTORE', 'SET', 'DEL', 'HGET'].includes(command!)).map((words) => words[1])).size).toBe(1);
  });

  test('a server that takes 22 for something else is not thought to know it', async () => {
    const types = [...OLD_SERVERS['5.0']!.types, 22, 24];
    const wrong = await probeTarget((await fake({ footers: [6, 12, 80], types })).endpoint, never);
    expect([wrong.knownTypes.redis.has(22), wrong.knownTypes.redis.has(24), wrong.knownTypes.valkey.has(22)]).toEqual([false, false, false]);
    const right = await probeTarget((await fake({ footers: [6, 12], types, field: 'v' })).endpoint, never);
    expect([right.knownTypes.redis.has(22), right.knownTypes.redis.has(24), right.knownTypes.valkey.has(22)]).toEqual([true, true, false]);
  });
});

describe('what is blocked', () => {
  const unknown = (command: string): string => `ERR unknown command '${command}', with args beginning with: 'secret' `;

  test('is noted in the words of the server, and done without', async () => {
    const refuses = Object.fromEntries(['INFO', 'CONFIG', 'TIME', 'FUNCTION', 'MODULE', 'CLIENT'].map((command) => [command, unknown(command)]));
    const profile = await probeTarget((await fake({ refuses, databases: 37 })).endpoint, never);
    expect(profile.blocked.map(({ command, permission }) => [command, permission])).toEqual(['INFO', 'TIME', 'FUNCTION', 'MODULE', 'CONFIG'].map((command) => [command, false]));
    expect(JSON.stringify(profile.blocked)).not.toContain('secret');
    expect(profile).toMatchObject({ restore: true, databases: 37, modules: null, keyspace: null, clockOffsetMs: 0, limits: { protoMaxBulkLen: null, clientQueryBufferLimit: null }, server: { product: 'unknown', version: null } });
  });

  test.each([1, 2, 15, 16, 17, 64, 100, 10_000])('dbs are counted by SELECT: %i', async (databases) => {
    const profile = await probeTarget((await fake({ databases, refuses: { CONFIG: unknown('CONFIG') } })).endpoint, never);
    expect(profile.databases).toBe(databases);
  });

  test('RESTORE: nothing is known, SET still is', async () => {
    const profile = await probeTarget((await fake({ refuses: { RESTORE: unknown('RESTORE') } })).endpoint, never);
    expect(profile).toMatchObject({ restore: false, footers: [], replace: false, absttl: false, setPx: true });
    expect([profile.knownTypes.redis.size, profile.blocked[0]?.command]).toEqual([0, 'RESTORE']);
  });

  test('by ACL: permissions are told apart, a user without +del leaves nothing behind for long', async () => {
    const server = await real({ config: ['user ana on >p ~* +@all -restore -config', 'user bob on >p ~* +@all -del', 'user eve on >p ~app:* +@all'] });
    const as = (username: string): Promise<TargetProfile> => probeTarget(tcpEndpoint(server.port, { username, password: new Secret('p') }), never);
    expect((await as('ana')).blocked).toEqual([
      { command: 'RESTORE', permission: true, text: expect.stringContaining("NOPERM this user has no permissions to run the 'restore' command") as string },
      { command: 'CONFIG', permission: true, text: expect.stringContaining("'config|get' command") as string },
    ]);
    const bob = await failure(as('bob'));
    expect([bob.exitCode, bob.message, bob.hint]).toEqual([12, expect.stringContaining('NOPERM'), expect.stringContaining('+del')]);
    expect(await server.client().pttl((await server.client().randomkey()) ?? '')).toBeLessThanOrEqual(60_000);
    const eve = await as('eve');
    expect(eve.blocked.slice(0, 2).map(({ command, permission }) => [command, permission])).toEqual([['RESTORE', true], ['SET', true]]);
  });
});

describe('what ends a probe', () => {
  test.each([
    ['OOM', 7, "OOM command not allowed when used memory > 'maxmemory'."],
    ['LOADING', 7, 'LOADING Redis is loading the dataset in memory'],
    ['READONLY', 7, "READONLY You can't write against a read only replica."],
    ['MASTERDOWN', 7, "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    ['MISCONF', 7, 'MISCONF Redis is configured to save RDB snapshots'],
    ['MOVED', 4, 'MOVED 866 127.0.0.1:7001'],
    ['NOAUTH', 12, 'NOAUTH Authentication required.'],
  ])('%s', async (_, exitCode, words) => {
    const error = await failure(probeTarget((await fake({ refuses: { RESTORE: words } })).endpoint, never));
    expect([error.exitCode, error.message]).toEqual([exitCode, expect.stringContaining(words)]);
  });

  test('real OOM, replica, cluster node, wrong password and no server', async () => {
    const full = await real({ config: ['maxmemory 1'] });
    const replica = await real({ config: ['replicaof 127.0.0.1 1'] });
    const cluster = await real({ config: ['cluster-enabled yes'] });
    const cases: [number, string, Endpoint][] = [
      [7, 'OOM command not allowed', tcpEndpoint(full.port)],
      [7, "READONLY You can't write against a read only replica.", tcpEndpoint(replica.port)],
      [4, 'this is a cluster node, expected a standalone server: clusters are not supported yet.', tcpEndpoint(cluster.port)],
      [12, 'WRONGPASS', tcpEndpoint(full.port, { username: 'x', password: new Secret('y') })],
      [7, 'the connection was refused', tcpEndpoint(1)],
    ];
    for (const [exitCode, words, endpoint] of cases) {
      const error = await failure(probeTarget(endpoint, never));
      expect([error.exitCode, error.message, error.hint]).toEqual([exitCode, expect.stringContaining(words), expect.any(String)]);
    }
  });

  test('a sentinel', async () => {
    const error = await failure(probeTarget((await fake({ info: 'redis_version:7.0.15\r\nredis_mode:sentinel\r\n' })).endpoint, never));
    expect([error.exitCode, error.message]).toEqual([4, expect.stringContaining('this is a sentinel')]);
  });

  test('a connection cut at any reply: an error, never a hang, and no key left for good', async () => {
    const server = await real({ version: defaultServer() });
    for (let afterReplyBytes = 0; afterReplyBytes < 6_000; afterReplyBytes += 371) {
      const proxy = await startFaultProxy({ port: server.port }, { afterReplyBytes, then: 'reset' });
      const error = await failure(probeTarget(tcpEndpoint(proxy.port), never));
      expect(error.exitCode).toBe(7);
      await proxy.stop();
    }
    const client = server.client();
    for (const key of await client.keys('*')) expect(await client.pttl(key)).toBeGreaterThan(0);
  });

  test('the signal: with its reason, and the key removed', async () => {
    const server = await real();
    const proxy = await startFaultProxy({ port: server.port }, { latencyMs: 20 });
    closing.push(() => proxy.stop());
    for (const delay of [10, 70, 130, 190]) {
      const abort = new AbortController();
      const reason = new Error('SIGINT');
      setTimeout(() => abort.abort(reason), delay);
      await expect(probeTarget(tcpEndpoint(proxy.port), abort)).rejects.toBe(reason);
      expect(await server.client().dbsize()).toBe(0);
    }
  });
});
