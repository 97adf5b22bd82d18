/** One sitting: makes the sets, times what was asked for, and returns rows and every run. */
import os from 'node:os';
import { BUDGETS } from './budgets.js';
import type { BenchOptions } from './options.js';
import { prepareSet, type PreparedSet } from './prepared-set.js';
import { checkRows, importRows, inspectRows, type Row } from './rows.js';
import { checkRuns, importRuns, inspectRuns, type RunOptions, type Runs } from './runs.js';
import { serverVersion } from './server.js';

const REDIS_SERVER = 'redis-server';

const KINDS = {
  import: { run: importRuns, toRows: importRows },
  check: { run: checkRuns, toRows: checkRows },
  inspect: { run: inspectRuns, toRows: inspectRows },
} as const;

export interface BenchResult {
  /** YYYY-MM-DD */
  date: string;
  machine: string;
  runs: number;
  scale: number;
  transport: string;
  sets: PreparedSet[];
  rows: Row[];
  raw: { set: string; kind: string; runs: Runs }[];
}

/** @param note told what goes on, a line at a time. Throws BenchError when a tool fails or its result is not what the file holds. */
export async function bench(options: BenchOptions, note: (text: string) => void): Promise<BenchResult> {
  const version = serverVersion(REDIS_SERVER);
  const result: BenchResult = {
    date: new Date().toISOString().slice(0, 10),
    machine: machineLine(version),
    runs: options.runs,
    scale: options.scale,
    transport: options.transport,
    sets: [],
    rows: [],
    raw: [],
  };
  note(result.machine);
  for (const set of options.sets) result.sets.push(await prepareSet(set, { ...options, binary: REDIS_SERVER, version, note }));
  if (options.prepareOnly) return result;

  const runOptions: RunOptions = { ...options, redisServer: REDIS_SERVER, redisCli: 'redis-cli', redisCheckRdb: 'redis-check-rdb', note };
  for (const set of result.sets) {
    const budget = options.scale === 1 ? BUDGETS[set.name] : null;
    for (const kind of options.kinds) {
      const { run, toRows } = KINDS[kind];
      const runs = await run(set, runOptions);
      result.rows.push(...toRows(set.name, runs, budget));
      result.raw.push({ set: set.name, kind, runs });
    }
  }
  return result;
}

function machineLine(version: string): string {
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown CPU';
  const load = os.loadavg()[0] ?? 0;
  return `${cpu}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release().split('-', 1).join('')}, Node ${process.versions.node}, redis-server ${version}, load ${load.toFixed(1)} at the start`;
}
