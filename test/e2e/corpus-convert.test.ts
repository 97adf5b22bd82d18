/**
 * Every RDB of fixtures and corpus to RDB of other versions: checksum and structure are right, the rows are those of the
 * expected file but for what is listed as left out, and real servers load the result.
 */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../src/rdb/engine.js';
import { JSON_REGIONS } from '../../src/rdb/json-lines.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { convert } from '../helpers/convert.js';
import { corpusFiles, type CorpusFile } from '../helpers/corpus.js';
import type { ExpectedRow } from '../helpers/corpus-rows.js';
import { jsonRows } from '../helpers/json-lines.js';
import { readBack, readFunctions } from '../helpers/read-back.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { atLeast, FULL_MATRIX, matrixServers, type ServerVersion } from '../helpers/server-versions.js';
import { selection } from '../helpers/stages.js';
import { walk } from '../helpers/walk.js';

const files = corpusFiles();
/** Loading takes longest: all files in the full matrix, else our own and a third of the corpus. */
const loaded = files.filter(({ name, meta }, i) => meta.case !== 'vectorset' && meta.case !== 'module' && (FULL_MATRIX || name.startsWith('fixtures/') || i % 3 === 0));
const hash = (row: ExpectedRow): string => createHash('sha256').update(Buffer.from(row.key, 'base64')).digest('hex').slice(0, 16);
const fileVersion = (file: CorpusFile): number => Number(file.meta.header.replace(/\D/g, ''));
const everything = selection({ expired: 'keep' });

let engine: Engine;
let walker: Engine;
beforeAll(async () => {
  engine = await Engine.create(JSON_REGIONS);
  walker = await Engine.create(1);
});

/** All versions of a small file in the full matrix; otherwise its own, and one that differs from file to file. */
function versionsFor(file: CorpusFile, i: number): number[] {
  const own = fileVersion(file);
  const others = [6, 7, 8, 9, 10, 11, 12, 15, 80].filter((version) => version !== own);
  if (FULL_MATRIX) return [own, ...others];
  return [own, others[(i * 5) % others.length] ?? 9];
}

test.each(files.map((file, i) => [file.name, versionsFor(file, i), file] as const))('%s to RDB %j', { timeout: 180_000 }, async (_, versions, file) => {
  for (const version of versions) {
    const { result, files: [bytes], message } = await convert([file.path], { rdbVersion: version, selection: everything, onUnsupported: 'skip' });
    if (bytes === undefined) throw new Error(message);
    const walked = await walk(walker, bytes);
    expect(walked).toMatchObject({ checksum: version < 5 ? 'absent' : 'ok', keys: result.keys.written, trailing: 0 });
    const expected = readExpected(file.expectedPath);
    expect(result.keys.written + result.keys.failed).toBe(expected.length);
    if (version >= fileVersion(file) && !file.meta.header.startsWith('VALKEY') && version < 80) expect(result.plan.rebuild).toBe(0);
    const failed = new Set(result.failures.map(({ keyHash }) => keyHash));
    const oldStreams = version < 10;
    const ignore = (row: ExpectedRow): boolean => failed.has(hash(row)) || row.value === null || row.type === 'vectorset' || (oldStreams && row.type === 'stream' && row.value === undefined);
    const rows = (await jsonRows(engine, bytes, {})).filter(({ value }) => value !== null); // what a module keeps, lines do not show
    const access = version >= 9 ? { freq: true, idleTolerance: 0 } : {};
    expect(differences(expected, rows, { now: 0, ignore, oldStreams, ...access }), `RDB ${version}`).toEqual([]);
  }
});

/** What the server of the version reads and writes itself. */
function targetOf(version: ServerVersion): { rdbVersion: number; dialect: 'redis' | 'valkey' } {
  if (version.product === 'valkey') return { rdbVersion: atLeast(version, 9) ? 80 : 11, dialect: 'valkey' };
  return { rdbVersion: atLeast(version, 7, 4) ? 12 : atLeast(version, 7, 2) ? 11 : atLeast(version, 7) ? 10 : 9, dialect: 'redis' };
}

describe.each(matrixServers())('$name', (version) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startServer({ version });
  });
  afterAll(() => server.stop());

  test.each(loaded.map((file) => [file.name, file] as const))('loads %s', { timeout: 120_000 }, async (_, file) => {
    const { result, files: [bytes], message } = await convert([file.path], { ...targetOf(version), onUnsupported: 'skip' });
    if (bytes === undefined) throw new Error(message);
    const dump = join(server.dir, 'dump.rdb');
    writeFileSync(dump, bytes);
    const client = server.client();
    if (atLeast(version, 7)) await client.call('FUNCTION', 'FLUSH');
    await client.call('DEBUG', 'RELOAD', 'NOSAVE');
    rmSync(dump);
    const now = Date.now();
    const rows = await readBack(client, { version });
    const failed = new Set(result.failures.map(({ keyHash }) => keyHash));
    const oldStreams = !atLeast(version, 7);
    const ignore = (row: ExpectedRow): boolean => failed.has(hash(row)) || (oldStreams && row.type === 'stream' && row.value === undefined);
    expect(differences(readExpected(file.expectedPath), rows, { now, ignore, oldStreams })).toEqual([]);
    if (atLeast(version, 7)) expect(await readFunctions(client, version)).toEqual(file.meta.functions ?? []);
    client.disconnect();
  });
});

test('a server that is new to it starts with a converted file', async () => {
  const file = files.find(({ name }) => name === 'fixtures/8.0.2/types');
  const version = matrixServers()[0];
  if (file === undefined || version === undefined) throw new Error('no fixture');
  const { result } = await convert([file.path], { ...targetOf(version), onUnsupported: 'skip' });
  const server = await startServer({ version, rdb: result.outputs[0]?.path ?? '' });
  try {
    expect(server.log()).toMatch(/DB loaded from disk|keys loaded: 42/);
    expect(await readBack(server.client(), { version })).toHaveLength(result.keys.written);
  } finally {
    await server.stop();
  }
});
