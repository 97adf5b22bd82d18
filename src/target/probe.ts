/** Finds out what a target accepts by trying it: footers, types, options, limits. */

import type { StageContext } from '../context.js';
import { CheckFailedError } from '../errors.js';
import { rdbType, type Dialect } from '../rdb/types.js';
import { connect } from '../resp/connection.js';
import type { RespReply } from '../resp/decode.js';
import type { CommandArgument } from '../resp/encode.js';
import type { Endpoint } from '../resp/endpoint.js';
import { keyspaceOf, numberOf, parseInfo, serverFacts } from './info.js';
import { PROBE_FIELD, PROBE_VALUE, probedTypes, probePayload } from './payloads.js';
import { chooseFooter } from './plan.js';
import { PROBE_TTL_MS, ProbeSession } from './probe-session.js';
import type { TargetProfile } from './profile.js';

/** Redis' numbers up to the newest known, and Valkey's. 2.6 to 3.0 take 6 only, Valkey from 8.1 on refuses 12 to 79. */
const FOOTERS = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 80, 81];
const FIRST_VALKEY_FOOTER = 80;
/** A probe under way when the signal comes gets this long to remove its key. */
const CLEANUP_MS = 1_000;

/**
 * Connects, asks, disconnects. Nothing is written but one small key, removed after each question. Errors: AuthError (12),
 * RetryableError (7: refused, LOADING, OOM, READONLY …), CheckFailedError (4: a cluster node or sentinel), `signal.reason`.
 */
export async function probeTarget(endpoint: Endpoint, { signal }: Pick<StageContext, 'signal'>): Promise<TargetProfile> {
  const connection = await connect(endpoint, { signal, name: 'redferry' });
  const session = new ProbeSession(connection);
  const onAbort = (): void => {
    setTimeout(() => connection.destroy(signal.reason), CLEANUP_MS).unref();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await probe(session, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Each write was followed by its DEL; this is for a probe that ended between the two.
    if (connection.alive) await connection.call(['DEL', session.key]).catch(() => undefined);
    connection.destroy();
  }
}

async function probe(session: ProbeSession, signal: AbortSignal): Promise<TargetProfile> {
  const info = parseInfo(textOf(await session.ask(['INFO'])) ?? '');
  const server = serverFacts(info);
  if (server.mode === 'cluster' || server.mode === 'sentinel') refuseMode(session.connection.where, server.mode);
  const clock = await readClock(session);
  signal.throwIfAborted();

  const footers = await probeFooters(session);
  const restore = footers.length > 0;
  const options = await probeOptions(session, footers, clock.timeMs);
  signal.throwIfAborted();
  const knownTypes = restore ? await probeTypes(session, footers) : { redis: new Set<number>(), valkey: new Set<number>() };
  signal.throwIfAborted();

  const hsetManyFields = numberOfReply(await session.tryWriteAndAsk(['HSET', session.key, PROBE_FIELD, PROBE_VALUE, 'g', PROBE_VALUE], ['HLEN', session.key])) === 2;
  const streams = await probeStreams(session);
  const functions = (await session.ask(['FUNCTION', 'LIST', 'LIBRARYNAME', session.key]))?.kind === 'array';
  const modules = modulesOf(await session.ask(['MODULE', 'LIST']));
  const limits = {
    protoMaxBulkLen: await configNumber(session, 'proto-max-bulk-len'),
    clientQueryBufferLimit: await configNumber(session, 'client-query-buffer-limit'),
  };
  const databases = (await configNumber(session, 'databases')) ?? (await countDatabases(session));
  const highest = (from: number, to: number): number | null => footers.findLast((footer) => footer >= from && footer < to) ?? null;
  const highestFooter = { redis: highest(0, FIRST_VALKEY_FOOTER), valkey: highest(FIRST_VALKEY_FOOTER, Infinity) };
  return {
    server,
    footers,
    highestFooter,
    restore,
    ...options,
    hsetManyFields,
    streams,
    knownTypes,
    dialect: highestFooter.valkey === null ? 'redis' : 'valkey',
    databases,
    functions,
    modules,
    ...clock,
    limits,
    blocked: session.blocked,
    keyspace: info.size === 0 ? null : keyspaceOf(info),
  };
}

/** Throws for a server that is not one keyspace of its own. */
export function refuseMode(where: string, mode: 'cluster' | 'sentinel'): never {
  if (mode === 'cluster') {
    throw new CheckFailedError(`${where}: this is a cluster node, expected a standalone server: clusters are not supported yet.`, ['target.cluster'], {
      hint: 'Load into a standalone server for now.',
    });
  }
  throw new CheckFailedError(`${where}: this is a sentinel, which holds no keys.`, ['target.cluster'], { hint: 'Give the address of the master it watches.' });
}

async function readClock(session: ProbeSession): Promise<Pick<TargetProfile, 'timeMs' | 'clockOffsetMs'>> {
  const before = Date.now();
  const reply = await session.ask(['TIME']);
  const local = (before + Date.now()) / 2;
  const [seconds, microseconds] = reply?.kind === 'array' ? reply.items.map((item) => Number(textOf(item))) : [];
  if (seconds === undefined || microseconds === undefined) return { timeMs: Math.round(local), clockOffsetMs: 0 };
  const timeMs = seconds * 1000 + Math.floor(microseconds / 1000);
  return { timeMs, clockOffsetMs: Math.round(timeMs - local) };
}

async function probeFooters(session: ProbeSession): Promise<number[]> {
  const accepted = await session.tryWrites(FOOTERS.map((footer) => restoreCommand(session, probePayload('redis', 0, footer))));
  return FOOTERS.filter((_, i) => accepted[i]);
}

type Options = Pick<TargetProfile, 'replace' | 'absttl' | 'idletime' | 'freq' | 'setPx' | 'setPxat'>;

async function probeOptions(session: ProbeSession, footers: readonly number[], nowMs: number): Promise<Options> {
  const { key } = session;
  // Where TIME is blocked our clock has to do; an hour forgives it a lot.
  const deadline = nowMs + (session.isBlocked('TIME') ? 3_600_000 : PROBE_TTL_MS);
  const [setPx = false, setPxat = false] = await session.tryWrites([
    ['SET', key, PROBE_VALUE, 'NX', 'PX', PROBE_TTL_MS],
    ['SET', key, PROBE_VALUE, 'NX', 'PXAT', deadline],
  ]);
  const footer = footers[0];
  if (footer === undefined) return { replace: false, absttl: false, idletime: false, freq: false, setPx, setPxat };
  const payload = probePayload('redis', 0, footer);
  const plain = restoreCommand(session, payload);
  const [absttl = false, idletime = false, freq = false] = await session.tryWrites([
    ['RESTORE', key, deadline, payload, 'ABSTTL'],
    [...plain, 'IDLETIME', 1],
    [...plain, 'FREQ', 1],
  ]);
  const replace = await session.tryOverwrite(plain, [...plain, 'REPLACE']);
  return { replace, absttl, idletime, freq, setPx, setPxat };
}

async function probeTypes(session: ProbeSession, footers: readonly number[]): Promise<TargetProfile['knownTypes']> {
  const known = async (dialect: Dialect): Promise<Set<number>> => {
    const asked = probedTypes(dialect).flatMap((byte) => {
      const type = rdbType(dialect, byte);
      const footer = type === undefined ? null : chooseFooter(footers, type);
      return type === undefined || footer === null ? [] : [{ type, write: restoreCommand(session, probePayload(dialect, byte, footer)) }];
    });
    const answers = await Promise.all(
      asked.map(({ type, write }) => {
        // A byte that means one thing here and another there may be taken for the other: only its value tells.
        if (type.dialects.length === 1 && type.kind === 'hash') return session.tryWriteAndAsk(write, ['HGET', session.key, PROBE_FIELD]).then((reply) => textOf(reply) === PROBE_VALUE);
        return session.tryWrites([write]).then(([written]) => written === true);
      }),
    );
    return new Set(asked.filter((_, i) => answers[i]).map(({ type }) => type.byte));
  };
  return { redis: await known('redis'), valkey: await known('valkey') };
}

/** Redis 5.0 and later; the options came with 6.2 and 7.0. */
async function probeStreams(session: ProbeSession): Promise<TargetProfile['streams']> {
  const { key } = session;
  const create = ['XGROUP', 'CREATE', key, 'g', '0-0', 'MKSTREAM'];
  const [setId, counters, entriesRead, consumer] = await Promise.all([
    session.tryWriteAndAsk(create, ['XSETID', key, '2-0']),
    session.tryWriteAndAsk(create, ['XSETID', key, '2-0', 'ENTRIESADDED', 2, 'MAXDELETEDID', '1-0']),
    session.tryWriteAndAsk(create, ['XGROUP', 'CREATE', key, 'h', '0-0', 'ENTRIESREAD', 1]),
    session.tryWriteAndAsk(create, ['XGROUP', 'CREATECONSUMER', key, 'g', 'c']),
  ]);
  if (setId?.kind !== 'status') return null;
  return { setsCounters: counters?.kind === 'status', setsEntriesRead: entriesRead?.kind === 'status', createsConsumers: numberOfReply(consumer ?? null) === 1 };
}

function restoreCommand(session: ProbeSession, payload: Uint8Array): CommandArgument[] {
  return ['RESTORE', session.key, PROBE_TTL_MS, payload];
}

async function configNumber(session: ProbeSession, name: string): Promise<number | null> {
  if (session.isBlocked('CONFIG')) return null;
  const reply = await session.ask(['CONFIG', 'GET', name]);
  const value = reply?.kind === 'array' ? textOf(reply.items[1] ?? null) : null;
  return numberOf(value ?? undefined);
}

/** Where CONFIG is blocked: doubles until SELECT refuses, then halves. */
async function countDatabases(session: ProbeSession): Promise<number | null> {
  const exists = async (db: number): Promise<boolean> => (await session.connection.call(['SELECT', db])).kind === 'status';
  if (!(await exists(0))) return null;
  let inside = 0;
  let outside = 16;
  while (await exists(outside)) {
    inside = outside;
    outside *= 4;
    if (outside > 1 << 24) return null;
  }
  while (outside - inside > 1) {
    const middle = (inside + outside) >> 1;
    if (await exists(middle)) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** MODULE LIST: an array of [name, …, ver, …] (redis 4.0 on). */
function modulesOf(reply: RespReply | null): TargetProfile['modules'] {
  if (reply?.kind !== 'array') return null;
  return reply.items.map((item) => {
    const fields = item.kind === 'array' ? item.items : [];
    const after = (name: string): RespReply | undefined => fields[fields.findIndex((field) => textOf(field) === name) + 1];
    const version = after('ver');
    return { name: textOf(after('name') ?? null) ?? '', version: version?.kind === 'integer' ? Number(version.value) : 0 };
  });
}

function numberOfReply(reply: RespReply | null): number | null {
  return reply?.kind === 'integer' ? Number(reply.value) : null;
}

function textOf(reply: RespReply | null): string | null {
  if (reply?.kind === 'bulk') return Buffer.from(reply.bytes).toString();
  return reply?.kind === 'status' ? reply.text : null;
}
