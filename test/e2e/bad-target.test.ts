/** Targets that refuse, fail or go away: the right exit code, the server's words, how far it got, and no secret in any output. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startFakeServer, type FakeServer } from '../helpers/fake-server.js';
import { startFaultProxy, type FaultProxy, type Faults } from '../helpers/fault-proxy.js';
import { certificates } from '../helpers/certificates.js';
import { FIXTURES_DIR } from '../helpers/corpus.js';
import { freePort, startServer, type RedisServer, type StartOptions } from '../helpers/redis-server.js';
import { CANARY, describeRun, jsonOf, runCli, type CliResult, type RunOptions } from '../helpers/run-cli.js';
import { sampleFile, sampleRdb } from '../helpers/sample-files.js';

const KEYS = 4000;
const small = join(FIXTURES_DIR, '6.0.16', 'types.rdb');
let large: string;
beforeAll(() => {
  large = sampleFile('large.rdb', sampleRdb({ keys: KEYS, valueBytes: 5000, lists: true }));
});

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.stop();
});

async function server(options: StartOptions = {}): Promise<RedisServer> {
  const started = await startServer(options);
  open.push(started);
  return started;
}

async function proxy(target: RedisServer, faults: Faults): Promise<FaultProxy> {
  const started = await startFaultProxy({ path: target.socketPath }, faults);
  open.push(started);
  return started;
}

async function fake(answer: string): Promise<FakeServer> {
  // As a server does: one reply per command; every command of a client starts with "*".
  const started = await startFakeServer({
    onData: (socket, chunk) => {
      for (const byte of chunk) if (byte === 0x2a) socket.write(`${answer}\r\n`);
    },
  });
  open.push(started);
  return started;
}

const load = (file: string, target: string, args: string[] = [], options: RunOptions = {}): Promise<CliResult> => runCli(['import', file, target, '--json', ...args], options);

function expectEnd(result: CliResult, code: number, words: RegExp): void {
  expect(result.code, describeRun(result)).toBe(code);
  expect(result.stderr, describeRun(result)).toMatch(words);
  expect(jsonOf(result)).toMatchObject({ ok: false, exitCode: code });
  expect(jsonOf(result).error.message).toMatch(words);
}

describe('who may', () => {
  test('a wrong password is 12, in the words of the server', async () => {
    const target = await server({ password: 'right' });
    expectEnd(await load(small, target.url, [], { env: { REDFERRY_TARGET_PASSWORD: CANARY } }), 12, /WRONGPASS/);
  });

  test('no password where one is needed is 12', async () => {
    const target = await server({ password: CANARY });
    expectEnd(await load(small, target.url), 12, /NOAUTH/);
  });

  test('a user without +restore is 12 and nothing is written', async () => {
    const target = await server();
    await target.client().call('ACL', 'SETUSER', 'loader', 'on', `>${CANARY}`, '~*', '+@all', '-restore');
    const result = await load(small, `redis://loader@127.0.0.1:${target.port}`, [], { env: { REDFERRY_TARGET_PASSWORD: CANARY } });
    expectEnd(result, 12, /NOPERM.*restore/i);
    expect(await target.client().dbsize()).toBe(0);
  });

  test('a user without CONFIG, MODULE and the like is enough', async () => {
    const target = await server();
    await target.client().call('ACL', 'SETUSER', 'loader', 'on', `>${CANARY}`, '~*', '-@all', '+restore', '+set', '+select', '+del', '+info', '+ping', '+time');
    const result = await load(small, `redis://loader@127.0.0.1:${target.port}`, [], { env: { REDFERRY_TARGET_PASSWORD: CANARY } });
    expect(result.code, describeRun(result)).toBe(0);
    expect(jsonOf(result).keys.written).toBe(42);
  });

  test('a user who may write only some keys is 12, or each refused key is listed', async () => {
    const target = await server();
    await target.client().call('ACL', 'SETUSER', 'loader', 'on', `>${CANARY}`, '~string:*', '+@all');
    const result = await load(small, `redis://loader@127.0.0.1:${target.port}`, [], { env: { REDFERRY_TARGET_PASSWORD: CANARY } });
    expect([3, 12], describeRun(result)).toContain(result.code);
    expect(result.stderr + result.stdout).toMatch(/NOPERM/);
  });

  test('a password in the location works, warns and is never shown', async () => {
    const target = await server({ password: CANARY });
    const result = await load(small, `redis://:${CANARY}@127.0.0.1:${target.port}`, ['--log-level', 'debug']);
    expect(result.code, describeRun(result)).toBe(0);
    expect(jsonOf(result).warnings.map((warning) => warning.id)).toContain('target.password-in-location');
  });

  test('passwords come from a file or a command as well', async () => {
    const target = await server({ password: CANARY });
    const file = sampleFile('password', Buffer.from(`${CANARY}\n`));
    for (const env of [{ REDFERRY_TARGET_PASSWORD_FILE: file }, { REDFERRY_TARGET_PASSWORD_COMMAND: `cat '${file}'` }]) {
      const result = await load(small, target.url, ['--on-conflict', 'replace'], { env });
      expect(result.code, describeRun(result)).toBe(0);
    }
  });

  test('no process shows the password in its arguments', async () => {
    const target = await server({ password: CANARY });
    const slow = await proxy(target, { bytesPerSecond: 2_000_000 });
    let seen = '';
    await load(large, slow.url, [], {
      env: { REDFERRY_TARGET_PASSWORD: CANARY },
      started: (child) =>
        void sleep(500).then(() => {
          seen = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
          child.kill('SIGTERM');
        }),
    });
    expect(seen).toContain('import');
    expect(seen).not.toContain(CANARY);
  });
});

describe('no way there', () => {
  test('nobody listens: 7, with the address', async () => {
    const port = await freePort();
    expectEnd(await load(small, `redis://127.0.0.1:${port}`), 7, new RegExp(`127\\.0\\.0\\.1:${port}.*(refused|ECONNREFUSED)`, 'i'));
  });

  test('no such host: 7', async () => {
    expectEnd(await load(small, 'redis://no-such-host.invalid'), 7, /no-such-host\.invalid/);
  });

  test('no such socket: 7', async () => {
    expectEnd(await load(small, 'unix:/nowhere/redis.sock'), 7, /\/nowhere\/redis\.sock/);
  });

  test('a server that never answers: 7, after the time given', async () => {
    const silent = await startFakeServer({});
    open.push(silent);
    const result = await load(small, `redis://127.0.0.1:${silent.port}`, ['--connect-timeout', '1s']);
    expectEnd(result, 7, /1 ?s|1000 ms|time/i);
    expect(result.elapsedMs).toBeLessThan(15_000);
  });

  test('something that is no redis server', async () => {
    const web = await fake('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n');
    const result = await load(small, `redis://127.0.0.1:${web.port}`, ['--connect-timeout', '2s']);
    expect(result.code, describeRun(result)).toBeGreaterThan(1);
    expect(result.stderr).toMatch(/HTTP|RESP|not a redis|protocol/i);
  });

  test('a server that is loading: 7, in its words', async () => {
    const loading = await fake('-LOADING Redis is loading the dataset in memory');
    expectEnd(await load(small, `redis://127.0.0.1:${loading.port}`), 7, /LOADING Redis is loading the dataset in memory/);
  });

  test.each(['-MASTERDOWN Link with MASTER is down', '-MISCONF Redis is configured to save RDB snapshots', '-BUSY Redis is busy running a script', '-ERR max number of clients reached'])('a server that says %s: 7', async (words) => {
    const busy = await fake(words);
    expectEnd(await load(small, `redis://127.0.0.1:${busy.port}`), 7, new RegExp(words.slice(1, 12)));
  });

  test('TLS to a port without: no hang, not 0', async () => {
    const target = await server();
    const result = await load(small, `rediss://127.0.0.1:${target.port}`, ['--connect-timeout', '2s']);
    expect(result.code, describeRun(result)).toBe(7);
  });

  test('no TLS to a port with: no hang, not 0', async () => {
    const target = await server({ tls: true });
    const result = await load(small, `redis://127.0.0.1:${target.tlsPort}`, ['--connect-timeout', '2s']);
    expect(result.code, describeRun(result)).toBe(7);
  });

  test('a certificate of an unknown authority is refused', async () => {
    const target = await server({ tls: true });
    const result = await load(small, `rediss://127.0.0.1:${target.tlsPort}`);
    expect([7, 12], describeRun(result)).toContain(result.code);
    expect(result.stderr).toMatch(/certificate/i);
    expect(await target.client().dbsize()).toBe(0);
    const other = await load(small, `rediss://127.0.0.1:${target.tlsPort}`, ['--tls-ca', certificates().otherCa]);
    expect([7, 12], describeRun(other)).toContain(other.code);
  });

  test('a certificate for another name is refused', async () => {
    const target = await server({ tls: true });
    const result = await load(small, `rediss://127.0.0.1:${target.tlsPort}`, ['--tls-ca', certificates().ca, '--tls-server-name', 'elsewhere.example']);
    expect([7, 12], describeRun(result)).toContain(result.code);
    expect(result.stderr).toMatch(/certificate|name/i);
  });
});

describe('a target that cannot take it', () => {
  test('a cluster node: not supported yet, and nothing is written', async () => {
    const target = await server({ config: ['cluster-enabled yes'] });
    for (const command of ['import', 'check', 'run', 'verify']) {
      const result = await runCli([command, small, target.url, '--json']);
      expectEnd(result, 4, /cluster.*not supported yet/i);
    }
  });

  test('a replica: 7, in its words', async () => {
    const master = await server();
    const replica = await server({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    expectEnd(await load(small, replica.url), 7, /READONLY/);
  });

  test('out of memory: 7, in its words, and with what was written', async () => {
    const target = await server({ config: ['maxmemory 8mb', 'maxmemory-policy noeviction'] });
    const result = await load(large, target.url);
    expectEnd(result, 7, /OOM command not allowed/);
    const { keys } = jsonOf(result);
    const held = await target.client().dbsize();
    expect(held).toBeGreaterThan(0);
    expect(keys.written).toBe(held);
    expect(result.stderr).toContain(`${held} `);
  });

  test('fewer databases than the backup needs: 4 before anything is written', async () => {
    const target = await server({ config: ['databases 2'] });
    expectEnd(await load(small, target.url), 4, /target\.dbcount/);
    expect(await target.client().dbsize()).toBe(0);
    const moved = await load(small, target.url, ['--db-map', '9:0']);
    expect(moved.code, describeRun(moved)).toBe(0);
  });
});

describe('a connection that breaks', () => {
  test.each(['close', 'reset'] as const)('in the middle (%s): 7, how far it got, and a second run makes it whole', async (how) => {
    const target = await server();
    const bad = await proxy(target, { afterRequestBytes: 9_000_000, then: how });
    const result = await load(large, bad.url);
    expectEnd(result, 7, /\d+ \w+ were (written|answered)/);
    const { keys } = jsonOf(result);
    const held = await target.client().dbsize();
    expect(keys.written).toBeGreaterThan(0);
    expect(keys.written).toBeLessThanOrEqual(held);
    expect(held).toBeLessThan(KEYS);
    expect(jsonOf(result).error.message).toContain(String(keys.written));

    const again = await load(large, target.url, ['--on-conflict', 'replace']);
    expect(again.code, describeRun(again)).toBe(0);
    expect(jsonOf(again).keys).toMatchObject({ read: KEYS, written: KEYS });
    expect(await target.client().dbsize()).toBe(KEYS);
    const verified = await runCli(['verify', large, target.url, '--json']);
    expect(verified.code, describeRun(verified)).toBe(0);
  });

  test('at the first reply, at the last, and while the target is tried', async () => {
    const target = await server();
    for (const faults of [{ refuse: true }, { afterReplyBytes: 1 }, { afterReplyBytes: 5000 }, { afterRequestBytes: 300 }] satisfies Faults[]) {
      const bad = await proxy(target, faults);
      const result = await load(large, bad.url);
      expect(result.code, describeRun(result)).toBe(7);
      await target.client().flushall();
    }
  });

  test('replies that come slowly and in pieces change nothing', async () => {
    const target = await server();
    const slow = await proxy(target, { replyPiece: 3, latencyMs: 1 });
    const result = await load(small, slow.url);
    expect(result.code, describeRun(result)).toBe(0);
    expect(jsonOf(result).keys.written).toBe(42);
  });

  test('a server that is killed: 7', async () => {
    const target = await server();
    const slow = await proxy(target, { bytesPerSecond: 4_000_000 });
    const result = await load(large, slow.url, [], { started: () => void sleep(1500).then(() => process.kill(target.pid, 'SIGKILL')) });
    expectEnd(result, 7, /\d+ \w+ were (written|answered)/);
  });
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', (signal, code) => {
  test('in the middle of an import stops it and says what was done', async () => {
    const target = await server();
    const slow = await proxy(target, { bytesPerSecond: 4_000_000 });
    let sent = 0;
    const result = await load(large, slow.url, [], {
      started: (child) =>
        void sleep(1500).then(() => {
          sent = Date.now();
          child.kill(signal);
        }),
    });
    expectEnd(result, code, new RegExp(signal));
    expect(Date.now() - sent).toBeLessThan(10_000);
    const { keys } = jsonOf(result);
    const held = await target.client().dbsize();
    expect(keys.written).toBeGreaterThan(0);
    expect(keys.written).toBeLessThanOrEqual(held);
    expect(held).toBeLessThan(KEYS);
    expect(jsonOf(result).error.message).toContain(`${keys.written} were written`);
  });

  test('while the server does not answer ends it all the same', async () => {
    const target = await server();
    const hole = await proxy(target, { afterRequestBytes: 9_000_000, then: 'blackhole' });
    const result = await load(large, hole.url, [], { started: (child) => void sleep(2500).then(() => child.kill(signal)) });
    expect(result.code, describeRun(result)).toBe(code);
    expect(result.elapsedMs).toBeLessThan(15_000);
  });

  test('while waiting for stdin ends it all the same', async () => {
    const target = await server();
    const { Readable } = await import('node:stream');
    const never = new Readable({ read: () => undefined });
    never.push(Buffer.from('REDIS0011'));
    const result = await load('-', target.url, [], { stdin: never, started: (child) => void sleep(1500).then(() => child.kill(signal)) });
    expect(result.code, describeRun(result)).toBe(code);
    expect(result.elapsedMs).toBeLessThan(10_000);
    expect(await target.client().dbsize()).toBe(0);
  });
});
