/** INFO, as redis and valkey write it: `field:value` lines under `# Section` headings. */

import type { ServerFacts } from './profile.js';

export type Info = ReadonlyMap<string, string>;

export function parseInfo(text: string): Info {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** `dbN:keys=…,expires=…` lines; a db without keys has none. */
export function keyspaceOf(info: Info): Map<number, { keys: number; expires: number }> {
  const keyspace = new Map<number, { keys: number; expires: number }>();
  for (const [field, value] of info) {
    const db = /^db(\d+)$/.exec(field)?.[1];
    const counts = /^keys=(\d+),expires=(\d+)/.exec(value);
    if (db !== undefined && counts !== null) keyspace.set(Number(db), { keys: Number(counts[1]), expires: Number(counts[2]) });
  }
  return keyspace;
}

export function serverFacts(info: Info): ServerFacts {
  const valkey = info.get('valkey_version');
  const redis = info.get('redis_version');
  const role = info.get('role');
  const mode = info.get('server_mode') ?? info.get('redis_mode');
  // Dragonfly tells a redis_version too, of the Redis it resembles.
  const other = info.has('dragonfly_version');
  return {
    product: other ? 'unknown' : valkey !== undefined ? 'valkey' : redis !== undefined ? 'redis' : 'unknown',
    version: valkey ?? redis ?? null,
    runId: info.get('run_id') ?? null,
    mode: mode === 'standalone' || mode === 'cluster' || mode === 'sentinel' ? mode : 'unknown',
    role: role === 'master' || role === 'slave' ? role : 'unknown',
    maxmemory: numberOf(info.get('maxmemory')),
    maxmemoryPolicy: info.get('maxmemory_policy') ?? null,
    usedMemory: numberOf(info.get('used_memory')),
  };
}

export function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
