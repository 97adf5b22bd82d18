import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeDir, tempDir } from './helpers/temp-dir.js';

const LAUNCHER = fileURLToPath(new URL('../bin/redferry', import.meta.url));

let clone: string;

beforeAll(() => {
  clone = tempDir('clone');
  mkdirSync(join(clone, 'bin'));
  copyFileSync(LAUNCHER, join(clone, 'bin', 'redferry'));
  writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
});

afterAll(() => removeDir(clone));

function launch(...nodeOptions: string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...nodeOptions, join(clone, 'bin', 'redferry'), '--version'], (_error, _stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stderr });
    });
  });
}

describe('bin/redferry', () => {
  it('says what to do in a clone that is not built', async () => {
    expect(await launch()).toEqual({
      code: 2,
      stderr: 'redferry: dist/cli/bin.js: not there, this clone is not built yet. Run ./scripts/setup and then ./scripts/build.\n',
    });
  });

  it.each(['18.20.8', '20.18.3'])('refuses Node %s and names the one it needs', async (version) => {
    const pretend = join(clone, 'pretend.cjs');
    writeFileSync(pretend, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`);
    expect(await launch('--require', pretend)).toEqual({
      code: 2,
      stderr: `redferry: Node ${version} found, 20.19 or newer needed. Install a newer Node and run it again.\n`,
    });
  });
});
