import { checksGroup } from '../../config/groups/checks.js';
import { connectionGroup } from '../../config/groups/connection.js';
import { outputGroup } from '../../config/groups/output.js';
import { readSelection, selectionGroup } from '../../config/groups/selection.js';
import { readWriting, writingGroup } from '../../config/groups/writing.js';
import { readLocations } from '../../config/backups.js';
import { readGroup } from '../../config/read-options.js';
import { readTarget } from '../../config/target.js';
import type { StageCommand } from '../command.js';

export const checkCommand: StageCommand = {
  kind: 'stage',
  name: 'check',
  words: '<backup...> [target]',
  summary: 'Is the backup whole, and would the target take it? Nothing is written',
  about: [
    'Reads the backup from the first byte to the last: structure, every value, every checksum.',
    'With a target, also asks the server what it accepts and says what an import would do: how each kind of value would be ' +
      'written, what cannot be, and every check that applies, with its evidence. Nothing is written to the target but one small ' +
      'key under a random name, which is removed again.',
    'A failed check ends with exit code 4, an alarm with 5 unless --accept names it.',
  ],
  examples: [
    { line: 'redferry check dump.rdb', says: 'Walk a file and verify its checksum.' },
    { line: 'redferry check dump.rdb redis://127.0.0.1:6379', says: 'Also say what an import into this server would do.' },
    { line: 'zcat dump.rdb.gz | redferry check - --json', says: 'From a pipe, with one JSON object as the answer.' },
  ],
  groups: [selectionGroup, writingGroup, checksGroup, connectionGroup, outputGroup],
  exitCodes: [4, 5, 7, 8, 12],
  async prepare(call, warn) {
    const { inputs, target: location } = readLocations(call.words, 'allowed');
    const target = location === null ? null : await readTarget(location, call, warn);
    const options = {
      inputs,
      selection: readSelection(call, target?.endpoint.db ?? null),
      write: readWriting(call, false),
      accept: readGroup(checksGroup, call).accept,
      ...(target === null ? {} : { target: target.endpoint, targetName: target.name }),
    };
    return async (context) => (await import('../../stages/check.js')).checkStage(options, context);
  },
};
