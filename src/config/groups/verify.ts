import { defineGroup, option } from '../option.js';
import { choice, percent } from '../value-kinds.js';

export const verifyGroup = defineGroup('Verify', {
  level: option(
    choice(['count']),
    'count',
    "what is compared: count compares numbers of keys by db and the servers' memory",
  ),
  'memory-tolerance': option(
    percent,
    30,
    "percent by which the target's memory may differ from the source's before it is reported",
  ),
});
