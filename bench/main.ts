/** `npm run bench`: redferry beside its peers on the same data in the same run. See README.md here. */
import { BenchError } from './bench-error.js';
import { bench, type BenchResult } from './bench.js';
import { HELP, readOptions, type BenchOptions } from './options.js';
import { megabytes } from './prepared-set.js';
import { markdownTable, plainTable } from './table.js';

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  // Exit handlers end the servers and the program being timed.
  process.once(signal, () => process.exit(code));
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options) await run(options);
  else console.log(HELP);
} catch (error) {
  console.error(error instanceof BenchError ? `bench: ${error.message}` : error);
  process.exitCode = error instanceof BenchError ? 2 : 1;
}

async function run(options: BenchOptions): Promise<void> {
  const result = await bench(options, (text) => console.error(text));
  if (options.format === 'json') console.log(JSON.stringify(result));
  else if (!options.prepareOnly) console.log(report(result, options.format === 'markdown'));
  if (options.strict && result.rows.some((row) => row.verdict?.met === false)) process.exitCode = 1;
}

function report(result: BenchResult, markdown: boolean): string {
  const sets = result.sets.map((set) => {
    const scale = set.scale === 1 ? '' : ` × ${set.scale}`;
    return `${markdown ? '- ' : ''}${set.name}: ${set.content}${scale}; RDB ${megabytes(set.rdbBytes)}, RESTORE stream ${megabytes(set.streamBytes)}`;
  });
  const where = `${result.date}, ${result.machine}, ${result.transport} socket, median (min–max) of ${result.runs}`;
  return [where, sets.join('\n'), markdown ? markdownTable(result.rows) : plainTable(result.rows)].join('\n\n');
}
