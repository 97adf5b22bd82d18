import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InspectResult } from '../../src/stages/results.js';
import { BIN, CANARY, REPOSITORY, runCli } from '../helpers/run-cli.js';
import { tempDir } from '../helpers/temp-dir.js';

const SAMPLE = join(REPOSITORY, 'samples', 'shop.rdb');

describe('the process', () => {
  it('prints one JSON object and nothing else on stdout', async () => {
    const { code, stdout, stderr } = await runCli(['inspect', SAMPLE, '--json']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'inspect', ok: true, exitCode: 0, keys: 387 });
    expect(stderr).toMatch(/^inspect shop\.rdb: started, .*\ninspect shop\.rdb: .* in .*\n$/);
  });

  it('prints rows of keys and nothing else on stdout where --csv asks for that', async () => {
    const { code, stdout } = await runCli(['inspect', SAMPLE, '--csv', '-']);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('db,type,encoding,key,size_in_file,memory,elements,largest_element,expiry,idle,frequency');
    expect(lines.length).toBe(1 + 387 + 1);
    expect(lines.at(-1)).toBe('');
    const both = await runCli(['inspect', SAMPLE, '--csv', '-', '--json']);
    expect(both.code).toBe(2);
    expect(both.stdout).toContain('--csv - and --json contradict each other');
  });

  it('writes rows of keys to a file, whatever was in it, and the result beside', async () => {
    const path = join(tempDir('csv'), 'keys.csv');
    writeFileSync(path, 'old'.repeat(100_000));
    const { code, stdout } = await runCli(['inspect', SAMPLE, '--csv', path, '--json']);
    expect(code).toBe(0);
    const { memory } = JSON.parse(stdout) as InspectResult;
    const rows = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    expect(rows.reduce((sum, row) => sum + Number(/",\d+,(\d+),/.exec(row)?.[1]), 0)).toBe(memory.keys);
  });

  it('goes on when nobody reads its output', () => {
    const script = `set -o pipefail; "${process.execPath}" "${BIN}" inspect "${SAMPLE}" --no-progress | true`;
    const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each([[], ['--json'], ['--log-level', 'debug'], ['--log-format', 'json']])('shows a password nowhere, also when all goes wrong (%j %j)', (...extra) => {
    const url = `redis://ferry:${CANARY}@127.0.0.1:1`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'check', SAMPLE, url, ...extra], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stdout + stderr).not.toContain(CANARY);
    expect(stderr).toContain('REDFERRY_TARGET_PASSWORD');
  });
});
