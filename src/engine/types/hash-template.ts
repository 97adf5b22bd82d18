/**
 * Hashes that share their field names (redis 8.10 src/rdb.c rdbSaveHashTemplates, rdbLoadTemplateFields).
 *
 *     opcode 242   len id, len fields > 0, fields × str                      in a file, before the keys
 *     30           listpack {id, values}                                     in a file
 *     32           len id, fields × str                                      in a file
 *     29           names, listpack {id, values}                              in DUMP
 *     31           names, fields × str                                       in DUMP
 *     names        len 0, listpack of names | len 1, len n, n × str
 */
import { E_TEMPLATE, E_TOO_LARGE, fail, OK, status } from "../status";
import { commit, p, readCount, readLength } from "../input";
import { TEMPLATES, TEMPLATE_SLOTS } from "../memory";
import { BLOB_LISTPACK, blobElements, Check, DONE, enter, itemsA, itemsB, phase, takeBlob, takeString } from "../walk";

const HEAD: i32 = 0;
const STRINGS: i32 = 1;
const NAMES_BLOB: i32 = 2;
const NAMES: i32 = 3;
const VALUES: i32 = 4;

/** Number of templates seen in this file: {u64 id + 1, u64 fields} each, found by linear probing from the id. */
let templates: u32 = 0;

export function forgetTemplates(): void {
  if (templates != 0) memory.fill(TEMPLATES, 0, TEMPLATE_SLOTS * 16);
  templates = 0;
}

function slotOf(id: u64): u32 {
  let slot = <u32>(id * 0x9e3779b97f4a7c15 >> 32) & (TEMPLATE_SLOTS - 1);
  while (true) {
    const at = TEMPLATES + slot * 16;
    const found = load<u64>(at);
    if (found == 0 || found == id + 1) return at;
    slot = (slot + 1) & (TEMPLATE_SLOTS - 1);
  }
}

function fieldsOf(id: u64, at: u32): u64 {
  const slot = slotOf(id);
  if (id == u64.MAX_VALUE || load<u64>(slot) == 0) {
    fail(E_TEMPLATE, at, templates, id);
    return 0;
  }
  return load<u64>(slot, 8);
}

/** The record of opcode 242. */
export function walkTemplate<S>(): void {
  if (phase == HEAD) {
    const at = p;
    const id = readLength();
    let fields: u64 = 0;
    if (status == OK) fields = readCount(1);
    if (status == OK && (fields == 0 || id == u64.MAX_VALUE)) fail(E_TEMPLATE, at, 1, fields);
    if (status == OK && templates >= TEMPLATE_SLOTS / 2) fail(E_TOO_LARGE, at, TEMPLATE_SLOTS / 2, templates);
    if (status != OK) {
      p = at;
      return;
    }
    const slot = slotOf(id);
    if (load<u64>(slot) != 0) {
      fail(E_TEMPLATE, at, 0, id);
      return;
    }
    store<u64>(slot, id + 1);
    store<u64>(slot, fields, 8);
    templates++;
    itemsA = fields;
    enter(STRINGS);
  }
  takeStrings<S>();
}

function takeStrings<S>(): void {
  while (itemsA != 0) {
    takeString<S>();
    if (status != OK) return;
    itemsA--;
    commit();
  }
  phase = DONE;
}

/** Types 32 (`named` false) and 31. */
export function walkTemplateStrings<S>(named: bool): void {
  if (phase == HEAD && !named) {
    const at = p;
    const id = readLength();
    if (status != OK) return;
    itemsA = fieldsOf(id, at);
    if (status != OK) {
      p = at;
      return;
    }
    enter(STRINGS);
  }
  if (named) takeNames<S>();
  if (status == OK && phase == VALUES) {
    itemsA = itemsB;
    enter(STRINGS);
  }
  if (status == OK) takeStrings<S>();
}

/** Types 30 (`named` false) and 29. */
export function walkTemplateListpack<S>(named: bool): void {
  if (named) takeNames<S>();
  else if (phase == HEAD) phase = VALUES;
  if (status != OK) return;
  const at = p;
  takeBlob<S>(BLOB_LISTPACK);
  if (status != OK) return;
  if (named && idof<S>() == idof<Check>() && <u64>blobElements != itemsB + 1) {
    fail(E_TEMPLATE, at, itemsB + 1, blobElements);
    return;
  }
  enter(DONE);
}

/** The names; then phase is VALUES and itemsB their number. Their blob is always looked into: it holds the count. */
function takeNames<S>(): void {
  if (phase == HEAD) {
    const at = p;
    const format = readLength();
    if (status != OK) return;
    if (format > 1) {
      fail(E_TEMPLATE, at, 1, format);
      return;
    }
    if (format == 0) enter(NAMES_BLOB);
    else {
      itemsB = readCount(1);
      if (status != OK) {
        p = at;
        return;
      }
      itemsA = itemsB;
      enter(NAMES);
    }
  }
  if (phase == NAMES_BLOB) {
    takeBlob<Check>(BLOB_LISTPACK);
    if (status != OK) return;
    itemsB = blobElements;
    enter(VALUES);
  }
  while (phase == NAMES) {
    if (itemsA == 0) {
      enter(VALUES);
      return;
    }
    takeString<S>();
    if (status != OK) return;
    itemsA--;
    commit();
  }
}
