/** Expected rows with the values that the files abbreviate to a digest: read from a server that loads the RDB by itself. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExpected, sha256 } from './compare-expected.js';
import { corpusBytes, type CorpusFile } from './corpus.js';
import type { ExpectedRow } from './corpus-rows.js';
import { knownTypes, loadsFile, typesOf } from './known-types.js';
import { readBack } from './read-back.js';
import { startServer, type RedisServer } from './redis-server.js';
import { availableServers } from './server-versions.js';

/** Servers that were started for it, one per version; end them with `stopReferences`. */
const references = new Map<string, RedisServer>();

/** A value is taken only if its digest is the expected one, so the corpus still is the judge. Rows no server here can give stay as they are. */
export async function readWholeRows(file: CorpusFile): Promise<ExpectedRow[]> {
  const expected = readExpected(file.expectedPath);
  if (expected.every((row) => row.value !== undefined)) return expected;
  const version = availableServers()
    .reverse()
    .find((server) => loadsFile(server, file.meta.header) && typesOf(file.meta).every((type) => knownTypes(server).has(type)));
  if (version === undefined) return expected;
  const reference = references.get(version.name) ?? (await startServer({ version }));
  references.set(version.name, reference);
  const dump = join(reference.dir, 'dump.rdb');
  writeFileSync(dump, corpusBytes(file));
  const client = reference.client();
  try {
    await client.call('DEBUG', 'RELOAD', 'NOSAVE');
  } catch {
    // Its module is older than the data (8.0.2 and vector sets of 8.0.6), and the server gave up.
    references.delete(version.name);
    await reference.stop();
    return expected;
  }
  rmSync(dump);
  const rows = new Map((await readBack(client, { version })).map((row) => [`${row.db} ${row.key}`, row.value]));
  client.disconnect();
  return expected.map((row) => {
    const value = rows.get(`${row.db} ${row.key}`);
    return row.value === undefined && value !== undefined && sha256(JSON.stringify(value)) === row.sha256 ? { ...row, value } : row;
  });
}

export async function stopReferences(): Promise<void> {
  for (const server of references.values()) await server.stop();
  references.clear();
}
