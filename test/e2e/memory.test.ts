/** Memory does not follow the input: not its length, not its largest value, not how it comes. */
import { createReadStream, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { describeRun, jsonOf, runCli, type CliResult, type RunOptions } from '../helpers/run-cli.js';
import { longFile, sparseStringFile } from '../helpers/sample-files.js';

const MB = 1 << 20;
const LIMIT = 150 * MB;

let server: RedisServer;
let short: string;
let long: string;
let huge: string;
beforeAll(async () => {
  server = await startServer();
  short = longFile('short.rdb', 20 * MB);
  long = longFile('long.rdb', 200 * MB);
  huge = sparseStringFile('huge.rdb', 400 * MB);
});
afterAll(() => server.stop());
beforeEach(() => server.client().flushall());

async function peak(args: string[], options: RunOptions = {}): Promise<number> {
  const result: CliResult = await runCli([...args, '--json'], { timeoutMs: 120_000, ...options });
  expect(result.code, describeRun(result)).toBe(0);
  expect(jsonOf(result).ok).toBe(true);
  expect(result.peakRss).toBeGreaterThan(20 * MB);
  return result.peakRss ?? Infinity;
}

describe('a file ten times as long', { timeout: 240_000 }, () => {
  test.each(['check', 'inspect'])('takes no more memory to %s', async (command) => {
    const [less, more] = [await peak([command, short]), await peak([command, long])];
    expect(more).toBeLessThan(less + 12 * MB);
    expect(more).toBeLessThan(LIMIT);
  });

  test('takes no more memory to convert to JSON lines', async () => {
    const peakOf = (input: string): Promise<number> => peak(['convert', input, input.replace(/rdb$/, 'jsonl')]);
    const [less, more] = [await peakOf(short), await peakOf(long)];
    expect(more).toBeLessThan(less + 12 * MB);
    expect(more).toBeLessThan(LIMIT);
  });

  test('takes no more memory to import', async () => {
    const again = ['--on-conflict', 'replace'];
    const [less, more] = [await peak(['import', short, server.url, ...again]), await peak(['import', long, server.url, ...again])];
    expect(more).toBeLessThan(less + 20 * MB);
    expect(more).toBeLessThan(LIMIT);
    expect(await peak(['import', '-', server.url, ...again], { stdin: createReadStream(long) })).toBeLessThan(LIMIT);
  });
});

describe('a string of 400 MB', { timeout: 240_000 }, () => {
  test('is checked and imported from a file', async () => {
    expect(await peak(['check', huge])).toBeLessThan(LIMIT);
    expect(await peak(['import', huge, server.url])).toBeLessThan(LIMIT);
    expect(await server.client().strlen('huge')).toBe(400 * MB);
  });

  test('becomes a JSON line', async () => {
    const lines = huge.replace(/rdb$/, 'jsonl');
    expect(await peak(['convert', huge, lines])).toBeLessThan(LIMIT);
    expect(statSync(lines).size).toBe(Math.ceil((400 * MB) / 3) * 4 + '{"db":0,"key":"aHVnZQ==","type":"string","pexpireat":null,"value":""}\n'.length);
  });

  test('is imported from a pipe', async () => {
    expect(statSync(huge).size).toBeGreaterThan(400 * MB);
    expect(await peak(['import', '-', server.url], { stdin: createReadStream(huge) })).toBeLessThan(LIMIT);
    expect(await server.client().strlen('huge')).toBe(400 * MB);
  });
});
