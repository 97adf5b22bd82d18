/**
 * Damaged files as JSON lines, and as values of the library: every line that is written is JSON, and what is wrong is
 * refused with a place. REDFERRY_FUZZ_RUNS and REDFERRY_FUZZ_SEED are those of rdb-fuzz.test.ts.
 */
import { beforeAll, expect, test } from 'vitest';
import { CorruptInputError, UnsupportedInputError } from '../../src/errors.js';
import { readRdb } from '../../src/index.js';
import { Engine } from '../../src/rdb/engine.js';
import { JSON_REGIONS } from '../../src/rdb/json-lines.js';
import { jsonText } from '../helpers/json-lines.js';
import { mutant } from './mutate.js';
import { builtSeeds, fuzzSeeds } from './seeds.js';
import { startWatchdog } from './watchdog.js';

const RUNS = Number(process.env['REDFERRY_FUZZ_RUNS'] ?? 10_000);
const RUN_SEED = Number(process.env['REDFERRY_FUZZ_SEED'] ?? 20261120);
/** The library makes an engine for each file, which takes a while. */
const VALUES_EVERY = 20;

const seeds = fuzzSeeds();
let wide: Engine;
let narrow: Engine;
beforeAll(async () => {
  wide = await Engine.create(JSON_REGIONS);
  narrow = await Engine.create(JSON_REGIONS, 1000);
});

test(`${RUNS} mutations become JSON or are refused`, { timeout: 3_600_000 }, async () => {
  const watchdog = startWatchdog('mutation', 10_000);
  let written = 0;
  try {
    for (let n = 0; n < RUNS; n += 1) {
      watchdog.step(n);
      const { name, file } = mutant(seeds, n, RUN_SEED);
      const engine = n % 2 === 0 ? wide : narrow;
      await refusing(name, async () => {
        const lines = (await jsonText(engine, file, { chunk: n % 10 === 0 ? 1 + (n % 61) : Infinity })).split('\n');
        expect(lines.pop()).toBe('');
        for (const line of lines) JSON.parse(line);
        expect(engine.lines).toBe(lines.length);
        written += 1;
      });
      if (n % VALUES_EVERY === 0) await refusing(name, () => readValues(file));
      if (n % 2000 === 0) await readsGoodFiles(engine);
    }
  } finally {
    await watchdog.stop();
  }
  expect(written).toBeGreaterThan(RUNS / 100);
});

async function readValues(file: Uint8Array): Promise<void> {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; at < file.length; at += 999) yield await Promise.resolve(file.subarray(at, at + 999));
  }
  for await (const { value } of readRdb(pieces(), { values: true, size: file.length })) {
    for await (const item of value()) expect(item).toBeDefined();
  }
}

async function refusing(name: string, read: () => Promise<void>): Promise<void> {
  await read().catch((error: unknown) => {
    if (!(error instanceof CorruptInputError || error instanceof UnsupportedInputError)) throw new Error(`${name}: not a refusal: ${String(error)}`, { cause: error });
  });
}

/** What went before must not show. */
async function readsGoodFiles(engine: Engine): Promise<void> {
  for (const { file } of builtSeeds()) expect(await jsonText(engine, file)).toBe(await jsonText(await Engine.create(JSON_REGIONS), file));
}
