/** docs/library.md: every example runs as it stands and prints what stands below it. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY } from './helpers/run-cli.js';
import { removeDir, tempDir } from './helpers/temp-dir.js';

const run = promisify(execFile);
const LIBRARY = join(REPOSITORY, 'dist', 'index.js');
const text = readFileSync(join(REPOSITORY, 'docs', 'library.md'), 'utf8');
const examples = [...text.matchAll(/```js\n([\s\S]*?)```\n```text\n([\s\S]*?)```/g)].map(([, code = '', output = '']) => ({ code, output }));

let dir: string;
beforeAll(async () => {
  dir = tempDir('library');
  // scripts/test builds first; test/package.test.ts shows that an installed package has this very file as its library
  if (!existsSync(LIBRARY)) await run(join(REPOSITORY, 'scripts', 'build'));
}, 180_000);
afterAll(() => removeDir(dir));

test('there are examples', () => {
  expect(examples.length).toBe(5);
  expect(text.split('```js\n')).toHaveLength(examples.length + 1);
});

test.each(examples.map((example, i) => [i + 1, example] as const))('example %i', async (i, { code, output }) => {
  const path = join(dir, `example-${i}.mjs`);
  writeFileSync(path, code.replace("'redferry'", JSON.stringify(pathToFileURL(LIBRARY).href)));
  const { stdout } = await run(process.execPath, [path], { cwd: REPOSITORY });
  expect(stdout).toBe(output);
});
