import { UsageError } from '../../errors.js';
import { defineGroup, option, optional } from '../option.js';
import { originOf, readGroup, type OptionInput } from '../read-options.js';
import { BadValue, path, single, type ValueKind } from '../value-kinds.js';

/** A whole number. */
function count(bounds: { min: number; max: number }): ValueKind<number> {
  return single({
    placeholder: 'N',
    allowed: `a whole number from ${bounds.min} to ${bounds.max}`,
    parseOne(digits) {
      const value = Number(digits);
      if (!/^\d+$/.test(digits) || value < bounds.min || value > bounds.max) throw new BadValue();
      return value;
    },
  });
}

/** Longest delimiter of prefixes, in bytes: src/engine/memory.ts. */
const DELIMITER_BYTES = 64;

const delimiter: ValueKind<string> = single({
  placeholder: 'TEXT',
  allowed: `a text of 1 to ${DELIMITER_BYTES} bytes`,
  parseOne(ends) {
    if (ends === '' || Buffer.byteLength(ends) > DELIMITER_BYTES) throw new BadValue();
    return ends;
  },
});

export const inspectGroup = defineGroup('What is shown', {
  top: option(count({ min: 1, max: 10_000 }), 20, 'how many of the largest keys and of the heaviest prefixes'),
  delimiter: option(delimiter, ':', 'what ends a prefix of a key'),
  csv: optional(path, 'write one row of CSV for each key to this file, or to stdout with -, which then holds nothing else'),
});

export interface ShownOptions {
  top: number;
  delimiter: string;
  csv?: string;
}

/** Throws UsageError on a bad value or a contradiction. */
export function readShown(input: OptionInput, json: boolean): ShownOptions {
  const { top, delimiter: ends, csv } = readGroup(inspectGroup, input);
  if (csv === '-' && json) {
    throw new UsageError(`${originOf('csv', input) ?? '--csv'} - and ${originOf('json', input) ?? '--json'} contradict each other: both are for stdout. Name a file for the rows.`);
  }
  return { top, delimiter: ends, ...(csv === undefined ? {} : { csv }) };
}
