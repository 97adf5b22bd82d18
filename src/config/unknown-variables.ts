/** A misspelt REDFERRY_ variable would silently do nothing: find the ones that were probably meant. */

import type { Environment } from './environment.js';
import { envName } from './option.js';
import { nearest } from './suggest.js';

const PREFIX = 'REDFERRY_';

/** Variables that are no option and look like one, with what they look like. */
export function misspeltVariables(env: Environment, flags: readonly string[]): { found: string; meant: string }[] {
  const credentials = ['PASSWORD', 'USERNAME'].flatMap((what) => ['', '_FILE', '_COMMAND'].map((way) => `TARGET_${what}${way}`));
  // Without the prefix: it would make any two names look alike.
  const known = [...flags.map((flag) => envName(flag).slice(PREFIX.length)), ...credentials];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name.slice(PREFIX.length)))
    .flatMap((found) => {
      const meant = nearest(found.slice(PREFIX.length), known);
      return meant === null ? [] : [{ found, meant: PREFIX + meant }];
    });
}
