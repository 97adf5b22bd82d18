/** A backup as another file: RDB, JSON lines, RESP. What is written appears under its name only when all of it is done. */

import { PartialError, RedferryError, UsageError } from '../errors.js';
import type { StageContext } from '../context.js';
import { openOutput, type OutputFile } from '../stores/output-file.js';
import { LISTED_FAILURES } from '../target/load-tally.js';
import { CONVERT_WRITERS, type ConvertCounts } from './convert-formats.js';
import { CONVERT_FORMATS, type ConvertOptions } from './options.js';
import type { ConvertResult } from './results.js';
import { selectionOf } from './selection.js';
import { openInputs } from './survey-inputs.js';
import { Warnings } from './warnings.js';

/**
 * Throws PartialError where keys were left out that could not be written, and whatever ended the run before its end; each
 * carries the result as far as it got.
 */
export async function convertStage(options: ConvertOptions, ctx: StageContext): Promise<ConvertResult> {
  const now = Date.now();
  const warnings = new Warnings(ctx);
  const format = CONVERT_FORMATS.find(({ name }) => name === options.format);
  if (options.split !== null && format?.divides !== true) throw new UsageError(`Keys are divided among RDB files only, not ${options.format}.`);
  if (options.split !== null && options.output === '-') throw new UsageError('Several files cannot go to stdout: expected a name for them.');
  const sources = await openInputs(options.inputs);
  const counts: ConvertCounts = {
    keys: { read: 0, written: 0, skippedExpired: 0, skippedFiltered: 0, skippedExisting: 0, failed: 0 },
    plan: { copy: 0, rebuild: 0, set: 0, restore: 0, commands: 0 }, functions: 0, failures: [], outputKeys: [],
  };
  const files: OutputFile[] = [];
  const resultOf = (exitCode: number): ConvertResult => ({
    command: 'convert', ok: exitCode === 0, exitCode,
    outputs: exitCode !== 0 && exitCode !== 3 ? [] : files.map((file, i) => ({
      path: file.path, format: options.format, bytes: file.bytes, keys: counts.outputKeys[i] ?? 0, sha256: file.sha256(),
    })),
    keys: counts.keys, plan: counts.plan, functions: counts.functions, failures: counts.failures, warnings: warnings.list, elapsedMs: Date.now() - now,
  });
  const open = async (path: string): Promise<OutputFile> => {
    const file = await openOutput(path, options.force);
    files.push(file);
    return file;
  };
  try {
    await CONVERT_WRITERS[options.format]({ sources, options, selection: selectionOf(options.selection), now, ctx, warnings, open, counts });
    ctx.signal.throwIfAborted();
    for (const file of files) await file.finish();
    for (const file of files) await file.publish();
  } catch (error) {
    if (error instanceof RedferryError) error.result = resultOf(error.exitCode);
    throw error;
  } finally {
    for (const file of files) await file.discard();
  }
  const { failed, written } = counts.keys;
  if (failed === 0) return resultOf(0);
  if (failed > LISTED_FAILURES) warnings.add('convert.failuresListed', `Only the first ${LISTED_FAILURES} failures are listed.`, failed - LISTED_FAILURES);
  throw new PartialError(`${options.output}: ${failed} keys could not be written, ${written} were.`, {
    result: resultOf(3), hint: 'Each is listed with its place in the backup and the reason.',
  });
}
