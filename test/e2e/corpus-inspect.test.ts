/** Every RDB of fixtures and corpus, measured: elements and the largest of each key are those of the value the server gave. */
import { expect, test } from 'vitest';
import { CorruptInputError, UnsupportedInputError } from '../../src/errors.js';
import { Engine } from '../../src/rdb/engine.js';
import { EVERYTHING } from '../../src/rdb/engine-setup.js';
import { surveyPart } from '../../src/rdb/survey.js';
import { MeasuredKeys } from '../../src/stages/measured-keys.js';
import { mutant } from '../fuzz/mutate.js';
import { fuzzSeeds } from '../fuzz/seeds.js';
import { chunkedPart } from '../helpers/chunks.js';
import { readExpected } from '../helpers/compare-expected.js';
import { corpusBytes, corpusFiles } from '../helpers/corpus.js';
import type { ExpectedRow } from '../helpers/corpus-rows.js';
import { inspectBytes, type InspectedRow } from '../helpers/inspect-file.js';
import { selection, stageContext } from '../helpers/stages.js';

const size = (base64: string): number => Buffer.from(base64, 'base64').length;

/** Elements of a value; null where the row does not tell. */
function elementsOf({ type, value, length }: ExpectedRow): number | null {
  if (type === 'string') return 1;
  if (value === undefined) return length ?? null;
  if (Array.isArray(value)) return value.length;
  return value !== null && typeof value === 'object' && 'entries' in value ? value.entries.length : null;
}

/** Bytes of the largest element; null where the row does not tell. */
function largestOf({ type, value, length }: ExpectedRow): number | null {
  if (type === 'string') return typeof value === 'string' ? size(value) : (length ?? null);
  if (!Array.isArray(value)) return null;
  return Math.max(...value.map((item) => (typeof item === 'string' ? size(item) : type === 'zset' ? size(item[0]) : Math.max(size(item[0]), size(item[1])))));
}

function expectRow(row: InspectedRow, expected: ExpectedRow, where: string): void {
  const elements = elementsOf(expected);
  const largest = largestOf(expected);
  // fields whose time had passed are in the file, and not with the server any more
  if (/^hash-(metadata|listpack-ex|2)/.test(row.encoding)) {
    expect(row.elements, where).toBeGreaterThanOrEqual(elements ?? 0);
    return;
  }
  if (elements !== null && row.type !== 'module') expect(row.elements, where).toBe(elements);
  if (largest !== null && row.type !== 'module') expect(row.largest, where).toBe(largest);
  // eight bytes hold a number of twenty digits
  expect(row.memory, where).toBeGreaterThan(row.payload / 3);
}

test.each(corpusFiles().map((file) => [file.name, file] as const))('measures %s', { timeout: 60_000 }, async (_, file) => {
  const { rows, result } = await inspectBytes(corpusBytes(file));
  expect(rows.length).toBeLessThanOrEqual(result.keys);
  expect(result.memory.keys).toBe(rows.reduce((sum, { memory }) => sum + memory, 0));
  const byKey = new Map(rows.map((row) => [`${row.db} ${row.key}`, row]));
  let compared = 0;
  for (const expected of readExpected(file.expectedPath)) {
    const key = Buffer.from(expected.key, 'base64').toString('latin1');
    const row = byKey.get(`${expected.db} ${key}`);
    if (row === undefined) continue;
    expectRow(row, expected, `${file.name} db ${expected.db} ${key}`);
    compared++;
  }
  expect(compared).toBeGreaterThan(rows.length / 2 - 1);
});

test('damaged files are measured or refused', { timeout: 120_000 }, async () => {
  const seeds = fuzzSeeds();
  const outcome = { measured: 0, refused: 0 };
  const engine = await Engine.create(1);
  const keys = new MeasuredKeys(engine, { inputs: [], selection: selection(), top: 20, delimiter: ':' });
  const options = { selection: EVERYTHING, plan: null, lookInside: false, now: Date.now(), stage: 'inspect', keys } as const;
  for (let n = 0; n < 10_000; n++) {
    const { name, file } = mutant(seeds, n, 3);
    try {
      await surveyPart(engine, chunkedPart(file, { size: n % 7 === 0 ? 31 : Infinity }), options, stageContext());
      outcome.measured++;
    } catch (error) {
      if (!(error instanceof CorruptInputError || error instanceof UnsupportedInputError)) throw new Error(`${name}: not a refusal: ${String(error)}`, { cause: error });
      outcome.refused++;
    }
  }
  expect(outcome.refused).toBeGreaterThan(2000);
  expect(outcome.measured).toBeGreaterThan(300);
});
