import eslint from '@eslint/js';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layerConfigs } from './layers.js';

const only = (where) => `Only ${where} may do this: everything else is told by its caller.`;

/** What plain JavaScript here may use without importing it. */
const NODE_GLOBALS = ['console', 'process', 'performance', 'URL', 'Buffer', 'WebAssembly', 'AbortController', 'AbortSignal', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'require', 'module'];

export default defineConfig(
  // src/engine is AssemblyScript: TypeScript's syntax, another language. Its own compiler checks it.
  { ignores: ['dist/', '.cache/', 'node_modules/', 'coverage/', 'src/engine/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: ['**/*.ts'],
    extends: [eslint.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: fileURLToPath(new URL('../..', import.meta.url)) } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/prefer-literal-enum-member': 'off',
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },

  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': ['error', ...processRules(['env', 'exit', 'exitCode', 'argv', 'stdout', 'stderr'])],
      'no-restricted-globals': ['error', 'global', 'globalThis'],
    },
  },
  { files: ['src/config/**/*.ts'], rules: { 'no-restricted-properties': ['error', ...processRules(['exit', 'exitCode', 'argv', 'stdout', 'stderr'])] } },
  { files: ['src/cli/**/*.ts'], rules: { 'no-restricted-properties': ['error', ...processRules(['env', 'stdout', 'stderr'])] } },
  { files: ['src/report/**/*.ts'], rules: { 'no-console': 'off', 'no-restricted-properties': ['error', ...processRules(['env', 'exit', 'exitCode', 'argv'])] } },
  ...layerConfigs(),

  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      // A test that indexes what it has just built may say so.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs', 'bin/redferry'],
    extends: [eslint.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])),
    },
  },
);

function processRules(properties) {
  const owner = { env: 'src/config', exit: 'src/cli', exitCode: 'src/cli', argv: 'src/cli', stdout: 'src/report', stderr: 'src/report' };
  return properties.map((property) => ({ object: 'process', property, message: only(owner[property]) }));
}
