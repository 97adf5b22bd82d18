/** convert from the command line: stdout holds the data and nothing else, pipes go in and out, redis-cli takes RESP. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConvertResult } from '../../src/stages/results.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { FIXTURES_DIR } from '../helpers/corpus.js';
import { readBack } from '../helpers/read-back.js';
import { startServer } from '../helpers/redis-server.js';
import { BIN, runCli } from '../helpers/run-cli.js';
import { defaultServer } from '../helpers/server-versions.js';
import { tempDir } from '../helpers/temp-dir.js';

const FIXTURE = join(FIXTURES_DIR, '7.0.15', 'types.rdb');
const EXPECTED = join(FIXTURES_DIR, '7.0.15', 'types.expected.jsonl.gz');
const redferry = (args: string[], input?: Buffer): { code: number | null; stdout: Buffer; stderr: string } => {
  const run = spawnSync(process.execPath, [BIN, ...args], { input, env: { PATH: process.env['PATH'] }, maxBuffer: 1 << 26 });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr.toString() };
};

test('stdout is the file', () => {
  const dir = tempDir('convert');
  const file = redferry(['convert', FIXTURE, join(dir, 'a.rdb'), '--expired', 'keep']);
  expect(file.code).toBe(0);
  const piped = redferry(['convert', FIXTURE, '-', '--to', 'rdb', '--expired', 'keep']);
  expect(piped.code).toBe(0);
  expect(piped.stdout).toEqual(readFileSync(join(dir, 'a.rdb')));
  // from a pipe nobody knows the counts before they are written: all but RESIZEDB and the checksum is the same
  const both = redferry(['convert', '-', '-', '--to', 'rdb', '--expired', 'keep'], readFileSync(FIXTURE));
  expect(both.code).toBe(0);
  expect(both.stdout.length).toBeLessThan(piped.stdout.length);
  expect(redferry(['check', '-'], both.stdout).code).toBe(0);
});

test('a failure leaves stdout to the data', () => {
  const cut = redferry(['convert', '-', '-', '--to', 'rdb'], readFileSync(FIXTURE).subarray(0, 2000));
  expect(cut.code).toBe(8);
  expect(cut.stdout.toString('latin1')).not.toContain('Convert');
  expect(cut.stderr).toContain('the end of the input');
});

test('--json tells of the files', async () => {
  const run = await runCli(['convert', FIXTURE, 'n.rdb', '--split-slots', '2', '--json']);
  const result = JSON.parse(run.stdout) as ConvertResult;
  expect(result).toMatchObject({ command: 'convert', ok: true, exitCode: 0, keys: { read: 42, written: 42 }, outputs: [{ path: 'n-1.rdb', format: 'rdb' }, { path: 'n-2.rdb' }] });
  expect(result.outputs.reduce((sum, { keys }) => sum + keys, 0)).toBe(42);
});

describe('RESP', () => {
  const version = defaultServer();
  test.each(['auto', 'restore', 'commands'])('--write %s: redis-cli --pipe takes it, and the server holds the same', async (write) => {
    const server = await startServer({ version });
    try {
      const { code, stdout } = redferry(['convert', FIXTURE, '-', '--to', 'resp', '--write', write]);
      expect(code).toBe(0);
      const cli = spawnSync('redis-cli', ['-s', server.socketPath, '--pipe'], { input: stdout });
      expect(cli.stdout.toString()).toContain('errors: 0,');
      const rows = await readBack(server.client(), { version });
      expect(differences(readExpected(EXPECTED), rows, { now: Date.now() })).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  test('for an older server: footer, relative expiry, no options', () => {
    const { code, stdout } = redferry(['convert', FIXTURE, '-', '--to', 'resp', '--write', 'restore', '--rdb-version', '6', '--on-unsupported', 'skip']);
    expect(code).toBe(3);
    const text = stdout.toString('latin1');
    expect(text).toContain('RESTORE');
    expect(text).not.toMatch(/ABSTTL|REPLACE|IDLETIME/);
  });
});
