import { UsageError } from '../../errors.js';
import { CONVERT_FORMATS, type ConvertFormatName, type ConvertOptions } from '../../stages/options.js';
import { defineGroup, option, optional } from '../option.js';
import { originOf, readGroup, type OptionInput } from '../read-options.js';
import { choice, listWords, onOff, path } from '../value-kinds.js';
import { wholeNumber } from '../whole-number.js';
import { writingGroup } from './writing.js';

export const convertGroup = defineGroup('What is written', {
  to: optional(choice(CONVERT_FORMATS.map(({ name }) => name)), 'the format, where the name of the file does not tell it (.rdb, .jsonl, .resp)'),
  'rdb-version': optional(wholeNumber({ min: 1, max: 81 }), 'RDB version to write: 6 for Redis 2.6 to 3.0, 7 3.2, 8 4.0, 9 5.0 to 6.2, 10 7.0, 11 7.2 and Valkey 7.2 to 8.1, 12 7.4 to 8.4, 80 Valkey 9.0; without it, that of the newest input'),
  dialect: optional(choice(['redis', 'valkey']), 'whose server is to load it; without it, as the inputs'),
  'split-slots': optional(wholeNumber({ min: 2, max: 1000 }), 'write that many files, and each key to the one of its slot, as a new cluster of so many primaries divides them'),
  nodes: optional(path, 'write one file for each primary of this list, which is the output of CLUSTER NODES or a nodes.conf'),
  force: option(onOff, false, 'replace files that exist'),
});

const { write, 'save-bandwidth': saveBandwidth, 'big-value': bigValue } = writingGroup.options;

export const convertKeysGroup = defineGroup('How it is written', {
  'on-conflict': option(
    choice(['fail', 'skip', 'replace']),
    'fail',
    'a key that stands more than once in the inputs: refuse, take the first, or take the last. In RESP: a key that the server already has',
  ),
  'on-unsupported': option(choice(['fail', 'skip']), 'fail', 'keys that this version has no form for: refuse before anything is written, or leave them out and list them'),
  'field-ttl': option(
    choice(['fail', 'drop', 'expire-key']),
    'fail',
    'hash fields that expire, in a version that cannot keep that: count the key as unsupported, drop the expiries, or let the key expire with the first of its fields',
  ),
  functions: option(choice(['replace', 'skip', 'fail']), 'replace', 'RESP: load function libraries in place of those that the server has, not at all, or only where it has none of that name'),
  write: option(write.kind, write.default, 'RESP: auto takes SET for strings and RESTORE for the rest; restore takes RESTORE only; commands builds collections with native commands under a staging key'),
  'save-bandwidth': option(saveBandwidth.kind, saveBandwidth.default, 'RESP: leave compressed values compressed'),
  'big-value': option(bigValue.kind, bigValue.default, 'RESP: values of more bytes are built with native commands under a staging key, in batches'),
});

/** The format that --to names, or the extension of the file; undefined where neither tells. */
function formatOf(output: string, to: ConvertFormatName | undefined): (typeof CONVERT_FORMATS)[number] | undefined {
  if (to !== undefined) return CONVERT_FORMATS.find(({ name }) => name === to);
  const lower = output.toLowerCase();
  return CONVERT_FORMATS.find(({ extensions }) => extensions.some((extension) => lower.endsWith(extension)));
}

/** `output`: the last word. Throws UsageError on a bad value or a contradiction. */
export function readConvert(input: OptionInput, output: string): Omit<ConvertOptions, 'inputs' | 'selection'> {
  const what = readGroup(convertGroup, input);
  const keys = readGroup(convertKeysGroup, input);
  const format = formatOf(output, what.to);
  if (format === undefined) {
    const known = listWords(CONVERT_FORMATS.flatMap(({ extensions }) => extensions));
    throw new UsageError(`${output === '-' ? '- (stdout)' : output}: expected a name that ends in ${known}, or --to.`);
  }
  const { 'split-slots': split, nodes } = what;
  if (split !== undefined && nodes !== undefined) {
    throw new UsageError(`${originOf('split-slots', input) ?? ''} and ${originOf('nodes', input) ?? ''} contradict each other: both say how keys are divided.`);
  }
  if ((split !== undefined || nodes !== undefined) && !format.divides) throw new UsageError(`Keys are divided among RDB files, not ${format.name}.`);
  if ((split !== undefined || nodes !== undefined) && output === '-') throw new UsageError('Several files cannot go to stdout: expected a name for them.');
  return {
    output,
    format: format.name,
    ...(what['rdb-version'] !== undefined && { rdbVersion: what['rdb-version'] }),
    ...(what.dialect !== undefined && { dialect: what.dialect }),
    split: split !== undefined ? { count: split } : nodes !== undefined ? { nodes } : null,
    onConflict: keys['on-conflict'],
    onUnsupported: keys['on-unsupported'],
    fieldTtl: keys['field-ttl'],
    functions: keys.functions,
    write: keys.write,
    saveBandwidth: keys['save-bandwidth'],
    bigValue: keys['big-value'],
    force: what.force,
  };
}
