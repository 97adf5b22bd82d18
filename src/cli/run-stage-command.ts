/** A stage's command: options are read, the stage runs with a signal and a reporter, its result or error is printed. */

import { terminalWishes } from '../config/environment.js';
import type { OutputOptions } from '../config/groups/output.js';
import { misspeltVariables } from '../config/unknown-variables.js';
import { InterruptedError, RedferryError, RetryableError } from '../errors.js';
import { describeFailure, failureJson, failureText } from '../report/failure.js';
import { renderJson, renderResult } from '../report/render-result.js';
import { createReporter, type CommandReporter } from '../report/reporter.js';
import { styleFor } from '../report/style.js';
import type { ResultWarning, StageResult } from '../stages/results.js';
import type { Call, Command, StageCommand } from './command.js';
import type { Host } from './host.js';

/** Resolves to the exit code. */
export async function runStageCommand(
  command: StageCommand,
  call: Call,
  options: OutputOptions,
  commands: readonly Command[],
  host: Host,
): Promise<number> {
  const startedAt = Date.now();
  const wishes = terminalWishes(host.env);
  const report = await createReporter(host.output, { ...options, ...wishes });
  const controller = new AbortController();
  const stopSignals = host.onSignal((signal) => {
    const interrupted = new InterruptedError(signal);
    if (controller.signal.aborted) {
      // The progress bar has changed how the terminal wraps lines: ending it changes that back.
      report.finish();
      host.exitNow(interrupted.exitCode);
      return;
    }
    report.log('info', `${signal}: stopping; once more ends at once, in the middle of what is being done`);
    controller.abort(interrupted);
  });
  let stopCrashes = (): void => undefined;
  const crashed = new Promise<never>((_resolve, reject) => {
    stopCrashes = host.onCrash(reject);
  });
  try {
    warnOfMisspelt(commands, call, report);
    const work = command.prepare(call, (id, message) => report.warn(id, message), host.output).then((run) => {
      controller.signal.throwIfAborted();
      return run({ signal: controller.signal, report });
    });
    const result = await Promise.race([work, crashed]);
    report.finish();
    if (command.takesStdout?.(call) !== true) printResult(withWarnings(result, report), options, host);
    return result.exitCode;
  } catch (thrown) {
    report.finish();
    const error = asInterrupted(thrown, controller.signal);
    return printFailure(error, command, call, options, report, host, Date.now() - startedAt);
  } finally {
    stopSignals();
    stopCrashes();
  }
}

/**
 * After a signal, an error only says how the stage noticed: a torn connection, an AbortError, or a pipe cut short because
 * Ctrl-C ended its writer too. A bug stays a bug.
 */
function asInterrupted(error: unknown, signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (!(reason instanceof InterruptedError) || error instanceof InterruptedError) return error;
  if (error instanceof RedferryError) {
    const progress = error instanceof RetryableError ? error.progress : undefined;
    return new InterruptedError(reason.signal, { cause: error, result: error.result, progress });
  }
  const aborted = error instanceof Error && error.name === 'AbortError';
  return aborted ? new InterruptedError(reason.signal, { cause: error }) : error;
}

function warnOfMisspelt(commands: readonly Command[], call: Call, report: CommandReporter): void {
  const flags = commands.flatMap((command) => command.groups.flatMap((group) => Object.keys(group.options)));
  for (const { found, meant } of misspeltVariables(call.env, flags)) {
    report.warn('config.unknown-variable', `${found} is set, and means nothing to redferry. Did you mean ${meant}?`);
  }
}

function printResult(result: StageResult, options: OutputOptions, host: Host): void {
  const { stdout } = host.output;
  if (options.json) stdout.write(renderJson(result));
  else if (!options.quiet || !result.ok || result.command === 'inspect') {
    stdout.write(renderResult(result, styleFor(terminalWishes(host.env).colour && stdout.isTTY === true)));
  }
}

function printFailure(
  error: unknown,
  command: StageCommand,
  call: Call,
  options: OutputOptions,
  report: CommandReporter,
  host: Host,
  elapsedMs: number,
): number {
  const { stderr, stdout } = host.output;
  const failure = describeFailure(error);
  const { exitCode, code, message, hint, fields, trace } = failure;
  const partial = error instanceof RedferryError && isStageResult(error.result) ? error.result : null;
  const result = partial === null ? null : withWarnings({ ...partial, ok: false, exitCode }, report);
  if (options.json) {
    const known = result ?? { command: command.name, ok: false, exitCode, warnings: report.warnings(), elapsedMs };
    stdout.write(renderJson({ ...known, error: failureJson(failure) }));
  } else if (result !== null && command.takesStdout?.(call) !== true) {
    printResult(result, options, host);
  }
  if (options.logFormat === 'json') report.log('error', message, { code, exitCode, hint, ...fields });
  else stderr.write(failureText(failure, styleFor(terminalWishes(host.env).colour && stderr.isTTY === true)));
  for (const traceLine of trace.split('\n')) report.log('debug', traceLine);
  return exitCode;
}

function isStageResult(value: object | undefined): value is StageResult {
  return value !== undefined && 'command' in value;
}

/** The result's warnings and those the reporter heard of; where both name one, the reporter's count stands. */
function withWarnings<R extends StageResult>(result: R, report: CommandReporter): R {
  const heard = report.warnings();
  const ids = new Set(heard.map((warning) => warning.id));
  const warnings: ResultWarning[] = [...heard, ...result.warnings.filter((warning) => !ids.has(warning.id))];
  return { ...result, warnings };
}
