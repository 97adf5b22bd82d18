/** The entries of a stream as JSON, without those that were deleted: [["ms-seq",[field, value, …]], …]. */
import { status, OK } from "./status";
import { base64Length } from "./base64";
import { writeDecimal, writeUnsigned } from "./decimal";
import { ITEMS_HEAD, itemsWhole } from "./items";
import { ITEMS } from "./memory";
import { out } from "./output";
import { elementAt, elementInteger, elementIsInteger, elementLength } from "./packed/element";
import {
  closeEntry, entriesLeft, entryDeleted, entryField, entryFields, entryMs, entrySeq, entryValue, openEntry, openNode,
} from "./packed/stream-listpack";
import { nextString, stringAt, stringLength } from "./rebuild";
import { addPart, fitsAnyRegion, PART_TEXT, pumpParts, putAscii, putQuoted, roomLeft, wrote } from "./text-out";

const NODE: i32 = 0;
const ENTRY: i32 = 1;
const ID: i32 = 2;
const ELEMENT: i32 = 3;
const CLOSE: i32 = 4;

let place: i32 = NODE;
let cursor: u32 = 0;
let nodeMs: u64 = 0;
let nodeSeq: u64 = 0;
/** No entry of the stream was written yet. */
let first: bool = true;
/** Fields and values of the entry that are not written yet, and whether the next was taken from the node already. */
let elements: i64 = 0;
let taken: bool = false;

export function startEntries(): void {
  first = true;
  taken = false;
}

/** The nodes that are held come next. */
export function startNodes(): void {
  place = NODE;
  cursor = ITEMS + ITEMS_HEAD;
}

/** "ms-seq", without quotes; at most 41 bytes. */
export function putStreamId(at: u32, ms: u64, seq: u64): u32 {
  at = writeUnsigned(at, ms);
  store<u8>(at, 45);
  return writeUnsigned(at + 1, seq);
}

/** Writes the entries of the nodes that are held; false where the region is full. */
export function writeNodes(): bool {
  while (status == OK) {
    switch (place) {
      case NODE: {
        if (cursor >= itemsWhole) return true;
        cursor = nextString(cursor);
        nodeMs = bswap<u64>(load<u64>(stringAt));
        nodeSeq = bswap<u64>(load<u64>(stringAt, 8));
        cursor = nextString(cursor);
        openNode(stringAt, stringLength);
        place = ENTRY;
        break;
      }
      case ENTRY: {
        if (entriesLeft <= 0) {
          place = NODE;
          break;
        }
        openEntry();
        if (entryDeleted) closeEntry();
        else place = ID;
        break;
      }
      case ID: {
        if (roomLeft() < 64) return false;
        let at = putAscii(out, first ? '["' : ',["');
        at = putStreamId(at, nodeMs + <u64>entryMs, nodeSeq + <u64>entrySeq);
        wrote(putAscii(at, '",['));
        first = false;
        elements = entryFields * 2;
        place = ELEMENT;
        break;
      }
      case ELEMENT: {
        if (elements == 0) {
          place = CLOSE;
          break;
        }
        if (!taken) {
          if (elements & 1) entryValue();
          else entryField();
          taken = true;
        }
        if (!writeElement()) return false;
        taken = false;
        elements--;
        if (!pumpParts()) return false;
        break;
      }
      default: {
        if (roomLeft() < 2) return false;
        wrote(putAscii(out, "]]"));
        closeEntry();
        place = ENTRY;
      }
    }
  }
  return false;
}

function writeElement(): bool {
  let from = elementAt, length = elementLength;
  if (elementIsInteger) {
    from = PART_TEXT;
    length = writeDecimal(from, elementInteger) - from;
  }
  const bytes = base64Length(length) + 4;
  const comma = elements != entryFields * 2;
  if (bytes > <u64>roomLeft()) {
    if (fitsAnyRegion(bytes)) return false;
    addQuotedPart(from, length, comma);
    return true;
  }
  let at = out;
  if (comma) store<u8>(at++, 44);
  wrote(putQuoted(at, from, length));
  return true;
}

/** A string that no region holds at once, in quotes. */
export function addQuotedPart(from: u32, length: u32, comma: bool): void {
  const end = putAscii(PART_TEXT, ',"');
  addPart(comma ? PART_TEXT : PART_TEXT + 1, comma ? 2 : 1, false);
  addPart(from, length, true);
  addPart(end - 1, 1, false);
}
