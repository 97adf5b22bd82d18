import { describe, expect, test } from 'vitest';
import { rdbType, rdbTypesOf, type Dialect } from '../../src/rdb/types.js';
import { chooseFooter, planWrites, type PlanOptions } from '../../src/target/plan.js';
import type { TargetProfile } from '../../src/target/profile.js';

const AUTO: PlanOptions = { onConflict: 'fail', write: 'auto', saveBandwidth: false, bigValue: 256 * 1024 * 1024, fieldTtl: 'fail' };

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const OLD = [0, 1, 2, 3, 4, 9, 10, 11, 12, 13];

type Fields = Partial<TargetProfile> & { known?: readonly number[]; knownValkey?: readonly number[] };

function profile(more: Fields): TargetProfile {
  const { known: given, knownValkey: givenValkey, ...rest } = more;
  const known = given ?? [...OLD, 5, ...range(14, 19)];
  const knownValkey = givenValkey ?? known.filter((byte) => byte < 22);
  return {
    server: { product: 'redis', version: null, runId: null, mode: 'standalone', role: 'master', maxmemory: 0, maxmemoryPolicy: 'noeviction', usedMemory: 1 },
    footers: [6, 7, 8, 9, 10],
    highestFooter: { redis: 10, valkey: null },
    restore: true,
    replace: true,
    absttl: true,
    idletime: true,
    freq: true,
    setPx: true,
    setPxat: true,
    hsetManyFields: true,
    streams: { setsCounters: true, setsEntriesRead: true, createsConsumers: true },
    knownTypes: { redis: new Set(known), valkey: new Set(knownValkey) },
    dialect: 'redis',
    databases: 16,
    functions: true,
    modules: [],
    timeMs: 0,
    clockOffsetMs: 0,
    limits: { protoMaxBulkLen: null, clientQueryBufferLimit: null },
    blocked: [],
    keyspace: new Map(),
    ...rest,
  };
}

const REDIS_7_0 = profile({});
const REDIS_8_0 = profile({ footers: range(6, 12), known: [...OLD, 5, ...range(14, 25)] });
const VALKEY_8_1 = profile({ footers: range(6, 11), known: [...OLD, 5, ...range(14, 21)] });
const VALKEY_9 = profile({ footers: [...range(6, 11), 80], known: [...OLD, 5, ...range(14, 21)], knownValkey: [...OLD, 5, ...range(14, 22)], dialect: 'valkey' });

const OLD_PROFILES: Record<string, TargetProfile> = {
  '2.8': profile({ footers: [6], known: OLD, replace: false, absttl: false, idletime: false, freq: false, setPxat: false }),
  '3.2': profile({ footers: [6, 7], known: [...OLD, 14], absttl: false, idletime: false, freq: false, setPxat: false }),
  '4.0': profile({ footers: [6, 7, 8], known: [...OLD, 5, 14], absttl: false, idletime: false, freq: false, setPxat: false }),
  '5.0': profile({ footers: [6, 7, 8, 9], known: [...OLD, 5, 14, 15], setPxat: false }),
};

/** "0:set 1-4:6 5:8 …": what is written as it is, with the footer; neighbours with the same one drawn together. */
function shortly(target: TargetProfile, dialect: Dialect, options: PlanOptions = AUTO): string {
  const words: { from: number; to: number; how: string }[] = [];
  for (const [byte, { action, footer }] of planWrites(target, dialect, options).types) {
    if (action !== 'set' && action !== 'restore') continue;
    const how = action === 'set' ? 'set' : String(footer);
    const last = words.at(-1);
    if (last?.how === how && last.to === byte - 1) last.to = byte;
    else words.push({ from: byte, to: byte, how });
  }
  return words.map(({ from, to, how }) => `${from === to ? from : `${from}-${to}`}:${how}`).join(' ');
}

describe('each type goes with the lowest footer that opens the door and does not lie', () => {
  test.each([
    ['2.8', '0:set 1-4:6 9-13:6'],
    ['3.2', '0:set 1-4:6 9-13:6 14:7'],
    ['4.0', '0:set 1-4:6 5:8 9-13:6 14:7'],
    ['5.0', '0:set 1-4:6 5:8 9-13:6 14:7 15:9'],
  ])('Redis %s', (name, expected) => {
    const target = OLD_PROFILES[name]!;
    expect(shortly(target, 'redis')).toBe(expected);
    expect(shortly(target, 'redis', { ...AUTO, write: 'restore' })).toBe(expected.replace('0:set 1-4:6', '0-4:6'));
  });

  test.each([
    ['Redis 7.0', REDIS_7_0, '0:set 1-4:6 5:8 9-13:6 14:7 15:9 16-19:10'],
    ['Redis 8.0', REDIS_8_0, '0:set 1-4:6 5:8 9-13:6 14:7 15:9 16-19:10 20-21:11 22-25:12'],
    ['Valkey 8.1', VALKEY_8_1, '0:set 1-4:6 5:8 9-13:6 14:7 15:9 16-19:10 20-21:11'],
    ['Valkey 9', VALKEY_9, '0:set 1-4:6 5:8 9-13:6 14:7 15:9 16-19:10 20-21:11'],
  ])('%s, from a Redis file', (_, target, expected) => {
    expect(shortly(target, 'redis')).toBe(expected);
  });

  test('from a Valkey file, 22 is its own hash and goes to Valkey 9 alone', () => {
    expect(shortly(VALKEY_9, 'valkey')).toBe('0:set 1-4:6 5:8 9-13:6 14:7 15:9 16-19:10 20-21:11 22:80');
    for (const target of [REDIS_7_0, REDIS_8_0, VALKEY_8_1]) {
      expect(planWrites(target, 'valkey', AUTO).types.get(22)).toMatchObject({ action: 'rebuild' });
      expect(shortly(target, 'valkey')).not.toContain('22');
    }
  });

  test('types of Redis alone never get a footer of Valkey, and those of Valkey none of Redis', () => {
    const all = [...range(6, 16), 80, 81];
    for (const type of rdbTypesOf('redis').filter(({ dialects }) => !dialects.includes('valkey'))) {
      expect(chooseFooter(all, type)).toBe(type.since);
      expect(chooseFooter([80, 81], type)).toBeNull();
    }
    expect(chooseFooter(all, rdbType('valkey', 22)!)).toBe(80);
    expect(chooseFooter(all, rdbType('valkey', 23)!)).toBe(81);
    expect(chooseFooter([80], rdbType('redis', 0)!)).toBe(80);
    expect(chooseFooter([6], rdbType('redis', 14)!)).toBeNull();
  });
});

/** "20>2:6 …": what is rebuilt, in which type, with which footer. */
function rebuilt(target: TargetProfile, dialect: Dialect): string {
  return [...planWrites(target, dialect, AUTO).types].filter(([, { action }]) => action === 'rebuild').map(([byte, { form, footer }]) => `${byte}>${form}:${footer}`).join(' ');
}

describe('what the target does not know goes in the oldest form that keeps it', () => {
  test.each([
    ['2.8', '5>3:6 14>1:6 16>4:6 17>3:6 18>1:6 20>2:6 22>4:6 23>4:6 24>4:6 25>4:6'],
    ['3.2', '5>3:6 16>4:6 17>3:6 18>1:6 20>2:6 22>4:6 23>4:6 24>4:6 25>4:6'],
    ['4.0', '16>4:6 17>5:8 18>1:6 20>2:6 22>4:6 23>4:6 24>4:6 25>4:6'],
    ['5.0', '16>4:6 17>5:8 18>1:6 19>15:9 20>2:6 21>15:9 22>4:6 23>4:6 24>4:6 25>4:6 26>15:9 27>15:9'],
  ])('Redis %s', (name, expected) => {
    expect(rebuilt(OLD_PROFILES[name]!, 'redis')).toBe(expected);
  });

  test.each([
    ['Redis 7.0', REDIS_7_0, 'redis', '20>2:6 21>19:10 22>4:6 23>4:6 24>4:6 25>4:6 26>19:10 27>19:10'],
    ['Redis 8.0', REDIS_8_0, 'redis', '26>21:11 27>21:11'],
    ['Redis 8.0, from Valkey', REDIS_8_0, 'valkey', '22>24:12'],
    ['Valkey 8.1', VALKEY_8_1, 'redis', '22>4:6 23>4:6 24>4:6 25>4:6 26>21:11 27>21:11'],
    ['Valkey 9', VALKEY_9, 'redis', '22>22:80 23>22:80 24>22:80 25>22:80 26>21:11 27>21:11'],
  ] as const)('%s', (_, target, dialect, expected) => {
    expect(rebuilt(target, dialect)).toBe(expected);
  });
});

describe('strings', () => {
  test.each([
    ['are SET where SET takes expiry and NX', REDIS_7_0, AUTO, 'set'],
    ['are restored with --write restore', REDIS_7_0, { ...AUTO, write: 'restore' } as const, 'restore'],
    ['are restored to save bandwidth', REDIS_7_0, { ...AUTO, saveBandwidth: true }, 'restore'],
    ['are restored where SET takes no expiry', profile({ setPx: false, setPxat: false }), AUTO, 'restore'],
    ['are SET where RESTORE is blocked', profile({ restore: false, footers: [], blocked: [{ command: 'RESTORE', text: 'ERR unknown command', permission: false }] }), AUTO, 'set'],
    ['are SET where RESTORE is blocked, even with --write restore', profile({ restore: false, footers: [] }), { ...AUTO, write: 'restore' } as const, 'set'],
  ])('%s', (_, target, options, action) => {
    expect(planWrites(target, 'redis', options).types.get(0)?.action).toBe(action);
  });
});

describe('what cannot be written', () => {
  test('says why, type by type', () => {
    const reasons = planWrites(REDIS_7_0, 'redis', AUTO).types;
    expect(reasons.get(28)?.reason).toBe('the target does not know this encoding (index-value pairs, from RDB 14 on), nor an older form of it');
    expect(reasons.get(7)?.reason).toBe('the target has no module whose values could be restored');
    expect(reasons.get(30)?.reason).toBe('this form stands in files only: no server restores it');
    for (const { action, reason } of reasons.values()) expect(reason === '').toBe(action !== 'unsupported');
  });

  test('a RESTORE that the ACL forbids is told, one that is blocked is done without', () => {
    const forbidden = profile({ restore: false, footers: [], blocked: [{ command: 'RESTORE', text: 'NOPERM no restore', permission: true }] });
    expect(planWrites(forbidden, 'redis', AUTO).denied).toBe('NOPERM no restore');
    expect(planWrites(forbidden, 'redis', { ...AUTO, write: 'commands' }).denied).toBeNull();
    expect(planWrites(forbidden, 'redis', { ...AUTO, write: 'restore' }).types.get(4)?.reason).toBe('the target refuses RESTORE: NOPERM no restore');
    expect(planWrites(forbidden, 'redis', AUTO).types.get(4)?.action).toBe('commands');
    expect(planWrites(REDIS_7_0, 'redis', AUTO).denied).toBeNull();
  });

  test('a RESTORE that knows no REPLACE gives way to commands', () => {
    const plan = planWrites(OLD_PROFILES['2.8']!, 'redis', { ...AUTO, onConflict: 'replace' });
    expect(plan.types.get(0)?.action).toBe('set');
    expect(plan.types.get(4)?.action).toBe('commands');
    const restoreOnly = planWrites(OLD_PROFILES['2.8']!, 'redis', { ...AUTO, write: 'restore', onConflict: 'replace' });
    expect(restoreOnly.types.get(0)?.action).toBe('unsupported');
    expect(restoreOnly.types.get(4)).toMatchObject({ action: 'unsupported', reason: expect.stringContaining('REPLACE') as string });
  });
});

test('the engine is told what the target takes', () => {
  const { engine } = planWrites(OLD_PROFILES['5.0']!, 'redis', { ...AUTO, onConflict: 'replace' });
  expect(engine).toMatchObject({ replace: true, absoluteRestore: true, absoluteSet: false, carryIdle: true, carryFrequency: true, carryMeta: false, largestBulk: 536_870_912 });
  expect(planWrites(profile({ limits: { protoMaxBulkLen: 2e9, clientQueryBufferLimit: 1e6 } }), 'redis', AUTO).engine.largestBulk).toBe(1e6);
  expect(planWrites(OLD_PROFILES['2.8']!, 'redis', AUTO).engine).toMatchObject({ replace: false, absoluteRestore: false, absoluteSet: false, carryIdle: false, carryFrequency: false });
});
