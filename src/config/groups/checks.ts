import { defineGroup, option } from '../option.js';
import { checkIds } from '../value-kinds.js';

export const checksGroup = defineGroup('Checks', {
  accept: option(
    checkIds,
    [],
    'go on although this check raises an alarm; a failed check always stops (repeatable)',
  ),
});
