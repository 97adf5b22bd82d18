/** The corpus of RDB files written by real servers of many versions. The large corpus lies beside a checkout; a small one of our own is in test/fixtures. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FunctionLibrary } from './corpus-rows.js';
import { REPOSITORY } from './run-cli.js';

/** Small files made by the servers of this project's version matrix: test/fixtures/make. */
export const FIXTURES_DIR = join(REPOSITORY, 'test', 'fixtures', 'rdb');
export const CORPUS_DIR = join(REPOSITORY, '..', 'shared', 'corpus');

export interface CorpusMeta {
  server: string;
  header: string;
  case: string;
  keysPerDb?: Record<string, number>;
  rdbTypeBytes?: Record<string, number>;
  functions?: FunctionLibrary[];
}

export interface CorpusFile {
  /** "7.0.15/types", "7.2.6/cluster/node1" */
  name: string;
  /** The RDB, gzipped when `gzipped`. */
  path: string;
  gzipped: boolean;
  expectedPath: string;
  meta: CorpusMeta;
}

/** Our own fixtures first, then every RDB of the corpus, by name; without a corpus the reason is printed once. */
export function corpusFiles(): CorpusFile[] {
  const own = filesIn(FIXTURES_DIR, 'fixtures/');
  if (existsSync(CORPUS_DIR)) return [...own, ...filesIn(CORPUS_DIR, '')];
  process.stderr.write(`corpus tests run on test/fixtures only: ${relative(REPOSITORY, CORPUS_DIR)} is not there\n`);
  return own;
}

function filesIn(directory: string, prefix: string): CorpusFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.rdb(\.gz)?$/.test(name) && !name.includes('/aof-'))
    .sort()
    .map((file) => {
      const name = file.replace(/\.rdb(\.gz)?$/, '');
      const stem = join(directory, name);
      return {
        name: prefix + name,
        path: join(directory, file),
        gzipped: file.endsWith('.gz'),
        expectedPath: `${stem}.expected.jsonl.gz`,
        meta: JSON.parse(readFileSync(`${stem}.meta.json`, 'utf8')) as CorpusMeta,
      };
    });
}

/** The RDB's own bytes. */
export function corpusBytes(file: CorpusFile): Uint8Array {
  const stored = readFileSync(file.path);
  return file.gzipped ? gunzipSync(stored) : stored;
}
