/** `npm run bench`: redferry beside its peers on the same data in the same run. See README.md here. */
import os from 'node:os';
import { BenchError } from './bench-error.js';
import { BUDGETS } from './budgets.js';
import { HELP, readOptions, type BenchOptions } from './options.js';
import { megabytes, prepareSet, type PreparedSet } from './prepared-set.js';
import { checkRows, importRows, inspectRows, type Row } from './rows.js';
import { checkRuns, importRuns, inspectRuns, type RunOptions, type Runs } from './runs.js';
import { serverVersion } from './server.js';
import { markdownTable, plainTable } from './table.js';

const REDIS_SERVER = 'redis-server';
const KINDS = {
  import: { run: importRuns, toRows: importRows },
  check: { run: checkRuns, toRows: checkRows },
  inspect: { run: inspectRuns, toRows: inspectRows },
} as const;
const note = (text: string): void => console.error(text);

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  // Exit handlers end the servers and the program being timed.
  process.once(signal, () => process.exit(code));
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options) process.exitCode = await bench(options);
  else console.log(HELP);
} catch (error) {
  console.error(error instanceof BenchError ? `bench: ${error.message}` : error);
  process.exitCode = error instanceof BenchError ? 2 : 1;
}

async function bench(options: BenchOptions): Promise<number> {
  const version = serverVersion(REDIS_SERVER);
  const machine = machineLine(version);
  note(machine);
  const sets: PreparedSet[] = [];
  for (const set of options.sets) sets.push(await prepareSet(set, { ...options, binary: REDIS_SERVER, version, note }));
  if (options.prepareOnly) return 0;

  const runOptions: RunOptions = { ...options, redisServer: REDIS_SERVER, redisCli: 'redis-cli', redisCheckRdb: 'redis-check-rdb', note };
  const rows: Row[] = [];
  const raw: { set: string; kind: string; runs: Runs }[] = [];
  for (const set of sets) {
    const budget = options.scale === 1 ? BUDGETS[set.name] : null;
    for (const kind of options.kinds) {
      const { run, toRows } = KINDS[kind];
      const runs = await run(set, runOptions);
      rows.push(...toRows(set.name, runs, budget));
      raw.push({ set: set.name, kind, runs });
    }
  }
  print(options, machine, sets, rows, raw);
  return options.strict && rows.some((row) => row.verdict?.met === false) ? 1 : 0;
}

function print(options: BenchOptions, machine: string, sets: PreparedSet[], rows: Row[], raw: unknown[]): void {
  const date = new Date().toISOString().slice(0, 10);
  if (options.format === 'json') {
    console.log(JSON.stringify({ date, machine, runs: options.runs, scale: options.scale, transport: options.transport, sets, rows, raw }));
    return;
  }
  const about = sets.map((set) => `${set.name}: ${set.content}${set.scale === 1 ? '' : ` × ${set.scale}`}; RDB ${megabytes(set.rdbBytes)}, RESTORE stream ${megabytes(set.streamBytes)}`);
  const markdown = options.format === 'markdown';
  console.log(`\n${date}, ${machine}, ${options.transport} socket, median (min–max) of ${options.runs}\n`);
  console.log(about.map((line) => (markdown ? `- ${line}` : line)).join('\n'));
  console.log(`\n${markdown ? markdownTable(rows) : plainTable(rows)}`);
}

function machineLine(version: string): string {
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown CPU';
  const load = os.loadavg()[0] ?? 0;
  return `${cpu}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}, Node ${process.versions.node}, redis-server ${version}, load ${load.toFixed(1)} at the start`;
}
