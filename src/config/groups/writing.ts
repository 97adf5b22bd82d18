import type { WriteOptions } from '../../stages/options.js';
import { defineGroup, option } from '../option.js';
import { readGroup, type OptionInput } from '../read-options.js';
import { choice, onOff, size } from '../value-kinds.js';

export const writingGroup = defineGroup('How it is written', {
  'on-conflict': option(
    choice(['fail', 'skip', 'replace']),
    'fail',
    'a key that the target already has: list it as failed, leave it alone, or replace it',
  ),
  write: option(
    choice(['auto', 'restore']),
    'auto',
    'auto writes strings with SET where that is cheaper for the target; restore writes every key with RESTORE',
  ),
  'save-bandwidth': option(
    onOff,
    false,
    'send compressed values compressed: fewer bytes on a slow link, more work for the target',
  ),
  functions: option(
    choice(['replace', 'skip', 'fail']),
    'replace',
    'function libraries that the target already has: replace, leave out all libraries of the backup, or fail',
  ),
  'on-unsupported': option(
    choice(['fail', 'skip']),
    'fail',
    'keys that cannot be written to this target: refuse before anything is written, or leave them out and list them',
  ),
});

export const paceGroup = defineGroup('Pace', {
  'max-inflight': option(size({ min: 64 * 1024, max: 1024 ** 3 }), 8 * 1024 * 1024, 'bytes sent and not yet answered, at most'),
});

/** Throws UsageError on a bad value. `pace` false: the command does not write, so its pace stays at the default. */
export function readWriting(input: OptionInput, pace: boolean): WriteOptions {
  const values = readGroup(writingGroup, input);
  const maxInflight = pace ? readGroup(paceGroup, input)['max-inflight'] : paceGroup.options['max-inflight'].default;
  return {
    onConflict: values['on-conflict'],
    write: values.write,
    saveBandwidth: values['save-bandwidth'],
    functions: values.functions,
    onUnsupported: values['on-unsupported'],
    maxInflight,
  };
}
