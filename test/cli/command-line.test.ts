import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { parseCommandLine } from '../../src/cli/parse-command-line.js';
import { runMain } from './run-main.js';

function parse(...argv: string[]) {
  const { command, words, flags } = parseCommandLine(argv, COMMANDS);
  return { command: command?.name, words, flags: Object.fromEntries(flags) };
}

describe('a command line', () => {
  it('may hold flags before, between and after the words', () => {
    expect(parse('--json', 'import', '--db', '0,3', 'a.rdb', 'redis://h', '--quiet')).toEqual({
      command: 'import',
      words: ['a.rdb', 'redis://h'],
      flags: { json: ['true'], db: ['0,3'], quiet: ['true'] },
    });
  });

  it('keeps words and values as they are typed', () => {
    expect(parse('check', '-', '1e3', '007', '--match', 'a.b*', '--match=--x', '--', '-odd.rdb')).toEqual({
      command: 'check',
      words: ['-', '1e3', '007', '-odd.rdb'],
      flags: { match: ['a.b*', '--x'] },
    });
  });

  it('takes a lone dash as the value of a flag', () => {
    expect(parse('inspect', '-', '--csv', '-', '--json')).toEqual({ command: 'inspect', words: ['-'], flags: { csv: ['-'], json: ['true'] } });
    expect(parse('check', '--json', '-')).toEqual({ command: 'check', words: ['-'], flags: { json: ['true'] } });
  });

  const usage: [argv: string[], message: string][] = [
    [['imprt', 'a', 'b'], '"imprt" is no command: expected run, check, import, verify, inspect, convert, completion. Did you mean import?'],
    [['redis://:pw@h'], 'The first word is no command: expected run, check, import, verify, inspect, convert, completion.'],
    [[], 'No command named.'],
    [['import', 'a', 'redis://h', '--on-conflct', 'fail'], '--on-conflct: no such option. Did you mean --on-conflict?'],
    [['import', 'a', 'redis://h', '--password', 'x'], 'Passwords are passed in REDFERRY_TARGET_PASSWORD, _FILE or _COMMAND, never in a flag.'],
    [['check', 'a', '-json'], '-json: no such option: expected two dashes. Did you mean --json?'],
    [['check', 'a', '-j'], '-j: no such option.'],
    [['verify', 'a', 'redis://h', '--on-conflict', 'fail'], '--on-conflict is no option of verify, but of run, check, import, convert.'],
    [['convert', 'a'], 'Expected a backup and the file to write'],
    [['convert', 'a', 'out.xyz'], 'out.xyz: expected a name that ends in .rdb, .jsonl, .ndjson or .resp, or --to.'],
    [['convert', 'a', '-'], '- (stdout): expected a name that ends in'],
    [['convert', 'a', '-', '--to', 'rdb', '--split-slots', '3'], 'Several files cannot go to stdout'],
    [['convert', 'a', 'b.jsonl', '--split-slots', '3'], 'Keys are divided among RDB files, not jsonl.'],
    [['convert', 'a', 'b.rdb', '--split-slots', '3', '--nodes', 'n'], '--split-slots and --nodes contradict each other'],
    [['convert', 'a', 'redis://h'], 'Expected the path of a file to write as the last word'],
    [['convert', 'redis://h', 'b.rdb'], 'expected a backup here'],
    [['check', 'a', '--json=perhaps'], '--json: expected no value, true or false, got "perhaps".'],
    [['inspect', 'a', '--csv', '/nowhere/keys.csv'], '--csv /nowhere/keys.csv: expected a file that can be written: ENOENT'],
    [['inspect', 'a', '--top', '0'], '--top: expected a whole number from 1 to 10000, got "0".'],
    [['inspect', 'a', '--delimiter', 'x'.repeat(65)], '--delimiter: expected a text of 1 to 64 bytes, got'],
    [['check', 'a', '--db'], '--db: expected db numbers like 0,3, got nothing.'],
    [['import', 'a', 'redis://h', '--write', 'auto', '--write', 'restore'], '--write: expected one value, got 2: "auto", "restore".'],
    [['import', 'a.rdb'], 'No target named: expected a server as the last word, like redis://127.0.0.1:6379.'],
    [['check'], 'No backup named: expected the path of an RDB file, or - for stdin.'],
    [['check', 'a', '--quiet', '--log-level', 'debug'], '--quiet and --log-level debug contradict each other: quiet logs errors only.'],
    [['completion', 'tcsh'], 'completion: expected bash, zsh or fish, got "tcsh".'],
  ];

  it.each(usage)('%j is refused with 2 and a message', async (argv, message) => {
    const run = await runMain(argv);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain('pw@');
  });

  it('that cannot be understood still answers in JSON where it asks for that', async () => {
    const run = await runMain(['check', 'a', '--dbx', '1', '--json']);
    expect(JSON.parse(run.stdout)).toMatchObject({ command: 'check', ok: false, exitCode: 2, error: { code: 'usage' }, warnings: [] });
    const byTwin = await runMain(['check', '--dbx', '1'], { env: { REDFERRY_JSON: '1' } });
    expect(JSON.parse(byTwin.stdout)).toMatchObject({ exitCode: 2 });
  });
});
