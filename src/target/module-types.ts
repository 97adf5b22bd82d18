/** Which value types the modules of a server bring: MODULE LIST names modules, a file names types. */

import { moduleTypeId } from '../rdb/module-name.js';
import type { TargetProfile } from './profile.js';

/** Type names by module name, from the sources of the modules. A module whose name is also its type's needs no row. */
const TYPES_OF_MODULES: Readonly<Record<string, readonly string[]>> = {
  ReJSON: ['ReJSON-RL'],
  bf: ['MBbloom--', 'MBbloomCF', 'CMSk-TYPE', 'TopK-TYPE', 'TDIS-TYPE'],
  timeseries: ['TSDB-TYPE'],
  testrdb: ['test__rdb'],
};

/** A name of nine characters is one a type can have. */
const TYPE_NAME = /^[A-Za-z0-9_-]{9}$/;

/**
 * Ids of module types that may be restored. Up to 6.0 a payload of a module that is not there ends the server (src/rdb.c
 * "The RDB file contains module data I can't load"), so older servers get none, whatever they list.
 */
export function restorableModules({ server, modules }: TargetProfile): bigint[] {
  const [major = 0, minor = 0] = (server.version ?? '').split('.').map(Number);
  const answersWithAnError = server.product === 'valkey' || major > 6 || (major === 6 && minor >= 2);
  if (modules === null || !answersWithAnError) return [];
  const names = modules.flatMap(({ name }) => TYPES_OF_MODULES[name] ?? (TYPE_NAME.test(name) ? [name] : []));
  return [...new Set(names)].map(moduleTypeId);
}
