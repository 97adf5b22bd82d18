import { connectionGroup } from '../../config/groups/connection.js';
import { outputGroup } from '../../config/groups/output.js';
import { readSelection, selectionGroup } from '../../config/groups/selection.js';
import { verifyGroup } from '../../config/groups/verify.js';
import { readGroup } from '../../config/read-options.js';
import { readBackupAndTarget } from '../backup-and-target.js';
import type { StageCommand } from '../command.js';

export const verifyCommand: StageCommand = {
  kind: 'stage',
  name: 'verify',
  words: '<backup...> <target>',
  summary: 'Prove that the target holds the backup',
  about: [
    'Counts the keys of the backup by db (persistent, expiring, expired by now) and compares them with the whole keyspace of the ' +
      "target, and the memory that the source reported with the target's, within --memory-tolerance.",
    'Give the same --db, --db-map, --match, --exclude, --type, --expired and --min-ttl as for the import: they say what is expected ' +
      'there. Nothing is written. A difference ends with exit code 6.',
  ],
  examples: [
    { line: 'redferry verify dump.rdb redis://127.0.0.1:6379', says: 'After an import of the same file.' },
    { line: 'redferry verify dump.rdb redis://127.0.0.1:6379 --db-map 3:0 --db 3 --json', says: 'After an import of db 3 into db 0, for a script.' },
  ],
  groups: [verifyGroup, selectionGroup, connectionGroup, outputGroup],
  exitCodes: [4, 6, 7, 8, 12],
  async prepare(call, warn) {
    const place = await readBackupAndTarget(call, warn);
    const verify = readGroup(verifyGroup, call);
    const options = {
      ...place,
      selection: readSelection(call, place.target.db),
      level: verify.level,
      memoryTolerance: verify['memory-tolerance'],
    };
    return async (context) => (await import('../../stages/verify.js')).verifyStage(options, context);
  },
};
