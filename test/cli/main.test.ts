import { describe, expect, it } from 'vitest';
import type {
  RedferryError} from '../../src/errors.js';
import {
  AlarmError,
  AuthError,
  CheckFailedError,
  CorruptInputError,
  InterruptedError,
  LockedError,
  MismatchError,
  PartialError,
  RetryableError,
  UnsupportedInputError,
  UsageError,
} from '../../src/errors.js';
import { importDoing, importResult } from './fake-command.js';
import { runMain } from './run-main.js';

const CALL = ['import', 'dump.rdb', 'redis://127.0.0.1'];

function failing(error: Error) {
  return importDoing(() => Promise.reject(error));
}

/** Ends when the signal comes, with what `notice` makes of it. */
function waiting(notice: (reason: Error) => Error) {
  return importDoing(
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        const stop = () => reject(notice(signal.reason as Error));
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      }),
  );
}

describe('what a stage returns', () => {
  it('is printed for people on stdout, with the exit code of the result', async () => {
    const run = await runMain(CALL, { commands: importDoing(() => Promise.resolve(importResult())) });
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('OK: 2 keys written');
    expect(run.stderr).toBe('');
  });

  it('is one JSON object on stdout with --json, and nothing else', async () => {
    const commands = importDoing(({ report }) => {
      report.log('info', 'hello');
      report.warn('a.b', 'first', 2);
      report.warn('a.b', 'first');
      return Promise.resolve(importResult({ warnings: [{ id: 'c.d', message: 'own', count: 1 }] }));
    });
    const run = await runMain([...CALL, '--json'], { commands });
    expect(run.stdout.endsWith('\n')).toBe(true);
    expect(JSON.parse(run.stdout)).toEqual({
      ...importResult(),
      warnings: [
        { id: 'a.b', message: 'first', count: 3 },
        { id: 'c.d', message: 'own', count: 1 },
      ],
    });
    expect(run.stderr).toBe('hello\nwarning: first\n');
  });

  it('is not printed with --quiet when all went well, and is when not', async () => {
    const good = await runMain([...CALL, '--quiet'], { commands: importDoing(() => Promise.resolve(importResult())) });
    expect([good.stdout, good.stderr]).toEqual(['', '']);
    const bad = importResult({ ok: false, exitCode: 3 });
    const run = await runMain([...CALL, '--quiet'], { commands: importDoing(() => Promise.resolve(bad)) });
    expect(run.code).toBe(3);
    expect(run.stdout).toContain('NOT OK');
  });
});

describe('what a stage throws', () => {
  const place = { source: 'dump.rdb', offset: 7 };
  const errors: [RedferryError, number][] = [
    [new UsageError('x'), 2],
    [new PartialError('x'), 3],
    [new CheckFailedError('x', ['net.connect']), 4],
    [new AlarmError('x', ['target.policy']), 5],
    [new MismatchError('x'), 6],
    [new RetryableError('x'), 7],
    [new CorruptInputError({ ...place, what: 'w', expected: 'e', found: 'f' }), 8],
    [new UnsupportedInputError(place, 'x'), 8],
    [new LockedError('x'), 11],
    [new AuthError('x'), 12],
    [new InterruptedError('SIGINT'), 130],
    [new InterruptedError('SIGTERM'), 143],
  ];

  it.each(errors)('%s ends with exit code %i, in words and in JSON', async (error, code) => {
    const run = await runMain([...CALL, '--json'], { commands: failing(error) });
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(`redferry: ${error.message}`);
    expect(JSON.parse(run.stdout)).toMatchObject({
      command: 'import',
      ok: false,
      exitCode: code,
      error: { code: error.code, message: error.message, hint: error.hint ?? null },
    });
  });

  it('anything else is unexpected: exit code 1, and its trace only with --log-level debug', async () => {
    const bug = new TypeError('x is not a function');
    const plain = await runMain(CALL, { commands: failing(bug) });
    expect(plain.code).toBe(1);
    expect(plain.stderr).toContain('Unexpected error: x is not a function');
    expect(plain.stderr).not.toMatch(/^\s+at /m);
    const debug = await runMain([...CALL, '--log-level', 'debug'], { commands: failing(bug) });
    expect(debug.stderr).toMatch(/^debug: +at .*main\.test\.ts/m);
  });

  it('carries the result so far into the JSON and the text', async () => {
    const error = new RetryableError('Connection lost.', {
      progress: '1 of 3 keys was written.',
      hint: 'Run it again with --on-conflict skip.',
      result: importResult({ keys: { ...importResult().keys, written: 1 } }),
    });
    const json = await runMain([...CALL, '--json'], { commands: failing(error) });
    expect(JSON.parse(json.stdout)).toMatchObject({
      command: 'import',
      ok: false,
      exitCode: 7,
      keys: { written: 1 },
      error: { code: 'retryable', progress: '1 of 3 keys was written.' },
    });
    const text = await runMain(CALL, { commands: failing(error) });
    expect(text.stdout).toContain('written:  1 key');
    expect(text.stderr).toBe(
      'redferry: Connection lost. 1 of 3 keys was written.\n  Run it again with --on-conflict skip.\n',
    );
  });

  it('is one JSON line on stderr with --log-format json', async () => {
    const run = await runMain([...CALL, '--log-format', 'json'], { commands: failing(new AuthError('WRONGPASS', { hint: 'Look.' })) });
    const { ts, ...line } = JSON.parse(run.stderr) as Record<string, unknown>;
    expect(line).toEqual({ level: 'error', event: 'log', message: 'WRONGPASS', code: 'auth', exitCode: 12, hint: 'Look.' });
    expect(Date.parse(String(ts))).not.toBeNaN();
  });

  it('does not let an error reach the terminal as control codes', async () => {
    const run = await runMain(CALL, { commands: failing(new AuthError('\x1b[2Jgone\n')) });
    expect(run.stderr).toBe('redferry: \\x1b[2Jgone\\x0a\n');
  });
});

describe('a signal', () => {
  it.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('%s stops the stage and ends with %i', async (name, code) => {
    const run = await runMain(CALL, { commands: waiting((reason) => reason), during: ({ signal }) => signal(name) });
    expect(run.code).toBe(code);
    expect(run.forced).toEqual([]);
    expect(run.stderr).toContain(`redferry: interrupted by ${name}.`);
  });

  it('once more ends the process at once', async () => {
    const run = await runMain(CALL, {
      commands: waiting((reason) => reason),
      during({ signal }) {
        signal('SIGINT');
        signal('SIGTERM');
      },
    });
    expect(run.forced).toEqual([143]);
  });

  it('that tore a connection is still told as an interrupt, with what was done', async () => {
    const torn = () => new RetryableError('Connection lost.', { progress: '5 keys were written.', result: importResult() });
    const run = await runMain([...CALL, '--json'], { commands: waiting(torn), during: ({ signal }) => signal('SIGTERM') });
    expect(JSON.parse(run.stdout)).toMatchObject({
      ok: false,
      exitCode: 143,
      keys: { written: 2 },
      error: { code: 'interrupted', signal: 'SIGTERM', message: 'interrupted by SIGTERM: 5 keys were written.' },
    });
  });
});

describe('a pipe cut short by the same Ctrl-C', () => {
  it('is an interrupt, not a corrupt file', async () => {
    const cut = () => new CorruptInputError({ source: 'stdin', offset: 9, what: 'file', expected: 'more bytes', found: 'the end' });
    const run = await runMain(CALL, { commands: waiting(cut), during: ({ signal }) => signal('SIGINT') });
    expect(run.code).toBe(130);
    expect(run.stderr).not.toContain('stdin');
  });
});

describe('a rejection that nobody caught', () => {
  it('ends with 1 and a message, not with a trace', async () => {
    const run = await runMain([...CALL, '--json'], {
      commands: waiting((reason) => reason),
      during: ({ crash }) => crash(new Error('lost promise')),
    });
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ exitCode: 1, error: { code: 'unexpected' } });
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });
});
