/** The library's reader with values: what it yields is what the expected files say; memory stays bounded; it ends as `for await` expects. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readRdb, type RdbValueEntry, type StreamGroup, type StreamState } from '../../src/index.js';
import { differences, readExpected } from '../helpers/compare-expected.js';
import { corpusBytes, corpusFiles, type CorpusFile } from '../helpers/corpus.js';
import type { Row, StreamValue, Value } from '../helpers/corpus-rows.js';
import { bytes, entry, len, listpack, rdb, str, stream, streamKey } from '../helpers/rdb-builder.js';

const base64 = (some: Uint8Array): string => Buffer.from(some).toString('base64');
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a, 'base64'), Buffer.from(b, 'base64'));

async function* pieces(file: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < file.length; at += size) yield await Promise.resolve(file.subarray(at, at + size));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

/** The value as the corpus has it, but for the scores, which are printed by `differences`. */
async function canonical(found: RdbValueEntry): Promise<Value> {
  switch (found.kind) {
    case 'string':
      return base64(Buffer.concat(await all(found.value())));
    case 'list':
      return (await all(found.value())).map(base64);
    case 'set':
      return (await all(found.value())).sort((a, b) => Buffer.compare(a, b)).map(base64);
    case 'zset':
      return (await all(found.value()))
        .sort((a, b) => Buffer.compare(a.member, b.member))
        .map(({ member, score }): [string, string] => [base64(member), scoreText(score)]);
    case 'hash':
      return (await all(found.value()))
        .sort((a, b) => Buffer.compare(a.field, b.field))
        .map(({ field, value, expiresAtMs }): [string, string] | [string, string, number] => (expiresAtMs === undefined ? [base64(field), base64(value)] : [base64(field), base64(value), expiresAtMs]));
    case 'stream':
      return canonicalStream(found);
    default:
      expect(await all(found.value())).toEqual([]);
      return null;
  }
}

function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? 'inf' : '-inf';
  return Object.is(score, -0) ? '-0' : String(score);
}

async function canonicalStream(found: RdbValueEntry & { kind: 'stream' }): Promise<StreamValue> {
  const value: StreamValue = { entries: [], lastId: '', maxDeletedId: '0-0', entriesAdded: 0, groups: [] };
  for await (const item of found.value()) {
    if (item.what === 'entry') value.entries.push([item.id, item.fields.flatMap(([name, own]) => [base64(name), base64(own)])]);
    else if (item.what === 'state') takeState(value, item);
    else value.groups.push(canonicalGroup(item));
  }
  value.groups.sort((a, b) => byBytes(a.name, b.name));
  return value;
}

function takeState(value: StreamValue, { lastId, maxDeletedId, entriesAdded }: StreamState): void {
  value.lastId = lastId;
  value.maxDeletedId = maxDeletedId ?? '0-0';
  value.entriesAdded = Number(entriesAdded ?? 0n);
}

function canonicalGroup({ name, lastDeliveredId, entriesRead, consumers, pending }: StreamGroup): StreamValue['groups'][number] {
  return {
    name: base64(name), lastDeliveredId, entriesRead: entriesRead === null || entriesRead === undefined ? null : Number(entriesRead),
    consumers: consumers.map((consumer) => base64(consumer.name)).sort(byBytes),
    pending: pending.map(({ id, consumer, deliveries }): [string, string, number] => [id, base64(consumer ?? Buffer.alloc(0)), deliveries]),
  };
}

async function rowsOf(file: Uint8Array, size: number): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const found of readRdb(pieces(file, size), { values: true })) {
    const { db, key, kind, expiresAtMs } = found;
    rows.push({ db, key: base64(key), type: kind, pexpireat: expiresAtMs === undefined ? null : Number(expiresAtMs), value: await canonical(found) });
  }
  return rows;
}

const files = corpusFiles();
/** Bytes of a file that is read in tiny pieces: each of them is awaited. */
const SMALL = 50_000;

test.each(files.map((file) => [file.name, file] as const))('values of %s', async (_, file) => {
  await expectValues(file, 100_003);
});

test('values of small files in pieces of 7 bytes', { timeout: 120_000 }, async () => {
  for (const file of files) if (statSync(file.path).size < SMALL) await expectValues(file, 7);
});

async function expectValues(file: CorpusFile, size: number): Promise<void> {
  const expected = readExpected(file.expectedPath).map((row) => {
    const { db, key, pexpireat } = row;
    // a module has the name of its type, which readRdb calls a module
    return row.value === null || row.type === 'vectorset' ? { db, key, type: 'module', pexpireat, value: null } : row;
  });
  // the file of 5.0 and 6.x does not say what 7.2 makes of a stream
  const oldStreams = /^REDIS000\d/.test(file.meta.header);
  const rows = await rowsOf(corpusBytes(file), size);
  const comparable = oldStreams ? expected.filter((row) => row.type !== 'stream' || row.value !== undefined) : expected;
  const found = oldStreams ? rows.filter((row) => comparable.some(({ db, key }) => db === row.db && key === row.key)) : rows;
  expect(differences(comparable, found, { now: 0, oldStreams }), file.name).toEqual([]);
  expect(rows.length, file.name).toBe(expected.length);
}

const file = rdb([entry(0, 'a', str('one')), entry(1, 'l', len(3), str('x'), str('y'), str('z')), entry(4, 'h', len(1), str('f'), str('v'))]);

describe('reading', () => {
  test('may pass over values, or leave them half read', async () => {
    const seen: string[] = [];
    for await (const found of readRdb(pieces(file, 5), { values: true })) {
      seen.push(Buffer.from(found.key).toString());
      if (found.kind !== 'list') continue;
      for await (const element of found.value()) {
        seen.push(Buffer.from(element).toString());
        break;
      }
    }
    expect(seen).toEqual(['a', 'l', 'x', 'h']);
  });

  test('gives a value once', async () => {
    for await (const found of readRdb(pieces(file, 5), { values: true })) {
      await all<unknown>(found.value());
      await expect(all<unknown>(found.value())).rejects.toThrow('can be read once');
    }
  });

  test('gives no value of an entry that is gone', async () => {
    const kept: RdbValueEntry[] = [];
    for await (const found of readRdb(pieces(file, 5), { values: true })) kept.push(found);
    await expect(all<unknown>(kept[0]?.value() ?? pieces(file, 1))).rejects.toThrow('must be read before');
  });

  test('yields bytes that stay', async () => {
    const members = Array.from({ length: 200_000 }, (_, n) => String(n));
    const list = rdb([entry(1, 'l', len(members.length), Buffer.concat(members.map(str)))], { checksum: 'zero' });
    for await (const found of readRdb(pieces(list, 1 << 16), { values: true })) {
      expect((await all(found.value() as AsyncIterable<Uint8Array>)).map((element) => Buffer.from(element).toString())).toEqual(members);
    }
  });

  test('takes elements and keys larger than a region, and strings in pieces', async () => {
    const large = Buffer.alloc(5 << 20, 'large ');
    const big = rdb([entry(0, large, str(large)), entry(2, 's', len(2), str('small'), str(large))], { checksum: 'zero' });
    const digests: string[] = [];
    for await (const { key, kind, value } of readRdb(pieces(big, 1 << 16), { values: true })) {
      if (kind !== 'string' && kind !== 'set') continue;
      const parts = await all(value());
      if (kind === 'string') expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(1 << 20);
      digests.push(...[key, kind === 'string' ? Buffer.concat(parts) : (parts[1] ?? key)].map((some) => createHash('sha256').update(some).digest('hex')));
    }
    const digest = createHash('sha256').update(large).digest('hex');
    expect(digests).toEqual([digest, digest, createHash('sha256').update('s').digest('hex'), digest]);
  });

  test('gives entries of streams with fields of their own, and pending entries with their consumer', async () => {
    const node = listpack([2, 1, 1, 'f', 0, 2, 0, 0, -5, 4, 3, 1, 0, 'gone', 4, 0, 3, 1, 2, 'g', 7, 'h', 'w', 8]);
    const group = bytes(len(1), str('g'), len(9), len(0), len(1), streamKey(1n, 1n), bytes(7, 0, 0, 0, 0, 0, 0, 0), len(2), len(1), str('c'), new Uint8Array(8), len(1), streamKey(1n, 1n));
    for await (const found of readRdb(pieces(rdb([entry(15, 's', stream({ node, length: 2, groups: group }))]), 9), { values: true })) {
      const some = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
      const items = found.kind === 'stream' ? await all(found.value()) : [];
      expect(items).toMatchObject([
        { what: 'entry', id: '1-1', fields: [[some('f'), some('-5')]] },
        { what: 'entry', id: '4-2', fields: [[some('g'), some('7')], [some('h'), some('w')]] },
        { what: 'state', length: 2, lastId: '1-1', entriesAdded: undefined },
        { what: 'group', lastDeliveredId: '9-0', entriesRead: undefined, pending: [{ id: '1-1', consumer: some('c'), deliveredAtMs: 7, deliveries: 2 }] },
      ]);
    }
  });
});

describe('the source', () => {
  const source = (): { bytes: AsyncGenerator<Uint8Array, void, void>; closed: () => boolean } => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Uint8Array, void, void> {
      try {
        yield* pieces(file, 4);
        for (;;) yield await Promise.resolve(new Uint8Array(64));
      } finally {
        isClosed = true;
      }
    }
    return { bytes: endless(), closed: () => isClosed };
  };

  test.each([true, false])('is closed when reading ends early, values: %s', async (values) => {
    const { bytes: from, closed } = source();
    for await (const { key } of values ? readRdb(from, { values: true }) : readRdb(from)) {
      expect(Buffer.from(key).toString()).toBe('a');
      break;
    }
    expect(closed()).toBe(true);
  });

  test.each([true, false])('is closed at the end of the file, though it goes on, values: %s', async (values) => {
    const { bytes: from, closed } = source();
    let keys = 0;
    for await (const found of values ? readRdb(from, { values: true }) : readRdb(from)) keys += found.key.length > 0 ? 1 : 0;
    expect(keys).toBe(3);
    expect(closed()).toBe(true);
  });

  test('is closed when the bytes are wrong', async () => {
    const wrong = source();
    async function* bad(): AsyncGenerator<Uint8Array, void, void> {
      yield Buffer.from('no RDB at all, but long enough');
      yield* wrong.bytes;
    }
    await expect(all(readRdb(bad()))).rejects.toThrow('header');
  });

  test('that fails is heard by who reads the value, and by who goes on', async () => {
    async function* failing(): AsyncGenerator<Uint8Array, void, void> {
      yield await Promise.resolve(file.subarray(0, 20));
      throw new Error('the disk is gone');
    }
    const entries = readRdb(failing(), { values: true });
    await expect(all(entries)).rejects.toThrow('the disk is gone');
  });
});
