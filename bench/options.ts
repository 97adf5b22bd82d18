/** The bench's command line. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.js';
import type { Tool } from './runs.js';
import type { Transport } from './server.js';
import { SETS, type SetDefinition } from './sets.js';

export const HELP = `npm run bench -- [options]

Times \`redferry import\` beside \`redis-cli --pipe\`, and \`redferry check\` beside \`redis-check-rdb\`,
on generated data and a throwaway redis-server (7.0 or newer), and prints the budget beside each.

  --set S,M,L,B       which data sets (default: these four; 3.1 GB of cache at full scale).
                      H: a string of 500 MB and a hash of 20 M fields, 1.8 GB more
  --runs N            runs of each tool, in turn (default 3)
  --only import,check,inspect
                      what to time (default: import,check)
  --transport unix|tcp
                      how the server is reached (default unix)
  --scale X           0.001 makes the sets a thousand times smaller; budgets are judged at 1 only
  --tool redferry,peer
                      leave one out
  --redferry PATH     another build's bin/redferry
  --no-digest         do not compare DEBUG DIGEST with a native load (the number of keys always is)
  --prepare           only make the sets
  --json              one JSON object on stdout, every run in it
  --markdown          the table as bench/README.md has it
  --strict            exit 1 when a budget is missed
  --help

The sets are kept in $REDFERRY_BENCH_DIR (default: ${join(tmpdir(), 'redferry-bench')}).
`;

const KINDS = ['import', 'check', 'inspect'] as const;
const TOOLS = ['redferry', 'peer'] as const;
const TRANSPORTS = ['unix', 'tcp'] as const;

export type Kind = (typeof KINDS)[number];

export interface BenchOptions {
  sets: SetDefinition[];
  runs: number;
  kinds: Kind[];
  tools: Tool[];
  transport: Transport;
  scale: number;
  redferry: string;
  directory: string;
  digest: boolean;
  prepareOnly: boolean;
  format: 'table' | 'markdown' | 'json';
  strict: boolean;
}

/** @returns undefined when help is asked for */
export function readOptions(argv: string[], environment: NodeJS.ProcessEnv): BenchOptions | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  const names = pick('--set', values.set, SETS.map((set) => set.name));
  const kinds = pick('--only', values.only, KINDS);
  const tools = pick('--tool', values.tool, TOOLS);
  const redferry = resolve(values.redferry);
  if (!values.prepare && tools.includes('redferry') && !existsSync(redferry)) throw new BenchError(`${redferry}: not there. Build first (npm run build) or leave redferry out with --tool peer.`);
  return {
    sets: SETS.filter((set) => names.includes(set.name)),
    runs: positive('--runs', values.runs),
    kinds,
    tools,
    transport: pick('--transport', values.transport, TRANSPORTS)[0]!,
    scale: positive('--scale', values.scale),
    redferry,
    directory: resolve(environment['REDFERRY_BENCH_DIR'] ?? join(tmpdir(), 'redferry-bench')),
    digest: !values['no-digest'],
    prepareOnly: values.prepare,
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'table',
    strict: values.strict,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        set: { type: 'string', default: 'S,M,L,B' },
        runs: { type: 'string', default: '3' },
        only: { type: 'string', default: 'import,check' },
        tool: { type: 'string', default: 'redferry,peer' },
        transport: { type: 'string', default: 'unix' },
        scale: { type: 'string', default: '1' },
        // From .cache/bench, where this file is compiled to.
        redferry: { type: 'string', default: fileURLToPath(new URL('../../bin/redferry', import.meta.url)) },
        'no-digest': { type: 'boolean', default: false },
        prepare: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        markdown: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new BenchError(`${cause instanceof Error ? cause.message : String(cause)}. See --help.`, { cause });
  }
}

function pick<T extends string>(option: string, text: string, allowed: readonly T[]): T[] {
  return text.split(',').map((name) => {
    const found = allowed.find((one) => one === name.trim());
    if (found === undefined) throw new BenchError(`${option}: ${JSON.stringify(name)} is none of ${allowed.join(', ')}`);
    return found;
  });
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new BenchError(`${option}: ${JSON.stringify(text)} is no positive number`);
  return number;
}
