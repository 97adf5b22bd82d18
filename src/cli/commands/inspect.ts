import { readLocations } from '../../config/backups.js';
import { outputGroup } from '../../config/groups/output.js';
import { filterGroup, readFilter } from '../../config/groups/selection.js';
import type { StageCommand } from '../command.js';

export const inspectCommand: StageCommand = {
  kind: 'stage',
  name: 'inspect',
  words: '<backup...>',
  summary: 'What is inside: keys by db, type and encoding, expiry, functions',
  about: [
    'Reads a backup and says what is in it: the format version and who wrote it, keys by db, type and encoding with their share of ' +
      'the bytes, when keys expire, function libraries, and whether the checksum holds. No server is needed.',
  ],
  examples: [
    { line: 'redferry inspect dump.rdb', says: 'Tables for people.' },
    { line: "redferry inspect dump.rdb --match 'session:*' --json", says: 'Only some keys, for a script.' },
  ],
  groups: [filterGroup, outputGroup],
  exitCodes: [8],
  prepare(call) {
    const options = { inputs: readLocations(call.words, 'none').inputs, selection: readFilter(call) };
    return Promise.resolve(async (context) => (await import('../../stages/inspect.js')).inspectStage(options, context));
  },
};
