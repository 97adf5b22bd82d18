import { readLocations } from '../config/backups.js';
import { readTarget, type Warn } from '../config/target.js';
import { UsageError } from '../errors.js';
import type { TargetOptions } from '../stages/options.js';
import type { Call } from './command.js';

/** `<backup...> <target>`: what import, verify and run have in common. Throws UsageError. */
export async function readBackupAndTarget(call: Call, warn: Warn): Promise<TargetOptions & { inputs: string[] }> {
  const { inputs, target: location } = readLocations(call.words, 'required');
  if (location === null) throw new UsageError('No target named: expected a server as the last word.');
  const target = await readTarget(location, call, warn);
  return { inputs, target: target.endpoint, targetName: target.name };
}
