/** What a target was *seen* to accept. Nothing in here follows from a version string. */

import type { StreamCommands } from '../rdb/engine-setup.js';
import type { Dialect } from '../rdb/types.js';

export interface ServerFacts {
  product: 'redis' | 'valkey' | 'unknown';
  /** For people only. */
  version: string | null;
  runId: string | null;
  mode: 'standalone' | 'cluster' | 'sentinel' | 'unknown';
  role: 'master' | 'slave' | 'unknown';
  /** Bytes; 0: no limit; null: not told. */
  maxmemory: number | null;
  maxmemoryPolicy: string | null;
  usedMemory: number | null;
}

export interface BlockedCommand {
  command: string;
  /** The server's words. */
  text: string;
  /** Refused to this user (ACL); otherwise the server does not have it, or it was renamed. */
  permission: boolean;
}

export interface TargetProfile {
  server: ServerFacts;
  /** RESTORE footer versions accepted, ascending; of those from 6 to 16, 80 and 81. Empty where RESTORE is blocked. */
  footers: readonly number[];
  /** Highest of them below 80 (Redis' numbers) and from 80 on (Valkey's). */
  highestFooter: { redis: number | null; valkey: number | null };
  restore: boolean;
  replace: boolean;
  absttl: boolean;
  idletime: boolean;
  freq: boolean;
  /** SET … NX PX ms, SET … NX PXAT ms. */
  setPx: boolean;
  setPxat: boolean;
  /** HSET takes more than one field. */
  hsetManyFields: boolean;
  /** What the commands of streams take; null: there are none. */
  streams: StreamCommands | null;
  /** RDB type bytes that RESTORE took as a well-formed small value, by what the byte means in each dialect. */
  knownTypes: Readonly<Record<Dialect, ReadonlySet<number>>>;
  /** Its own: valkey where footers from 80 on are accepted. */
  dialect: Dialect;
  /** How many dbs SELECT takes; null: could not be found out. */
  databases: number | null;
  functions: boolean;
  modules: { name: string; version: number }[] | null;
  /** The target's clock when it was asked; milliseconds since 1970. */
  timeMs: number;
  /** Target's clock minus ours; 0 where TIME is blocked. */
  clockOffsetMs: number;
  /** Bytes; null: not told. */
  limits: { protoMaxBulkLen: number | null; clientQueryBufferLimit: number | null };
  blocked: BlockedCommand[];
  /** By db; null: INFO is blocked. */
  keyspace: Map<number, { keys: number; expires: number }> | null;
}
