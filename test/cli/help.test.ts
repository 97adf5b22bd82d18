import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { EXIT_CODES } from '../../src/errors.js';
import { runMain } from './run-main.js';

describe('help', () => {
  it('of the program lists commands, locations, credentials and every exit code', async () => {
    const run = await runMain(['--help']);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatchSnapshot();
    for (const { code, meaning } of EXIT_CODES) expect(run.stdout).toContain(`${String(code).padStart(5)}  ${meaning}\n`);
  });

  it.each(COMMANDS.map((command) => command.name))('of %s says what it does, by example and by concern', async (name) => {
    const run = await runMain([name, '--help']);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatchSnapshot();
  });

  it('knows every exit code that it names', () => {
    const known = EXIT_CODES.map(({ code }) => code);
    for (const command of COMMANDS) expect(known).toEqual(expect.arrayContaining([...command.exitCodes]));
  });

  it('names the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect((await runMain(['--version'])).stdout).toBe(`redferry ${version}\n`);
  });
});

describe('docs/exit-codes.md', () => {
  it('has the table of the code', () => {
    const text = readFileSync(new URL('../../docs/exit-codes.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| (\d+) \| `([a-z-]+)` \| (.*) \|$/gm)].map(([, code, name, meaning]) => ({ code: Number(code), name, meaning }));
    expect(rows).toEqual(EXIT_CODES);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s names every command and option', async (shell) => {
    const { code, stdout } = await runMain(['completion', shell]);
    expect(code).toBe(0);
    for (const command of COMMANDS) {
      expect(stdout).toContain(command.name);
      for (const group of command.groups) for (const flag of Object.keys(group.options)) expect(stdout).toContain(flag);
    }
  });

  it('for bash completes what bash asks for', async () => {
    const { stdout } = await runMain(['completion', 'bash']);
    const ask = (...words: string[]) => {
      const script = `${stdout}\nCOMP_WORDS=(redferry ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _redferry; echo "\${COMPREPLY[*]}"`;
      const { stdout: reply, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
      expect(stderr).toBe('');
      return reply.trim();
    };
    expect(ask('im')).toBe('import');
    expect(ask('import', 'a.rdb', '--on-c')).toBe('--on-conflict');
    expect(ask('import', 'a.rdb', '--on-conflict', 're')).toBe('replace');
    expect(ask('inspect', '--on-c')).toBe('');
  });
});
