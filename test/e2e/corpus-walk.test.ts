/** Every RDB of fixtures and corpus, walked by the engine: counts by db and by type byte are those the writing server gave. */
import { beforeAll, expect, test } from 'vitest';
import { Engine } from '../../src/rdb/engine.js';
import { readExpected } from '../helpers/compare-expected.js';
import { corpusBytes, corpusFiles, type CorpusFile } from '../helpers/corpus.js';
import { walk, type WalkOptions } from '../helpers/walk.js';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create(1);
});

const files = corpusFiles();
const small = files.filter((file) => file.meta.case !== 'huge');

test.each(files.map((file) => [file.name, file] as const))('walks %s', async (_, file) => {
  await expectCounts(file, {});
});

test.each([
  ['one byte', 1],
  ['seven bytes', 7],
  ['4099 bytes', 4099],
])('walks every small file when the input arrives in pieces of %s', { timeout: 120_000 }, async (_, chunk) => {
  for (const file of small) await expectCounts(file, { chunk, unknownSize: true });
});

test('walks the huge files in pieces of 7 bytes', { timeout: 120_000 }, async () => {
  for (const file of files) if (file.meta.case === 'huge') await expectCounts(file, { chunk: 7, unknownSize: true });
});

async function expectCounts(file: CorpusFile, options: WalkOptions): Promise<void> {
  const bytes = corpusBytes(file);
  const result = await walk(engine, bytes, options).catch((error: unknown) => {
    throw new Error(`${file.name}: ${String(error)}`, { cause: error });
  });
  expect(result.checksum, file.name).toBe(checksumOf(file, bytes));
  expect(result.trailing, file.name).toBe(0);
  expect(result.functions, file.name).toBe(file.meta.functions?.length ?? 0);
  expect(result.keysPerDb, file.name).toEqual(keysPerDb(file));
  // servers before 2.6 have no DUMP: their meta files hold no type bytes
  if (Object.keys(file.meta.rdbTypeBytes ?? {}).length > 0) expect(result.rdbTypeBytes, file.name).toEqual(file.meta.rdbTypeBytes);
}

function keysPerDb(file: CorpusFile): Record<string, number> {
  if (file.meta.keysPerDb !== undefined) return file.meta.keysPerDb;
  const counts: Record<string, number> = {};
  for (const { db } of readExpected(file.expectedPath)) counts[db] = (counts[db] ?? 0) + 1;
  return counts;
}

function checksumOf(file: CorpusFile, bytes: Uint8Array): 'ok' | 'disabled' | 'absent' {
  if (file.meta.header.startsWith('REDIS') && Number(file.meta.header.slice(5)) < 5) return 'absent';
  return bytes.subarray(-8).every((byte) => byte === 0) ? 'disabled' : 'ok';
}
