import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, CANARY, REPOSITORY, runCli } from '../helpers/run-cli.js';

const SAMPLE = join(REPOSITORY, 'samples', 'shop.rdb');

describe('the process', () => {
  it('prints one JSON object and nothing else on stdout', async () => {
    const { code, stdout, stderr } = await runCli(['inspect', SAMPLE, '--json']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'inspect', ok: true, exitCode: 0, keys: 387 });
    expect(stderr).toMatch(/^inspect shop\.rdb: started, .*\ninspect shop\.rdb: .* in .*\n$/);
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
