/** check, import, verify in one, with one report. */

import { RedferryError, UsageError } from '../errors.js';
import type { StageContext } from '../context.js';
import { checkStage } from './check.js';
import { importStage } from './import.js';
import type { RunOptions } from './options.js';
import type { ResultWarning, RunResult, StageResult } from './results.js';
import { verifyStage } from './verify.js';

/** The first stage that fails ends the run with its error, which carries the results of all. */
export async function runStage(options: RunOptions, ctx: StageContext): Promise<RunResult> {
  const started = Date.now();
  if (options.inputs.includes('-')) {
    throw new UsageError('run reads the backup three times: found - (stdin), which can be read once.', { hint: 'Use redferry import for a pipe, or give the file by its path.' });
  }
  const run: RunResult = { command: 'run', ok: false, exitCode: 1, target: options.targetName, check: null, import: null, verify: null, warnings: [], elapsedMs: 0 };
  try {
    ctx.report.log('info', 'run: check');
    run.check = await checkStage(options, ctx);
    ctx.report.log('info', 'run: import');
    run.import = await importStage(options, ctx);
    ctx.report.log('info', 'run: verify');
    run.verify = await verifyStage(options, ctx);
    return finish(run, 0, started);
  } catch (error) {
    if (!(error instanceof RedferryError)) throw error;
    const partial = error.result as StageResult | undefined;
    if (partial?.command === 'check') run.check = partial;
    else if (partial?.command === 'import') run.import = partial;
    else if (partial?.command === 'verify') run.verify = partial;
    error.result = finish(run, error.exitCode, started);
    throw error;
  }
}

function finish(run: RunResult, exitCode: number, started: number): RunResult {
  const warnings = [run.check, run.import, run.verify].flatMap((result) => result?.warnings ?? []);
  return { ...run, ok: exitCode === 0, exitCode, warnings: uniqueById(warnings), elapsedMs: Date.now() - started };
}

/** Each stage sees the same parts: a warning of one is not three. */
function uniqueById(warnings: readonly ResultWarning[]): ResultWarning[] {
  return [...new Map(warnings.map((warning) => [warning.id, warning])).values()];
}
