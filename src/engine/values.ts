/**
 * An entry and its value, decoded, for TypeScript (the library's `readRdb` with values): frames, one after another, that
 * may go over the end of a region.
 *
 *     u64 bytes | tag << 56, little endian, then the bytes
 *     ENTRY    the record of entry-record.ts, its value bytes -1
 *     STRING   all of a string
 *     ITEMS    whole items as items.ts has them; of a stream, node keys and nodes
 *     TAIL     what follows the nodes of a stream
 *     END      nothing; the value is over
 *
 * Values of modules, arrays and hashes by template have no frame between ENTRY and END.
 */
import { clearStatus, OK, ROOM, status } from "./status";
import { commit, committed, drainPending, p, pending } from "./input";
import { ITEMS } from "./memory";
import * as entry from "./entry";
import * as plan from "./plan";
import * as state from "./state";
import { isStream, startItemsOf, streamVersion } from "./decoding";
import { putRecordHead, RECORD_HEAD } from "./entry-record";
import { EVENT_OUTPUT } from "./events";
import { dropItems, ITEMS_HEAD, itemsEnd, itemsHeld, itemsTotal, itemsWhole, keepNodes } from "./items";
import { NO_EVENT } from "./opcodes";
import { out } from "./output";
import { bodyLength, openBody, pumpBody } from "./string-body";
import { addPart, PART_TEXT, pumpParts, roomLeft, wrote } from "./text-out";
import { keepStreamVersion } from "./types/stream";
import { walkValue } from "./types/table";
import { DONE, Items, phase, Skip } from "./walk";

/** So much of a value is decoded at a time. */
const CHUNK: u32 = 256 << 10;

const ENTRY_TAG: u64 = 1;
const STRING_TAG: u64 = 2;
const ITEMS_TAG: u64 = 3;
const TAIL_TAG: u64 = 4;
const END_TAG: u64 = 5;

const FRAME: u32 = 8;

const RECORD: i32 = 0;
const HEADER: i32 = 1;
const STRING_FRAME: i32 = 2;
const BODY: i32 = 3;
const DECODE: i32 = 4;
const DROP: i32 = 5;
const PASS: i32 = 6;
const END: i32 = 7;
const ENDED: i32 = 8;

let step: i32 = ENDED;
/** The entry's frame is written. */
let begun: bool = false;

export function valuesEnded(): bool {
  return step == ENDED;
}

/** Starts on the value at p. */
export function startValues(): void {
  entry.metaLength = 0;
  begun = false;
  step = first();
  if (step != DECODE) return;
  startItemsOf(entry.type, CHUNK);
  keepNodes(true);
  keepStreamVersion(isStream(entry.type) ? streamVersion(entry.type) : 0);
}

function first(): i32 {
  const kind = plan.kindOf(entry.type);
  if (kind == 0) return RECORD;
  return kind >= 6 || (entry.type >= 28 && entry.type <= 32) ? PASS : DECODE;
}

/** Goes on. The value is over when `valuesEnded`. */
export function continueValues(): i32 {
  while (step != ENDED) {
    if (!pumpParts()) return EVENT_OUTPUT;
    if (!takeStep()) return status == OK ? EVENT_OUTPUT : NO_EVENT;
  }
  return NO_EVENT;
}

/** False where the region is full, the window is short, or the value is wrong. */
function takeStep(): bool {
  switch (step) {
    case RECORD: {
      addRecord();
      step = HEADER;
      return true;
    }
    case HEADER: {
      if (!openBody(false)) return false;
      step = STRING_FRAME;
      return true;
    }
    case STRING_FRAME: {
      if (!putFrame(STRING_TAG, bodyLength)) return false;
      step = BODY;
      return true;
    }
    case BODY: {
      if (!pumpBody()) return false;
      step = END;
      return true;
    }
    case DECODE: return decode();
    case DROP: {
      dropItems();
      step = DECODE;
      return true;
    }
    case PASS: {
      if (phase != DONE) walkValue<Skip>(state.dialect, entry.type);
      if (status == OK && pending != 0) drainPending();
      if (status != OK) return false;
      addRecord();
      step = END;
      return true;
    }
    default: {
      if (!putFrame(END_TAG, 0)) return false;
      step = ENDED;
      return true;
    }
  }
}

function decode(): bool {
  if (phase != DONE) walkValue<Items>(state.dialect, entry.type);
  const full = status == ROOM;
  if (full) {
    clearStatus();
    p = committed;
  } else if (status != OK) return false;
  else commit();
  if (itemsTotal == 0 && !isStream(entry.type)) {
    // servers skip such a key when they load a file
    state.keysEmpty++;
    step = ENDED;
    return true;
  }
  text = PART_TEXT;
  if (!begun) addRecord();
  const start = ITEMS + ITEMS_HEAD;
  if (itemsHeld != 0) addFrame(ITEMS_TAG, start, itemsWhole - start);
  if (!full && isStream(entry.type)) addFrame(TAIL_TAG, itemsWhole, itemsEnd - itemsWhole);
  step = full ? DROP : END;
  return true;
}

/** Texts of parts that are not out yet, one after another. */
let text: u32 = PART_TEXT;

/** Frames become parts, which are all out before the next step. */
function addFrame(tag: u64, from: u32, length: u32): void {
  store<u64>(text, <u64>length | (tag << 56));
  addPart(text, FRAME, false);
  addPart(from, length, false);
  text += FRAME;
}

function addRecord(): void {
  text = PART_TEXT;
  const padding = (8 - (entry.keyLength & 7)) & 7;
  const head = text + FRAME;
  store<u64>(text, <u64>(RECORD_HEAD + entry.keyLength + padding) | (ENTRY_TAG << 56));
  putRecordHead(head, -1);
  store<u64>(head + RECORD_HEAD, 0);
  addPart(text, FRAME + RECORD_HEAD, false);
  addPart(entry.keyAt, entry.keyLength, false);
  addPart(head + RECORD_HEAD, padding, false);
  text = head + RECORD_HEAD + 8;
  begun = true;
}

function putFrame(tag: u64, length: u64): bool {
  if (roomLeft() < FRAME) return false;
  store<u64>(out, length | (tag << 56));
  wrote(out + FRAME);
  return true;
}
