/**
 * What modules write: values of type 7, auxiliary data (opcode 247), key metadata (opcode 243 of Redis ≥ 8.6).
 *
 *     item    len opcode: 1 signed, len | 2 unsigned, len | 3 f32 | 4 f64 | 5 str | 0 end
 *     value   len module id, items          id = 9 × 6 bits of name, 10 bits of version
 *     aux     len module id, len 2, len when, items
 *     meta    len classes (at most 7), each: u32 class, items
 *
 * redis 7.4 src/rdb.c rdbLoadCheckModuleValue, rdbSaveSingleModuleAux; redis 8.6 src/keymeta.c rdbLoadKeyMetadata.
 */
import { E_META, E_MODULE_OPCODE, fail, OK, status } from "../status";
import { commit, p, readLength, takeBytes } from "../input";
import { DONE, enter, itemsA, itemsC, phase, takeString } from "../walk";

const HEAD: i32 = 0;
const CLASS: i32 = 1;
const ITEM: i32 = 2;
const TEXT: i32 = 3;

const OPCODE_SIGNED: u64 = 1;
const OPCODE_UNSIGNED: u64 = 2;
const OPCODE_FLOAT: u64 = 3;
const OPCODE_DOUBLE: u64 = 4;
const OPCODE_STRING: u64 = 5;
const META_CLASSES: u64 = 7;

/** Module id of the value or aux under way. */
export let moduleId: u64 = 0;
/** When an aux was written: 1 before, 2 after the keys. */
export let moduleWhen: u64 = 0;

/** Items up to their end; then `phase` is CLASS. */
function takeItems<S>(): void {
  while (status == OK) {
    if (phase == TEXT) {
      takeString<S>();
      if (status == OK) enter(ITEM);
      continue;
    }
    const at = p;
    const opcode = readLength();
    if (status != OK) return;
    if (opcode == 0) {
      enter(CLASS);
      return;
    }
    if (opcode == OPCODE_STRING) {
      enter(TEXT);
      continue;
    }
    if (opcode == OPCODE_SIGNED || opcode == OPCODE_UNSIGNED) readLength();
    else if (opcode == OPCODE_FLOAT) takeBytes(4);
    else if (opcode == OPCODE_DOUBLE) takeBytes(8);
    else fail(E_MODULE_OPCODE, at, OPCODE_STRING, opcode);
    if (status == OK) commit();
    else p = at;
  }
}

export function walkModule<S>(): void {
  if (phase == HEAD) {
    moduleId = readLength();
    if (status != OK) return;
    enter(ITEM);
  }
  takeItems<S>();
  if (status == OK) phase = DONE;
}

export function walkModuleAux<S>(): void {
  if (phase == HEAD) {
    const at = p;
    moduleId = readLength();
    if (status == OK) {
      const opcode = readLength();
      if (status == OK && opcode != OPCODE_UNSIGNED) fail(E_MODULE_OPCODE, at, OPCODE_UNSIGNED, opcode);
    }
    if (status == OK) moduleWhen = readLength();
    if (status != OK) {
      p = at;
      return;
    }
    enter(ITEM);
  }
  takeItems<S>();
  if (status == OK) phase = DONE;
}

export function walkKeyMeta<S>(): void {
  if (phase == HEAD) {
    const at = p;
    itemsA = readLength();
    if (status == OK && itemsA > META_CLASSES) fail(E_META, at, META_CLASSES, itemsA);
    if (status != OK) {
      p = at;
      return;
    }
    enter(CLASS);
  }
  while (status == OK) {
    if (phase == CLASS) {
      if (itemsA == 0) {
        phase = DONE;
        return;
      }
      takeBytes(4);
      if (status != OK) return;
      itemsA--;
      enter(ITEM);
    }
    takeItems<S>();
  }
}
