/** The options of selection as the engine takes them. */

import type { Selection } from '../rdb/engine-setup.js';
import type { SelectionOptions } from './options.js';

/** Globs become bytes: a pattern typed in a shell is UTF-8, as keys written by most clients are. */
export function selectionOf(options: SelectionOptions): Selection {
  return {
    dbs: options.dbs === undefined ? undefined : new Set(options.dbs),
    kinds: options.types,
    match: options.match.map((glob) => Buffer.from(glob, 'utf8')),
    exclude: options.exclude.map((glob) => Buffer.from(glob, 'utf8')),
    skipExpired: options.expired === 'skip',
    minTtlMs: options.minTtlMs ?? 0,
  };
}

/** Whether every key of the parts is selected. */
export function selectsEverything(options: SelectionOptions): boolean {
  return options.dbs === undefined && options.types === undefined && options.minTtlMs === undefined &&
    options.match.length === 0 && options.exclude.length === 0;
}
