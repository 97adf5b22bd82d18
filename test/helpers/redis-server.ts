/** Starts throwaway Redis and Valkey servers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { certificates } from './certificates.js';
import { defaultServer, type ServerVersion } from './server-versions.js';

export interface StartOptions {
  version?: ServerVersion;
  /** Further lines of redis.conf; later lines win over the defaults. */
  config?: string[];
  /** An RDB the server loads when it starts. */
  rdb?: string;
  /** Serve TLS as well, on `tlsPort`, with certificates of our own CA. */
  tls?: boolean | 'client-certificate';
  /** Ask for this password (of the default user). */
  password?: string;
}

export interface RedisServer {
  readonly version: ServerVersion;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly tlsPort: number | null;
  readonly socketPath: string;
  readonly dir: string;
  readonly pid: number;
  /** redis://127.0.0.1:port */
  readonly url: string;
  /** A new ioredis client; closed by `stop`. */
  client(options?: RedisOptions): Redis;
  log(): string;
  /** Ends the process (SIGKILL: there is nothing to keep) and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  dir: string;
}

const running = new Set<Running>();
process.on('exit', () => {
  for (const { child, dir } of running) {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
});

/** Resolves when the server answers PING (so after it loaded its RDB). Throws with its log when it does not start. */
export async function startServer(options: StartOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Another process may take a port between our look and the server's bind.
      if (attempt === 3 || !(error instanceof Error) || !error.message.includes('Address already in use')) throw error;
    }
  }
}

async function startOnce(options: StartOptions): Promise<RedisServer> {
  const version = options.version ?? defaultServer();
  // Short and without spaces: a unix socket's path has 107 bytes, and redis.conf wants quotes around spaces.
  const dir = mkdtempSync(join(tmpdir(), 'rf-redis-'));
  const port = await freePort();
  const tlsPort = options.tls === undefined || options.tls === false ? null : await freePort();
  const socketPath = join(dir, 's');
  if (options.rdb !== undefined) copyFileSync(options.rdb, join(dir, 'dump.rdb'));
  const config = [
    `port ${port}`,
    'bind 127.0.0.1',
    `unixsocket ${socketPath}`,
    `dir ${dir}`,
    'save ""',
    'appendonly no',
    'loglevel notice',
    `logfile ${join(dir, 'log')}`,
    ...debugLines(version),
    ...(options.password === undefined ? [] : [`requirepass ${options.password}`]),
    ...tlsLines(tlsPort, options.tls),
    ...(options.config ?? []),
  ];
  writeFileSync(join(dir, 'redis.conf'), `${config.join('\n')}\n`);

  const child = spawnBound(version.binary, [join(dir, 'redis.conf')]);
  const entry = { child, dir };
  running.add(entry);
  const clients: Redis[] = [];
  const log = (): string => (existsSync(join(dir, 'log')) ? readFileSync(join(dir, 'log'), 'utf8') : '');
  const stop = async (): Promise<void> => {
    for (const client of clients) client.disconnect();
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
    running.delete(entry);
  };
  const server: RedisServer = {
    version,
    host: '127.0.0.1',
    port,
    tlsPort,
    socketPath,
    dir,
    pid: child.pid ?? -1,
    url: `redis://127.0.0.1:${port}`,
    client(clientOptions) {
      const client = new Redis({
        path: socketPath,
        ...(options.password === undefined ? {} : { password: options.password }),
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
        enableReadyCheck: false,
        ...clientOptions,
      });
      client.on('error', () => undefined); // the command that fails rejects; an event without a listener would be printed
      clients.push(client);
      return client;
    },
    log,
    stop,
  };
  try {
    await ready(server, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return server;
}

async function ready(server: RedisServer, child: ChildProcess): Promise<void> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${server.version.name} ended at start (${child.exitCode ?? child.signalCode}): ${stderr}${server.log()}`);
    }
    if (existsSync(server.socketPath)) {
      const client = server.client();
      try {
        const answer = await client.ping().catch((error: unknown) => String(error));
        if (answer === 'PONG' || answer.includes('NOAUTH')) return;
      } finally {
        client.disconnect();
      }
    }
    await sleep(15);
  }
  throw new Error(`${server.version.name} did not answer within 30 s: ${server.log()}`);
}

/** setpriv ties the server's life to ours, so that even a killed test run leaves no server behind. */
function spawnBound(binary: string, args: string[]): ChildProcess {
  const stdio: ['ignore', 'ignore', 'pipe'] = ['ignore', 'ignore', 'pipe'];
  return existsSync('/usr/bin/setpriv')
    ? spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', binary, ...args], { stdio })
    : spawn(binary, args, { stdio });
}

/** From 7.0 DEBUG is off unless configured. */
function debugLines(version: ServerVersion): string[] {
  return version.version[0] >= 7 ? ['enable-debug-command yes'] : [];
}

function tlsLines(tlsPort: number | null, tls: StartOptions['tls']): string[] {
  if (tlsPort === null) return [];
  const { ca, serverCert, serverKey } = certificates();
  return [
    `tls-port ${tlsPort}`,
    `tls-cert-file "${serverCert}"`,
    `tls-key-file "${serverKey}"`,
    `tls-ca-cert-file "${ca}"`,
    `tls-auth-clients ${tls === 'client-certificate' ? 'yes' : 'no'}`,
  ];
}

/** A port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}
