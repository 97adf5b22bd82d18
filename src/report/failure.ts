/** How an error ends up in text, in a log line and in JSON. */

import { RedferryError } from '../errors.js';
import { printableText } from './printable.js';
import type { Style } from './style.js';

export interface Failure {
  exitCode: number;
  code: string;
  message: string;
  hint: string | null;
  /** Numbers and words a script may need. */
  fields: Record<string, string | number | boolean | null>;
  /** Where it came from, causes included: for --log-level debug only. */
  trace: string;
}

/** Anything that is not a RedferryError is unexpected: exit code 1. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof RedferryError) {
    const { exitCode, code, message, hint = null } = error;
    return { exitCode, code, message, hint, fields: error.fields(), trace: traceOf(error) };
  }
  return {
    exitCode: 1,
    code: 'unexpected',
    message: `Unexpected error: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'This is a bug in redferry. Run it again with --log-level debug and report what it says.',
    fields: {},
    trace: traceOf(error),
  };
}

export function failureText(failure: Failure, style: Style): string {
  const hint = failure.hint === null ? '' : `\n  ${printableText(failure.hint)}`;
  return `${style.red('redferry:')} ${printableText(failure.message)}${hint}\n`;
}

/** The `error` of a JSON result. */
export function failureJson({ code, message, hint, fields }: Failure): object {
  return { code, message, hint, ...fields };
}

/** Stacks only: other fields of an error may hold what was sent to a server. */
function traceOf(error: unknown): string {
  const stacks: string[] = [];
  for (let current = error; current instanceof Error && stacks.length < 8; current = current.cause) {
    stacks.push(current.stack ?? current.message);
  }
  return stacks.join('\ncaused by: ');
}
