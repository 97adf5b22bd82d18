import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BINARY = /\.(rdb|aof|gz|zst|wasm)$/;

/** Every file the project owns, whether committed yet or not; without git, every file that is not built or installed. */
function projectFiles(): string[] {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  const paths = git.status === 0 ? git.stdout.split('\0') : readdirSync(ROOT, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => !/^(node_modules|dist|\.cache|\.git|coverage)(\/|$)/.test(path) && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile());
}

const files = projectFiles();
const texts = files.filter((path) => !BINARY.test(path)).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const code = texts.filter(({ path }) => /^(src|test|bench|scripts|bin)\//.test(path) && !path.endsWith('.md'));

/** `path:line: the line` of every match. */
function matches(among: typeof texts, pattern: RegExp): string[] {
  return among.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
  );
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

describe('the project', () => {
  it('keeps its top level to what the layout names', () => {
    const allowed = ['package.json', 'package-lock.json', 'tsconfig.json', 'src', 'bin', 'scripts', 'test', 'samples', 'docs', 'bench'];
    const documents = ['README.md', 'CHANGELOG.md', 'LICENSE'];
    const top = [...new Set(files.map((path) => path.split('/')[0] ?? ''))].filter((name) => !name.startsWith('.'));
    expect(top.filter((name) => !allowed.includes(name) && !documents.includes(name))).toEqual([]);
  });

  it('has no test that was singled out or switched off', () => {
    // A skip with a reason, `context.skip('why')`, is another thing: the reporter prints it.
    expect(matches(code, /\b(describe|suite|it|test|bench)(\.\w+)*\.(only|skip|skipIf|todo|fails)\b/)).toEqual([]);
  });

  it('has no left-over marks', () => {
    // Put together from halves, so that this file does not hold what it looks for.
    const marks = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|');
    const found = matches(code, new RegExp(`\\b(${marks})\\b|@ts-(ignore|nocheck)|not (yet )?implemented`));
    // AssemblyScript's decorators on functions are not TypeScript: this comment is how its own manual quiets editors.
    expect(found.filter((line) => !/^src\/engine\/.*: \/\/ @ts-[a-z]+: decorator$/.test(line))).toEqual([]);
  });

  it('says of every switched-off lint rule why', () => {
    const lines = matches(code, new RegExp('eslint-' + 'disable'));
    expect(lines.filter((line) => !line.includes(' -- '))).toEqual([]);
  });

  it('names nothing of the machine it was written on', () => {
    const words = ['/wor' + 'k/', '\\.\\./\\.libra' + 'ry', '\\bC' + 'EO\\b', '\\bfar' + 'm-', '/tmp/r' + 'f/', '/ro' + 'ot/'].join('|');
    expect(matches(texts, new RegExp(words))).toEqual([]);
  });

  it('keeps every file short enough to be one thing', () => {
    // The aim is 250 lines; what is over 400 is surely two things.
    const sources = texts.filter(({ path }) => /^(src|bench|test|scripts)\/.*\.(ts|js|mjs|cjs)$/.test(path));
    const lengths = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it('has no drawer files and no barrels', () => {
    expect(files.filter((path) => /^src\/(.*\/)?(utils?|helpers?|misc|common)(\/|\.ts$)/.test(path))).toEqual([]);
  });
});

describe('the packages', () => {
  const manifest = readJson('package.json') as Manifest;

  it('are pinned to exact versions', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('are locked without naming the registry they came from', () => {
    const lock = readJson('package-lock.json') as { packages: Record<string, { resolved?: string; integrity?: string }> };
    const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(locked.length).toBeGreaterThan(50);
    expect(locked.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
    expect(locked.filter(([, entry]) => entry.integrity === undefined)).toEqual([]);
  });

  it('at run time are all imported by src, and src imports no other', () => {
    const imported = new Set<string>();
    for (const { text } of texts.filter(({ path }) => /^src\/(?!engine\/).*\.ts$/.test(path))) {
      for (const [, name = ''] of text.matchAll(/(?:^(?:import|export|\}).*from |import\()'([^'./][^']*)'/gm)) {
        if (!name.startsWith('node:')) imported.add(name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'));
      }
    }
    expect([...imported].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });
});

describe('the scripts', () => {
  const scripts = texts.filter(({ text }) => text.startsWith('#!'));

  it('may be executed', () => {
    const stuck = scripts.filter(({ path }) => (statSync(join(ROOT, path)).mode & 0o111) === 0);
    expect(stuck.map(({ path }) => path)).toEqual([]);
  });

  it.each(scripts.filter(({ text }) => /^#!.*\b(ba)?sh\b/.test(text)).map(({ path }) => path))('%s is well-formed', (path) => {
    execFileSync('bash', ['-n', join(ROOT, path)]);
  });
});
