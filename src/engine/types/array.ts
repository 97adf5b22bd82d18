/**
 * Arrays, type 28 (redis 8.8 src/rdb.c rdbSaveArrayElement): len count > 0, len has insert index 0 | 1, [len index],
 * count × {len index, len tag, value}; tag 0 str, 1 i64 raw, 2 f64 raw, 3 str of at most 7 bytes.
 */
import { E_ARRAY, fail, OK, status } from "../status";
import { commit, p, readCount, readLength, stringLength, takeBytes, wholeLength } from "../input";
import { DONE, enter, itemsA, itemsB, measures, phase, takeString } from "../walk";
import { measureEntries } from "../measure";

const HEAD: i32 = 0;
const ITEM: i32 = 1;
const TEXT: i32 = 2;

const TAG_INTEGER: u64 = 1;
const TAG_FLOAT: u64 = 2;
const TAG_SHORT_STRING: u64 = 3;

export function walkArray<S>(): void {
  if (phase == HEAD) {
    const at = p;
    itemsA = readCount(3);
    if (status == OK && itemsA == 0) fail(E_ARRAY, at, 1, 0);
    if (status == OK) {
      const hasIndex = readLength();
      if (status == OK && hasIndex > 1) fail(E_ARRAY, at, 1, hasIndex);
      if (status == OK && hasIndex == 1) readLength();
    }
    if (status != OK) {
      p = at;
      return;
    }
    if (measures<S>()) measureEntries(itemsA);
    enter(ITEM);
  }
  while (itemsA != 0) {
    if (phase == ITEM) {
      const at = p;
      const index = readLength();
      if (status == OK && index == u64.MAX_VALUE) fail(E_ARRAY, at, u64.MAX_VALUE - 1, index);
      if (status == OK) {
        itemsB = readLength();
        if (status == OK && itemsB > TAG_SHORT_STRING) fail(E_ARRAY, at, TAG_SHORT_STRING, itemsB);
        if (itemsB == TAG_INTEGER || itemsB == TAG_FLOAT) {
          if (status == OK) takeBytes(8);
        }
      }
      if (status != OK) {
        p = at;
        return;
      }
      if (itemsB == TAG_INTEGER || itemsB == TAG_FLOAT) {
        itemsA--;
        commit();
        continue;
      }
      enter(TEXT);
    }
    takeString<S>();
    if (status != OK) return;
    itemsA--;
    enter(ITEM);
  }
  phase = DONE;
}
