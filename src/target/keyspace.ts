/** What a server holds, by count: keys per database, memory, its clock. Read over one connection, in commands most servers allow. */

import { UnsupportedInputError } from '../errors.js';
import type { RespConnection } from '../resp/connection.js';
import type { RespReply } from '../resp/decode.js';
import { classifyError, errorForVerdict } from '../resp/replies.js';
import { keyspaceOf, numberOf, parseInfo, serverFacts } from './info.js';
import { refuseMode } from './probe.js';

export interface DbKeys {
  keys: number;
  /** Of them with a time to live; null where the server does not say. */
  expires: number | null;
}

/** One node of a cluster holds a share of the keys: to count it alone would prove nothing. Throws CheckFailedError. */
export async function refuseCluster(connection: RespConnection): Promise<void> {
  const reply = await connection.call(['INFO', 'server']);
  if (reply.kind !== 'bulk') {
    throwIfFatal(connection, reply, 'INFO server');
    return;
  }
  const { mode } = serverFacts(parseInfo(Buffer.from(reply.bytes).toString('latin1')));
  if (mode === 'cluster' || mode === 'sentinel') refuseMode(connection.where, mode);
}

/** Keys that are over but were not removed yet are counted by every server. */
export async function readKeyspace(connection: RespConnection, dbs: readonly number[]): Promise<ReadonlyMap<number, DbKeys>> {
  const reply = await connection.call(['INFO', 'keyspace']);
  if (reply.kind === 'bulk') return keyspaceOf(parseInfo(Buffer.from(reply.bytes).toString('latin1')));
  throwIfFatal(connection, reply, 'INFO keyspace');
  return countBySelect(connection, dbs);
}

/** Where INFO is refused: DBSIZE of each database that matters. */
async function countBySelect(connection: RespConnection, dbs: readonly number[]): Promise<Map<number, DbKeys>> {
  const found = new Map<number, DbKeys>();
  for (const db of dbs) {
    await connection.callOk(['SELECT', db]);
    const reply = await connection.call(['DBSIZE']);
    if (reply.kind !== 'integer') {
      throwIfFatal(connection, reply, 'DBSIZE');
      throw new UnsupportedInputError({ source: connection.where, offset: null }, 'neither INFO keyspace nor DBSIZE is allowed, so that keys cannot be counted.', {
        hint: 'Give a user that may run +info or +dbsize.',
      });
    }
    found.set(db, { keys: Number(reply.value), expires: null });
  }
  return found;
}

/** Makes the server remove what is over: SCAN deletes an expired key that it meets. */
export async function sweepExpired(connection: RespConnection, db: number, signal: AbortSignal): Promise<void> {
  await connection.callOk(['SELECT', db]);
  let cursor = '0';
  do {
    signal.throwIfAborted();
    const reply = await connection.call(['SCAN', cursor, 'COUNT', 10_000]);
    if (reply.kind !== 'array') {
      throwIfFatal(connection, reply, 'SCAN');
      return;
    }
    const [next] = reply.items;
    cursor = next?.kind === 'bulk' ? Buffer.from(next.bytes).toString('latin1') : '0';
  } while (cursor !== '0');
}

/** Bytes of INFO memory's used_memory; null where it is refused. */
export async function readUsedMemory(connection: RespConnection): Promise<number | null> {
  const reply = await connection.call(['INFO', 'memory']);
  if (reply.kind !== 'bulk') {
    throwIfFatal(connection, reply, 'INFO memory');
    return null;
  }
  return numberOf(parseInfo(Buffer.from(reply.bytes).toString('latin1')).get('used_memory'));
}

/** The server's clock, ms; our own where TIME is refused. */
export async function readClock(connection: RespConnection): Promise<number> {
  const reply = await connection.call(['TIME']);
  if (reply.kind !== 'array') {
    throwIfFatal(connection, reply, 'TIME');
    return Date.now();
  }
  const [seconds, micros] = reply.items.map((item) => (item.kind === 'bulk' ? Number(Buffer.from(item.bytes).toString('latin1')) : 0));
  return (seconds ?? 0) * 1000 + Math.floor((micros ?? 0) / 1000);
}

/** A command that is blocked is something to work around; a server that is not ready, or a login that is not right, is not. */
function throwIfFatal(connection: RespConnection, reply: RespReply, command: string): void {
  if (reply.kind !== 'error') return;
  const verdict = classifyError(reply.text);
  const blocked = reply.text.startsWith('NOPERM');
  if (!blocked && (verdict.outcome === 'auth' || verdict.outcome === 'retryable')) throw errorForVerdict(verdict, `${connection.where}: ${command}`);
}
