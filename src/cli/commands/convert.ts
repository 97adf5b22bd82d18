import { readLocations } from '../../config/backups.js';
import { convertGroup, convertKeysGroup, readConvert } from '../../config/groups/convert.js';
import { outputGroup, readOutput } from '../../config/groups/output.js';
import { conversionGroup, readSelection } from '../../config/groups/selection.js';
import { UsageError } from '../../errors.js';
import type { StageCommand } from '../command.js';

export const convertCommand: StageCommand = {
  kind: 'stage',
  name: 'convert',
  words: '<backup...> <file>',
  summary: 'Write a backup as another file: RDB of another version, merged, divided by slot; JSON lines; RESP',
  about: [
    'Reads one or more RDB files and writes what is selected to another file; - is stdout. An RDB file can be of another version and ' +
      'dialect: a value whose encoding that version has is copied, any other is rebuilt in an older encoding, and what has none is ' +
      'refused or left out, as --on-unsupported says. Several inputs become one file, or one file for each primary of a cluster.',
    'With --split-slots or --nodes the name of the file is a pattern: {n} is the number of the file, {id}, {host} and {port} are those of ' +
      'its primary, {slots} its slots; without any of them -{n} is put before the extension.',
    'Inputs are checked before anything is written, where they can be read twice. Files appear under their names when all of them are complete.',
  ],
  examples: [
    { line: 'redferry convert dump.rdb old.rdb --rdb-version 9', says: 'For Redis 5.0 to 6.2.' },
    { line: "redferry convert shard1.rdb shard2.rdb all.rdb --match 'user:*'", says: 'Some keys of two shards in one file.' },
    { line: 'redferry convert dump.rdb node-{n}.rdb --split-slots 3', says: 'One file for each primary of a cluster of three.' },
    { line: 'redferry convert dump.rdb - --to resp | redis-cli --pipe', says: 'Commands for a server that only redis-cli reaches.' },
  ],
  groups: [convertGroup, conversionGroup, convertKeysGroup, outputGroup],
  exitCodes: [3, 7, 8],
  takesStdout: (call) => call.words.at(-1) === '-',
  prepare(call) {
    const output = call.words.at(-1);
    if (output === undefined || call.words.length < 2) throw new UsageError('Expected a backup and the file to write: redferry convert dump.rdb out.rdb');
    const { inputs } = readLocations(call.words.slice(0, -1), 'none');
    const path = outputPath(output);
    if (path === '-' && readOutput(call).json) {
      throw new UsageError('--json and - (stdout) contradict each other: the file takes stdout. Give it a name, or leave --json out.');
    }
    const options = { inputs, ...readConvert(call, path), selection: readSelection(call, null, conversionGroup) };
    return Promise.resolve(async (context) => (await import('../../stages/convert.js')).convertStage(options, context));
  },
};

/** A path, `file:path` or `-`. */
function outputPath(word: string): string {
  if (word === '-') return word;
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(word) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== 'file') throw new UsageError('Expected the path of a file to write as the last word, or - for stdout, got a location of another kind.');
  const [path] = readLocations([word], 'none').inputs;
  return path ?? word;
}
