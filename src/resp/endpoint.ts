/** Where a server is and how to get in: made by src/config from a location, environment and flags. */

import type { Secret } from './secret.js';

export interface TlsOptions {
  /** PEM text, not a path. */
  ca?: string;
  cert?: string;
  key?: string;
  /** Name asked for (SNI) and checked in the certificate; the host when left out. */
  serverName?: string;
  /** true: the certificate is not checked. */
  insecure: boolean;
}

export type Address = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string };

export type Endpoint = Address & {
  /** Present for rediss://. */
  tls?: TlsOptions;
  username?: string;
  password?: Secret;
  /** db of the location, 0 when it names none; the import maps dbs itself and does not need it. */
  db: number;
  /** Milliseconds to establish a connection, AUTH included. */
  connectTimeoutMs: number;
};

/** "127.0.0.1:6379", "[::1]:6379" or "unix:/run/redis.sock": fit for messages, never a credential. */
export function describeEndpoint(endpoint: Address): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
