/** A misspelt REDFERRY_ variable would silently do nothing: find the ones that were probably meant. */

import type { Environment } from './environment.js';
import { envName } from './option.js';
import { nearest } from './suggest.js';

/** Variables that are no option and look like one, with what they look like. */
export function misspeltVariables(env: Environment, flags: readonly string[]): { found: string; meant: string }[] {
  const credentials = ['PASSWORD', 'USERNAME'].flatMap((what) =>
    ['', '_FILE', '_COMMAND'].map((way) => `REDFERRY_TARGET_${what}${way}`),
  );
  const known = [...flags.map(envName), ...credentials];
  return Object.keys(env)
    .filter((name) => name.startsWith('REDFERRY_') && !known.includes(name))
    .flatMap((found) => {
      const meant = nearest(found, known);
      return meant === null ? [] : [{ found, meant }];
    });
}
