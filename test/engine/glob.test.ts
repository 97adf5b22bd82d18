/** --match and --exclude mean what KEYS means: a real server is the judge. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../src/rdb/engine.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';

const KEYS = ['a', 'b', 'ab', 'abc', 'aXc', 'a*c', 'a?c', 'a[c', 'a]c', 'a-c', 'a^c', 'a\\c', 'hello', 'hallo', 'hxllo', 'heello', 'user:1', 'user:1:x', '', '*', '[', '\\', 'ünï', '\n', 'aaaaaaaaaaaaaaaab'];
const PATTERNS = [
  '*', '?', '??', 'a*', '*c', 'a*c', 'a?c', 'a\\*c', 'a\\?c', 'a[*]c', 'a[?X]c', 'h[ae]llo', 'h[^e]llo', 'h[a-e]llo', 'h[e-a]llo', 'h*llo', 'h**llo', 'user:*', 'user:?',
  'user:*:*', '', '\\', '\\\\', 'a\\\\c', '[', '[a', '[^', 'a[c', 'a[]]c', 'a[\\]]c', 'a[\\-]c', 'a[a-]c', '[^a]*', 'a[^]c', '*a*a*a*a*a*a*a*a*c', 'ünï', '?n?', '*\n', 'a[b',
];

let server: RedisServer;
let engine: Engine;
beforeAll(async () => {
  server = await startServer();
  engine = await Engine.create(1);
  for (const key of KEYS) await server.client().set(key, 'x');
});
afterAll(() => server.stop());

test.each(PATTERNS.map((pattern) => [pattern]))('%j', async (pattern) => {
  const expected = (await server.client().keys(pattern)).sort();
  const at = engine.map.chunks[0];
  const matches = (key: string): boolean => {
    const glob = Buffer.from(pattern);
    const text = Buffer.from(key);
    engine.bytes.set(glob, at);
    engine.bytes.set(text, at + 4096);
    return engine.calls.globMatches(at, at + glob.length, at + 4096, at + 4096 + text.length) !== 0;
  };
  expect(KEYS.filter(matches).sort()).toEqual(expected);
});
