/** JSON lines of values made by hand: every length of base64, every order of bytes, scores, large values, selection. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { EVERYTHING } from '../../src/rdb/engine-setup.js';
import { Engine } from '../../src/rdb/engine.js';
import { JSON_REGIONS, writeJsonLines } from '../../src/rdb/json-lines.js';
import { Scanner } from '../../src/rdb/scanner.js';
import { chunkedStream } from '../helpers/chunks.js';
import type { Value } from '../helpers/corpus-rows.js';
import { jsonRows, jsonText, type JsonLinesInput } from '../helpers/json-lines.js';
import { random } from '../helpers/random.js';
import { bytes, double, entry, expireMs, frequency, i64, idle, len, listpack, lzf, rdb, selectDb, str, stream, streamKey, ziplist } from '../helpers/rdb-builder.js';

let engine: Engine;
let narrow: Engine;
beforeAll(async () => {
  engine = await Engine.create(JSON_REGIONS);
  narrow = await Engine.create(JSON_REGIONS, 1000);
});

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

async function valueOf(type: number, ...value: Uint8Array[]): Promise<Value | undefined> {
  const [row] = await jsonRows(engine, rdb([entry(type, 'k', ...value)], { magic: 'REDIS0012' }));
  return row?.value;
}

async function firstLine(file: Uint8Array, input: JsonLinesInput = {}): Promise<string> {
  return jsonText(engine, file, input);
}

describe('a line', () => {
  test('is what JSON.stringify writes of the row, and a line feed', async () => {
    const file = rdb([selectDb(3), expireMs(4102444800000), entry(0, 'key\n"', str('value'))]);
    const row = { db: 3, key: base64('key\n"'), type: 'string', pexpireat: 4102444800000, value: base64('value') };
    expect(await firstLine(file)).toBe(`${JSON.stringify(row)}\n`);
  });

  test('has idle time and frequency where the file has them', async () => {
    expect(await firstLine(rdb([idle(77), entry(0, 'k', str('v'))]))).toBe('{"db":0,"key":"aw==","type":"string","pexpireat":null,"idle":77,"value":"dg=="}\n');
    expect(await firstLine(rdb([frequency(255), entry(0, 'k', str('v'))]))).toBe('{"db":0,"key":"aw==","type":"string","pexpireat":null,"freq":255,"value":"dg=="}\n');
  });

  test('has an expiry before 1970 as it is', async () => {
    expect((await jsonRows(engine, rdb([expireMs(-5), entry(0, 'k', str('v'))])))[0]?.pexpireat).toBe(-5);
  });

  test('names the module of what only it can read', async () => {
    // "vectorset" in six bits a character, and version 1
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const id = Array.from('vectorset').reduce((sum, character) => (sum << 6n) | BigInt(alphabet.indexOf(character)), 0n) << 10n;
    const file = rdb([entry(7, 'v', len(id | 1n), len(2), len(5), len(0)), entry(0, 'k', str('v'))]);
    expect(await jsonText(engine, file)).toBe(
      '{"db":0,"key":"dg==","type":"vectorset","pexpireat":null,"value":null}\n{"db":0,"key":"aw==","type":"string","pexpireat":null,"value":"dg=="}\n',
    );
    expect(engine.nullLines).toBe(1);
  });
});

describe('strings', () => {
  test('of every length up to 300, in regions of any place', async () => {
    const source = random(5);
    const values = Array.from({ length: 300 }, (_, n) => Uint8Array.from({ length: n }, () => source.below(256)));
    const file = rdb(values.map((value, n) => entry(0, `${n}`, str(value))));
    for (const to of [engine, narrow]) {
      for (const chunk of [Infinity, 1]) expect((await jsonRows(to, file, { chunk })).map(({ value }) => value)).toEqual(values.map(base64));
    }
  });

  test('that are numbers', async () => {
    const file = rdb([entry(0, 'a', bytes(0xc0, 0xff)), entry(0, 'b', bytes(0xc1, 0x39, 0x30)), entry(0, 'c', bytes(0xc2, 0, 0, 0, 0x80))]);
    expect((await jsonRows(engine, file)).map(({ value }) => value)).toEqual(['-1', '12345', '-2147483648'].map(base64));
  });

  test.each([0, 1, 2, 3, 4, 5])('larger than a region, plain and compressed, and %i bytes', async (more) => {
    const source = random(more);
    const plain = Uint8Array.from({ length: (2 << 20) + more }, () => source.below(256));
    const [long, made] = longLzf((17 << 20) + more);
    const file = rdb([entry(0, 'plain', str(plain)), entry(0, 'lzf', lzf(long, made.length))], { checksum: 'zero' });
    for (const chunk of [Infinity, 65_521]) {
      const [a, b] = await jsonRows(engine, file, { chunk });
      expect(a?.value === base64(plain)).toBe(true);
      expect(b?.value === base64(made)).toBe(true);
    }
  });

  test('with keys larger than a region', async () => {
    const key = 'k'.repeat(2 << 20);
    const rows = await jsonRows(engine, rdb([entry(0, key, str('v')), entry(1, key, len(1), str('e'))]));
    expect(rows.map((row) => row.key === base64(key))).toEqual([true, true]);
    expect(rows.map(({ value }) => value)).toEqual([base64('v'), [base64('e')]]);
  });

  test('whose compressed bytes make too little are refused', async () => {
    const [long, made] = longLzf(17 << 20);
    await expect(jsonText(engine, rdb([entry(0, 'k', lzf(long, made.length + 1))]))).rejects.toThrow('compressed string');
  });
});

/** LZF data of literal runs and far matches, and what it makes. */
function longLzf(length: number): [Uint8Array, Uint8Array] {
  const source = random(length);
  const stored = Buffer.alloc(length + 64);
  const made = Buffer.alloc(length);
  let to = 0;
  let at = 0;
  while (to < length) {
    const run = Math.min(length - to, 1 + source.below(32));
    if (to < 9000 || length - to < 300 || source.below(8) === 0) {
      stored[at++] = run - 1;
      for (let i = 0; i < run; i++) stored[at++] = made[to++] = source.below(256);
      continue;
    }
    const extra = source.below(256);
    const distance = 1 + source.below(8192);
    stored[at++] = 0xe0 | ((distance - 1) >> 8);
    stored[at++] = extra;
    stored[at++] = (distance - 1) & 255;
    for (let i = 0; i < extra + 9; i++) made[to] = made[to++ - distance] ?? 0;
  }
  return [stored.subarray(0, at), made];
}

describe('order', () => {
  const sorted = (members: readonly Uint8Array[]): string[] => [...members].sort((a, b) => Buffer.compare(a, b)).map(base64);
  const setFile = (members: readonly Uint8Array[]): Uint8Array => rdb([entry(2, 's', len(members.length), ...members.map(str))]);

  test('is that of bytes, whatever they have in common', async () => {
    const letters = fc.uint8Array({ maxLength: 24 }).map((some) => Buffer.from(some.map((byte) => [0, 0, 0, 1, 97, 255][byte % 6] ?? 0)));
    const members = fc.uniqueArray(letters, { selector: (member) => member.toString('latin1'), minLength: 1, maxLength: 300 });
    await fc.assert(fc.asyncProperty(members, async (some) => {
      expect((await jsonRows(engine, setFile(some)))[0]?.value).toEqual(sorted(some));
    }), { numRuns: 200 });
  });

  test.each([
    ['members that count up', (n: number) => Buffer.from(`member:${n}`)],
    ['members of zeros', (n: number) => Buffer.alloc(n)],
    ['members that begin with one another', (n: number) => Buffer.alloc(n, 'abc')],
    ['random members', (n: number) => Buffer.from(String(Math.imul(n, 2654435761) >>> 0))],
    ['one byte and its number', (n: number) => bytes(n & 255, `${n}`)],
    ['long members with a late difference', (n: number) => Buffer.concat([Buffer.alloc(3000, 'x'), Buffer.from(`${n}`)])],
  ])('of many: %s', async (_, make) => {
    const members = Array.from({ length: 3000 }, (_element, n) => make(n));
    const source = random(9);
    const mixed = members.map((member) => ({ member, place: source.below(2 ** 30) })).sort((a, b) => a.place - b.place).map(({ member }) => member);
    for (const some of [members, mixed, members.toReversed()]) expect((await jsonRows(engine, setFile(some)))[0]?.value).toEqual(sorted(some));
  });

  test('of one member many times', async () => {
    const some = Array.from({ length: 5000 }, () => Buffer.from('the same member'));
    expect((await jsonRows(engine, setFile(some)))[0]?.value).toEqual(sorted(some));
  });

  test('of a list is its own', async () => {
    expect(await valueOf(1, len(3), str('b'), str('a'), str('c'))).toEqual(['b', 'a', 'c'].map(base64));
  });
});

describe('scores', () => {
  const scoreOf = async (scores: readonly number[]): Promise<string[]> => {
    const value = await valueOf(5, len(scores.length), ...scores.flatMap((score, n) => [str(String(n).padStart(6, '0')), double(score)]));
    return (value as [string, string][]).map(([, score]) => score);
  };

  test('are printed as JavaScript prints them', async () => {
    const ordinary = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 })).map(([n, k]) => n / 10 ** k);
    const any = fc.double({ noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n));
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(any, ordinary), { minLength: 1, maxLength: 100 }), async (scores) => {
      expect(await scoreOf(scores)).toEqual(scores.map((score) => (Number.isFinite(score) ? String(score) : score > 0 ? 'inf' : '-inf')));
    }), { numRuns: 300 });
  });

  test.each([[0, '0'], [-0, '-0'], [1e15, '1000000000000000'], [-12345678.25, '-12345678.25'], [0.001, '0.001'], [1e21, '1e+21'], [5e-324, '5e-324'], [123456.123456, '123456.123456'], [0.1 + 0.2, '0.30000000000000004']])('%s', async (score, text) => {
    expect(await scoreOf([score])).toEqual([text]);
  });

  test('that the file has as text stay as they are', async () => {
    expect(await valueOf(3, len(3), str('a'), str('1.50'), str('b'), bytes(254), str('c'), bytes(255))).toEqual([[base64('a'), '1.50'], [base64('b'), 'inf'], [base64('c'), '-inf']]);
    expect(await valueOf(12, str(ziplist(['a', '0.10000000000000001', 'b', 7])))).toEqual([[base64('a'), '0.10000000000000001'], [base64('b'), '7']]);
  });

  test('that would break the text are refused', async () => {
    await expect(valueOf(17, str(listpack(['a', '1"'])))).rejects.toThrow('score');
  });
});

describe('hashes', () => {
  test('have the expiry of a field as its third element', async () => {
    expect(await valueOf(24, i64(5000), len(2), len(0), str('b'), str('2'), len(11), str('a'), str('1'))).toEqual([[base64('a'), base64('1'), 5010], [base64('b'), base64('2')]]);
  });

  test('leave expired fields out as they do expired keys', async () => {
    const file = rdb([
      entry(24, 'h', i64(5000), len(2), len(0), str('b'), str('2'), len(11), str('a'), str('1')),
      entry(24, 'gone', i64(5000), len(1), len(1), str('a'), str('1')),
      expireMs(5999), entry(0, 'over', str('v')),
      expireMs(6001), entry(0, 'not yet', str('v')),
    ], { magic: 'REDIS0012' });
    const rows = await jsonRows(engine, file, { selection: { ...EVERYTHING, skipExpired: true }, now: 6000 });
    expect(rows.map(({ key, value }) => [Buffer.from(key, 'base64').toString(), value])).toEqual([['h', [[base64('b'), base64('2')]]], ['not yet', base64('v')]]);
    expect(engine.keysExpired).toBe(2);
    expect(await jsonRows(engine, file, { now: 6000 })).toHaveLength(4);
  });

  test('and sets without elements are no keys', async () => {
    expect(await jsonRows(engine, rdb([entry(4, 'h', len(0)), entry(20, 's', str(listpack([])))]))).toEqual([]);
    expect(engine.keysEmpty).toBe(2);
  });
});

describe('streams', () => {
  test('before 7.0 get the counters that 7.2 makes of them', async () => {
    const id = (ms: number): Uint8Array => bytes(len(ms), len(0));
    const group = (name: string, ms: number): Uint8Array => bytes(str(name), id(ms), len(0), len(0));
    const node = listpack([2, 1, 1, 'f', 0, 3, 0, 0, 'x', 4, 2, 1, 0, 'a', 4, 2, 5, 0, 'b', 4]);
    const groups = bytes(len(5), ...[['c', 7], ['e', 1], ['a', 2], ['b', 3], ['d', 8]].map(([name, ms]) => group(String(name), Number(ms))));
    const value = bytes(len(1), str(streamKey(1n, 0n)), str(node), len(2), id(7), groups);
    expect(await valueOf(15, value)).toMatchObject({
      entries: [['2-0', [base64('f'), base64('a')]], ['6-0', [base64('f'), base64('b')]]],
      lastId: '7-0', maxDeletedId: '0-0', entriesAdded: 2,
      groups: [['a', 1], ['b', null], ['c', 2], ['d', null], ['e', 0]].map(([name, entriesRead]) => ({ name: base64(String(name)), entriesRead })),
    });
  });

  test('of fields that are numbers, and entries with fields of their own', async () => {
    const node = listpack([2, 0, 1, 'f', 0, 2, 0, 0, 5, 4, 0, 3, 1, 2, 'g', 7, 'h', 'w', 8]);
    expect(await valueOf(15, stream({ node, length: 2 }))).toMatchObject({
      entries: [['1-1', ['f', '5'].map(base64)], ['4-2', ['g', '7', 'h', 'w'].map(base64)]],
    });
  });

  test('list consumers by name and what is pending by id, whatever the order in the file', async () => {
    const pending = (ms: bigint, times: number): Uint8Array => bytes(streamKey(ms, 0n), i64(0), len(times));
    const consumer = (name: string, ...ids: bigint[]): Uint8Array => bytes(str(name), i64(0), len(ids.length), ...ids.map((ms) => streamKey(ms, 0n)));
    const groups = bytes(len(1), str('g'), len(9), len(0), len(3), pending(9n, 3), pending(256n, 1), pending(2n, 300), len(3), consumer('z', 256n, 2n), consumer('', 9n), consumer('m'));
    expect(await valueOf(15, stream({ groups }))).toMatchObject({
      groups: [{ consumers: ['', 'm', 'z'].map(base64), pending: [['2-0', base64('z'), 300], ['9-0', '', 3], ['256-0', base64('z'), 1]] }],
    });
  });
});

describe('values above the items area', () => {
  test('stand in the order of the file, and are counted', { timeout: 120_000 }, async () => {
    const members = Array.from({ length: 800 }, (_, n) => Buffer.alloc(100_000, `${800 - n} `));
    const [set, small] = await jsonRows(engine, rdb([entry(2, 'big', len(members.length), ...members.map(str)), entry(2, 'small', len(2), str('b'), str('a'))], { checksum: 'zero' }));
    expect((set?.value as string[]).every((member, n) => member === base64(members[n] ?? ''))).toBe(true);
    expect((set?.value as string[]).length).toBe(members.length);
    expect(small?.value).toEqual(['a', 'b'].map(base64));
    expect(engine.unsortedLines).toBe(1);
  });

  test('of a stream are not told apart from others', { timeout: 120_000 }, async () => {
    const text = 'x'.repeat(40_000);
    const nodes = Array.from({ length: 1900 }, (_, n) => bytes(str(streamKey(BigInt(n + 1), 0n)), str(listpack([1, 0, 1, 'f', 0, 2, 0, 0, text, 4]))));
    const value = await valueOf(15, len(nodes.length), ...nodes, len(nodes.length), len(9999), len(0), len(0));
    const { entries, lastId } = value as { entries: [string, string[]][]; lastId: string };
    expect(entries.map(([id]) => id)).toEqual(nodes.map((_, n) => `${n + 1}-0`));
    expect(lastId).toBe('9999-0');
    expect(engine.unsortedLines).toBe(0);
  });
});

test('databases are named as they are mapped, and only those that are selected', async () => {
  const file = rdb([entry(0, 'a', str('')), selectDb(2), entry(0, 'b', str('')), selectDb(5), entry(0, 'c', str(''))]);
  const rows = await jsonRows(engine, file, { dbMap: new Map([[0, 9], [2, 0]]), selection: { ...EVERYTHING, dbs: new Set([0, 2]) } });
  expect(rows.map(({ db, key }) => [db, Buffer.from(key, 'base64').toString()])).toEqual([[9, 'a'], [0, 'b']]);
});

test('an output that fails ends it, with its error, and nothing of it is left for the next', async () => {
  const large = 'k'.repeat(5000);
  const file = rdb([entry(0, large, str(large)), entry(5, 'z', len(1), str(large), double(1))]);
  const good = rdb([entry(0, 'a', str('b'))]);
  for (let writes = 0; writes < 12; writes++) {
    const scanner = new Scanner(narrow, chunkedStream(file, 100), 'memory.rdb', file.length, { onInput: () => undefined });
    let left = writes;
    const sink = { write: () => (left-- > 0 ? Promise.resolve() : Promise.reject(new Error('disk full'))) };
    await expect(writeJsonLines(scanner, sink, { selection: EVERYTHING, dbMap: new Map(), now: 0 })).rejects.toThrow('disk full');
    expect(await jsonText(narrow, good)).toBe('{"db":0,"key":"YQ==","type":"string","pexpireat":null,"value":"Yg=="}\n');
  }
});
