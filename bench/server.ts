/** Throwaway redis-servers: nothing persistent, own folder, gone with the bench whatever ends it. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from './bench-error.js';
import { RespClient } from './resp-client.js';

const START_TIMEOUT_MS = 300_000;
const running = new Set<() => void>();

process.on('exit', () => {
  for (const kill of running) kill();
});

export type Transport = 'unix' | 'tcp';

export interface Server {
  client: RespClient;
  /** As redferry's target. */
  target: string;
  /** As redis-cli's options. */
  cliArgs: string[];
  /** CPU seconds (user + system, all threads) since it started. */
  cpuSeconds: () => Promise<number>;
  stop(): Promise<void>;
}

/** "7.0.15" */
export function serverVersion(binary: string): string {
  let text: string;
  try {
    text = execFileSync(binary, ['--version'], { encoding: 'utf8' });
  } catch (cause) {
    throw new BenchError(`cannot run ${binary}. Install it (Debian: apt-get install redis-server) or put one on PATH.`, { cause });
  }
  const version = /v=((\d+)\.\d+\.\d+)/.exec(text);
  if (!version?.[1]) throw new BenchError(`${binary} --version says ${JSON.stringify(text.trim())}, which names no version`);
  if (Number(version[2]) < 7) throw new BenchError(`${binary} is ${version[1]}; the bench needs 7.0 or newer (PEXPIRETIME, enable-debug-command)`);
  return version[1];
}

/** Starts an empty server, or one that loads `rdb` (a file in `directory`), and waits until it answers. */
export async function startServer(options: { binary: string; transport?: Transport; directory?: string; rdb?: string }): Promise<Server> {
  // Not below the cache: a socket path may hold 107 bytes at most.
  const home = mkdtempSync(join(tmpdir(), 'rfbench-'));
  const socket = join(home, 's');
  const port = options.transport === 'tcp' ? await freePort() : 0;
  const child = spawn(
    options.binary,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', socket],
      ...['--dir', options.directory ?? home, '--dbfilename', options.rdb ?? 'dump.rdb', '--logfile', join(home, 'log')],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no', '--enable-debug-command', 'local'],
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${String(code ?? signal)}`));
  });
  const kill = (): void => {
    running.delete(kill);
    child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  };
  running.add(kill);

  try {
    const client = await Promise.race([waitUntilReady(socket), ended]);
    if (typeof client === 'string') throw new BenchError(`redis-server did not start: ${client}`);
    return {
      client,
      target: port === 0 ? `unix:${socket}` : `redis://127.0.0.1:${port}`,
      cliArgs: port === 0 ? ['-s', socket] : ['-h', '127.0.0.1', '-p', String(port)],
      cpuSeconds: () => usedCpu(client),
      async stop() {
        client.close();
        kill();
        await ended;
      },
    };
  } catch (error) {
    kill();
    throw error;
  }
}

async function waitUntilReady(socket: string): Promise<RespClient> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const client = await RespClient.connect({ path: socket }).catch(() => undefined);
    if (client) {
      const [reply] = await client.callAll([['PING']]);
      if (reply === 'PONG') return client;
      client.close(); // still loading
    }
    await sleep(20);
  }
  throw new BenchError(`redis-server gave no answer within ${START_TIMEOUT_MS / 1000} s`);
}

async function usedCpu(client: RespClient): Promise<number> {
  const info = String(await client.call('INFO', 'cpu'));
  const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? NaN);
  return field('used_cpu_user') + field('used_cpu_sys');
}

/** A TCP port nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
