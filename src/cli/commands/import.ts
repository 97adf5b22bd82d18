import { connectionGroup } from '../../config/groups/connection.js';
import { outputGroup } from '../../config/groups/output.js';
import { readSelection, selectionGroup } from '../../config/groups/selection.js';
import { paceGroup, readWriting, writingGroup } from '../../config/groups/writing.js';
import type { StageCommand } from '../command.js';
import { readBackupAndTarget } from '../backup-and-target.js';

export const importCommand: StageCommand = {
  kind: 'stage',
  name: 'import',
  words: '<backup...> <target>',
  summary: 'Load a backup into a running server',
  about: [
    'Streams one or more RDB files (plain, gzip or zstd) into a running Redis or Valkey. What the server accepts is found out by ' +
      'asking it, not from its version, and each key is written whole: value and expiry in one command, so no reader ever sees half of it.',
    'The backup is checked before the first write where it can be read twice (a file, not a pipe). Keys that the target already ' +
      'has are left as they are and listed as failed, unless --on-conflict says otherwise. Every reply of the server is read.',
    "A db in the target's location (redis://host/3) is where the one db that is read goes: db 0, or the one that --db names. " +
      'Other dbs keep their number, unless --db-map says otherwise.',
  ],
  examples: [
    { line: 'redferry import dump.rdb redis://127.0.0.1:6379', says: 'Load a file.' },
    {
      line: 'REDFERRY_TARGET_PASSWORD_FILE=~/.pw redferry import dump.rdb rediss://ferry@cache.example.com',
      says: 'Over TLS, as the ACL user ferry.',
    },
    {
      line: "redferry import a.rdb b.rdb unix:/run/redis.sock --match 'user:*' --on-conflict replace",
      says: 'Only some keys of two files; what the server has of them is replaced.',
    },
    { line: 'ssh old-host cat /var/lib/redis/dump.rdb | redferry import - redis://127.0.0.1', says: 'From a pipe, without a copy on disk.' },
  ],
  groups: [selectionGroup, writingGroup, paceGroup, connectionGroup, outputGroup],
  exitCodes: [3, 4, 7, 8, 12],
  async prepare(call, warn) {
    const place = await readBackupAndTarget(call, warn);
    const options = {
      ...place,
      selection: readSelection(call, place.target.db),
      write: readWriting(call, true),
    };
    return async (context) => (await import('../../stages/import.js')).importStage(options, context);
  },
};
