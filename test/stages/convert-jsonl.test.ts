/** convert to JSON lines: inputs of any kind, what lines cannot show, what is left when it fails. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { convertStage } from '../../src/stages/convert.js';
import { Engine } from '../../src/rdb/engine.js';
import { JSON_REGIONS } from '../../src/rdb/json-lines.js';
import { corpusBytes, corpusFiles } from '../helpers/corpus.js';
import { convert, convertOptions, type Converted } from '../helpers/convert.js';
import { jsonText } from '../helpers/json-lines.js';
import { describeRun, runCli } from '../helpers/run-cli.js';
import { bytes, entry, expireMs, functionLibrary, len, rdb, selectDb, str } from '../helpers/rdb-builder.js';
import { sampleFile, sampleRdb } from '../helpers/sample-files.js';
import { selection, stageContext } from '../helpers/stages.js';
import { tempDir } from '../helpers/temp-dir.js';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create(JSON_REGIONS);
});

const toLines = (inputs: (string | Uint8Array)[], changes: Parameters<typeof convert>[1] = {}): Promise<Converted> => convert(inputs, { format: 'jsonl', ...changes }, 'out.jsonl');
const names = ({ files: [file] }: Converted): string[] =>
  String(file ?? '').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { db: number; key: string }).map(({ db, key }) => `${db}/${Buffer.from(key, 'base64').toString()}`);

const some = rdb([entry(0, 'a', str('1')), expireMs(1), entry(0, 'over', str('2')), selectDb(3), entry(2, 'set', len(2), str('y'), str('x')), entry(2, 'none', len(0))]);

test('every file is the same through the stage, and counted', async () => {
  for (const file of corpusFiles().filter(({ meta }) => ['types', 'functions', 'module', 'hfe'].includes(meta.case))) {
    const { result, files: [lines] } = await toLines([corpusBytes(file)], { selection: selection({ expired: 'keep' }) });
    const text = await jsonText(engine, corpusBytes(file));
    expect(lines?.toString() === text, file.name).toBe(true);
    const keys = text.split('\n').length - 1;
    expect(result, file.name).toMatchObject({ exitCode: 0, keys: { read: keys, written: keys }, outputs: [{ format: 'jsonl', keys, bytes: text.length }] });
    expect(result.warnings.find(({ id }) => id === 'convert.functions')?.count ?? 0, file.name).toBe(file.meta.functions?.length ?? 0);
  }
});

test('what has expired is left out unless it is to be kept', async () => {
  const skipped = await toLines([some]);
  expect(names(skipped)).toEqual(['0/a', '3/set']);
  expect(skipped.result.keys).toEqual({ read: 4, written: 2, skippedExpired: 1, skippedFiltered: 0, skippedExisting: 0, failed: 0 });
  expect(names(await toLines([some], { selection: selection({ expired: 'keep' }) }))).toEqual(['0/a', '0/over', '3/set']);
});

test('keys are selected, and databases named as they are mapped', async () => {
  const { result } = await toLines([some], { selection: selection({ types: ['set'] }) });
  expect(result.keys).toMatchObject({ written: 1, skippedFiltered: 2 });
  expect(names(await toLines([some], { selection: selection({ dbMap: new Map([[3, 7]]), match: ['s*'] }) }))).toEqual(['7/set']);
});

test('several inputs come one after another, compressed ones too', async () => {
  const packed = sampleFile('b.rdb.gz', gzipSync(rdb([entry(0, 'a', str('2')), entry(0, 'b', str('3'))])));
  const converted = await toLines([some, packed]);
  expect(names(converted)).toEqual(['0/a', '3/set', '0/a', '0/b']);
  expect(converted.result.keys).toMatchObject({ read: 6, written: 4 });
});

test('what lines cannot show is said', async () => {
  const module = entry(7, 'm', len(1n << 40n), len(0));
  const { result } = await toLines([rdb([functionLibrary('#!lua name=f\n'), module, entry(4, 'none', len(0)), entry(0, 'a', str('1'))])]);
  expect(result.warnings.map(({ id, count }) => [id, count])).toEqual([['convert.functions', 1], ['input.emptyKeys', 1], ['convert.nullValues', 1]]);
});

describe('nothing is left', () => {
  const damaged = sampleRdb({ keys: 20_000, valueBytes: 100 });
  test.each([
    ['the file is cut', damaged.subarray(0, -500)],
    ['the checksum is wrong', rdb([entry(0, 'a', str('1'))], { checksum: 'wrong' })],
    ['commands follow', bytes(some, '*1\r\n$4\r\nPING\r\n')],
  ])('when %s', async (_, file) => {
    const output = join(tempDir('left'), 'out.jsonl');
    const input = sampleFile('in.rdb', file);
    await expect(convertStage(convertOptions([input], output, { format: 'jsonl' }), stageContext())).rejects.toMatchObject({ exitCode: 8, result: { outputs: [] } });
    expect(existsSync(output)).toBe(false);
  });
});

test('goes through pipes: stdin to stdout', async () => {
  const result = await runCli(['convert', '-', '-', '--to', 'jsonl', '--expired', 'keep'], { stdin: some });
  expect(result.code, describeRun(result)).toBe(0);
  expect(result.stdout).toBe(await jsonText(engine, some));
});
