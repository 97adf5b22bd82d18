/**
 * Damaged files that redferry takes: what it writes is what a server makes of the same file by itself, and what a server
 * cannot load is reported key by key. Longer: REDFERRY_FUZZ_SERVER_RUNS=5000; another run: REDFERRY_FUZZ_SEED=7.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CorruptInputError, UnsupportedInputError } from '../../src/errors.js';
import { Engine } from '../../src/rdb/engine.js';
import type { LoadFailure } from '../../src/target/load-tally.js';
import { chunkedPart } from '../helpers/chunks.js';
import type { HashField, Row } from '../helpers/corpus-rows.js';
import { loadsFile } from '../helpers/known-types.js';
import { partLoader, type PartLoader } from '../helpers/load-part.js';
import { readBack } from '../helpers/read-back.js';
import { startServer, type RedisServer } from '../helpers/redis-server.js';
import { matrixServers } from '../helpers/server-versions.js';
import { walk } from '../helpers/walk.js';
import { mutant } from './mutate.js';
import { fuzzSeeds } from './seeds.js';

const RUNS = Number(process.env['REDFERRY_FUZZ_SERVER_RUNS'] ?? 1000);
const RUN_SEED = Number(process.env['REDFERRY_FUZZ_SEED'] ?? 99);
const DATABASES = 16;

// Without functions, scripts and modules: what is wrong in Lua code or in a module's data is the server's to say.
const seeds = fuzzSeeds().filter(({ name }) => !/functions|scripts|vectorset|module|field-expiry/.test(name));

describe.each(matrixServers())('$name', (version) => {
  let engine: Engine;
  let target: RedisServer;
  let targetClient: Redis;
  let loader: PartLoader;
  let judge: RedisServer;
  let judgeClient: Redis;

  beforeAll(async () => {
    engine = await Engine.create(1);
    target = await startServer({ version });
    targetClient = target.client();
    loader = await partLoader(target);
    await startJudge();
  });
  afterAll(async () => {
    await target.stop();
    await judge.stop();
  });

  const own = seeds.filter(({ file }) => headerLoads(file));

  test(`${RUNS} damaged files that are taken end up as the server reads them`, { timeout: 3_600_000 }, async () => {
    let taken = 0;
    let refusedByServer = 0;
    for (let n = 0; taken < RUNS; n += 1) {
      const { name, file, sealed } = mutant(own, n, RUN_SEED);
      if (!sealed || !headerLoads(file) || !(await isTaken(engine, file))) continue;
      await targetClient.flushall();
      const failures = await failuresOf(file);
      if (failures === null) continue;
      taken += 1;
      const twice = failures.filter((failure) => /^BUSYKEY|^the key exists/.test(failure.error));
      const rows = await judgeLoads(file);
      if (rows === null) {
        // Duplicate members, or a consumer that owns what its group does not: RESTORE refuses the value, so it is listed.
        refusedByServer += 1;
        expect(failures.length, `${name}: the server does not load it, and nothing failed`).toBeGreaterThan(0);
      } else if (twice.length > 0) {
        expect(failures, name).toEqual(twice); // the same key twice: the first stays, where the server keeps the last
      } else {
        expect(failures, name).toEqual([]);
        expect(withoutClock(await readBack(targetClient, { version })), name).toEqual(withoutClock(rows));
      }
      await expect(targetClient.ping()).resolves.toBe('PONG');
    }
    expect(refusedByServer).toBeLessThan(taken / 4);
  });

  function headerLoads(file: Uint8Array): boolean {
    const header = Buffer.from(file.subarray(0, 9)).toString('latin1');
    return /^(REDIS\d{4}|VALKEY\d{3})$/.test(header) && loadsFile(version, header);
  }

  /** Keys that could not be written; null where the file holds a type that the target does not know. */
  async function failuresOf(file: Uint8Array): Promise<readonly LoadFailure[] | null> {
    try {
      return (await loader.load(chunkedPart(file, { size: Infinity }))).failures;
    } catch (error) {
      if (error instanceof UnsupportedInputError) return null;
      throw error;
    }
  }

  /** The rows a server gets out of the file by itself; null when it gives up, which ends it. */
  async function judgeLoads(file: Uint8Array): Promise<Row[] | null> {
    await judgeClient.flushall();
    writeFileSync(join(judge.dir, 'dump.rdb'), file);
    try {
      await judgeClient.call('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE');
    } catch {
      await judge.stop();
      await startJudge();
      return null;
    }
    return readBack(judgeClient, { version });
  }

  async function startJudge(): Promise<void> {
    judge = await startServer({ version });
    judgeClient = judge.client();
  }
});

/** Whether redferry reads it to its end, and SELECT would not be refused. */
async function isTaken(engine: Engine, file: Uint8Array): Promise<boolean> {
  try {
    const result = await walk(engine, file);
    const dbs = Object.keys(result.keysPerDb).map(Number);
    return result.checksum === 'ok' && result.trailing === 0 && dbs.every((db) => db < DATABASES);
  } catch (error) {
    if (error instanceof CorruptInputError || error instanceof UnsupportedInputError) return false;
    throw error;
  }
}

/**
 * Keys and hash fields that expire within a day may go between the two reads; a hash without fields goes when the server
 * finds it, and servers before 6.2 load collections without elements; a time above 2^53 is not exact in JavaScript.
 */
function withoutClock(rows: Row[]): Row[] {
  const soon = Date.now() + 86_400_000;
  return rows
    .map((row) => ({ ...row, pexpireat: row.pexpireat !== null && !Number.isSafeInteger(row.pexpireat) ? Infinity : row.pexpireat }))
    .map((row) => (row.type === 'hash' ? { ...row, value: (row.value as HashField[]).filter(([, , expiresAt]) => expiresAt === undefined || expiresAt > soon) } : row))
    .filter((row) => (row.pexpireat === null || row.pexpireat > soon) && !(Array.isArray(row.value) && row.value.length === 0));
}
