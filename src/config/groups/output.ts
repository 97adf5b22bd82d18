import { UsageError } from '../../errors.js';
import { defineGroup, option } from '../option.js';
import { originOf, readGroup, type OptionInput } from '../read-options.js';
import { choice, onOff } from '../value-kinds.js';

export const outputGroup = defineGroup('Output', {
  json: option(
    onOff,
    false,
    'print one JSON object on stdout at the end, and nothing else there (docs/json.md)',
  ),
  'log-format': option(
    choice(['text', 'json']),
    'text',
    'how log lines on stderr look: for people, or one JSON object per line',
  ),
  'log-level': option(
    choice(['debug', 'info', 'warn', 'error']),
    'info',
    'lowest level that is logged; debug also shows where an unexpected error came from',
  ),
  'no-progress': option(onOff, false, 'no progress bar, no progress lines'),
  quiet: option(
    onOff,
    false,
    'say nothing when all goes well: only errors, and what you asked to see (--json, the tables of inspect)',
  ),
});

export interface OutputOptions {
  json: boolean;
  logFormat: 'text' | 'json';
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  progress: boolean;
  quiet: boolean;
}

/** Throws UsageError on a bad value or a contradiction. */
export function readOutput(input: OptionInput): OutputOptions {
  const values = readGroup(outputGroup, input);
  const level = originOf('log-level', input);
  if (values.quiet && level !== null && values['log-level'] !== 'error') {
    throw new UsageError(
      `${originOf('quiet', input) ?? '--quiet'} and ${level} ${values['log-level']} contradict each other: ` +
        'quiet logs errors only. Leave one of them out.',
    );
  }
  return {
    json: values.json,
    logFormat: values['log-format'],
    logLevel: values.quiet ? 'error' : values['log-level'],
    progress: !values['no-progress'] && !values.quiet,
    quiet: values.quiet,
  };
}
