/**
 * Makes a data set once and keeps it: `<set>.rdb` (SAVE of a real server), `<set>.resp` (the peer's
 * input: one RESTORE per key, payloads exactly as DUMP gives them) and `<set>.json` (what is in them).
 */
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from './bench-error.js';
import { CommandBuffer } from './resp-client.js';
import { startServer } from './server.js';
import type { SetDefinition, SetName } from './sets.js';

/** Goes up when a set's content changes, so that old files are made anew. */
const LAYOUT = 1;
const WRITE_BYTES = 1 << 20;

interface Description {
  name: SetName;
  content: string;
  scale: number;
  keys: number;
  expiring: number;
  rdbBytes: number;
  streamBytes: number;
  /** DEBUG DIGEST of a server that loaded the RDB itself. */
  digest: string;
  serverVersion: string;
  madeInSeconds: number;
}

export interface PreparedSet extends Description {
  /** Paths. */
  rdb: string;
  stream: string;
}

export interface PrepareOptions {
  directory: string;
  scale: number;
  /** redis-server, and its version. */
  binary: string;
  version: string;
  note: (text: string) => void;
}

export async function prepareSet(set: SetDefinition, options: PrepareOptions): Promise<PreparedSet> {
  const { directory, scale, binary, version, note } = options;
  mkdirSync(directory, { recursive: true });
  const base = `${set.name}-v${LAYOUT}-redis${version}-x${scale}`;
  const rdb = join(directory, `${base}.rdb`);
  const stream = join(directory, `${base}.resp`);
  const descriptionPath = join(directory, `${base}.json`);
  const cached = readCached(descriptionPath, rdb, stream);
  if (cached) return { ...cached, rdb, stream };

  note(`${set.name}: making ${set.content}${scale === 1 ? '' : ` × ${scale}`}; kept in ${directory}`);
  const started = performance.now();
  // Own names until all is well: two benches may make the same set at the same time.
  const scratch = `${base}.${process.pid}.tmp`;
  const scratchRdb = join(directory, scratch);
  const scratchStream = `${scratchRdb}.resp`;
  try {
    const made = await makeRdb(set, scale, { binary, directory, rdb: scratch });
    const copied = await makeStream(set, { binary, directory, rdb: scratch }, scratchStream);
    if (copied.digest !== made.digest) throw new BenchError(`${set.name}: a server that loaded the new RDB has digest ${copied.digest}, the one that saved it ${made.digest}`);
    if (copied.keys !== made.keys) throw new BenchError(`${set.name}: the RESTORE stream holds ${copied.keys} keys, the RDB ${made.keys}`);
    const description: Description = {
      name: set.name,
      content: set.content,
      scale,
      ...copied,
      rdbBytes: statSync(scratchRdb).size,
      streamBytes: statSync(scratchStream).size,
      serverVersion: version,
      madeInSeconds: Math.round((performance.now() - started) / 100) / 10,
    };
    renameSync(scratchRdb, rdb);
    renameSync(scratchStream, stream);
    // Last: a set without its description does not exist.
    writeFileSync(descriptionPath, `${JSON.stringify(description, null, 1)}\n`);
    note(`${set.name}: ${description.keys} keys, RDB ${megabytes(description.rdbBytes)}, RESTORE stream ${megabytes(description.streamBytes)}, made in ${description.madeInSeconds} s`);
    return { ...description, rdb, stream };
  } finally {
    rmSync(scratchRdb, { force: true });
    rmSync(scratchStream, { force: true });
  }
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function readCached(descriptionPath: string, rdb: string, stream: string): Description | undefined {
  if (![descriptionPath, rdb, stream].every((path) => existsSync(path))) return undefined;
  const description = JSON.parse(readFileSync(descriptionPath, 'utf8')) as Description;
  const whole = statSync(rdb).size === description.rdbBytes && statSync(stream).size === description.streamBytes;
  return whole ? description : undefined;
}

interface ServerFiles {
  binary: string;
  directory: string;
  rdb: string;
}

async function makeRdb(set: SetDefinition, scale: number, files: ServerFiles): Promise<{ keys: number; digest: string }> {
  const server = await startServer(files);
  try {
    await server.client.load(set.commands(scale));
    const keys = Number(await server.client.call('DBSIZE'));
    const meant = set.keys(scale);
    if (keys !== meant) throw new BenchError(`${set.name}: ${keys} keys were made, ${meant} were meant`);
    const digest = String(await server.client.call('DEBUG', 'DIGEST'));
    await server.client.call('SAVE');
    return { keys, digest };
  } finally {
    await server.stop();
  }
}

/** Reads every key back with SCAN, DUMP and PEXPIRETIME from a server that loaded the file. */
async function makeStream(set: SetDefinition, files: ServerFiles, path: string): Promise<{ keys: number; expiring: number; digest: string }> {
  const server = await startServer(files);
  const out = createWriteStream(path, { highWaterMark: 4 * WRITE_BYTES });
  try {
    const { client } = server;
    const commands = new CommandBuffer();
    const flush = async (): Promise<void> => {
      if (!out.write(commands.take())) await once(out, 'drain');
    };
    let keys = 0;
    let expiring = 0;
    let cursor = '0';
    do {
      const [next, page] = (await client.call('SCAN', cursor, 'COUNT', String(set.scanCount))) as [Buffer, Buffer[]];
      cursor = next.toString('latin1');
      const replies = await client.callAll(page.flatMap((key) => [['DUMP', key], ['PEXPIRETIME', key]]));
      for (const [i, key] of page.entries()) {
        const payload = replies[2 * i];
        const expiresAt = replies[2 * i + 1];
        if (!Buffer.isBuffer(payload) || typeof expiresAt !== 'number') throw new BenchError(`${set.name}: DUMP of a key gave no payload`);
        const expires = expiresAt > 0;
        commands.add(expires ? ['RESTORE', key, String(expiresAt), payload, 'ABSTTL'] : ['RESTORE', key, '0', payload]);
        keys++;
        if (expires) expiring++;
        if (commands.size >= WRITE_BYTES) await flush();
      }
    } while (cursor !== '0');
    await flush();
    const digest = String(await client.call('DEBUG', 'DIGEST'));
    return { keys, expiring, digest };
  } finally {
    out.end();
    if (!out.closed) await once(out, 'close');
    await server.stop();
  }
}
