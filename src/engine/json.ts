/**
 * An entry as a line of JSON, in the form of the corpus (docs/json-lines.md):
 *
 *     {"db":0,"key":<base64>,"type":"hash","pexpireat":<ms or null>,"value":…}
 *
 * The value is decoded into items, sorted there, and written in pieces as regions have room. One that is larger than the
 * items area goes out in chunks of items, in the order of the file. Modules, arrays and hashes by template have the
 * value null.
 */
import { clearStatus, OK, ROOM, status } from "./status";
import { commit, committed, drainPending, p, pending } from "./input";
import { ITEMS_SIZE } from "./memory";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import { DONE, Items, phase, Skip } from "./walk";
import { walkValue } from "./types/table";
import { keepStreamVersion } from "./types/stream";
import { dropItems, itemsTotal, keepNodes, setItemsLimit } from "./items";
import { isStream, startItemsOf, streamVersion } from "./decoding";
import { setLineDb, startLine } from "./json-head";
import { startString, writeString } from "./json-string";
import { canSort, startItemsOut, startSorted, startUnsorted, writeItems } from "./json-items";
import { startEntries, startNodes, writeNodes } from "./json-stream";
import { startGroups, writeGroups } from "./json-groups";
import { EVENT_OUTPUT } from "./events";
import { NO_EVENT } from "./opcodes";
import { out } from "./output";
import { dropParts, pumpParts, putAscii, roomLeft, wrote } from "./text-out";

/** Once a value does not fit the items area, so much of it is decoded at a time. */
const CHUNK: u32 = 1 << 20;

const STRING: i32 = 0;
const DECODE: i32 = 1;
const HEAD: i32 = 2;
const OPEN: i32 = 3;
const ITEMS: i32 = 4;
const GROUPS: i32 = 5;
const CLOSE: i32 = 6;
const PASS: i32 = 7;
const NULL_HEAD: i32 = 8;
const NULL: i32 = 9;
const ENDED: i32 = 10;

let step: i32 = ENDED;
/** The line is begun, so that what comes belongs to it. */
let begun: bool = false;
/** All of the value is decoded. */
let complete: bool = false;
/** It did not fit the items area. */
let chunked: bool = false;

/** Lines whose items are in the file's order, because they are too many to be sorted; lines whose value is null. */
export let unsortedLines: u64 = 0;
export let nullLines: u64 = 0;
/** Lines that are complete. */
export let lines: u64 = 0;

export function resetJson(): void {
  dropParts();
  setLineDb(-1);
  lines = 0;
  unsortedLines = 0;
  nullLines = 0;
}

export function jsonEnded(): bool {
  return step == ENDED;
}

/** Starts on the value at p. */
export function startJson(): void {
  // nobody needs it, and so it is not kept
  entry.metaLength = 0;
  const kind = plan.kindOf(entry.type);
  begun = false;
  complete = false;
  chunked = false;
  if (kind == 0) {
    step = STRING;
    startString();
  } else if (kind >= 6 || (entry.type >= 28 && entry.type <= 32)) step = PASS;
  else {
    step = DECODE;
    startItemsOf(entry.type, ITEMS_SIZE);
    if (!isStream(entry.type)) startItemsOut();
    else {
      startEntries();
      keepNodes(true);
      keepStreamVersion(streamVersion(entry.type));
    }
  }
}

function endLine(): void {
  lines++;
  step = ENDED;
}

/** Goes on. The line is complete when `jsonEnded`. */
export function continueJson(): i32 {
  while (step != ENDED) {
    if (step == STRING) {
      if (!writeString()) return status == OK ? EVENT_OUTPUT : NO_EVENT;
      endLine();
    } else if (step == DECODE || step == PASS) {
      if (!takeValue()) return NO_EVENT;
    } else {
      if (!pumpParts() || !write()) return status == OK ? EVENT_OUTPUT : NO_EVENT;
    }
  }
  return NO_EVENT;
}

/** Decodes on; false where the window is short or the value is wrong. */
function takeValue(): bool {
  if (step == PASS) {
    if (phase != DONE) walkValue<Skip>(state.dialect, entry.type);
    if (status == OK && pending != 0) drainPending();
    if (status != OK || phase != DONE) return false;
    step = NULL_HEAD;
    return true;
  }
  if (phase != DONE) walkValue<Items>(state.dialect, entry.type);
  if (status == ROOM) {
    clearStatus();
    p = committed;
    chunked = true;
    setItemsLimit(CHUNK);
  } else if (status != OK) return false;
  else {
    commit();
    complete = true;
  }
  valueTaken();
  return true;
}

/** Items are there, all of them or a chunk. */
function valueTaken(): void {
  step = begun ? ITEMS : HEAD;
  if (isStream(entry.type)) {
    startNodes();
    return;
  }
  if (itemsTotal == 0) {
    state.keysEmpty++;
    step = ENDED;
    return;
  }
  const isList = plan.kindOf(entry.type) == 1;
  if (chunked || isList || !canSort()) {
    if (complete && !isList) unsortedLines++;
    startUnsorted();
  } else if (!startSorted()) {
    state.keysExpired++;
    step = ENDED;
  }
}

/** Takes the next step of writing; false where the region is full. */
function write(): bool {
  switch (step) {
    case HEAD: {
      if (!startLine()) return false;
      step = OPEN;
      return true;
    }
    case OPEN: {
      if (roomLeft() < 16) return false;
      wrote(putAscii(out, isStream(entry.type) ? '{"entries":[' : "["));
      begun = true;
      step = ITEMS;
      return true;
    }
    case ITEMS: {
      if (!(isStream(entry.type) ? writeNodes() : writeItems())) return false;
      if (!complete) {
        dropItems();
        step = DECODE;
      } else if (isStream(entry.type)) {
        startGroups(streamVersion(entry.type));
        step = GROUPS;
      } else step = CLOSE;
      return true;
    }
    case GROUPS: {
      if (!writeGroups()) return false;
      step = CLOSE;
      return true;
    }
    case CLOSE: {
      if (roomLeft() < 3) return false;
      wrote(isStream(entry.type) ? putAscii(out, "}\n") : putAscii(out, "]}\n"));
      endLine();
      return true;
    }
    case NULL_HEAD: {
      if (!startLine()) return false;
      step = NULL;
      return true;
    }
    default: {
      if (roomLeft() < 6) return false;
      wrote(putAscii(out, "null}\n"));
      nullLines++;
      endLine();
      return true;
    }
  }
}
