/** The tests' own ground: what a real server loads from a corpus file by itself must read back as the corpus says. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differences, readExpected } from './compare-expected.js';
import { corpusBytes, corpusFiles, type CorpusFile } from './corpus.js';
import { knownTypes, loadsFile, typesOf } from './known-types.js';
import { printScore } from './print-score.js';
import { readBack, readFunctions } from './read-back.js';
import { startServer, type RedisServer } from './redis-server.js';
import { atLeast, matrixServers, type ServerVersion } from './server-versions.js';

const files = corpusFiles();

/** Module data has versions of its own: 8.0.2 refuses the vector sets that 8.0.6 saves. */
function isNewerModule(file: CorpusFile, version: ServerVersion): boolean {
  return file.meta.case === 'vectorset' && file.meta.server > version.name;
}

describe.each(matrixServers())('$name', (version) => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startServer({ version });
    client = server.client();
  });
  afterAll(() => server.stop());

  const known = knownTypes(version);
  const loadable = files.filter((file) => loadsFile(version, file.meta.header) && typesOf(file.meta).every((type) => known.has(type)) && !isNewerModule(file, version));

  test.each(loadable.map((file) => [file.name, file] as const))('loads %s by itself', async (_, file) => {
    writeFileSync(join(server.dir, 'dump.rdb'), corpusBytes(file));
    const access = file.meta.case === 'lru' ? 'idle' : file.meta.case === 'lfu' ? 'freq' : undefined;
    await client.config('SET', 'maxmemory-policy', access === 'idle' ? 'allkeys-lru' : access === 'freq' ? 'volatile-lfu' : 'noeviction');
    await client.call('DEBUG', 'RELOAD', 'NOSAVE');
    const now = Date.now();
    const rows = await readBack(client, { version, ...(access === undefined ? {} : { access }) });
    rmSync(join(server.dir, 'dump.rdb'));
    expect(differences(readExpected(file.expectedPath), rows, { now, freq: true, idleTolerance: 120 })).toEqual([]);
    if (atLeast(version, 7)) expect(await readFunctions(client, version)).toEqual(file.meta.functions ?? []);
  });
});

test('prints scores as servers since 7.2 do', () => {
  const printed: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [1e17, '100000000000000000'],
    [1, '1'],
    [-12345678, '-12345678'],
    [1e20, '1e+20'],
    [0.5, '0.5'],
    [0.0001, '0.0001'],
    [10036.768699904555, '1.0036768699904555e+4'],
    [-1.0564237094717722e-5, '-1.0564237094717722e-5'],
    [1e300, '1e+300'],
    [-191255.23910742824, '-1.9125523910742823e+5'],
    [-6.6208974913399744e-111, '-6.6208974913399744e-111'],
    [5e-324, '5e-324'],
    [Infinity, 'inf'],
  ];
  for (const [score, text] of printed) expect(printScore(score)).toBe(text);
});
