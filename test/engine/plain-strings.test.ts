/** Strings taken many at a time must leave what the steps leave: a filter that lets every key pass turns the short way off. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Engine, EngineAction, EngineEvent } from '../../src/rdb/engine.js';
import { applyPlan, configureEngine, EVERYTHING, type EnginePlan } from '../../src/rdb/engine-setup.js';
import { INDEX_SLOTS } from '../../src/rdb/memory-map.js';
import { Scanner } from '../../src/rdb/scanner.js';
import { chunkedStream } from '../helpers/chunks.js';
import { type Random, random } from '../helpers/random.js';
import { type Bytes, bytes, entry, expireMs, expireSeconds, frequency, idle, listpack, lzf, rdb, selectDb, str } from '../helpers/rdb-builder.js';

const NOW = 1_700_000_000_000;
const REGION = 64 * 1024;

const PLAN: EnginePlan = {
  types: new Map([
    [0, { action: EngineAction.set, footer: 11, form: 0 }],
    [16, { action: EngineAction.restore, footer: 11, form: 0 }],
  ]),
  replace: false, absoluteRestore: true, absoluteSet: true, carryIdle: true, carryFrequency: true, carryMeta: false,
  fieldTtl: 'fail', commandsAllowed: false, hsetManyFields: true, bigValue: 2 ** 53, largestBulk: 2 ** 29, modules: [],
};

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create(1, REGION);
});

function letters(r: Random, length: number): Bytes {
  return Uint8Array.from({ length }, () => 97 + r.below(26));
}

const LENGTHS = [0, 1, 5, 20, 62, 63, 64, 65, 200, 255, 256, 5000, 16_383, 16_384, 20_000];

function value(r: Random): Bytes {
  const kind = r.below(20);
  if (kind === 0) return bytes(0xc0, r.below(256));
  if (kind === 1) return bytes(0xc1, r.below(256), r.below(256));
  if (kind === 2) return bytes(0xc2, r.below(256), r.below(256), r.below(256), r.below(256));
  if (kind === 3) return lzf(bytes(0, 'a', 0xe0, 11, 0), 21);
  return str(letters(r, kind === 4 ? r.pick(LENGTHS) : r.below(70)));
}

function attributes(r: Random): Bytes {
  switch (r.below(12)) {
    case 0: return expireMs(NOW + r.below(1e9) * r.below(1000));
    case 1: return expireMs(NOW + 1 + r.below(100_000));
    case 2: return expireMs(NOW - r.below(2));
    case 3: return expireSeconds(1_800_000_000);
    case 4: return idle(r.below(1000));
    case 5: return frequency(r.below(256));
    case 6: return bytes(expireMs(NOW + 5000), idle(7));
    default: return bytes();
  }
}

function file(r: Random, entries: number): Bytes {
  const parts: Bytes[] = [];
  for (let i = 0; i < entries; i++) {
    if (r.below(100) === 0) parts.push(selectDb(r.below(4)));
    const key = r.below(40) === 0 ? letters(r, r.pick([63, 64, 300])) : bytes(`key:${i}:`, letters(r, r.below(50)));
    const packed = r.below(10) === 0;
    parts.push(bytes(attributes(r), packed ? entry(16, key, str(listpack(['f', 'v']))) : entry(0, key, value(r))));
  }
  return rdb(parts);
}

interface Way {
  plan?: Partial<EnginePlan> | null;
  walkOnly?: boolean;
  skipExpired?: boolean;
  chunk?: number;
}

/** Everything that can be seen of a pass over the file. */
async function pass(source: Bytes, match: Uint8Array[], { plan = {}, walkOnly = false, skipExpired = true, chunk = Infinity }: Way): Promise<object> {
  const full = plan === null ? null : { ...PLAN, ...plan };
  const selection = { ...EVERYTHING, match, skipExpired, dbs: new Set([0, 1, 3]) };
  const scanner = new Scanner(engine, chunkedStream(source, chunk), 'memory.rdb', source.length, { onInput: () => undefined });
  configureEngine(engine, selection, full, { lookInside: false, walkOnly });
  engine.calls.setClock(BigInt(NOW));
  const { at, index } = engine.map.regions[0] ?? { at: 0, index: 0 };
  const resp: Buffer[] = [];
  const origins: object[] = [];
  const stats: object[] = [];
  const open = (): void => engine.calls.openRegion(at, REGION, index, INDEX_SLOTS);
  const flush = (): void => {
    for (let i = 0; i < engine.commands; i++) origins.push(engine.indexEntry(index, i));
    resp.push(Buffer.from(engine.bytes.slice(at, engine.out)));
    open();
  };
  const closeDb = (): void => {
    stats.push(engine.typeStats());
    engine.calls.clearStats();
  };
  open();
  for (;;) {
    const event = await scanner.next();
    if (event === EngineEvent.header) applyPlan(engine, engine.dialect, full, EngineAction.pass);
    else if (event === EngineEvent.output) flush();
    else if (event === EngineEvent.select) {
      closeDb();
      engine.calls.selectDb(selection.dbs.has(engine.numberA) ? 1 : 0);
    } else if (event === EngineEvent.end) break;
  }
  const ttl = engine.ttlHistogram();
  flush();
  closeDb();
  const { numberA, keysRead, keysFiltered, keysExpired, keysSet, keysRestored, keysTooLarge, firstTooLarge, offset } = engine;
  return { resp: Buffer.concat(resp).toString('latin1'), origins, stats, ttl, numberA, keysRead, keysFiltered, keysExpired, keysSet, keysRestored, keysTooLarge, firstTooLarge, offset };
}

const entry252 = (at: bigint): Bytes => bytes(expireMs(at), entry(0, 'k', str('v')));

function integer(n: number): Bytes {
  const four = Buffer.alloc(4);
  four.writeInt32LE(n);
  return bytes(0xc2, four);
}

const WAYS: [string, Way][] = [
  ['written with PXAT', {}],
  ['written with PX and REPLACE', { plan: { absoluteSet: false, absoluteRestore: false, replace: true } }],
  ['written where only RESTORE knows an exact expiry', { plan: { absoluteSet: false } }],
  ['written as RESTORE', { plan: { types: new Map([0, 16].map((byte) => [byte, { action: EngineAction.restore, footer: 11, form: 0 }])) } }],
  ['written, expired keys too', { skipExpired: false }],
  ['written to a target that takes 20 000 bytes at most', { plan: { largestBulk: 20_000 } }],
  ['written to a target that takes 100 bytes at most', { plan: { largestBulk: 100 } }],
  ['planned', { walkOnly: true }],
  ['counted', { plan: null, walkOnly: true }],
];

describe('plain strings in one go', () => {
  it.each(WAYS)('%s: as step by step', async (_name, way) => {
    const r = random(8);
    for (let round = 0; round < 12; round++) {
      const source = file(r, 400);
      const chunk = r.pick([Infinity, 1, 7, 100, 3000]);
      const steps = await pass(source, [Buffer.from('*')], way);
      expect(await pass(source, [], { ...way, chunk }), `round ${round}, pieces of ${chunk}`).toEqual(steps);
      expect(steps).toMatchObject({ keysRead: 400, numberA: 1 });
    }
  });

  it('writes numbers of any length', async () => {
    const texts = Array.from({ length: 19 }, (_, i) => 10n ** BigInt(i)).flatMap((power) => [power - 1n, power, power + 1n, power * 7n + 13n]);
    const all = [...texts, 2n ** 63n - 1n, 12_345_678_901_234_567n, 100_000_000n, 99_999_999n].filter((n) => n > BigInt(NOW) && n < 2n ** 63n);
    const seen = (await pass(rdb(all.map((n) => entry252(n))), [], {})) as { resp: string };
    expect([...seen.resp.matchAll(/PXAT\r\n\$(\d+)\r\n(\d+)\r\n/g)].map(([, length, n]) => [Number(length), n])).toEqual(all.map((n) => [String(n).length, String(n)]));
    const small = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? i : Math.floor(1.0217 ** i))).filter((n) => n < 2 ** 31).flatMap((n) => (n === 0 ? [0] : [n, -n]));
    const ints = (await pass(rdb(small.map((n) => entry(0, 'k', integer(n)))), [], {})) as { resp: string };
    expect([...ints.resp.matchAll(/\$1\r\nk\r\n\$(\d+)\r\n(-?\d+)\r\n/g)].map(([, length, n]) => [Number(length), Number(n)])).toEqual(small.map((n) => [String(n).length, n]));
  });

  it('goes on in the next region where one is full', async () => {
    const source = rdb(Array.from({ length: 5000 }, (_, i) => entry(0, `key:${i}`, str('x'.repeat(i % 64)))));
    const steps = await pass(source, [Buffer.from('*')], {});
    expect(await pass(source, [], {})).toEqual(steps);
    expect(steps).toMatchObject({ keysSet: 5000 });
  });

  it('goes on in the next region where the index is full', async () => {
    const source = rdb(Array.from({ length: 3 * INDEX_SLOTS }, () => entry(0, '', str(''))));
    expect(await pass(source, [], {})).toEqual(await pass(source, [Buffer.from('*')], {}));
  });
});
