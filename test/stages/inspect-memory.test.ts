/** The estimate of memory against MEMORY USAGE of a real server that holds the same keys. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectFiles, type InspectedRow } from '../helpers/inspect-file.js';
import { random } from '../helpers/random.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { matrixServers, type ServerVersion } from '../helpers/server-versions.js';

/** How far the estimate of a key may be off at the server it is modelled on, as docs/json.md says. */
const TOLERANCE = 0.05;
/** Of all keys together at any other: Valkey from 8.1 on needs less, and reckons streams in another way. */
const OTHERS: readonly [number, number] = [0.9, 1.5];

const isModel = ({ product, version }: ServerVersion): boolean => product === 'redis' && version[0] === 7 && version[1] === 0;

type Client = ReturnType<RedisServer['client']>;
const next = random(20261120);
const text = (length: number): string => Array.from({ length }, () => String.fromCharCode(97 + next.below(26))).join('');
const some = (n: number, length: () => number): string[] => Array.from({ length: n }, (_, i) => `${i}-${text(length())}`);
const anyLength = (): number => 4 + next.below(60);

/** One key or more of every type and encoding of Redis 7.0, of usual sizes. */
async function fill(client: Client): Promise<void> {
  const call = (...words: (string | number)[]): Promise<unknown> => client.call(String(words[0]), ...words.slice(1));
  const pairs = (n: number, length: () => number): string[] => some(n, length).flatMap((field) => [field, text(length())]);
  await call('SET', 'string:int', 1234567);
  await call('SET', 'string:int64', '1234567890123456789');
  for (const length of [1, 20, 43, 44, 45, 100, 300, 5000, 70_000, 1_000_000]) await call('SET', `string:${length}`, text(length));
  await call('SET', `long:${'key'.repeat(200)}`, 'x');
  for (const n of [1, 10, 100, 500]) {
    await call('SADD', `set:int:${n}`, ...Array.from({ length: n }, (_, i) => i * 1000));
    await call('RPUSH', `list:${n}`, ...some(n, anyLength));
    await call('SADD', `set:${n}`, ...some(n, anyLength));
    await call('HSET', `hash:${n}`, ...pairs(n, anyLength));
    await call('HSET', `hash:short:${n}`, ...pairs(n, () => 8));
    await call('ZADD', `zset:${n}`, ...some(n, anyLength).flatMap((member) => [next.below(1e6) / 7, member]));
  }
  for (let i = 0; i < 40; i++) await call('RPUSH', 'list:many', ...some(500, anyLength));
  await call('RPUSH', 'list:plain', text(100_000), text(20_000), 'x');
  for (const id of [...Array(40).keys()]) {
    await call('HSET', 'hash:many', ...pairs(500, anyLength));
    await call('ZADD', 'zset:many', ...some(500, anyLength).flatMap((member) => [id, `${id}:${member}`]));
    await call('SADD', 'set:many', ...some(500, anyLength).map((member) => `${id}:${member}`));
  }
  for (const n of [1, 50, 1000]) {
    for (let i = 1; i <= n; i++) await call('XADD', `stream:${n}`, `${1700000000000 + i * 37}-${i % 3}`, 'user', text(20), 'action', text(10));
    await call('XADD', `stream:groups:${n}`, '*', 'a', 'b');
    for (let i = 1; i < n; i++) await call('XADD', `stream:groups:${n}`, '*', 'field', text(30));
    for (const group of ['one', 'two']) {
      await call('XGROUP', 'CREATE', `stream:groups:${n}`, group, 0);
      for (const consumer of ['worker-1', 'worker-2']) await call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', Math.ceil(n / 3), 'STREAMS', `stream:groups:${n}`, '>');
    }
  }
}

describe.each(matrixServers())('estimate of memory and MEMORY USAGE of $name', (server) => {
  let running: RedisServer;
  let rows: InspectedRow[];
  const measured = new Map<string, number>();

  beforeAll(async () => {
    running = await startServer({ version: server });
    const client = running.client();
    await fill(client);
    // as it stands after a load, which is what is estimated
    await client.call('DEBUG', 'RELOAD');
    await client.call('SAVE');
    const debian = /jemalloc_version|mem_allocator:jemalloc-5\.3/.test(await client.info('memory'));
    ({ rows } = await inspectFiles([join(running.dir, 'dump.rdb')], { quantum: debian ? 16 : 8 }));
    for (const { key } of rows) measured.set(key, Number(await client.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')));
  }, 60_000);
  afterAll(() => running.stop());

  it(isModel(server) ? 'agrees for every key of every type and encoding' : 'is near', () => {
    const encodings = new Map<string, { keys: number; estimated: number; measured: number; lowest: number; highest: number }>();
    const far: string[] = [];
    for (const { key, encoding, memory } of rows) {
      const real = measured.get(key) ?? 0;
      const ratio = memory / real;
      if (Math.abs(ratio - 1) > TOLERANCE) far.push(`${key.slice(0, 40)}: estimated ${memory}, MEMORY USAGE ${real}`);
      for (const name of [encoding, 'all']) {
        const sum = encodings.get(name) ?? { keys: 0, estimated: 0, measured: 0, lowest: Infinity, highest: 0 };
        encodings.set(name, {
          keys: sum.keys + 1, estimated: sum.estimated + memory, measured: sum.measured + real, lowest: Math.min(sum.lowest, ratio), highest: Math.max(sum.highest, ratio),
        });
      }
    }
    const lines = [...encodings].map(
      ([name, { keys, estimated, measured: real, lowest, highest }]) => `${name}: ${keys} keys, ${(estimated / real).toFixed(3)} (${lowest.toFixed(3)} to ${highest.toFixed(3)})`,
    );
    console.log(`estimate / MEMORY USAGE of ${server.name}\n  ${lines.join('\n  ')}`);
    // nine encodings and their sum; some versions have more
    expect(encodings.size).toBeGreaterThanOrEqual(10);
    const all = encodings.get('all');
    const ratio = (all?.estimated ?? 0) / (all?.measured ?? 0);
    if (isModel(server)) expect(far).toEqual([]);
    else {
      expect(ratio).toBeGreaterThan(OTHERS[0]);
      expect(ratio).toBeLessThan(OTHERS[1]);
    }
  });
});
