/** The bench runs whole, on sets a thousand times smaller. It says nothing about speed: that is for a quiet machine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { bench } from '../../bench/bench.js';
import { readOptions } from '../../bench/options.js';
import { serverVersion } from '../../bench/server.js';
import { markdownTable, plainTable } from '../../bench/table.js';
import { BIN } from '../helpers/run-cli.js';
import { removeDir, tempDir } from '../helpers/temp-dir.js';

let directory: string;
beforeEach(() => (directory = tempDir('bench')));
afterEach(() => removeDir(directory));

function options(...argv: string[]) {
  return readOptions(['--scale', '0.001', '--redferry', BIN, ...argv], { REDFERRY_BENCH_DIR: directory })!;
}

function skipWithoutServer(context: TestContext): void {
  try {
    serverVersion('redis-server');
  } catch (error) {
    context.skip(error instanceof Error ? error.message : 'no redis-server');
  }
}

describe('the bench at a small scale', () => {
  it('times import, check and inspect of every set beside the peers', { timeout: 120_000 }, async (context) => {
    skipWithoutServer(context);
    const result = await bench(options('--runs', '1', '--only', 'import,check,inspect'), () => undefined);

    expect(result.sets.map(({ name, keys }) => [name, keys])).toEqual([['S', 2000], ['M', 300], ['L', 2], ['B', 3]]);
    expect(result.raw.map(({ set, kind, runs }) => `${set} ${kind} ${runs.redferry.length}:${runs.peer.length}`)).toEqual(
      ['S', 'M', 'L', 'B'].flatMap((set) => [`${set} import 1:1`, `${set} check 1:1`, `${set} inspect 1:0`]),
    );
    // Budgets speak of full sets.
    expect(result.rows.every((row) => row.budget === null)).toBe(true);
    expect(plainTable(result.rows)).toContain('import tool CPU / server CPU');
    expect(markdownTable(result.rows).split('\n')).toHaveLength(result.rows.length + 2);
  });

  it('makes the same content every time, and keeps it', { timeout: 60_000 }, async (context) => {
    skipWithoutServer(context);
    const made = await bench(options('--prepare'), () => undefined);
    const digests = made.sets.map((set) => set.digest);
    const notes: string[] = [];
    await bench(options('--prepare'), (text) => notes.push(text));
    expect(notes, 'only the machine line: all sets were cached').toHaveLength(1);

    removeDir(directory);
    const again = await bench(options('--prepare'), () => undefined);
    expect(again.sets.map((set) => set.digest)).toEqual(digests);
    expect(existsSync(join(directory, 'S-v1-redis' + again.sets[0]!.serverVersion + '-x0.001.rdb'))).toBe(true);
  });

  it('fails when a tool does not load what the file holds', { timeout: 60_000 }, async (context) => {
    skipWithoutServer(context);
    const lazy = options('--set', 'S', '--only', 'import', '--tool', 'redferry', '--redferry', '/bin/true');
    await expect(bench(lazy, () => undefined)).rejects.toThrow(/stdout is not one JSON object/);
  });
});
