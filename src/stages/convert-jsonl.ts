/** JSON lines as output: one line for each key, values never abbreviated; docs/json-lines.md. */

import { UnsupportedInputError } from '../errors.js';
import { Engine, EngineEvent } from '../rdb/engine.js';
import { JSON_REGIONS, writeJsonLines } from '../rdb/json-lines.js';
import type { PartSource } from '../rdb/part-source.js';
import { endPart, scanPart } from '../rdb/scan-part.js';
import type { Scanner } from '../rdb/scanner.js';
import type { OutputFile } from '../stores/output-file.js';
import type { ConvertJob } from './convert-formats.js';
import { refuseTrailing } from './survey-inputs.js';

/** The inputs, one after another, in one file. Each is read once: nothing has the file's name before all is written. */
export async function writeJsonl(job: ConvertJob): Promise<void> {
  const file = await job.open(job.options.output);
  const engine = await Engine.create(JSON_REGIONS);
  for (const source of job.sources) await writePart(job, engine, source, file);
}

async function writePart(job: ConvertJob, engine: Engine, source: PartSource, file: OutputFile): Promise<void> {
  const { ctx, counts, options, selection, now } = job;
  const before = { ...counts.keys };
  const stream = await source.open();
  const scanner = scanPart(engine, source, stream, ctx, 'convert');
  const around = new Around(job, scanner);
  try {
    await writeJsonLines(scanner, file, { selection, dbMap: options.selection.dbMap, now, onEvent: (event) => around.take(event) });
    refuseTrailing(source.name, engine.offset, (await scanner.trailing())[0]);
  } finally {
    counts.keys.read = before.read + engine.keysRead;
    counts.keys.written = before.written + engine.lines;
    counts.keys.skippedExpired = before.skippedExpired + engine.keysExpired;
    counts.keys.skippedFiltered = before.skippedFiltered + engine.keysFiltered;
    counts.outputKeys[0] = counts.keys.written;
    await endPart(scanner, stream);
    ctx.report.progress({ stage: 'convert', part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: engine.keysRead });
  }
  around.warn();
}

/** What a file holds besides keys, and what lines cannot show of them. */
class Around {
  readonly #job: ConvertJob;
  readonly #scanner: Scanner;
  #functions = 0;

  constructor(job: ConvertJob, scanner: Scanner) {
    this.#job = job;
    this.#scanner = scanner;
  }

  take(event: number): void {
    if (event === EngineEvent.function) this.#functions++;
    else if (event === EngineEvent.update) {
      throw new UnsupportedInputError(this.#scanner.place(), 'a command stands inside the file (Valkey, saved without fork), which this version does not carry out.');
    }
  }

  warn(): void {
    const { warnings } = this.#job;
    const { name, engine } = this.#scanner;
    if (this.#functions > 0) warnings.add('convert.functions', `${name}: function libraries are no keys, and so on no line.`, this.#functions);
    if (engine.keysEmpty > 0) warnings.add('input.emptyKeys', `${name}: collections without elements, which servers skip (up to 6.0 some keep them).`, engine.keysEmpty);
    if (engine.nullLines > 0) warnings.add('convert.nullValues', `${name}: values of modules, arrays and hash templates, written as null.`, engine.nullLines);
    if (engine.unsortedLines > 0) warnings.add('convert.unsorted', `${name}: values above 64 MiB, whose members stand in the order of the file, unsorted.`, engine.unsortedLines);
  }
}
