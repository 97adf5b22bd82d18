/** The Reporter that stages are handed: log lines and progress on stderr, warnings collected for the result. */

import type { LogFields, LogLevel, Progress, Reporter } from '../context.js';
import type { ResultWarning } from '../stages/results.js';
import type { Output } from './output.js';
import { printableText } from './printable.js';
import { barView, linesView, noView, type ProgressView } from './progress-view.js';
import { styleFor, type Paint } from './style.js';

export interface ReporterOptions {
  logFormat: 'text' | 'json';
  logLevel: LogLevel;
  progress: boolean;
  colour: boolean;
  /** Whether the terminal can redraw a line. */
  redraw: boolean;
}

export interface CommandReporter extends Reporter {
  /** All warnings so far, counted by id. */
  warnings(): ResultWarning[];
  /** Ends the progress view; what comes later is still logged. */
  finish(): void;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export async function createReporter(output: Output, options: ReporterOptions, now: () => number = Date.now): Promise<CommandReporter> {
  const { stderr } = output;
  const style = styleFor(options.colour && stderr.isTTY === true);
  const lowest = LEVELS.indexOf(options.logLevel);
  const warnings = new Map<string, ResultWarning>();
  const prefix: Record<LogLevel, string> = { debug: 'debug: ', info: '', warn: 'warning: ', error: 'error: ' };
  const paint: Record<LogLevel, Paint> = { debug: style.dim, info: (text) => text, warn: style.yellow, error: style.red };

  function print(level: LogLevel, event: string, message: string, fields: LogFields = {}): void {
    if (options.logFormat === 'json') {
      stderr.write(`${JSON.stringify({ ts: new Date(now()).toISOString(), level, event, message, ...fields })}\n`);
      return;
    }
    const details = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`).join('');
    stderr.write(`${paint[level](prefix[level])}${printableText(message + (event === 'log' ? details : ''))}\n`);
  }

  const view = await progressView(output, options, now, (message, progress) => print('info', 'progress', message, { ...progress }));

  function log(level: LogLevel, event: string, message: string, fields?: LogFields): void {
    if (LEVELS.indexOf(level) < lowest) return;
    view.makeRoom();
    print(level, event, message, fields);
  }

  return {
    log: (level, message, fields) => log(level, 'log', message, fields),
    warn(id, message, count = 1) {
      const known = warnings.get(id);
      if (known === undefined) {
        warnings.set(id, { id, message, count });
        log('warn', 'warning', message, { id });
      } else {
        known.count += count;
      }
    },
    progress: (progress) => view.update(progress),
    warnings: () => [...warnings.values()].map((warning) => ({ ...warning })),
    finish: () => view.finish(),
  };
}

async function progressView(
  { stderr }: Output,
  options: ReporterOptions,
  now: () => number,
  say: (message: string, progress: Progress) => void,
): Promise<ProgressView> {
  if (!options.progress) return noView;
  const bar = stderr.isTTY === true && options.redraw && options.logFormat === 'text';
  return bar ? barView(stderr, { now, say }) : linesView({ now, say });
}
