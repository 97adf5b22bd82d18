/** What each server can load, from its source (src/rdb.h of that version): the tests' own knowledge, beside redferry's probing. */
import { atLeast, type ServerVersion } from './server-versions.js';

/** Type bytes 22 and 23 have no single meaning: write 'valkey-22' for Valkey's hash with field expiries. */
export type TypeName = number | 'valkey-22' | 'vectorset' | 'module';

const OLDEST = [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15];

/** RDB value types that RESTORE of this server accepts. */
export function knownTypes(server: ServerVersion): Set<TypeName> {
  const known = new Set<TypeName>(OLDEST);
  const add = (...types: TypeName[]): void => types.forEach((type) => known.add(type));
  if (server.product === 'valkey') {
    add(16, 17, 18, 19, 20, 21);
    if (atLeast(server, 9)) add('valkey-22');
    return known;
  }
  if (atLeast(server, 7)) add(16, 17, 18, 19);
  if (atLeast(server, 7, 2)) add(20, 21);
  if (atLeast(server, 7, 4)) add(24, 25);
  if (atLeast(server, 8)) add('vectorset');
  return known;
}

/** The names of the types a corpus file holds, from its meta file. */
export function typesOf(meta: { header: string; case: string; rdbTypeBytes?: Record<string, number> }): TypeName[] {
  return Object.keys(meta.rdbTypeBytes ?? {})
    .map(Number)
    .map((byte): TypeName => {
      if (byte === 22 && meta.header.startsWith('VALKEY')) return 'valkey-22';
      if (byte === 7) return meta.case === 'vectorset' ? 'vectorset' : 'module';
      return byte;
    });
}

/** Whether the server would load this file by itself when it starts: its header must not be newer than the server. */
export function loadsFile(server: ServerVersion, header: string): boolean {
  const version = Number(header.replace(/\D/g, ''));
  if (header.startsWith('VALKEY')) return server.product === 'valkey' && atLeast(server, 9) && version === 80;
  return version <= ownRdbVersion(server);
}

function ownRdbVersion(server: ServerVersion): number {
  if (server.product === 'valkey') return 11; // and 80 from 9.0 on, under its own magic
  if (atLeast(server, 7, 4)) return 12;
  if (atLeast(server, 7, 2)) return 11;
  return atLeast(server, 7) ? 10 : 9;
}
