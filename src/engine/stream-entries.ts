/**
 * The live entries of a stream's nodes as XADD, one command each. One larger than a region is written field by field.
 */
import { writeDecimal } from "./decimal";
import * as entry from "./entry";
import { ITEMS } from "./memory";
import { ITEMS_HEAD, itemsWhole } from "./items";
import { advance, finishCommand, indexFits, out, outEnd, putBulk, putEnd, putNumber, regionSize } from "./output";
import { elementAt, elementInteger, elementIsInteger, elementLength } from "./packed/element";
import {
  closeEntry, entriesLeft, entryDeleted, entryField, entryFields, entryMs, entrySeq, entryValue, openEntry, openNode, putEntryBack,
} from "./packed/stream-listpack";
import { addBulk, addCount, addId, addNumber, addWord, endPieces, piecesLeft, pumpPieces, putId, putWord, startPieces, STEP } from "./pieces";
import { nextString, stringAt, stringLength } from "./rebuild";

let key: u32 = 0;
let keyLength: u32 = 0;
/** Next node, and the key of the one that is open. */
let nodes: u32 = 0;
let nodeMs: u64 = 0;
let nodeSeq: u64 = 0;
/** Fields of an entry larger than a region that are still to be written; -1: none is under way. */
let fieldsLeft: i64 = -1;
let atValue: bool = false;
/** The node that is open has entries that were not written. */
let entriesToCome: bool = false;

export function startEntries(newKey: u32, newKeyLength: u32): void {
  key = newKey;
  keyLength = newKeyLength;
  fieldsLeft = -1;
  entriesToCome = false;
  moreNodes();
}

/** The nodes come now, from the start of the items area. */
export function moreNodes(): void {
  nodes = ITEMS + ITEMS_HEAD;
}

/** Writes the entries of the nodes that are held. Returns false where the region is full. */
export function pumpEntries(): bool {
  while (true) {
    if (piecesLeft != 0 && !pumpPieces()) return false;
    if (fieldsLeft >= 0) {
      if (!putLargeField()) return false;
    } else if (!entriesToCome) {
      if (nodes >= itemsWhole) return true;
      takeNode();
    } else if (!putEntries()) return false;
  }
}

function takeNode(): void {
  nodes = nextString(nodes);
  nodeMs = bswap<u64>(load<u64>(stringAt));
  nodeSeq = bswap<u64>(load<u64>(stringAt, 8));
  nodes = nextString(nodes);
  openNode(stringAt, stringLength);
  entriesToCome = true;
}

/** The entries of the node that is open. Returns false where the region is full. */
function putEntries(): bool {
  while (entriesLeft > 0) {
    openEntry();
    if (!entryDeleted && !putEntry()) {
      putEntryBack();
      return false;
    }
    if (fieldsLeft >= 0) return true;
    closeEntry();
  }
  entriesToCome = false;
  return true;
}

const ENTRY_ROOM: u32 = 160;

/** Writes the open entry where the region holds it, or starts it in pieces where none would. */
function putEntry(): bool {
  if (!indexFits()) return false;
  let at = out;
  if (<u64>keyLength + ENTRY_ROOM <= <u64>(outEnd - at)) {
    at = putWord(putCount(at, entryFields), "XADD");
    at = putId(putBulk(at, key, keyLength), nodeMs + <u64>entryMs, nodeSeq + <u64>entrySeq);
    let left = entryFields;
    for (; left > 0; left--) {
      entryField();
      if (!elementFits(at)) break;
      at = putElement(at);
      entryValue();
      if (!elementFits(at)) break;
      at = putElement(at);
    }
    if (left == 0) {
      advance(at - out);
      finishCommand(entry.entryOffset, STEP);
      return true;
    }
  }
  if (outEnd - out != regionSize) return false;
  putEntryBack();
  openEntry();
  fieldsLeft = entryFields;
  atValue = false;
  startPieces(entryFields == 0);
  addCount(3 + 2 * <u32>entryFields);
  addWord("XADD");
  addBulk(key, keyLength);
  addId(nodeMs + <u64>entryMs, nodeSeq + <u64>entrySeq);
  endPieces();
  return true;
}

/** "*<arguments>\r\n" */
function putCount(at: u32, fields: i64): u32 {
  store<u8>(at, 42);
  return putEnd(writeDecimal(at + 1, 3 + 2 * fields));
}

function elementFits(at: u32): bool {
  return (elementIsInteger ? 64 : <u64>elementLength + 40) <= <u64>(outEnd - at);
}

function putElement(at: u32): u32 {
  return elementIsInteger ? putNumber(at, elementInteger) : putBulk(at, elementAt, elementLength);
}

/** The next field or value of an entry larger than a region. */
function putLargeField(): bool {
  if (fieldsLeft == 0) {
    fieldsLeft = -1;
    closeEntry();
    return true;
  }
  if (atValue) entryValue();
  else entryField();
  if (atValue) fieldsLeft--;
  atValue = !atValue;
  startPieces(fieldsLeft == 0);
  if (elementIsInteger) addNumber(elementInteger);
  else addBulk(elementAt, elementLength);
  return endPieces();
}
