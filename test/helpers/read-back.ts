/** Reads everything a server holds over the protocol, as canonical rows. Nothing redferry wrote takes part in it. */
import type { Redis } from 'ioredis';
import type { FunctionLibrary, HashField, Row, ScoredMember, StreamGroup, StreamValue, Value, VectorSetValue } from './corpus-rows.js';
import { atLeast, hasFieldExpiry, type ServerVersion } from './server-versions.js';

/** What a command answers when asked for buffers. */
type Reply = Buffer | number | null | Error | Reply[];

export interface ReadBackOptions {
  version: ServerVersion;
  /** Also read OBJECT IDLETIME or OBJECT FREQ of each key (before anything touches it). */
  access?: 'idle' | 'freq';
}

const BATCH = 250;

/** All rows of all dbs, by db and then by key bytes. Leaves the client on db 0. */
export async function readBack(client: Redis, options: ReadBackOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const db of await usedDbs(client)) {
    await client.select(db);
    const keys = await scanAll(client);
    for (let i = 0; i < keys.length; i += BATCH) {
      rows.push(...(await readKeys(client, db, keys.slice(i, i + BATCH), options)));
    }
  }
  await client.select(0);
  return rows;
}

/** Function libraries with their code, by name; none on a server that has no functions. */
export async function readFunctions(client: Redis, version: ServerVersion): Promise<FunctionLibrary[]> {
  if (!atLeast(version, 7)) return [];
  const [reply] = await send(client, [['FUNCTION', 'LIST', 'WITHCODE']]);
  return list(reply)
    .map((library) => {
      const fields = pairs(library);
      return {
        library: text(fields.get('library_name')),
        engine: text(fields.get('engine')),
        code: base64(fields.get('library_code')),
      };
    })
    .sort((a, b) => (a.library < b.library ? -1 : 1));
}

async function usedDbs(client: Redis): Promise<number[]> {
  const info = await client.info('keyspace');
  return [...info.matchAll(/^db(\d+):keys=/gm)].map((match) => Number(match[1])).sort((a, b) => a - b);
}

async function scanAll(client: Redis): Promise<Buffer[]> {
  const seen = new Map<string, Buffer>(); // SCAN may give a key twice
  let cursor = '0';
  do {
    const [reply] = await send(client, [['SCAN', cursor, 'COUNT', '2000']]);
    const [next, keys] = list(reply);
    cursor = text(next);
    for (const key of list(keys)) seen.set(buffer(key).toString('latin1'), buffer(key));
  } while (cursor !== '0');
  return [...seen.values()].sort(compareBytes);
}

/** Exact to the millisecond where PEXPIRETIME is missing: asks again until the clock stood still around PTTL. */
const EXPIRY_SCRIPT = `local a, b, p
repeat a = redis.call('TIME') p = redis.call('PTTL', KEYS[1]) b = redis.call('TIME')
until a[1] == b[1] and math.floor(a[2] / 1000) == math.floor(b[2] / 1000)
return {a[1], a[2], string.format('%.0f', p)}`;

async function readKeys(client: Redis, db: number, keys: Buffer[], options: ReadBackOptions): Promise<Row[]> {
  const { version, access } = options;
  const exact = atLeast(version, 7);
  const heads = await send(
    client,
    keys.flatMap((key) => [
      ...(access === undefined ? [] : [['OBJECT', access === 'idle' ? 'IDLETIME' : 'FREQ', key]]),
      ['TYPE', key],
      exact ? ['PEXPIRETIME', key] : ['EVAL', EXPIRY_SCRIPT, '1', key],
    ]),
  );
  const perKey = access === undefined ? 2 : 3;
  const rows: Row[] = [];
  const reads: { row: Row; key: Buffer; commands: (string | Buffer)[][] }[] = [];
  keys.forEach((key, i) => {
    const head = heads.slice(i * perKey, (i + 1) * perKey);
    const type = text(head.at(-2));
    if (type === 'none') return; // expired between SCAN and now
    const row: Row = { db, key: key.toString('base64'), type, pexpireat: exact ? expiry(head.at(-1)) : expiryFromScript(head.at(-1)), value: null };
    if (access !== undefined) row[access] = number(head[0]);
    rows.push(row);
    reads.push({ row, key, commands: commandsFor(type, key) });
  });
  const replies = await send(client, reads.flatMap((read) => read.commands));
  let at = 0;
  for (const read of reads) {
    const own = replies.slice(at, at + read.commands.length);
    at += read.commands.length;
    read.row.value = await valueOf(client, version, read.row.type, read.key, own);
  }
  return rows;
}

function commandsFor(type: string, key: Buffer): (string | Buffer)[][] {
  switch (type) {
    case 'string':
      return [['GET', key]];
    case 'list':
      return [['LRANGE', key, '0', '-1']];
    case 'set':
      return [['SMEMBERS', key]];
    case 'zset':
      return [['ZRANGE', key, '0', '-1', 'WITHSCORES']];
    case 'hash':
      return [['HGETALL', key]];
    case 'stream':
      return [['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0']];
    case 'vectorset':
      return [['VDIM', key], ['VCARD', key]];
    default:
      return [];
  }
}

async function valueOf(client: Redis, version: ServerVersion, type: string, key: Buffer, replies: Reply[]): Promise<Value> {
  const [first, second] = replies;
  switch (type) {
    case 'string':
      return base64(first);
    case 'list':
      return list(first).map(base64);
    case 'set':
      return list(first).map(buffer).sort(compareBytes).map(base64);
    case 'zset':
      return chunk2(list(first))
        .sort(byFirst)
        .map(([member, score]): ScoredMember => [base64(member), text(score)]);
    case 'hash':
      return readHash(client, version, key, chunk2(list(first)).sort(byFirst));
    case 'stream':
      return streamValue(first);
    case 'vectorset':
      return readVectorSet(client, key, number(first), number(second));
    default:
      return null;
  }
}

async function readHash(client: Redis, version: ServerVersion, key: Buffer, fields: [Reply, Reply][]): Promise<HashField[]> {
  const expiries: number[] = [];
  if (hasFieldExpiry(version)) {
    for (let i = 0; i < fields.length; i += 5000) {
      const names = fields.slice(i, i + 5000).map(([name]) => buffer(name));
      const [reply] = await send(client, [['HPEXPIRETIME', key, 'FIELDS', String(names.length), ...names]]);
      expiries.push(...list(reply).map(number));
    }
  }
  return fields.map(([name, value], i): HashField => {
    const expiresAt = expiries[i] ?? -1;
    return expiresAt >= 0 ? [base64(name), base64(value), expiresAt] : [base64(name), base64(value)];
  });
}

async function readVectorSet(client: Redis, key: Buffer, dim: number, card: number): Promise<VectorSetValue> {
  const [members] = await send(client, [['VRANDMEMBER', key, String(card)]]);
  const names = list(members).map(buffer).sort(compareBytes);
  const replies = await send(client, names.flatMap((name) => [['VEMB', key, name], ['VGETATTR', key, name]]));
  return {
    dim,
    elements: names.map((name, i) => {
      const attributes = replies[i * 2 + 1] ?? null;
      return [name.toString('base64'), list(replies[i * 2]).map(text), attributes === null ? null : base64(attributes)];
    }),
  };
}

/** Of XINFO STREAM FULL. What a server older than 7.0 does not know is filled in as 7.2 does when it loads such a stream. */
function streamValue(reply: Reply | undefined): StreamValue {
  const info = pairs(reply);
  const entries = list(info.get('entries')).map((entry): [string, string[]] => {
    const [id, fields] = list(entry);
    return [text(id), list(fields).map(base64)];
  });
  const known = info.has('entries-added');
  const stream = {
    entries,
    lastId: text(info.get('last-generated-id')),
    maxDeletedId: known ? text(info.get('max-deleted-entry-id')) : '0-0',
    entriesAdded: known ? number(info.get('entries-added')) : entries.length,
  };
  const groups = list(info.get('groups')).map((group): StreamGroup => {
    const fields = pairs(group);
    const lastDeliveredId = text(fields.get('last-delivered-id'));
    const entriesRead = known ? fields.get('entries-read') : estimateEntriesRead(stream, lastDeliveredId);
    return {
      name: base64(fields.get('name')),
      lastDeliveredId,
      entriesRead: entriesRead === null ? null : number(entriesRead),
      consumers: list(fields.get('consumers')).map((consumer) => buffer(pairs(consumer).get('name'))).sort(compareBytes).map(base64),
      pending: list(fields.get('pel') ?? fields.get('pending')).map((entry) => {
        const [id, consumer, , count] = list(entry);
        return [text(id), base64(consumer), number(count)];
      }),
    };
  });
  return { ...stream, groups: groups.sort((a, b) => compareBytes(Buffer.from(a.name, 'base64'), Buffer.from(b.name, 'base64'))) };
}

/** streamEstimateDistanceFromFirstEverEntry of redis 7.2 src/t_stream.c, for a stream without tombstones. */
function estimateEntriesRead(stream: Omit<StreamValue, 'groups'>, id: string): number | null {
  const { entries, lastId, entriesAdded } = stream;
  if (entriesAdded === 0) return 0;
  const toLast = compareIds(id, lastId);
  if (toLast === 0) return entriesAdded;
  if (toLast > 0) return null;
  const toFirst = compareIds(id, entries[0]?.[0] ?? '0-0');
  if (toFirst < 0) return entriesAdded - entries.length;
  return toFirst === 0 ? entriesAdded - entries.length + 1 : null;
}

export function compareIds(a: string, b: string): number {
  const [aMs = 0n, aSeq = 0n] = a.split('-').map(BigInt);
  const [bMs = 0n, bSeq = 0n] = b.split('-').map(BigInt);
  if (aMs !== bMs) return aMs < bMs ? -1 : 1;
  return aSeq === bSeq ? 0 : aSeq < bSeq ? -1 : 1;
}

/** Sends all at once; an error reply is thrown with its command. `call` in capitals keeps ioredis from reshaping replies. */
async function send(client: Redis, commands: (string | Buffer)[][]): Promise<Reply[]> {
  if (commands.length === 0) return [];
  const pipeline = client.pipeline();
  for (const [name, ...args] of commands) pipeline.callBuffer(String(name), ...args);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, reply], i) => {
    if (error !== null) throw new Error(`${commands[i]?.slice(0, 2).join(' ')}: ${error.message}`, { cause: error });
    return reply as Reply;
  });
}

function expiry(reply: Reply | undefined): number | null {
  const at = number(reply);
  return at < 0 ? null : at;
}

function expiryFromScript(reply: Reply | undefined): number | null {
  const [seconds, microseconds, left] = list(reply).map(number);
  if (seconds === undefined || microseconds === undefined || left === undefined) throw new TypeError('not what the script returns');
  return left < 0 ? null : seconds * 1000 + Math.floor(microseconds / 1000) + left;
}

/** A flat reply of names and values, as RESP2 gives maps. */
function pairs(reply: Reply | undefined): Map<string, Reply> {
  return new Map(chunk2(list(reply)).map(([name, value]) => [text(name), value]));
}

function chunk2(items: Reply[]): [Reply, Reply][] {
  const out: [Reply, Reply][] = [];
  for (let i = 0; i < items.length; i += 2) out.push([items[i] ?? null, items[i + 1] ?? null]);
  return out;
}

function byFirst(a: [Reply, Reply], b: [Reply, Reply]): number {
  return compareBytes(buffer(a[0]), buffer(b[0]));
}

function compareBytes(a: Buffer, b: Buffer): number {
  return Buffer.compare(a, b);
}

function list(reply: Reply | undefined): Reply[] {
  if (!Array.isArray(reply)) throw new TypeError(`expected a list, found ${String(reply)}`);
  return reply;
}

function buffer(reply: Reply | undefined): Buffer {
  if (!Buffer.isBuffer(reply)) throw new TypeError(`expected bytes, found ${String(reply)}`);
  return reply;
}

function base64(reply: Reply | undefined): string {
  return buffer(reply).toString('base64');
}

function text(reply: Reply | undefined): string {
  return buffer(reply).toString('utf8');
}

function number(reply: Reply | undefined): number {
  if (typeof reply === 'number') return reply;
  return Number(text(reply));
}
