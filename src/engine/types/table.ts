/**
 * Which walk a type byte has. The byte alone says nothing: 22 and 23 are other things in Redis and in Valkey, so the
 * dialect and the version of the file go in. A type has one row here, one in `src/rdb/types.ts`, and its walk.
 */
import { walkArray } from "./array";
import { walkTemplateListpack, walkTemplateStrings } from "./hash-template";
import { walkModule } from "./module";
import { walkBlob, walkQuicklist } from "./packed";
import { walkHashWithTtl, walkString, walkStrings, walkValkeyHash, walkZset } from "./plain";
import { walkStream } from "./stream";
import { BLOB_INTSET, BLOB_LISTPACK, BLOB_ZIPLIST, BLOB_ZIPMAP } from "../walk";
import { E_MODULE_V1, fail } from "../status";
import { p } from "../input";

export const REDIS: i32 = 0;
export const VALKEY: i32 = 1;

/**
 * First version of a file in which a type byte of 22 or more may stand; 0: not in this dialect. Left out, so that they
 * stop a run: Redis' 33, which public branches use for two different things, and Valkey's 23, whose layout no public
 * release shows.
 */
function firstVersion(dialect: i32, type: i32): i32 {
  if (dialect == VALKEY) return type == 22 ? 80 : 0;
  if (type <= 25) return 12;
  if (type == 26) return 13;
  if (type <= 28) return 14;
  return type <= 32 ? 15 : 0;
}

/** Whether the type byte means something in a file of this dialect and version. */
export function typeKnown(dialect: i32, version: i32, type: i32): bool {
  if (type == 8) return false;
  if (type <= 21) return true;
  const first = firstVersion(dialect, type);
  return first != 0 && version >= first;
}

/** Takes the next units of a value of a known type. */
export function walkValue<S>(dialect: i32, type: i32): void {
  switch (type) {
    case 0: return walkString<S>();
    case 1:
    case 2: return walkStrings<S>(1);
    case 3: return walkZset<S>(false);
    case 4: return walkStrings<S>(2);
    case 5: return walkZset<S>(true);
    case 7: return walkModule<S>();
    case 9: return walkBlob<S>(BLOB_ZIPMAP, 1, 0);
    case 10: return walkBlob<S>(BLOB_ZIPLIST, 1, 0);
    case 11: return walkBlob<S>(BLOB_INTSET, 1, 0);
    case 12:
    case 13: return walkBlob<S>(BLOB_ZIPLIST, 2, 0);
    case 14: return walkQuicklist<S>(false);
    case 15: return walkStream<S>(1);
    case 16:
    case 17: return walkBlob<S>(BLOB_LISTPACK, 2, 0);
    case 18: return walkQuicklist<S>(true);
    case 19: return walkStream<S>(2);
    case 20: return walkBlob<S>(BLOB_LISTPACK, 1, 0);
    case 21: return walkStream<S>(3);
    case 22: return dialect == VALKEY ? walkValkeyHash<S>() : walkHashWithTtl<S>(false);
    case 23: return walkBlob<S>(BLOB_LISTPACK, 3, 0);
    case 24: return walkHashWithTtl<S>(true);
    case 25: return walkBlob<S>(BLOB_LISTPACK, 3, 8);
    case 26: return walkStream<S>(4);
    case 27: return walkStream<S>(5);
    case 28: return walkArray<S>();
    case 29: return walkTemplateListpack<S>(true);
    case 30: return walkTemplateListpack<S>(false);
    case 31: return walkTemplateStrings<S>(true);
    case 32: return walkTemplateStrings<S>(false);
    default: fail(E_MODULE_V1, p, 7, type);
  }
}
