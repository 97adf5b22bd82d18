/** Every RDB of fixtures and corpus as JSON lines: they are the rows of its expected file, whole or by their digest. */
import { beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../src/rdb/engine.js';
import { JSON_REGIONS } from '../../src/rdb/json-lines.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { corpusBytes, corpusFiles, type CorpusFile } from '../helpers/corpus.js';
import type { ExpectedRow } from '../helpers/corpus-rows.js';
import { jsonRows, type JsonLinesInput } from '../helpers/json-lines.js';

let engine: Engine;
let narrow: Engine;
beforeAll(async () => {
  engine = await Engine.create(JSON_REGIONS);
  narrow = await Engine.create(JSON_REGIONS, 1000);
});

const files = corpusFiles();
/** One byte at a time takes minutes for the 14 MB files; pieces of seven bytes pass the same borders there. */
const small = files.filter(({ meta }) => meta.case !== 'huge');

test.each(files.map((file) => [file.name, file] as const))('%s', async (_, file) => {
  await expectRows(engine, file, {});
});

describe.each([7, 65_537])('in pieces of %i bytes', (chunk) => {
  test('every file', { timeout: 120_000 }, async () => {
    for (const file of files) await expectRows(engine, file, { chunk });
  });
});

test('every small file one byte at a time, into regions of 1000 bytes', { timeout: 120_000 }, async () => {
  for (const file of small) await expectRows(narrow, file, { chunk: 1 });
});

test('the huge files, into regions of 1000 bytes', { timeout: 120_000 }, async () => {
  for (const file of files) if (file.meta.case === 'huge') await expectRows(narrow, file, {});
});

async function expectRows(to: Engine, file: CorpusFile, input: JsonLinesInput): Promise<void> {
  const rows = await jsonRows(to, corpusBytes(file), input).catch((error: unknown) => {
    throw new Error(`${file.name}: ${String(error)}`, { cause: error });
  });
  const expected = readExpected(file.expectedPath).map(withoutModuleData);
  // of the moment of the dump, where the expected file has that of the read-back
  expect(differences(expected, rows, { now: 0, freq: true, idleTolerance: Infinity }), file.name).toEqual([]);
  expect(rows.length, file.name).toBe(expected.length);
  expect(to.lines, file.name).toBe(expected.length);
  expect(to.unsortedLines, file.name).toBe(0);
}

/** Vector sets are data of a module: nothing but the module can read them. */
function withoutModuleData(row: ExpectedRow): ExpectedRow {
  if (row.type !== 'vectorset') return row;
  const { db, key, type, pexpireat } = row;
  return { db, key, type, pexpireat, value: null };
}
