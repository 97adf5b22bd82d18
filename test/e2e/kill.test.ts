/** kill -9 in the middle of a value that is built by commands, then the same command again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { BIN, jsonOf, runCli } from '../helpers/run-cli.js';
import { tempDir } from '../helpers/temp-dir.js';

const FIELDS = 300_000;
const LUA = `for i = 1, tonumber(ARGV[1]) do redis.call('HSET', 'big:hash', 'field-' .. i, 'value-' .. i) redis.call('ZADD', 'big:zset', i, 'member-' .. i) redis.call('RPUSH', 'big:list', 'element-' .. i) end redis.call('PEXPIREAT', 'big:zset', 2365297026565)`;

describe('a value built by commands', () => {
  let source: RedisServer;
  let target: RedisServer;
  let file: string;
  beforeAll(async () => {
    source = await startServer();
    target = await startServer();
    const client = source.client();
    await client.eval(LUA, 0, FIELDS);
    await client.set('small', 'x');
    await client.save();
    file = join(tempDir('kill'), 'big.rdb');
    copyFileSync(join(source.dir, 'dump.rdb'), file);
  }, 60_000);
  afterAll(async () => {
    await source.stop();
    await target.stop();
  });

  const digest = (server: RedisServer): Promise<unknown[]> =>
    Promise.all(['big:hash', 'big:zset', 'big:list', 'small'].map((key) => server.client().call('DEBUG', 'DIGEST-VALUE', key)));

  test('is whole or absent at every moment, and whole after a second run, with no staging key left', async () => {
    const client = target.client();
    const args = ['import', file, target.url, '--big-value', '1MiB', '--on-conflict', 'replace', '--no-progress', '--quiet'];
    let interrupted = 0;
    for (const delay of [0, 20, 60]) {
      const child = spawn(process.execPath, [BIN, ...args], { stdio: 'ignore' });
      const ended = once(child, 'exit');
      for (let i = 0; i < 1000 && child.exitCode === null && (await client.keys('redferry-staging:*')).length === 0; i++) await sleep(2);
      await sleep(delay);
      child.kill('SIGKILL');
      await ended;
      if ((await client.keys('redferry-staging:*')).length > 0) interrupted++;
      const sizes = [await client.hlen('big:hash'), await client.zcard('big:zset'), await client.llen('big:list')];
      for (const size of sizes) expect([0, FIELDS]).toContain(size);
    }
    expect(interrupted).toBeGreaterThan(0);

    const again = await runCli([...args, '--json']);
    expect(again.code).toBe(0);
    expect(jsonOf(again).plan).toMatchObject({ commands: 3, set: 1 });
    expect(await client.keys('*')).toHaveLength(4);
    expect(await client.pexpiretime('big:zset')).toBe(2365297026565);
    expect(await digest(target)).toEqual(await digest(source));
  }, 60_000);

  test('is not there when the target runs out of memory on the way', async () => {
    const client = target.client();
    await client.flushall();
    await client.config('SET', 'maxmemory', '12mb');
    try {
      const result = await runCli(['import', file, target.url, '--big-value', '1MiB', '--no-progress', '--json']);
      expect(result.code).toBe(7);
      expect(result.stderr).toContain('OOM');
      for (const key of await client.keys('big:*')) expect(await client.object('ENCODING', key)).toBe('never reached');
    } finally {
      await client.config('SET', 'maxmemory', '0');
      await client.flushall();
    }
  }, 60_000);
});
