/**
 * Every RDB of fixtures and corpus into every server of the matrix: what a server knows reads back as the corpus says,
 * what it does not know, and what no plan can carry, is refused with the list of types before anything is written.
 * One server is there by default; REDFERRY_TEST_MATRIX=1 takes all that scripts/servers fetched.
 */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedferryError } from '../../src/errors.js';
import { checkStage } from '../../src/stages/check.js';
import { importStage } from '../../src/stages/import.js';
import type { CheckResult, ImportResult } from '../../src/stages/results.js';
import { differences, isGone, readExpected } from '../helpers/compare-expected.js';
import { corpusFiles, type CorpusFile } from '../helpers/corpus.js';
import type { ExpectedRow } from '../helpers/corpus-rows.js';
import { knownTypes, typesOf, type TypeName } from '../helpers/known-types.js';
import { readBack, readFunctions } from '../helpers/read-back.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { atLeast, FULL_MATRIX, matrixServers, type ServerVersion } from '../helpers/server-versions.js';
import { checkOptions, importOptions, stageContext, writing } from '../helpers/stages.js';
import { readWholeRows, stopReferences } from '../helpers/whole-rows.js';

const files = corpusFiles();
if (!FULL_MATRIX) process.stderr.write('imports run into one server only: REDFERRY_TEST_MATRIX=1 takes all that are there\n');

describe.each(matrixServers())('$name', (version) => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startServer({ version });
    client = server.client();
  });
  afterAll(async () => {
    await server.stop();
    await stopReferences();
  });
  beforeEach(async () => {
    await client.flushall();
    if (atLeast(version, 7)) await client.call('FUNCTION', 'FLUSH');
    await client.config('SET', 'maxmemory-policy', 'noeviction');
  });

  const oldStreams = !atLeast(version, 7);
  const known = knownTypes(version);
  const unknownIn = (file: CorpusFile): TypeName[] => typesOf(file.meta).filter((type) => !known.has(type));
  const loads = files.filter((file) => unknownIn(file).length === 0 && !isNewerModule(file, version));
  const refused = files.filter((file) => unknownIn(file).length > 0);

  test.each(loads.map((file) => [file.name, file] as const))('%s reads back as it was', async (_, file) => {
    await loadAndCompare(file);
  });

  async function loadAndCompare(file: CorpusFile): Promise<void> {
    const access = accessOf(file);
    await client.config('SET', 'maxmemory-policy', access === 'idle' ? 'allkeys-lru' : access === 'freq' ? 'volatile-lfu' : 'noeviction');
    const functions = file.meta.functions ?? [];
    const takesFunctions = atLeast(version, 7) || functions.length === 0;
    const options = importOptions([file.path], server, takesFunctions ? {} : { write: writing({ functions: 'skip' }) });
    const result = await importStage(options, stageContext());
    const now = Date.now();
    const rows = await readBack(client, { version, ...(access === undefined ? {} : { access }) });
    const expected = oldStreams ? await readWholeRows(file) : readExpected(file.expectedPath);
    expect(differences(expected, rows, { now, oldStreams, freq: true, idleTolerance: 120 })).toEqual([]);
    if (atLeast(version, 7)) expect(await readFunctions(client, version)).toEqual(functions);
    expectCounts(result, expected, now);
    expect(result.functions).toBe(takesFunctions ? functions.length : 0);
  }

  test.each(refused.map((file) => [file.name, unknownIn(file), file] as const))('%s, whose types %j are unknown there, is refused or reads back as it was', async (_, unknown, file) => {
    const functions = atLeast(version, 7) ? {} : { write: writing({ functions: 'skip' }) };
    const check = await outcome<CheckResult>(checkStage(checkOptions([file.path], server, functions), stageContext()));
    if (check.exitCode === 0) {
      // A way was found (or all keys of the unknown types have expired): then it must be right.
      await loadAndCompare(file);
      return;
    }
    expect(check.exitCode).toBe(8);
    // Only what no plan can carry is listed; of keys that have expired nothing is to be written.
    const listed = [...new Set(check.result?.unsupported.map((row) => row.rdbType))];
    expect(listed).not.toEqual([]);
    expect(unknown.map(byteOf)).toEqual(expect.arrayContaining(listed));
    if (file.meta.case !== 'expired') {
      // Fewer where some keys of a type can go: hashes none of whose fields expires any more.
      for (const row of check.result?.unsupported ?? []) expect(row.count).toBeLessThanOrEqual(file.meta.rdbTypeBytes?.[row.rdbType] ?? 0);
    }
    expect(check.message).toMatch(/type/);
    expect(await keysAt(client)).toBe(0);

    const imported = await outcome<ImportResult>(importStage(importOptions([file.path], server, functions), stageContext()));
    expect(imported.exitCode).toBe(8);
    expect(await keysAt(client)).toBe(0);
    expect(await readFunctions(client, version)).toEqual([]);

    const partly = await importStage(importOptions([file.path], server, { write: writing({ functions: 'skip', onUnsupported: 'skip' }) }), stageContext()).catch(partialOf);
    const expected = oldStreams ? await readWholeRows(file) : readExpected(file.expectedPath);
    const rows = await readBack(client, { version });
    const gone = expected.filter((row) => isGone(row, Date.now())).length;
    // Which keys are left out only the file tells (hashes of one encoding, not of another): those that came must be right.
    const present = new Set(rows.map((row) => `${row.db} ${row.key}`));
    expect(differences(expected.filter((row) => present.has(`${row.db} ${row.key}`)), rows, { now: Date.now(), oldStreams })).toEqual([]);
    const leftOut = check.result?.unsupported.reduce((sum, row) => sum + row.count, 0) ?? 0;
    if (file.meta.case !== 'expired') expect(rows.length).toBe(expected.length - gone - leftOut);
    expect(partly.keys.written).toBe(rows.length);
  });

  const newerModules = files.filter((file) => unknownIn(file).length === 0 && isNewerModule(file, version));
  test.each(newerModules.map((file) => [file.name, file] as const))('%s: module data the server refuses is listed key by key, the rest is there', async (_, file) => {
    const { exitCode, result } = await outcome<ImportResult>(importStage(importOptions([file.path], server), stageContext()));
    expect(exitCode).toBe(3);
    const rows = await readBack(client, { version });
    const expected = readExpected(file.expectedPath);
    const present = new Set(rows.map((row) => row.key));
    expect(differences(expected.filter((row) => row.type !== 'vectorset' || present.has(row.key)), rows, { now: Date.now() })).toEqual([]);
    expect(result?.keys.failed).toBe(expected.length - rows.length);
    expect(result?.failures.every((failure) => failure.type === 'module' && failure.keyHash.length === 16 && failure.error !== '')).toBe(true);
  });
});

/** Module data has versions of its own: 8.0.2 refuses the vector sets that 8.0.6 saves. */
function isNewerModule(file: CorpusFile, version: ServerVersion): boolean {
  return file.meta.case === 'vectorset' && file.meta.server > version.name;
}

interface Outcome<R> {
  exitCode: number;
  message: string;
  result: R | undefined;
}

/** A stage's exit code and result, whether it returned or threw. */
async function outcome<R extends { exitCode: number }>(work: Promise<R>): Promise<Outcome<R>> {
  try {
    const result = await work;
    return { exitCode: result.exitCode, message: JSON.stringify(result), result };
  } catch (error) {
    if (!(error instanceof RedferryError)) throw error;
    return { exitCode: error.exitCode, message: error.message, result: error.result as R | undefined };
  }
}

function partialOf(error: unknown): ImportResult {
  if (error instanceof RedferryError && error.exitCode === 3 && error.result !== undefined) return error.result as ImportResult;
  throw error;
}

function expectCounts(result: ImportResult, expected: ExpectedRow[], now: number): void {
  expect(result).toMatchObject({ ok: true, exitCode: 0, failures: [] });
  const { read, written, skippedExpired } = result.keys;
  expect(result.keys).toMatchObject({ read: expected.length, skippedFiltered: 0, skippedExisting: 0, failed: 0 });
  expect(written + skippedExpired).toBe(read);
  const expired = expected.filter((row) => row.pexpireat !== null && row.pexpireat <= now).length;
  // Hashes all of whose fields have expired count as expired too; of an abbreviated one nobody can tell.
  const fieldless = expected.filter((row) => row.type === 'hash' && (row.pexpireat ?? Infinity) > now && (row.value === undefined || isGone(row, now))).length;
  expect(skippedExpired).toBeGreaterThanOrEqual(expired);
  expect(skippedExpired).toBeLessThanOrEqual(expired + fieldless);
  const { set, restore, rebuild, commands } = result.plan;
  expect(set + restore + rebuild + commands).toBe(written);
}

function accessOf(file: CorpusFile): 'idle' | 'freq' | undefined {
  return file.meta.case === 'lru' ? 'idle' : file.meta.case === 'lfu' ? 'freq' : undefined;
}

function byteOf(type: TypeName): number {
  return typeof type === 'number' ? type : type === 'valkey-22' ? 22 : 7;
}

async function keysAt(client: Redis): Promise<number> {
  const info = await client.info('keyspace');
  return [...info.matchAll(/keys=(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}
