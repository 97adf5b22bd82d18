/** What inspect says of a file, against what was put into it. */
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/rdb/engine.js';
import { EVERYTHING } from '../../src/rdb/engine-setup.js';
import { surveyPart } from '../../src/rdb/survey.js';
import { keyText } from '../../src/report/key-text.js';
import { CSV_HEAD, keyCsv } from '../../src/report/key-csv.js';
import { inspectStage } from '../../src/stages/inspect.js';
import { MeasuredKeys } from '../../src/stages/measured-keys.js';
import { chunkedPart } from '../helpers/chunks.js';
import { inspectBytes, type InspectedRow } from '../helpers/inspect-file.js';
import { random } from '../helpers/random.js';
import {
  bytes, double, entry, expireMs, frequency, i64, idle, intset, len, listpack, rdb, selectDb, str, stream, ziplist, zipmap, type Bytes,
} from '../helpers/rdb-builder.js';
import { sampleFile } from '../helpers/sample-files.js';
import { selection, stageContext } from '../helpers/stages.js';

const FAR = 4_000_000_000_000;

/** Every type byte once, each with three elements where it has any. */
const KINDS: readonly { parts: Bytes[]; elements: number; payload: number; largest: number | null }[] = [
  { parts: [entry(0, 'a:string', str('hello'))], elements: 1, payload: 5, largest: 5 },
  { parts: [entry(0, 'a:int', bytes(0xc0, 0x85))], elements: 1, payload: 4, largest: 4 },
  { parts: [entry(1, 'a:list', len(3), str('a'), str('bb'), str('ccc'))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(2, 'a:set', len(3), str('a'), str('bb'), str('ccc'))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(3, 'b:zset', len(3), str('a'), bytes(1, '1'), str('bb'), bytes(3, '2.5'), str('ccc'), bytes(254))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(4, 'b:hash', len(3), str('a'), str('1'), str('b'), str('22'), str('c'), str('4444'))], elements: 3, payload: 10, largest: 4 },
  { parts: [entry(5, 'b:zset2', len(3), str('a'), double(1), str('bb'), double(2), str('ccc'), double(3))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(9, 'b:zipmap', str(zipmap([['a', '1'], ['b', '22'], ['c', '333']])))], elements: 3, payload: 9, largest: 3 },
  { parts: [entry(10, 'b:ziplist', str(ziplist(['a', 'bb', 1234])))], elements: 3, payload: 7, largest: 4 },
  { parts: [entry(11, 'b:intset', str(intset(2, [-5, 7, 300])))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(12, 'b:zset:ziplist', str(ziplist(['a', 1, 'bb', 2, 'ccc', 123456789])))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(13, 'b:hash:ziplist', str(ziplist(['a', 1, 'bb', 2, 'ccc', 1234])))], elements: 3, payload: 12, largest: 4 },
  { parts: [entry(14, 'c:quicklist', len(2), str(ziplist(['a', 'bb'])), str(ziplist(['ccc'])))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(15, 'c:stream', stream())], elements: 1, payload: 29, largest: null },
  { parts: [entry(16, 'c:hash:listpack', str(listpack(['a', 1, 'bb', 2, 'ccc', 1234])))], elements: 3, payload: 12, largest: 4 },
  { parts: [entry(17, 'c:zset:listpack', str(listpack(['a', 1, 'bb', 2, 'ccc', '1.2345678'])))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(18, 'c:quicklist2', len(2), len(2), str(listpack(['a', 'bb'])), len(1), str('ccc'))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(20, 'c:set:listpack', str(listpack(['a', 'bb', 'ccc'])))], elements: 3, payload: 6, largest: 3 },
  { parts: [entry(24, 'c:hash:ttl', i64(FAR), len(3), len(0), str('a'), str('1'), len(1), str('bb'), str('2'), len(5), str('ccc'), str('333'))], elements: 3, payload: 11, largest: 3 },
  { parts: [entry(25, 'c:hash:ttl:listpack', i64(FAR), str(listpack(['a', '1', 0, 'bb', '2', FAR])))], elements: 2, payload: 5, largest: 2 },
];

const ALL = rdb([selectDb(0), ...KINDS.flatMap(({ parts }) => parts), selectDb(7), expireMs(FAR), idle(90), ...KINDS[0]!.parts, frequency(5), ...KINDS[5]!.parts], { magic: 'REDIS0012' });

const sum = (rows: readonly InspectedRow[], value: (row: InspectedRow) => number): number => rows.reduce((total, row) => total + value(row), 0);

/** Random keys of up to four levels. */
function manyKeys(count: number, seed: number, levels = 4): { file: Bytes; keys: string[] } {
  const next = random(seed);
  const keys = Array.from({ length: count }, (_, i) => {
    const path = Array.from({ length: next.below(levels + 1) }, () => `p${next.below(3) === 0 ? next.below(50_000) : next.below(4)}`);
    return [...path, `k${i}`].join(':');
  });
  return { file: rdb([Buffer.concat(keys.map((key) => entry(0, key, str('v'.repeat(next.below(60))))))]), keys };
}

/** Memory and keys by prefix, counted the plain way. */
function countPrefixes(rows: readonly InspectedRow[], delimiter = ':'): Map<string, { keys: number; memory: number }> {
  const counts = new Map<string, { keys: number; memory: number }>();
  for (const { key, memory } of rows) {
    for (let at = key.indexOf(delimiter); at >= 0; at = key.indexOf(delimiter, at + delimiter.length)) {
      const prefix = key.slice(0, at + delimiter.length);
      const sums = counts.get(prefix) ?? { keys: 0, memory: 0 };
      counts.set(prefix, { keys: sums.keys + 1, memory: sums.memory + memory });
    }
  }
  return counts;
}

const latin1 = (key: Uint8Array): string => Buffer.from(key).toString('latin1');

describe('inspect', () => {
  it('counts elements, their bytes and the largest of every type', async () => {
    const { rows } = await inspectBytes(ALL);
    expect(rows.slice(0, KINDS.length).map(({ key, elements, payload, largest }) => ({ key, elements, payload, largest }))).toEqual(
      KINDS.map(({ elements, payload, largest }, i) => ({ key: rows[i]?.key, elements, payload, largest })),
    );
    expect(rows.length).toBe(KINDS.length + 2);
  });

  it('adds up to the same by db, type and encoding', async () => {
    const { result, rows } = await inspectBytes(ALL);
    expect(result.keys).toBe(rows.length);
    expect(result.memory.keys).toBe(sum(rows, ({ memory }) => memory));
    expect(result.memory.total).toBe(result.memory.keys + result.memory.tables);
    // 20 keys need 32 slots of 8 bytes, 2 keys have 4, and the one that expires has an entry and 4 slots
    expect(result.memory.tables).toBe(32 * 8 + 4 * 8 + 24 + 4 * 8);
    for (const groups of [Object.values(result.byType), Object.values(result.byEncoding), Object.values(result.byDb)] as { keys: number; bytes: number; memory: number }[][]) {
      expect(groups.reduce((total, group) => total + group.memory, 0)).toBe(result.memory.keys);
      expect(groups.reduce((total, group) => total + group.bytes, 0)).toBe(sum(rows, ({ bytes: size }) => size));
      expect(groups.reduce((total, group) => total + group.keys, 0)).toBe(rows.length);
    }
    expect(result.byType['hash']?.elements).toBe(sum(rows.filter(({ type }) => type === 'hash'), ({ elements }) => elements));
    expect(result.idle?.filter(({ keys }) => keys > 0)).toEqual([{ label: 'up to 1 hour', upToSeconds: 3600, keys: 1 }]);
    expect(result.frequency?.filter(({ keys }) => keys > 0)).toEqual([{ label: '4 to 7', upTo: 7, keys: 1 }]);
    expect(result.byDb['7']).toMatchObject({ keys: 2, expiring: 1 });
  });

  it('without rows finds the same', async () => {
    const { result } = await inspectBytes(ALL);
    const plain = await inspectStage({ inputs: [sampleFile('inspect', ALL)], selection: selection(), top: 20, delimiter: ':' }, stageContext());
    expect({ ...plain, elapsedMs: 0 }).toEqual({ ...result, elapsedMs: 0 });
  });

  it.each([1, 7, 100])('finds the same in pieces of %d bytes', async (size) => {
    const { result } = await inspectBytes(ALL);
    const engine = await Engine.create(1);
    const measured = new MeasuredKeys(engine, { inputs: [], selection: selection(), top: 20, delimiter: ':' });
    const options = { selection: EVERYTHING, plan: null, lookInside: false, now: Date.now(), stage: 'inspect', keys: measured } as const;
    const part = await surveyPart(engine, chunkedPart(ALL, { size, name: 'inspect' }), options, stageContext());
    expect(measured.end(engine)).toEqual({ biggest: result.biggest, prefixes: result.prefixes, idle: result.idle, frequency: result.frequency });
    expect([...part.byDb.values()].reduce((total, { memory }) => total + memory, 0)).toBe(result.memory.keys);
  });

  it('finds the largest keys exactly, the first of equal ones first', async () => {
    const next = random(7);
    const parts = Array.from({ length: 6000 }, (_, i) => {
      const n = next.below(300);
      return next.below(4) === 0 ? entry(2, `set:${i}`, len(n + 1), ...Array.from({ length: n + 1 }, () => str('m'))) : entry(0, `s:${i}`, str('v'.repeat(next.below(2000))));
    });
    const { rows } = await inspectBytes(rdb(parts));
    for (const top of [1, 20, 2000]) {
      const plain = await inspectStage({ inputs: [sampleFile('inspect', rdb(parts))], selection: selection(), top, delimiter: ':' }, stageContext());
      const names = (list: readonly { key: Uint8Array }[]): string[] => list.map(({ key }) => latin1(key));
      expect(names(plain.biggest.byMemory)).toEqual([...rows].sort((a, b) => b.memory - a.memory).slice(0, top).map(({ key }) => key));
      const collections = rows.filter(({ type }) => type !== 'string');
      expect(names(plain.biggest.byElements)).toEqual([...collections].sort((a, b) => b.elements - a.elements).slice(0, top).map(({ key }) => key));
    }
  });

  it('takes the largest of several parts', async () => {
    const one = sampleFile('one', rdb([entry(0, 'x:1', str('a'.repeat(10))), entry(0, 'x:2', str('a'.repeat(500)))]));
    const two = sampleFile('two', rdb([entry(0, 'x:3', str('a'.repeat(100)))]));
    const result = await inspectStage({ inputs: [one, two], selection: selection(), top: 2, delimiter: ':' }, stageContext());
    expect(result.biggest.byMemory.map(({ part, key }) => [part, latin1(key)])).toEqual([['one', 'x:2'], ['two', 'x:3']]);
    expect(result.prefixes.top.map(({ prefix, keys }) => [latin1(prefix), keys])).toEqual([['x:', 3]]);
    expect(result.byDb['0']?.keys).toBe(3);
  });
});

describe('prefixes', () => {
  it.each([':', '::', '/p'])('are exact where they are few, with delimiter %s', async (delimiter) => {
    const { keys } = manyKeys(2000, 3);
    const file = rdb(keys.map((key) => entry(0, key.replaceAll(':', delimiter), str('value'))));
    const { result, rows } = await inspectBytes(file, { delimiter, top: 10_000 });
    const counts = countPrefixes(rows, delimiter);
    expect(result.prefixes.dropped).toBe(0);
    expect(result.prefixes.top.length).toBe(counts.size);
    for (const { prefix, keys: found, memory, missed } of result.prefixes.top) expect({ keys: found, memory, missed }).toEqual({ ...counts.get(latin1(prefix)), missed: 0 });
  });

  it('of one key are told by that key', async () => {
    const { result } = await inspectBytes(rdb([entry(0, 'a:b:c:d', str('x')), entry(0, 'q', str('x'))]));
    expect(result.prefixes.top.map(({ prefix, depth, keys }) => [latin1(prefix), depth, keys])).toEqual([['a:', 1, 1], ['a:b:', 2, 1], ['a:b:c:', 3, 1]]);
  });

  it('are told apart by db, and end at a depth and a length', async () => {
    const long = `${'x'.repeat(300)}:`;
    const file = rdb([selectDb(0), entry(0, 'a:1', str('x')), entry(0, '1:2:3:4:5:6:7:8:9:10', str('x')), entry(0, `${long}k`, str('x')), selectDb(1), entry(0, 'a:1', str('x'))]);
    const { result } = await inspectBytes(file, { top: 100 });
    expect(result.prefixes.top.filter(({ prefix }) => latin1(prefix) === 'a:').map(({ db }) => db)).toEqual([0, 1]);
    expect(Math.max(...result.prefixes.top.map(({ depth }) => depth))).toBe(8);
    expect(result.prefixes.top.some(({ prefix }) => prefix.length > 256)).toBe(false);
  });

  it('stay within their bound where they are too many to count', async () => {
    const { file } = manyKeys(150_000, 11);
    const { result, rows } = await inspectBytes(file, { top: 10_000 });
    const counts = countPrefixes(rows);
    expect(counts.size).toBeGreaterThan(60_000);
    const { dropped, top } = result.prefixes;
    expect(dropped).toBeGreaterThan(0);
    // of four levels, with half of 8 192 entries kept at the least
    expect(dropped).toBeLessThan((2 * 4 * result.memory.keys) / 8192);
    const shown = new Set(top.map(({ prefix }) => latin1(prefix)));
    for (const { prefix, memory, missed } of top) {
      const real = counts.get(latin1(prefix))?.memory ?? 0;
      expect(memory).toBeLessThanOrEqual(real);
      expect(memory + missed).toBeGreaterThanOrEqual(real);
      expect(missed).toBeLessThanOrEqual(dropped);
      const parent = latin1(prefix).replace(/[^:]*:$/, '');
      expect(parent === '' || shown.has(parent)).toBe(true);
    }
    for (const [prefix, { memory }] of counts) if (memory > 2 * dropped) expect(shown.has(prefix), prefix).toBe(true);
  });
});

describe('rows of CSV', () => {
  async function csvOf(file: Bytes): Promise<string> {
    const chunks: Buffer[] = [];
    const keys = keyCsv((chunk) => Promise.resolve(void chunks.push(Buffer.from(chunk))), () => Promise.resolve());
    await inspectStage({ inputs: [sampleFile('inspect', file)], selection: selection(), top: 1, delimiter: ':', keys }, stageContext());
    return Buffer.concat(chunks).toString('utf8');
  }

  it('hold every key', async () => {
    const odd = [str('plain'), str('comma, "quote"'), str('back\\slash'), str('line\nfeed'), str('ünïcode'), str(Uint8Array.of(0xff, 0x00, 0x41)), str('')];
    const file = bytes(ALL.subarray(0, ALL.length - 9), ...odd.map((key) => bytes(0, key, str('v'))));
    await expect(csvOf(rdb([file.subarray(9)], { magic: 'REDIS0012' }))).resolves.toMatchSnapshot();
  });

  it('come in any number', async () => {
    const { file, keys } = manyKeys(40_000, 5);
    const lines = (await csvOf(file)).split('\n');
    expect(`${lines[0] ?? ''}\n`).toBe(CSV_HEAD);
    expect(lines.slice(1, -1).map((line) => /^0,string,string,"([^"]*)",/.exec(line)?.[1])).toEqual(keys);
  });

  it('give a key back', () => {
    const back = (text: string): Buffer =>
      Buffer.concat(text.split(/(\\\\|\\x[0-9a-f]{2})/).map((piece) => (piece === '\\\\' ? Buffer.from('\\') : piece.startsWith('\\x') ? Buffer.from(piece.slice(2), 'hex') : Buffer.from(piece))));
    const next = random(9);
    const keys = [...Array.from({ length: 200 }, () => Buffer.from(Array.from({ length: next.below(20) }, () => next.below(256)))), ...['a\u202eb', '\ufeffx', 'ü\\x41', '\u0007🚢', '\u2028'].map((text) => Buffer.from(text))];
    for (const key of keys) expect(back(keyText(key))).toEqual(key);
    // eslint-disable-next-line no-control-regex -- finding control characters is what it is for
    expect(keys.some((key) => /[\u0000-\u001f\u007f-\u009f\u202e\ufeff]/.test(keyText(key)))).toBe(false);
  });
});
