import { readLocations } from '../../config/backups.js';
import { outputGroup, readOutput } from '../../config/groups/output.js';
import { filterGroup, readFilter } from '../../config/groups/selection.js';
import { inspectGroup, readShown } from '../../config/groups/inspect.js';
import type { StageCommand } from '../command.js';

export const inspectCommand: StageCommand = {
  kind: 'stage',
  name: 'inspect',
  words: '<backup...>',
  summary: 'What is inside: keys, memory, the largest keys, prefixes, expiry, functions',
  about: [
    'Reads a backup and says what is in it: the format version and who wrote it, keys by db, type and encoding with their share of ' +
      'the bytes, the memory a server would need for them, the largest keys, the heaviest prefixes, when keys expire, function ' +
      'libraries, and whether the checksum holds. No server is needed.',
    'Memory is an estimate: what Redis 7.0 would say to MEMORY USAGE, with the tables of the databases added to the total. Key names ' +
      'are shown, here and nowhere else. The memory redferry itself needs does not grow with the backup.',
  ],
  examples: [
    { line: 'redferry inspect dump.rdb', says: 'Tables for people.' },
    { line: "redferry inspect dump.rdb --match 'session:*' --json", says: 'Only some keys, for a script.' },
    { line: 'redferry inspect dump.rdb --top 50 --csv keys.csv', says: 'Longer tables, and a row for each key.' },
  ],
  groups: [inspectGroup, filterGroup, outputGroup],
  exitCodes: [8],
  async prepare(call, _warn, output) {
    const { csv, ...shown } = readShown(call, readOutput(call).json);
    const options = { inputs: readLocations(call.words, 'none').inputs, selection: readFilter(call), ...shown };
    const keys = csv === undefined ? {} : { keys: await (await import('../../report/key-csv.js')).openKeyCsv(csv, output.stdout) };
    return async (context) => (await import('../../stages/inspect.js')).inspectStage({ ...options, ...keys }, context);
  },
  takesStdout: (call) => readShown(call, false).csv === '-',
};
