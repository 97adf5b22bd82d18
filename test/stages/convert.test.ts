/** convert: merging, dividing, conflicts, files that exist, versions and dialects. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { convertStage } from '../../src/stages/convert.js';
import { Engine } from '../../src/rdb/engine.js';
import { JSON_REGIONS } from '../../src/rdb/json-lines.js';
import { convert, convertOptions } from '../helpers/convert.js';
import { jsonRows } from '../helpers/json-lines.js';
import { bytes, double, entry, i64, len, rdb, selectDb, str, type Bytes } from '../helpers/rdb-builder.js';
import { selection, stageContext } from '../helpers/stages.js';
import { tempDir } from '../helpers/temp-dir.js';
import { walk } from '../helpers/walk.js';

let engine: Engine;
let walker: Engine;
beforeAll(async () => {
  engine = await Engine.create(JSON_REGIONS);
  walker = await Engine.create(1);
});

const key = (name: string, value = name): Bytes => entry(0, name, str(value));
const expiring = (name: string, ms: number): Bytes => bytes(252, i64(ms), key(name));
const aux = (name: string, value: string): Bytes => bytes(250, str(name), str(value));
const library = (name: string, body = ''): Bytes => bytes(245, str(`#!lua name=${name}\n${body}`));

async function keysOf(file: Uint8Array | undefined): Promise<string[]> {
  if (file === undefined) throw new Error('no file');
  return (await jsonRows(engine, file)).map(({ db, key: name, value }) => `${db}/${Buffer.from(name, 'base64').toString()}=${Buffer.from(value as string, 'base64').toString()}`);
}

describe('several inputs', () => {
  const a = rdb([aux('redis-ver', '7.2.0'), aux('used-mem', '100'), aux('repl-id', 'x'), selectDb(0), key('a'), key('both', '1'), selectDb(2), key('two')]);
  const b = rdb([aux('redis-ver', '7.0.0'), aux('used-mem', '50'), library('lib'), selectDb(0), key('both', '2'), key('b'), selectDb(2), expiring('late', 4e12)]);

  test('a key in two of them is refused, with its places', async () => {
    const { result, files, message } = await convert([a, b]);
    expect(result).toMatchObject({ exitCode: 8, ok: false, outputs: [], keys: { failed: 1, written: 0 } });
    expect(files).toEqual([]);
    expect(result.failures).toEqual([{ part: 'in1.rdb', offset: Buffer.from(b).indexOf('both') - 2, db: 0, keyHash: '', type: '', error: `the same key is in in0.rdb at offset ${Buffer.from(a).indexOf('both') - 2}` }]);
    expect(message).toContain('1 keys stand more than once');
  });

  test.each([['skip', '0/both=1'], ['replace', '0/both=2']] as const)('%s takes one of them', async (onConflict, both) => {
    const { result, files: [file] } = await convert([a, b], { onConflict });
    expect((await keysOf(file)).sort()).toEqual(['0/a=a', '0/b=b', both, '2/late=late', '2/two=two'].sort());
    expect(result.keys).toMatchObject({ read: 6, written: 5, skippedExisting: 1, failed: 0 });
    expect(result.functions).toBe(1);
    expect((await walk(walker, file ?? bytes())).checksum).toBe('ok');
  });

  test('counts before each database are those of what is written; AUX fields are those of the first', async () => {
    const { files: [file] } = await convert([a, b], { onConflict: 'skip' });
    const text = (file ?? Buffer.alloc(0)).toString('latin1');
    // RESIZEDB of db 0: 3 keys; of db 2: 2 keys, one of which expires
    expect(text).toContain('\xfe\x00\xfb\x03\x00');
    expect(text).toContain('\xfe\x02\xfb\x02\x01');
    expect(text).toContain('\xfa\x08used-mem\x03150');
    expect(text).toContain('redis-ver\x057.2.0');
    expect(text).not.toContain('7.0.0');
    expect(text).not.toContain('repl-id');
  });

  test('databases that are brought together may collide too', async () => {
    const one = rdb([selectDb(0), key('same', '0'), selectDb(3), key('same', '3'), key('other')]);
    const mapped = selection({ dbMap: new Map([[3, 0]]) });
    expect((await convert([one], { selection: mapped })).result).toMatchObject({ exitCode: 8, keys: { failed: 1 } });
    const { files: [file] } = await convert([one], { selection: mapped, onConflict: 'replace' });
    expect((await keysOf(file)).sort()).toEqual(['0/other=other', '0/same=3']);
    expect(await keysOf((await convert([one])).files[0])).toEqual(['0/same=0', '3/same=3', '3/other=other']);
  });

  test('many keys, of which every second is in both', async () => {
    const part = (from: number): Bytes => rdb([selectDb(0), ...Array.from({ length: 20_000 }, (_, i) => key(`k${from + i}`, `${from}`))]);
    const { result, files: [file] } = await convert([part(0), part(10_000)], { onConflict: 'replace' });
    expect(result.keys).toMatchObject({ read: 40_000, written: 30_000, skippedExisting: 10_000 });
    const rows = await keysOf(file);
    expect(new Set(rows).size).toBe(30_000);
    expect(rows.filter((row) => row.endsWith('=10000'))).toHaveLength(20_000);
  });

  test('libraries of one name: the same once, others refused or the first', async () => {
    const other = rdb([library('lib', 'x'), selectDb(0), key('c')]);
    expect((await convert([b, rdb([library('lib')])])).result).toMatchObject({ exitCode: 0, functions: 1 });
    expect((await convert([b, other])).result.exitCode).toBe(8);
    expect((await convert([b, other], { onConflict: 'skip' })).result).toMatchObject({ exitCode: 0, functions: 1, warnings: [{ id: 'convert.functionConflicts' }] });
  });
});

describe('by slot', () => {
  const names = Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? `{tag${i % 7}}:${i}` : `key:${i}`));
  const file = rdb([library('lib'), selectDb(0), ...names.map((name) => key(name)), selectDb(1), key('elsewhere')]);

  test('every key is in the file of its slot, and every file is whole', async () => {
    const { result, files } = await convert([file], { split: { count: 3 } });
    expect(result.outputs.map(({ path }) => path.split('/').at(-1))).toEqual(['out-1.rdb', 'out-2.rdb', 'out-3.rdb']);
    const limits = [5460, 10922, 16383];
    let total = 0;
    for (const [i, each] of files.entries()) {
      const walked = await walk(walker, each);
      expect(walked).toMatchObject({ checksum: 'ok', functions: 1, keys: result.outputs[i]?.keys });
      total += walked.keys;
      for (const row of await jsonRows(engine, each)) {
        const at = walker.map.large;
        const name = Buffer.from(row.key, 'base64');
        walker.bytes.set(name, at);
        expect(limits.findIndex((last) => walker.calls.keySlot(at, name.length) <= last)).toBe(i);
      }
    }
    expect(total).toBe(501);
  });

  test('as a list of nodes says', async () => {
    const nodes = join(tempDir('nodes'), 'nodes.conf');
    const id = (n: number): string => String(n).repeat(40);
    writeFileSync(nodes, `${id(1)} h1:1@2 master - 0 0 1 connected 8192-16383\n${id(2)} h2:1@2 myself,master - 0 0 2 connected 0-8191\nvars currentEpoch 1\n`);
    const { result } = await convert([file], { split: { nodes } }, '{host}_{slots}.rdb');
    expect(result.outputs.map(({ path }) => path.split('/').at(-1))).toEqual(['h2_0-8191.rdb', 'h1_8192-16383.rdb']);
    await expect(convert([file], { split: { nodes } }, '{port}.rdb')).rejects.toThrow('more than one file');
  });

  test('values larger than a region go to one file whole', async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 3 << 20 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 255));
    const large = rdb([selectDb(0), ...['a', 'b', 'c', 'd', 'e', 'f'].flatMap((name) => [entry(0, name, str(noise)), entry(1, `l${name}`, len(3), str(noise), str('x'), str(noise)), key(`s${name}`)])]);
    const { files, result } = await convert([large], { split: { count: 2 } });
    expect(result.keys.written).toBe(18);
    const rows = [...(await jsonRows(engine, files[0] ?? bytes())), ...(await jsonRows(engine, files[1] ?? bytes()))];
    const sort = (list: typeof rows): string[] => list.map((row) => JSON.stringify(row)).sort();
    expect(sort(rows)).toEqual(sort(await jsonRows(engine, large)));
    expect((await walk(walker, files[0] ?? bytes())).checksum).toBe('ok');
  });
});

describe('the file', () => {
  const input = rdb([selectDb(0), key('a')]);

  test('is not overwritten unless asked for, and leaves nothing beside it', async () => {
    const { result: { outputs } } = await convert([input]);
    const path = outputs[0]?.path ?? '';
    const first = readFileSync(path);
    const again = (changes: { force?: boolean }): Promise<unknown> => convertStage(convertOptions([join(dirname(path), 'in0.rdb')], path, { rdbVersion: 9, ...changes }), stageContext());
    await expect(again({})).rejects.toThrow('exists already');
    expect(readFileSync(path)).toEqual(first);
    await again({ force: true });
    expect(readFileSync(path).toString('latin1', 0, 9)).toBe('REDIS0009');
    expect(readdirSync(dirname(path)).sort()).toEqual(['in0.rdb', 'out.rdb']);
  });

  test('of a failed run does not appear', async () => {
    const dir = tempDir('convert');
    const broken = Buffer.from(input);
    broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
    writeFileSync(join(dir, 'in.rdb'), broken);
    await expect(convertStage(convertOptions([join(dir, 'in.rdb')], join(dir, 'out.rdb')), stageContext())).rejects.toMatchObject({ exitCode: 8 });
    expect(readdirSync(dir)).toEqual(['in.rdb']);
  });

  test('may not be a directory, nor in one that is not there', async () => {
    const dir = tempDir('convert');
    await expect(convert([input], {}, '.')).rejects.toThrow('found a directory');
    await expect(convertStage(convertOptions([join(dir, 'x')], join(dir, 'out.rdb')), stageContext())).rejects.toMatchObject({ exitCode: 2 });
    await expect(convert([input], {}, 'no/such/out.rdb')).rejects.toThrow('cannot be written');
    expect(existsSync(join(dir, 'out.rdb'))).toBe(false);
  });
});

describe('versions', () => {
  const input = rdb([selectDb(0), bytes(252, i64(4e12 + 1)), bytes(248, 7), key('a'), entry(5, 'z', len(2), str('m'), double(1.5), str('n'), double(Infinity))]);
  const magic = async (changes: Parameters<typeof convert>[1]): Promise<string> => (await convert([input], changes)).files[0]?.toString('latin1', 0, 9) ?? '';

  test('follow the input, the number and the dialect', async () => {
    expect(await magic({})).toBe('REDIS0011');
    expect(await magic({ rdbVersion: 6 })).toBe('REDIS0006');
    expect(await magic({ dialect: 'valkey' })).toBe('VALKEY080');
    expect(await magic({ dialect: 'valkey', rdbVersion: 11 })).toBe('REDIS0011');
    await expect(magic({ rdbVersion: 16 })).rejects.toThrow('expected 1 to 15');
    await expect(magic({ rdbVersion: 80, dialect: 'redis' })).rejects.toThrow('contradict');
    await expect(magic({ rdbVersion: 12, dialect: 'valkey' })).rejects.toThrow('contradict');
  });

  test('expiry and access stand in the opcodes the version has', async () => {
    const text = async (rdbVersion: number): Promise<string> => (await convert([input], { rdbVersion })).files[0]?.toString('latin1') ?? '';
    expect(await text(9)).toContain(`\xfc${Buffer.from(i64(4e12 + 1)).toString('latin1')}\xf8\x07\x00\x01a\x01a`);
    expect(await text(8)).toContain(`\xfc${Buffer.from(i64(4e12 + 1)).toString('latin1')}\x00\x01a\x01a`);
    // before 8: scores as text; before 7: no RESIZEDB; before 5: no checksum
    expect(await text(7)).toContain('\x03\x01z\x02\x01m\x031.5\x01n\xfe\xff');
    expect(await text(7)).toContain('\xfe\x00\xfb\x02\x01');
    expect(await text(6)).not.toContain('\xfb\x02\x01');
    expect((await text(4)).endsWith('\xff')).toBe(true);
  });

  test('inputs of both dialects need to be told', async () => {
    const valkey = rdb([selectDb(0), key('v')], { magic: 'VALKEY080' });
    await expect(convert([input, valkey])).rejects.toThrow('of Redis and of Valkey');
    expect((await convert([input, valkey], { dialect: 'redis' })).result.keys.written).toBe(3);
  });

  test('keys that have no form are refused before anything is written, or left out and listed', async () => {
    const arrays = rdb([selectDb(0), key('a'), entry(24, 'h', i64(4e12), len(1), len(1), str('f'), str('v'))], { magic: 'REDIS0012' });
    expect((await convert([arrays], { rdbVersion: 9 })).result).toMatchObject({ exitCode: 8, outputs: [] });
    const { result, files } = await convert([arrays], { rdbVersion: 9, onUnsupported: 'skip' });
    expect(result).toMatchObject({ exitCode: 3, keys: { written: 1, failed: 1 }, failures: [{ type: 'hash', db: 0 }] });
    expect(await keysOf(files[0])).toEqual(['0/a=a']);
    const dropped = await convert([arrays], { rdbVersion: 9, fieldTtl: 'expire-key' });
    expect(dropped.result).toMatchObject({ exitCode: 0, plan: { copy: 1, rebuild: 1 } });
    expect((await jsonRows(engine, dropped.files[0] ?? bytes()))[1]).toMatchObject({ pexpireat: 4e12, value: [['Zg==', 'dg==']] });
  });
});

test('a value that is rebuilt may be larger than the area for items', { timeout: 60_000 }, async () => {
  const noise = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 255));
  const node = bytes(1, str(noise));
  const file = rdb([selectDb(0), key('before'), bytes(18, str('list'), len(70), ...Array.from({ length: 70 }, () => node)), key('after')]);
  const { result, files: [old] } = await convert([file], { rdbVersion: 6 });
  expect(result.plan).toMatchObject({ copy: 2, rebuild: 1 });
  expect((await walk(walker, old ?? bytes())).checksum).toBe('ok');
  const expected = Buffer.from(bytes(1, str('list'), len(70), ...Array.from({ length: 70 }, () => str(noise))));
  expect(old?.includes(expected)).toBe(true);
});
