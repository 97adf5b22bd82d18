/** The timed runs: redferry and its peer in turn, each import into a fresh server, each result checked. */
import { BenchError } from './bench-error.js';
import { measure, warm, type Measurement } from './measure.js';
import type { PreparedSet } from './prepared-set.js';
import { startServer, type Transport } from './server.js';

export type Tool = 'redferry' | 'peer';

export interface Run extends Omit<Measurement, 'stdout' | 'stderr' | 'exitCode'> {
  /** CPU seconds of the server; imports only. */
  serverCpu?: number;
}

export type Runs = Record<Tool, Run[]>;

export interface RunOptions {
  runs: number;
  tools: readonly Tool[];
  /** redferry's launcher. */
  redferry: string;
  redisServer: string;
  redisCli: string;
  redisCheckRdb: string;
  transport: Transport;
  /** Compares DEBUG DIGEST once per tool. */
  digest: boolean;
  note: (text: string) => void;
}

/** `redferry import <rdb> <target>` beside `redis-cli --pipe < stream`. */
export async function importRuns(set: PreparedSet, options: RunOptions): Promise<Runs> {
  await warm(set.rdb);
  await warm(set.stream);
  return alternate(set, 'import', options, (tool, round) => importOnce(set, tool, options, options.digest && round === 0));
}

/** `redferry check <rdb>` beside `redis-check-rdb <rdb>`. */
export async function checkRuns(set: PreparedSet, options: RunOptions): Promise<Runs> {
  await warm(set.rdb);
  return alternate(set, 'check', options, async (tool) => {
    const command = tool === 'redferry' ? [options.redferry, 'check', '--json', '--no-progress', set.rdb] : [options.redisCheckRdb, set.rdb];
    const result = await measure(command);
    demandSuccess(command, result);
    if (tool === 'redferry') demandKeys(command, set, json(command, result).keys?.read);
    return strip(result);
  });
}

/** `redferry inspect <rdb>`; nothing that Debian carries does the same, so there is no peer. */
export async function inspectRuns(set: PreparedSet, options: RunOptions): Promise<Runs> {
  await warm(set.rdb);
  const tools = options.tools.filter((tool) => tool === 'redferry');
  return alternate(set, 'inspect', { ...options, tools }, async () => {
    const command = [options.redferry, 'inspect', '--json', '--no-progress', set.rdb];
    const result = await measure(command);
    demandSuccess(command, result);
    return strip(result);
  });
}

async function alternate(set: PreparedSet, what: string, options: RunOptions, once: (tool: Tool, round: number) => Promise<Run>): Promise<Runs> {
  const runs: Runs = { redferry: [], peer: [] };
  for (let round = 0; round < options.runs; round++) {
    for (const tool of options.tools) {
      const run = await once(tool, round);
      runs[tool].push(run);
      const server = run.serverCpu === undefined ? '' : `, server ${run.serverCpu.toFixed(2)} s`;
      const foreign = run.foreignCores === null ? '' : `, others ${run.foreignCores.toFixed(1)} cores`;
      options.note(`${set.name} ${what} ${round + 1}/${options.runs} ${tool}: ${run.wall.toFixed(2)} s, CPU ${run.cpu.toFixed(2)} s${server}, RSS ${run.rssMb?.toFixed(0) ?? '?'} MB${foreign}`);
    }
  }
  return runs;
}

async function importOnce(set: PreparedSet, tool: Tool, options: RunOptions, digest: boolean): Promise<Run> {
  const server = await startServer({ binary: options.redisServer, transport: options.transport });
  try {
    const command =
      tool === 'redferry' ? [options.redferry, 'import', '--json', '--no-progress', set.rdb, server.target] : [options.redisCli, ...server.cliArgs, '--pipe'];
    const before = await server.cpuSeconds();
    const result = await measure(command, { otherCpu: server.cpuSeconds, ...(tool === 'peer' ? { stdinFile: set.stream } : {}) });
    const serverCpu = (await server.cpuSeconds()) - before;
    demandSuccess(command, result);
    if (tool === 'redferry') demandKeys(command, set, json(command, result).keys?.written);
    demandKeys(command, set, await server.client.call('DBSIZE'));
    if (digest) {
      const found = String(await server.client.call('DEBUG', 'DIGEST'));
      if (found !== set.digest) throw new BenchError(`${command.join(' ')}: DEBUG DIGEST is ${found} after it; a server that loads the file itself has ${set.digest}`);
    }
    return { ...strip(result), serverCpu };
  } finally {
    await server.stop();
  }
}

function demandSuccess(command: string[], result: Measurement): void {
  if (result.exitCode === 0) return;
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n');
  throw new BenchError(`${command.join(' ')}: exit ${result.exitCode}\n${said}`);
}

function demandKeys(command: string[], set: PreparedSet, found: unknown): void {
  if (found !== set.keys) throw new BenchError(`${command.join(' ')}: ${String(found)} keys, the file holds ${set.keys}`);
}

function json(command: string[], result: Measurement): { keys?: { read?: number; written?: number } } {
  try {
    return JSON.parse(result.stdout) as { keys?: { read?: number; written?: number } };
  } catch (cause) {
    throw new BenchError(`${command.join(' ')}: stdout is not one JSON object: ${result.stdout.slice(0, 200)}`, { cause });
  }
}

function strip({ wall, cpu, rssMb, foreignCores }: Measurement): Run {
  return { wall, cpu, rssMb, foreignCores };
}
