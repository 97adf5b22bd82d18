import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

/** The direction of imports as the architecture states it, written down a second time on purpose: the linter's own table must agree. */
const ROWS = [
  ['cli'],
  ['config', 'report'],
  ['stages'],
  ['sources', 'providers', 'stores', 'backup', 'aof', 'target', 'compare'],
  ['rdb', 'resp'],
  ['engine'],
];
const FOLDERS = ROWS.flatMap((row, rank) => row.map((name) => ({ name, rank })));

// The project's real configuration; only the rules that need types are off, because these files exist nowhere.
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  overrideConfigFile: 'scripts/config/eslint.config.js',
  overrideConfig: [
    {
      files: ['src/**/*.ts'],
      languageOptions: { parserOptions: { project: false, projectService: false, program: null } },
      rules: tseslint.configs.disableTypeChecked.rules ?? {},
    },
  ],
});

async function rulesBroken(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath });
  expect(result?.messages.filter((message) => message.fatal)).toEqual([]);
  return [...new Set(result?.messages.map((message) => message.ruleId))];
}

describe('the direction of imports', () => {
  for (const from of FOLDERS.filter(({ name }) => name !== 'engine')) {
    const refused = FOLDERS.filter((to) => to.name !== from.name && to.rank <= from.rank);
    const allowed = FOLDERS.filter((to) => to.name === from.name || to.rank > from.rank);

    it(`src/${from.name} may import ${allowed.map(({ name }) => name).join(', ')} and nothing else`, async () => {
      for (const to of refused) {
        const use = `import { x } from '../${to.name}/some-file.js';\nx();\n`;
        expect(await rulesBroken(`src/${from.name}/probe.ts`, use), `${from.name} imports ${to.name}`).toEqual(['no-restricted-imports']);
      }
      for (const to of allowed) {
        const use = `import { x } from '../${to.name}/some-file.js';\nx();\n`;
        expect(await rulesBroken(`src/${from.name}/probe.ts`, use), `${from.name} imports ${to.name}`).toEqual([]);
      }
    });
  }

  it('errors and context are for everyone', async () => {
    const use = "import { RedferryError } from '../errors.js';\nimport { x } from '../context.js';\nx(RedferryError);\n";
    for (const { name } of FOLDERS.filter(({ name }) => name !== 'engine')) expect(await rulesBroken(`src/${name}/probe.ts`, use)).toEqual([]);
    expect(await rulesBroken('src/errors.ts', "import { x } from './context.js';\nx();\n")).toEqual([]);
  });

  it.each([
    ['src/errors.ts', "import { x } from './rdb/reader.js';\nx();\n"],
    ['src/context.ts', "import { x } from './report/text.js';\nx();\n"],
    ['src/index.ts', "export { x } from './cli/main.js';\n"],
    ['src/stages/deep/probe.ts', "import { x } from '../../cli/main.js';\nx();\n"],
    ['src/rdb/probe.ts', "import type { X } from '../stages/options.js';\nexport type Y = X;\n"],
    ['src/rdb/probe.ts', "import { x } from 'redferry';\nx();\n"],
    ['src/rdb/probe.ts', "import process from 'node:process';\nexport const x = process.pid;\n"],
  ])('%s may not say %j', async (file, code) => {
    expect(await rulesBroken(file, code)).toEqual(['no-restricted-imports']);
  });

  it('a dynamic import is an import too', async () => {
    expect(await rulesBroken('src/rdb/probe.ts', "export const x = import('../cli/main.js');\n")).toEqual(['no-restricted-syntax']);
    expect(await rulesBroken('src/stores/probe.ts', "export const x = import('fzstd');\n")).toEqual([]);
  });
});

describe('who may touch the process', () => {
  it.each([
    ['process.env', 'config'],
    ['process.exit', 'cli'],
    ['process.exitCode', 'cli'],
    ['process.argv', 'cli'],
    ['process.stdout', 'report'],
    ['process.stderr', 'report'],
  ])('%s only in src/%s', async (expression, owner) => {
    for (const folder of ['cli', 'config', 'report', 'stages', 'target', 'rdb']) {
      const expected = folder === owner ? [] : ['no-restricted-properties'];
      expect(await rulesBroken(`src/${folder}/probe.ts`, `export const x = ${expression};\n`), folder).toEqual(expected);
    }
  });

  it('console only in src/report', async () => {
    expect(await rulesBroken('src/cli/probe.ts', "console.log('x');\n")).toEqual(['no-console']);
    expect(await rulesBroken('src/report/probe.ts', "console.log('x');\n")).toEqual([]);
  });

  it('no any', async () => {
    expect(await rulesBroken('src/rdb/probe.ts', 'export const x: any = 1;\n')).toEqual(['@typescript-eslint/no-explicit-any']);
  });
});
