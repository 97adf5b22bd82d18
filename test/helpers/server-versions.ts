/** Which real servers this machine has: the one on PATH and those that scripts/servers fetched for the version matrix. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface ServerVersion {
  /** "7.0.15", "valkey-9.1.2" */
  name: string;
  product: 'redis' | 'valkey';
  /** [7, 0, 15] */
  version: readonly [number, number, number];
  binary: string;
}

/** True when the whole version matrix is asked for; without it tests run against one server. */
export const FULL_MATRIX = process.env['REDFERRY_TEST_MATRIX'] === '1';

export function serversDir(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return process.env['REDFERRY_SERVERS_DIR'] ?? join(cache, 'redferry-servers');
}

let found: ServerVersion[] | undefined;

/** PATH's redis-server (or valkey-server) first, then what the servers directory holds, oldest first. Each was asked for its version. */
export function availableServers(): ServerVersion[] {
  found ??= findServers();
  return found;
}

/** The servers a test of the matrix runs against: all of them in the full matrix, otherwise only the first. */
export function matrixServers(): ServerVersion[] {
  return FULL_MATRIX ? availableServers() : availableServers().slice(0, 1);
}

/** The server of PATH, which every test may rely on. */
export function defaultServer(): ServerVersion {
  const first = availableServers()[0];
  if (first === undefined) {
    throw new Error('no redis-server on PATH and none in the servers directory. Install one (Debian: apt-get install redis-server) or run ./scripts/servers.');
  }
  return first;
}

/** Whether a server is at least major.minor in its own product's numbering. */
export function atLeast(server: ServerVersion, major: number, minor = 0): boolean {
  return server.version[0] > major || (server.version[0] === major && server.version[1] >= minor);
}

/** Hash-field expiry: Redis 7.4 and Valkey 9. */
export function hasFieldExpiry(server: ServerVersion): boolean {
  return server.product === 'redis' ? atLeast(server, 7, 4) : atLeast(server, 9);
}

function findServers(): ServerVersion[] {
  const onPath = ask('redis-server') ?? ask('valkey-server');
  const dir = serversDir();
  const others = (existsSync(dir) ? readdirSync(dir) : [])
    .map((name) => join(dir, name, 'bin', 'redis-server'))
    .filter((binary) => existsSync(binary))
    .map(ask)
    .filter((server) => server !== undefined)
    .filter((server) => server.name !== onPath?.name)
    .sort(compareServers);
  return onPath === undefined ? others : [onPath, ...others];
}

function compareServers(a: ServerVersion, b: ServerVersion): number {
  if (a.product !== b.product) return a.product === 'redis' ? -1 : 1;
  return a.version[0] - b.version[0] || a.version[1] - b.version[1] || a.version[2] - b.version[2];
}

function ask(binary: string): ServerVersion | undefined {
  let words: string;
  try {
    words = execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined; // not there, or its libraries are not
  }
  const match = /^(Redis|Valkey) server v=(\d+)\.(\d+)\.(\d+)/.exec(words);
  if (match === null) return undefined;
  const product = match[1] === 'Valkey' ? 'valkey' : 'redis';
  const version = [Number(match[2]), Number(match[3]), Number(match[4])] as const;
  return { name: `${product === 'valkey' ? 'valkey-' : ''}${version.join('.')}`, product, version, binary };
}
