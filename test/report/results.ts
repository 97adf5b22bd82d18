/** One result of each kind, with something in every part of it. */

import type { CheckResult, ConvertResult, ImportResult, InspectResult, RunResult, VerifyResult } from '../../src/stages/results.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const TARGET = 'redis://127.0.0.1:6379';

export const CHECK: CheckResult = {
  command: 'check',
  ok: false,
  exitCode: 5,
  target: TARGET,
  parts: [
    {
      name: 'dump.rdb',
      size: 1_500_000,
      rdbVersion: 11,
      dialect: 'redis',
      checksum: 'ok',
      keys: 387,
      byDb: { '0': { keys: 336, expiring: 12, expired: 3 }, '3': { keys: 51, expiring: 0, expired: 0 } },
      rdbTypeBytes: { '0': 300, '18': 87 },
      functions: 1,
      aux: { 'redis-ver': '7.2.4' },
    },
  ],
  keys: { read: 387, skippedExpired: 3, skippedFiltered: 4 },
  plan: { set: 300, restore: 79, rebuild: 0, commands: 0, unsupported: 1 },
  unsupported: [{ type: 'hash', rdbType: 24, count: 1, part: 'dump.rdb', exampleOffset: 6703, reason: 'the target does not know hash fields with expiry' }],
  checks: [
    { id: 'target.version', status: 'pass', evidence: 'accepts RDB up to 11', cause: '', remedy: '' },
    { id: 'target.policy', status: 'alarm', evidence: 'maxmemory-policy is allkeys-lru', cause: 'The target may evict keys.', remedy: 'Set noeviction.' },
    { id: 'plan.unsupported', status: 'failed', evidence: '1 key', cause: 'See above.', remedy: 'Use a newer target.' },
  ],
  warnings: [{ id: 'x.y', message: 'something is odd', count: 2 }],
  elapsedMs: 1234,
};

export const IMPORT: ImportResult = {
  command: 'import',
  ok: false,
  exitCode: 3,
  jobId: '0123456789abcdef',
  target: TARGET,
  keys: { read: 387, written: 379, skippedExpired: 3, skippedFiltered: 4, skippedExisting: 0, failed: 1 },
  plan: { set: 300, restore: 79, rebuild: 0, commands: 0 },
  functions: 1,
  scripts: 0,
  bytes: { read: 1_500_000, sent: 1_600_000 },
  elapsedMs: 640,
  resumedFrom: null,
  failures: [{ part: 'dump.rdb', offset: 6703, db: 0, keyHash: '0123456789abcdef', type: 'hash', error: 'BUSYKEY Target key name already exists.' }],
  warnings: [],
};

export const VERIFY: VerifyResult = {
  command: 'verify',
  level: 'count',
  ok: false,
  exitCode: 6,
  target: TARGET,
  keys: { expected: 384, equal: 383, missing: 1, different: 0, extra: 0, expiredSince: 3 },
  byDb: {
    '0': { expected: 333, equal: 332, missing: 1, different: 0, extra: 0, expiredSince: 3 },
    '3': { expected: 51, equal: 51, missing: 0, different: 0, extra: 0, expiredSince: 0 },
  },
  memory: { source: 2_000_000, target: 2_200_000, ratio: 1.1, withinTolerance: true, explanation: 'The target uses 10 % more; 30 % is tolerated.' },
  differences: [{ db: 0, kind: 'missing', expected: 333, found: 332, message: 'db 0: 332 keys, expected 333: 1 is missing.' }],
  warnings: [],
  elapsedMs: 80,
};

export const INSPECT: InspectResult = {
  command: 'inspect',
  ok: true,
  exitCode: 0,
  parts: [{ name: 'dump.rdb', size: 1_500_000, rdbVersion: 11, dialect: 'redis', checksum: 'ok' }],
  keys: 387,
  byDb: { '0': { keys: 336, expiring: 12, expired: 3, bytes: 1_400_000, memory: 2_500_000 }, '3': { keys: 51, expiring: 0, expired: 0, bytes: 100_000, memory: 500_000 } },
  byType: { string: { keys: 300, bytes: 500_000, memory: 800_000, elements: 300 }, hash: { keys: 87, bytes: 1_000_000, memory: 2_200_000, elements: 41_000 } },
  byEncoding: { string: { keys: 300, bytes: 500_000, memory: 800_000, elements: 300 }, 'hash-listpack': { keys: 87, bytes: 1_000_000, memory: 2_200_000, elements: 41_000 } },
  memory: { total: 3_010_000, keys: 3_000_000, tables: 10_000, model: 'redis-7.0', source: 2_000_000 },
  biggest: {
    byMemory: [
      { part: 'dump.rdb', db: 0, key: utf8('user:42:profile\x1b'), keyLength: 16, type: 'hash', encoding: 'hash', bytes: 400_000, memory: 1_100_000, elements: 9000, largest: 310, expiresAtMs: 1_800_000_000_000, offset: 6703 },
      { part: 'dump.rdb', db: 3, key: new Uint8Array([0xff, 0x41]), keyLength: 2, type: 'stream', encoding: 'stream-listpacks-3', bytes: 90_000, memory: 91_000, elements: 100, largest: null, expiresAtMs: null, offset: 9000 },
    ],
    byElements: [],
  },
  prefixes: {
    delimiter: ':',
    dropped: 4000,
    top: [
      { db: 0, prefix: utf8('user:'), depth: 1, keys: 200, memory: 2_000_000, missed: 0 },
      { db: 3, prefix: utf8('cart:'), depth: 1, keys: 50, memory: 100_000, missed: 4000 },
      { db: 0, prefix: utf8('user:42:'), depth: 2, keys: 3, memory: 90_000, missed: 0 },
    ],
  },
  idle: [{ label: 'up to 1 minute', upToSeconds: 60, keys: 300 }, { label: 'more than 365 days', upToSeconds: null, keys: 87 }],
  frequency: [{ label: '0', upTo: 0, keys: 387 }],
  ttl: { persistent: 375, expiring: 12, expired: 3, histogram: [{ label: 'expired', upToMs: 0, keys: 3 }, { label: 'up to 1 hour', upToMs: 3_600_000, keys: 9 }, { label: 'up to 1 day', upToMs: 86_400_000, keys: 0 }] },
  functions: [{ name: 'shop', engine: 'LUA', bytes: 210 }],
  aux: { 'redis-ver': '7.2.4', 'used-mem': '2000000' },
  rdbVersion: 11,
  dialect: 'redis',
  checksum: 'ok',
  warnings: [],
  elapsedMs: 15,
};

export const CONVERT: ConvertResult = {
  command: 'convert',
  ok: false,
  exitCode: 3,
  outputs: [
    { path: 'node-1.rdb', format: 'rdb', bytes: 700_000, keys: 200, sha256: 'a'.repeat(64) },
    { path: 'node-2\x1b.rdb', format: 'rdb', bytes: 650_000, keys: 180, sha256: 'b'.repeat(64) },
  ],
  keys: { read: 390, written: 380, skippedExpired: 3, skippedFiltered: 4, skippedExisting: 2, failed: 1 },
  plan: { copy: 300, rebuild: 80, set: 0, restore: 0, commands: 0 },
  functions: 1,
  failures: [{ part: 'dump.rdb', offset: 6703, db: 0, keyHash: '0123456789abcdef', type: 'stream', error: 'this RDB version has no form for it' }],
  warnings: [{ id: 'convert.conflicts', message: 'Keys that stand more than once in the inputs: the first is taken.', count: 2 }],
  elapsedMs: 40,
};

export const RUN: RunResult = {
  command: 'run',
  ok: true,
  exitCode: 0,
  target: TARGET,
  check: { ...CHECK, ok: true, exitCode: 0, checks: CHECK.checks.slice(0, 1), unsupported: [], plan: { ...CHECK.plan, unsupported: 0 } },
  import: { ...IMPORT, ok: true, exitCode: 0, failures: [], keys: { ...IMPORT.keys, failed: 0 } },
  verify: { ...VERIFY, ok: true, exitCode: 0, differences: [], keys: { ...VERIFY.keys, equal: 384, missing: 0 } },
  warnings: [],
  elapsedMs: 2000,
};
