import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../src/context.js';
import { createReporter, type ReporterOptions } from '../../src/report/reporter.js';

const OPTIONS: ReporterOptions = { logFormat: 'text', logLevel: 'info', progress: true, colour: true, redraw: true };
const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

async function reporter(changes: Partial<ReporterOptions> = {}, isTTY = false) {
  const printed = { stdout: '', stderr: '' };
  const report = await createReporter(
    {
      stdout: { write: (text) => (printed.stdout += text) },
      stderr: { write: (text) => (printed.stderr += text), isTTY, columns: 80 },
    },
    { ...OPTIONS, ...changes },
  );
  return { report, printed };
}

function progress(bytesDone: number, keysDone: number, changes: Partial<Progress> = {}): Progress {
  return { stage: 'import', part: 'dump.rdb', bytesDone, bytesTotal: 100 * MIB, keysDone, ...changes };
}

describe('logging', () => {
  it('goes to stderr, from the level on that was asked for', async () => {
    const { report, printed } = await reporter({ logLevel: 'warn' });
    report.log('info', 'not this');
    report.log('error', 'this', { db: 3 });
    expect(printed).toEqual({ stdout: '', stderr: 'error: this db=3\n' });
  });

  it('is coloured on a terminal only, and not where colour is off', async () => {
    const lines = await Promise.all(
      [[true, true], [false, true], [true, false]].map(async ([isTTY, colour]) => {
        const { report, printed } = await reporter({ colour: colour === true, progress: false }, isTTY === true);
        report.log('error', 'x');
        return printed.stderr;
      }),
    );
    expect(lines).toEqual(['\x1b[31merror: \x1b[39mx\n', 'error: x\n', 'error: x\n']);
  });

  it('as JSON is one object per line', async () => {
    const { report, printed } = await reporter({ logFormat: 'json' });
    report.warn('a.b', 'look\nhere');
    expect(printed.stderr).toBe('{"ts":"1970-01-01T00:00:00.000Z","level":"warn","event":"warning","message":"look\\nhere","id":"a.b"}\n');
  });

  it('says a warning once, and counts it', async () => {
    const { report, printed } = await reporter();
    report.warn('a.b', 'look');
    report.warn('a.b', 'look', 5);
    expect(printed.stderr).toBe('warning: look\n');
    expect(report.warnings()).toEqual([{ id: 'a.b', message: 'look', count: 6 }]);
  });
});

describe('progress without a terminal', () => {
  it('is one line at the start, at least every 30 s, and at the end', async () => {
    const { report, printed } = await reporter();
    report.progress(progress(0, 0));
    vi.advanceTimersByTime(29_000);
    report.progress(progress(50 * MIB, 1000));
    vi.advanceTimersByTime(31_000);
    report.progress(progress(100 * MIB, 2000));
    vi.advanceTimersByTime(1000);
    report.finish();
    report.finish();
    vi.advanceTimersByTime(60_000);
    expect(printed.stderr.split('\n')).toEqual([
      'import dump.rdb: started, 100 MiB',
      'import dump.rdb: 50.0 %, 50 MiB of 100 MiB, 1,000 keys, 1.67 MiB/s, 30 s left',
      'import dump.rdb: 50.0 %, 50 MiB of 100 MiB, 1,000 keys, 853 KiB/s, 1 m left',
      'import dump.rdb: 100 MiB, 2,000 keys in 1 m 1 s (1.64 MiB/s)',
      '',
    ]);
  });

  it('starts anew with each stage and part, and can do without a size', async () => {
    const { report, printed } = await reporter();
    report.progress(progress(0, 0, { stage: 'check', bytesTotal: null, part: 'stdin' }));
    report.progress(progress(10, 1, { stage: 'check', bytesTotal: null, part: 'stdin' }));
    report.progress(progress(0, 0, { part: 'b.rdb' }));
    expect(printed.stderr).toBe('check stdin: started\ncheck stdin: 10 B, 1 key in 0.00 s\nimport b.rdb: started, 100 MiB\n');
    report.finish();
  });

  it('is an event for machines with --log-format json', async () => {
    const { report, printed } = await reporter({ logFormat: 'json' }, true);
    report.progress(progress(0, 0));
    expect(JSON.parse(printed.stderr)).toMatchObject({ event: 'progress', stage: 'import', part: 'dump.rdb', bytesTotal: 100 * MIB });
    report.finish();
  });

  it('is none with --no-progress', async () => {
    const { report, printed } = await reporter({ progress: false }, true);
    report.progress(progress(0, 0));
    report.finish();
    expect(printed.stderr).toBe('');
  });
});

describe('progress on a terminal', () => {
  it('is a bar with bytes, keys, rate and time left, and a line at the end', async () => {
    vi.useRealTimers();
    const { PassThrough } = await import('node:stream');
    let text = '';
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    terminal.on('data', (chunk: Buffer) => (text += chunk.toString()));
    let clock = 0;
    const report = await createReporter({ stdout: { write: () => true }, stderr: terminal }, OPTIONS, () => clock);
    report.progress(progress(0, 0));
    clock = 2000;
    report.progress(progress(50 * MIB, 1234));
    await new Promise((resolve) => setTimeout(resolve, 300));
    report.log('info', 'in between');
    report.finish();
    expect(text).toMatch(/import dump\.rdb .*50\.0 %, 50 MiB of 100 MiB, 1,234 keys, 25 MiB\/s, 2\.0 s left/);
    expect(text).toContain('\r\x1b[2Kin between\n');
    expect(text).toContain('import dump.rdb: 50 MiB, 1,234 keys in 2.0 s (25 MiB/s)\n');
  });
});
