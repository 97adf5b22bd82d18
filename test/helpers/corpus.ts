/** The corpus of RDB files written by real servers of many versions. It lies beside a checkout; without it those tests are skipped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FunctionLibrary } from './corpus-rows.js';
import { REPOSITORY } from './run-cli.js';

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

/** Every RDB of the corpus, by name; empty, with the reason printed once, when it is not there. */
export function corpusFiles(): CorpusFile[] {
  if (!existsSync(CORPUS_DIR)) {
    process.stderr.write(`corpus tests are skipped: ${relative(REPOSITORY, CORPUS_DIR)} is not there\n`);
    return [];
  }
  return readdirSync(CORPUS_DIR, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.rdb(\.gz)?$/.test(name) && !name.includes('/aof-'))
    .sort()
    .map((file) => {
      const name = file.replace(/\.rdb(\.gz)?$/, '');
      const stem = join(CORPUS_DIR, name);
      return {
        name,
        path: join(CORPUS_DIR, file),
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
