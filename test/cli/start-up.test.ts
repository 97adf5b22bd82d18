import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Everything that loads when a module loads: static imports that are not only types. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    if (specifier === undefined) continue;
    if (!specifier.startsWith('.')) seen.add(specifier);
    else loadedBy(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')), seen);
  }
  return seen;
}

function names(file: string): string[] {
  const path = resolve(SRC, file);
  expect(existsSync(path)).toBe(true);
  return [...loadedBy(path)].map((name) => (name.startsWith('/') ? relative(SRC, name) : name));
}

describe('starting', () => {
  it('loads no package but the parser, no stage, no engine and no socket', () => {
    const loaded = names('cli/bin.ts');
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'))).toEqual(['yargs-parser/browser']);
    expect(loaded.filter((name) => /^(engine|rdb|stores|target|aof|backup)\//.test(name))).toEqual([]);
    expect(loaded.filter((name) => name.startsWith('stages/'))).toEqual(['stages/options.ts']);
    expect(loaded).not.toContain('node:net');
    expect(loaded).not.toContain('node:tls');
  });
});
