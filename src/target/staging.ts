/** Staging keys of runs that died: values that were being built by commands and were never renamed. */

import type { RespConnection } from '../resp/connection.js';

/** As src/engine/commands.ts writes it. */
const PREFIX = 'redferry-staging:';
/** A run that is alive touches the key it builds with every batch. */
const DEAD_AFTER_SECONDS = 60;

/** Removes them in the given databases; resolves to how many. Where SCAN or OBJECT is refused, nothing is touched. */
export async function removeLeftovers(connection: RespConnection, dbs: Iterable<number>, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (const db of dbs) {
    if ((await connection.call(['SELECT', db])).kind === 'error') continue;
    let cursor = '0';
    do {
      signal.throwIfAborted();
      const reply = await connection.call(['SCAN', cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 10_000]);
      if (reply.kind !== 'array') break;
      const [next, keys] = reply.items;
      cursor = next?.kind === 'bulk' ? Buffer.from(next.bytes).toString('latin1') : '0';
      for (const key of keys?.kind === 'array' ? keys.items : []) {
        if (key.kind === 'bulk' && (await isDead(connection, key.bytes))) {
          await connection.call(['DEL', key.bytes]);
          removed++;
        }
      }
    } while (cursor !== '0');
  }
  return removed;
}

async function isDead(connection: RespConnection, key: Uint8Array): Promise<boolean> {
  const idle = await connection.call(['OBJECT', 'IDLETIME', key]);
  return idle.kind === 'integer' && Number(idle.value) >= DEAD_AFTER_SECONDS;
}
