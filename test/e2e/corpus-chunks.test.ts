/** Every RDB that the default server knows, arriving in pieces as from a slow pipe, reads back as it was. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chunkedPart } from '../helpers/chunks.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { corpusBytes, corpusFiles } from '../helpers/corpus.js';
import { knownTypes, typesOf } from '../helpers/known-types.js';
import { partLoader, type PartLoader } from '../helpers/load-part.js';
import { readBack } from '../helpers/read-back.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { defaultServer } from '../helpers/server-versions.js';

let server: RedisServer;
let client: Redis;
let loader: PartLoader;
beforeAll(async () => {
  server = await startServer();
  client = server.client();
  loader = await partLoader(server);
});
afterAll(() => server.stop());

const known = knownTypes(defaultServer());
const files = corpusFiles().filter((file) => typesOf(file.meta).every((type) => known.has(type)));

describe.each([1, 7, 65_537])('in pieces of %i bytes', (size) => {
  // One byte at a time takes minutes for the 14 MB files; pieces of seven bytes pass the same borders there.
  const some = files.filter((file) => size !== 1 || file.meta.case !== 'huge');
  test.each(some.map((file) => [file.name, file] as const))('%s', { timeout: 120_000 }, async (_, file) => {
    await client.flushall();
    await client.call('FUNCTION', 'FLUSH');
    const tally = await loader.load(chunkedPart(corpusBytes(file), { size }));
    const expected = readExpected(file.expectedPath);
    expect(differences(expected, await readBack(client, { version: server.version }), { now: Date.now() })).toEqual([]);
    expect(tally.counts.read).toBe(expected.length);
    expect(tally.failed).toBe(0);
    expect(tally.functions).toBe(file.meta.functions?.length ?? 0);
  });
});
