/** Bad input at the command line: exit code 8, one sentence on stderr, its fields in the JSON, and nothing at the target. */
import { createReadStream, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BAD_FILES } from '../corrupt/bad-files.js';
import { FIXTURES_DIR } from '../helpers/corpus.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { describeRun, jsonOf, runCli, type RunOptions } from '../helpers/run-cli.js';
import { sampleFile, sampleRdb } from '../helpers/sample-files.js';
import { tempDir } from '../helpers/temp-dir.js';

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server.stop());
beforeEach(() => client.flushall());

const types = join(FIXTURES_DIR, '7.0.15', 'types.rdb');

async function refused(args: string[], options: RunOptions = {}): Promise<Record<string, unknown>> {
  const result = await runCli([...args, '--json'], options);
  expect(result.code, describeRun(result)).toBe(8);
  const { error } = jsonOf(result);
  expect(result.stderr).toContain(error.message);
  expect(error.hint).toMatch(/\S{3}/);
  return { ...error };
}

const SAMPLE = ['a text file', 'a newer redis version', 'a wrong checksum', 'an unknown type', 'a string of 2 to the 62 bytes', 'a listpack longer than its string', 'a gzip file cut short', 'a module of version 1'];

describe.each(SAMPLE)('%s', (name) => {
  const file = BAD_FILES.find((bad) => bad.name === name)?.file ?? new Uint8Array();

  test('is refused by check, inspect or import, run and verify, and nothing is written', async () => {
    const path = sampleFile('dump.rdb', file);
    for (const args of [['check', path], ['check', path, server.url], ['import', path, server.url], ['run', path, server.url], ['verify', path, server.url]]) {
      // verify and import leave the inside of a value that a checksum vouches for to check.
      if (name.startsWith('a listpack') && (args[0] === 'verify' || args[0] === 'import')) continue;
      const error = await refused(args);
      expect(error['source']).toBe('dump.rdb');
      expect(['corrupt-input', 'unsupported-input']).toContain(error['code']);
      expect(await client.dbsize()).toBe(0);
    }
  });
});

test('a value that lies is not sent where no checksum vouches for it', async () => {
  const file = Buffer.from(BAD_FILES.find((bad) => bad.name === 'a listpack longer than its string')?.file ?? new Uint8Array());
  const unsealed = sampleFile('dump.rdb', file.fill(0, file.length - 8));
  const error = await refused(['import', unsealed, server.url]);
  expect(error).toMatchObject({ source: 'dump.rdb', what: 'listpack', type: expect.stringContaining('hash') as unknown });
  expect(error['keyHash']).toMatch(/^[0-9a-f]{16}$/);
  expect(await client.dbsize()).toBe(0);
});

describe('what is no file', () => {
  test('a directory, an empty file', async () => {
    await refused(['check', tempDir('dir')]);
    await refused(['check', sampleFile('empty.rdb', new Uint8Array())]);
    await refused(['check', '-'], { stdin: new Uint8Array() });
  });

  test('a path that is not there is 2', async () => {
    const result = await runCli(['check', '/no/such/dump.rdb', '--json']);
    expect(result.code, describeRun(result)).toBe(2);
    expect(jsonOf(result).error.message).toContain('/no/such/dump.rdb');
  });
});

describe('through a pipe', () => {
  test('cut short: what it is called and where it ends', async () => {
    const cut = readFileSync(types).subarray(0, 3000);
    expect(await refused(['check', '-'], { stdin: cut })).toMatchObject({ source: 'stdin', code: 'corrupt-input' });
    expect(await refused(['check', '-'], { stdin: gzipSync(cut) })).toMatchObject({ source: 'stdin', code: 'corrupt-input' });
    expect(await refused(['check', '-'], { stdin: gzipSync(readFileSync(types)).subarray(0, 3000) })).toMatchObject({ source: 'stdin', code: 'corrupt-input' });
  });

  test('a wrong checksum at the end: said, with how much was written before it was seen', async () => {
    const wrong = Buffer.from(sampleRdb({ keys: 4000, valueBytes: 5000 }));
    wrong.writeUInt8(wrong.readUInt8(wrong.length - 1) ^ 1, wrong.length - 1);
    const result = await runCli(['import', '-', server.url, '--json'], { stdin: createReadStream(sampleFile('wrong.rdb', wrong)) });
    expect(result.code, describeRun(result)).toBe(8);
    expect(jsonOf(result).keys.written).toBe(await client.dbsize());
    expect(jsonOf(result).keys.written).toBeGreaterThan(0);
    expect(jsonOf(result).error.message).toMatch(/checksum/);
  });
});

test('every damaged name is shown as it is, without control characters', async () => {
  const path = sampleFile('dump\n\u001b[2J.rdb', Buffer.from('nothing'));
  const result = await runCli(['check', path]);
  expect(result.code, describeRun(result)).toBe(8);
  expect(result.stderr).not.toContain('\u001b');
  expect(result.stderr).not.toContain(basename(path));
});
