import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { readOutput } from '../../src/config/groups/output.js';
import { readSelection } from '../../src/config/groups/selection.js';
import { readWriting } from '../../src/config/groups/writing.js';
import { envName } from '../../src/config/option.js';
import { misspeltVariables } from '../../src/config/unknown-variables.js';
import { UsageError } from '../../src/errors.js';

function input(flags: Record<string, string[]> = {}, env: Record<string, string> = {}) {
  return { flags: new Map(Object.entries(flags)), env };
}

describe('defaults', () => {
  it('are those of the design', () => {
    expect(readWriting(input(), true)).toEqual({
      onConflict: 'fail',
      write: 'auto',
      saveBandwidth: false,
      bigValue: 256 * 1024 * 1024,
      fieldTtl: 'fail',
      functions: 'replace',
      scripts: 'load',
      onUnsupported: 'fail',
      maxInflight: 8 * 1024 * 1024,
    });
    expect(readSelection(input(), null)).toEqual({ dbMap: new Map(), match: [], exclude: [], expired: 'skip' });
    expect(readOutput(input())).toEqual({ json: false, logFormat: 'text', logLevel: 'info', progress: true, quiet: false });
  });
});

describe('the environment twin', () => {
  it('of every option is its name in capitals, and no two options share one', () => {
    const flags = new Set(COMMANDS.flatMap((command) => command.groups.flatMap((group) => Object.keys(group.options))));
    const names = [...flags].map(envName);
    expect(new Set(names).size).toBe(flags.size);
    for (const name of names) expect(name).toMatch(/^REDFERRY_[A-Z_]+$/);
  });

  it('sets what the flag sets', () => {
    const env = {
      REDFERRY_DB: '0,3',
      REDFERRY_DB_MAP: '3:0',
      REDFERRY_MATCH: 'a,b*\nc',
      REDFERRY_TYPE: 'hash,zset',
      REDFERRY_EXPIRED: 'keep',
    };
    expect(readSelection(input({}, env), null)).toEqual({
      dbs: [0, 3],
      dbMap: new Map([[3, 0]]),
      match: ['a,b*', 'c'],
      exclude: [],
      types: ['hash', 'zset'],
      expired: 'keep',
    });
    expect(readOutput(input({}, { REDFERRY_JSON: 'yes', REDFERRY_NO_PROGRESS: '1', REDFERRY_QUIET: '' }))).toMatchObject({
      json: true,
      progress: false,
      quiet: false,
    });
  });

  it('loses against the flag, and is blamed by its own name', () => {
    expect(readWriting(input({ write: ['restore'] }, { REDFERRY_WRITE: 'nonsense' }), true).write).toBe('restore');
    expect(() => readWriting(input({}, { REDFERRY_WRITE: 'restor' }), true)).toThrow(
      'REDFERRY_WRITE: expected auto, restore or commands, got "restor". Did you mean restore?',
    );
  });

  it('is missed when it is misspelt, and only then', () => {
    const env = { REDFERRY_ON_CONFLCIT: 'skip', REDFERRY_TARGET_PASWORD: 'x', REDFERRY_TEST_TALLY: 'y', REDFERRY_DB: '1', HOME: '/' };
    expect(misspeltVariables(env, ['on-conflict', 'db'])).toEqual([
      { found: 'REDFERRY_ON_CONFLCIT', meant: 'REDFERRY_ON_CONFLICT' },
      { found: 'REDFERRY_TARGET_PASWORD', meant: 'REDFERRY_TARGET_PASSWORD' },
    ]);
  });
});

describe('a contradiction', () => {
  const cases: [flags: Record<string, string[]>, targetDb: number | null, message: string][] = [
    [{ db: ['0'], 'db-map': ['3:0'] }, null, '--db-map 3:0 and --db 0 contradict each other: db 3 is not read.'],
    [{ 'db-map': ['3:0', '3:1'] }, null, '--db-map: db 3 cannot go to both db 0 and db 1.'],
    [{ expired: ['keep'], 'min-ttl': ['5m'] }, null, '--expired keep and --min-ttl contradict each other'],
    [{ 'db-map': ['0:2'] }, 3, "--db-map 0:2 and db 3 in the target's location contradict each other"],
    [{ db: ['1,2'] }, 3, "The target's location names db 3, and --db names 2 dbs"],
  ];

  it.each(cases)('%j with db %j is refused', (flags, targetDb, message) => {
    expect(() => readSelection(input(flags), targetDb)).toThrow(UsageError);
    expect(() => readSelection(input(flags), targetDb)).toThrow(message);
  });
});

describe("a db in the target's location", () => {
  const mapped = (flags: Record<string, string[]>, targetDb: number) => [...readSelection(input(flags), targetDb).dbMap];

  it('is where db 0 goes', () => expect(mapped({}, 3)).toEqual([[0, 3]]));
  it('is where the one db goes that --db names', () => expect(mapped({ db: ['5'] }, 3)).toEqual([[5, 3]]));
  it('changes nothing when it is 0', () => expect(mapped({ db: ['1,2'] }, 0)).toEqual([]));
  it('may repeat what --db-map says', () => expect(mapped({ 'db-map': ['0:3,1:4'] }, 3)).toEqual([[0, 3], [1, 4]]));
});
