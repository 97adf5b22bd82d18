import { checksGroup } from '../../config/groups/checks.js';
import { connectionGroup } from '../../config/groups/connection.js';
import { outputGroup } from '../../config/groups/output.js';
import { readSelection, selectionGroup } from '../../config/groups/selection.js';
import { verifyGroup } from '../../config/groups/verify.js';
import { paceGroup, readWriting, writingGroup } from '../../config/groups/writing.js';
import { readGroup } from '../../config/read-options.js';
import { readBackupAndTarget } from '../backup-and-target.js';
import type { StageCommand } from '../command.js';

export const runCommand: StageCommand = {
  kind: 'stage',
  name: 'run',
  words: '<backup...> <target>',
  summary: 'Check, import and verify in one, with one report',
  about: [
    'Does what check, import and verify do, one after the other, and stops at the first that fails. The exit code is that of the ' +
      'stage that stopped it. Nothing is written before the check has passed.',
  ],
  examples: [
    { line: 'redferry run dump.rdb redis://127.0.0.1:6379', says: 'The whole way.' },
    { line: 'redferry run dump.rdb redis://127.0.0.1:6379 --accept target.policy', says: 'Although the target may evict keys.' },
  ],
  groups: [selectionGroup, writingGroup, paceGroup, checksGroup, verifyGroup, connectionGroup, outputGroup],
  exitCodes: [3, 4, 5, 6, 7, 8, 12],
  async prepare(call, warn) {
    const place = await readBackupAndTarget(call, warn);
    const verify = readGroup(verifyGroup, call);
    const options = {
      ...place,
      selection: readSelection(call, place.target.db),
      write: readWriting(call, true),
      accept: readGroup(checksGroup, call).accept,
      level: verify.level,
      memoryTolerance: verify['memory-tolerance'],
    };
    return async (context) => (await import('../../stages/run.js')).runStage(options, context);
  },
};
