/** What users get: the tarball of `npm pack`, installed elsewhere. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from './helpers/redis-server.js';
import { availableServers } from './helpers/server-versions.js';
import { removeDir, tempDir } from './helpers/temp-dir.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

let dir: string;
let installed: string;
let unpacked: string[];

/** npm beside the node that runs the tests where there is one, else the one on PATH. */
async function npm(args: string[], cwd: string): Promise<string> {
  const beside = join(dirname(process.execPath), 'npm');
  const { stdout } = await run(existsSync(beside) ? beside : 'npm', args, { cwd, maxBuffer: 1 << 24 });
  return stdout;
}

function redferry(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [join(installed, 'node_modules', '.bin', 'redferry'), ...args], { cwd: installed, env: cleanEnv() });
}

/** The environment without redferry's own variables, which a developer may have set. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REDFERRY_')));
}

beforeAll(async () => {
  dir = tempDir('package');
  // dist is there when tests run (scripts/test builds first); packing must not build again under other tests' feet.
  if (!existsSync(join(ROOT, 'dist', 'cli', 'bin.js'))) await run(join(ROOT, 'scripts', 'build'));
  const [packed] = JSON.parse(await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', dir], ROOT)) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error('npm pack said nothing');
  unpacked = packed.files.map(({ path }) => path);
  installed = join(dir, 'somewhere else');
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  const tarball = join(dir, readdirSync(dir).find((name) => name.endsWith('.tgz')) ?? '');
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], installed);
}, 180_000);

afterAll(() => removeDir(dir));

describe('the installed package', () => {
  it('holds what it needs, and no sources or tests', () => {
    expect(unpacked).toEqual(expect.arrayContaining(['bin/redferry', 'dist/cli/bin.js', 'dist/engine/engine.wasm', 'dist/index.js', 'dist/index.d.ts', 'samples/shop.rdb', 'LICENSE']));
    expect(unpacked.filter((path) => /^(src|test|scripts|bench)\/|\.map$|tsconfig/.test(path))).toEqual([]);
  });

  it('runs: --version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const { stdout } = await redferry('--version');
    expect(stdout).toContain(version);
  });

  it('imports the sample into a running server', async (context) => {
    if (availableServers().length === 0) context.skip('no redis-server here');
    const sample = join(installed, 'node_modules', 'redferry', 'samples', 'shop.rdb');
    const server = await startServer();
    try {
      const { stdout } = await redferry('import', '--json', '--no-progress', sample, server.url);
      expect(JSON.parse(stdout)).toMatchObject({ command: 'import', ok: true, exitCode: 0, keys: { read: 387, written: 387, failed: 0 }, functions: 1 });
      const client = server.client();
      expect(await client.dbsize()).toBe(336);
      expect(await client.get('counter:orders')).toBe('18446');
      expect(await client.hget('product:0007', 'title')).toBe('Rope no. 7');
    } finally {
      await server.stop();
    }
  });

  it('is a library with types', async () => {
    writeFileSync(join(installed, 'use.ts'), "import { readRdb } from 'redferry';\nexport const reader: Function = readRdb;\n");
    writeFileSync(join(installed, 'use.js'), "import { readRdb } from 'redferry';\nconsole.log(typeof readRdb);\n");
    const { stdout } = await run(process.execPath, ['use.js'], { cwd: installed });
    expect(stdout).toBe('function\n');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023', '--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')];
    await run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), ...options, 'use.ts'], { cwd: installed });
  });
});
