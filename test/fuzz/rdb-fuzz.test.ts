/**
 * Damaged files: each is read to its end or refused with a place, whatever is in it. Never a crash, a hang or growing memory.
 * Longer runs: REDFERRY_FUZZ_RUNS=2000000. Another run: REDFERRY_FUZZ_SEED=7. One mutation again: REDFERRY_FUZZ_ONLY=1234.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { CorruptInputError, UnsupportedInputError } from '../../src/errors.js';
import { Engine } from '../../src/rdb/engine.js';
import { walk } from '../helpers/walk.js';
import { mutant, type Mutant } from './mutate.js';
import { builtSeeds, fuzzSeeds } from './seeds.js';
import { startWatchdog } from './watchdog.js';

const RUNS = Number(process.env['REDFERRY_FUZZ_RUNS'] ?? 100_000);
const RUN_SEED = Number(process.env['REDFERRY_FUZZ_SEED'] ?? 20261120);
const ONLY = process.env['REDFERRY_FUZZ_ONLY'];
const MAX_MEMORY = 300 << 20;

const seeds = fuzzSeeds();
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create(1);
});

test.each(builtSeeds().map((seed) => [seed.name, seed] as const))('%s is right as it was built', async (_, seed) => {
  await expect(walk(engine, seed.file)).resolves.toMatchObject({ checksum: 'ok', trailing: 0 });
});

test(`${RUNS} mutations are read or refused`, { timeout: 3_600_000 }, async () => {
  const watchdog = startWatchdog('mutation', 10_000);
  const outcome = { read: 0, checksum: 0, corrupt: 0, unsupported: 0 };
  try {
    const [first, end] = ONLY === undefined ? [0, RUNS] : [Number(ONLY), Number(ONLY) + 1];
    for (let n = first; n < end; n += 1) {
      watchdog.step(n);
      outcome[await readOrRefuse(mutant(seeds, n, RUN_SEED), n)] += 1;
      if (n % 2000 === 0) await readsGoodFile(n);
    }
  } finally {
    await watchdog.stop();
  }
  // A fuzzer that only meets wrong checksums proves little.
  if (ONLY === undefined && RUNS >= 10_000) {
    expect(outcome.read).toBeGreaterThan(RUNS / 100);
    expect(outcome.corrupt).toBeGreaterThan(RUNS / 5);
    expect(outcome.unsupported).toBeGreaterThan(RUNS / 200);
  }
  expect(peakMemory()).toBeLessThan(MAX_MEMORY);
});

async function readOrRefuse({ name, file }: Mutant, n: number): Promise<'read' | 'checksum' | 'corrupt' | 'unsupported'> {
  const chunk = n % 10 === 0 ? 1 + (n % 61) : Infinity;
  try {
    const result = await walk(engine, file, { chunk, unknownSize: n % 3 === 0 });
    return result.checksum === 'mismatch' || result.trailing > 0 ? 'checksum' : 'read';
  } catch (error) {
    if (!(error instanceof CorruptInputError || error instanceof UnsupportedInputError)) throw new Error(`${name}: not a refusal: ${String(error)}`, { cause: error });
    const { offset } = error.input;
    if (offset === null || !Number.isInteger(offset) || offset < 0 || offset > file.length) throw new Error(`${name}: offset ${offset} in a file of ${file.length}: ${error.message}`, { cause: error });
    if (/undefined|NaN|a bug in redferry/.test(error.message)) throw new Error(`${name}: ${error.message}`, { cause: error });
    return error instanceof CorruptInputError ? 'corrupt' : 'unsupported';
  }
}

/** What went before must not show. */
async function readsGoodFile(n: number): Promise<void> {
  for (const seed of builtSeeds()) {
    const result = await walk(engine, seed.file);
    if (result.checksum !== 'ok') throw new Error(`after mutation ${n}, ${seed.name} no longer reads`);
  }
}

function peakMemory(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
