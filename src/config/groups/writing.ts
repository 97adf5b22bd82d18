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
    choice(['auto', 'restore', 'commands']),
    'auto',
    'auto chooses per key what is cheapest and safe; restore allows RESTORE only; commands builds every value with native commands under a staging key',
  ),
  'save-bandwidth': option(
    onOff,
    false,
    'send compressed values compressed: fewer bytes on a slow link, more work for the target',
  ),
  'big-value': option(
    size({ min: 1024 * 1024, max: 1024 ** 4 }),
    256 * 1024 * 1024,
    'values of more bytes are built with native commands under a staging key, in batches',
  ),
  'field-ttl': option(
    choice(['fail', 'drop', 'expire-key']),
    'fail',
    'hash fields that expire, at a target that cannot keep that: count the key as unsupported, drop the expiries, or let the key expire with the first of its fields',
  ),
  functions: option(
    choice(['replace', 'skip', 'fail']),
    'replace',
    'function libraries that the target already has: replace, leave out all libraries of the backup, or fail',
  ),
  scripts: option(
    choice(['load', 'skip']),
    'load',
    'Lua scripts that Redis 4.0 to 6.2 keep in the file: load them, so that EVALSHA finds them, or leave them out',
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
    bigValue: values['big-value'],
    fieldTtl: values['field-ttl'],
    functions: values.functions,
    scripts: values.scripts,
    onUnsupported: values['on-unsupported'],
    maxInflight,
  };
}
