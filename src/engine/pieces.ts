/**
 * One command as a list of pieces {address, length}, copied as far as each region goes. Text between large arguments
 * stands in scratch; arguments stay where they are until they are copied.
 */
import { PIECES } from "./memory";
import * as entry from "./entry";
import { writeUnsigned } from "./decimal";
import { advance, finishCommand, indexFits, out, outEnd, putBulkHead, putEnd, putNumber } from "./output";

/** Type in the index of a region: a step of an entry. */
export const STEP: u32 = 252;
/** A step whose answer is OK, as that of a key that is written. */
export const STEP_OK: u32 = 251;
/** Such steps in the region under way: TypeScript must not count them as keys. */
export let okSteps: u32 = 0;

export function forgetOkSteps(): void {
  okSteps = 0;
}

const PIECE_LIST: u32 = PIECES + 0xc00;
let piecesAt: u32 = 0;
export let piecesLeft: u32 = 0;
/** Text that is not in a piece yet: from `pieceText` to `textEnd`. */
let pieceText: u32 = 0;
export let textEnd: u32 = 0;
/** The command is complete with these pieces; else more will follow. */
let completes: bool = true;
let answersOk: bool = false;

export function startPieces(newCompletes: bool): void {
  piecesAt = PIECE_LIST;
  piecesLeft = 0;
  pieceText = PIECES;
  textEnd = PIECES;
  completes = newCompletes;
  answersOk = false;
}

function addPiece(at: u32, length: u32): void {
  const slot = PIECE_LIST + (piecesLeft << 3);
  store<u32>(slot, at);
  store<u32>(slot, length, 4);
  piecesLeft++;
}

/** Text was written up to `to`. */
export function moveText(to: u32): void {
  textEnd = to;
}

/** The command answers OK. */
export function markOk(): void {
  answersOk = true;
}

/** "*<n>\r\n" */
export function addCount(n: u32): void {
  store<u8>(textEnd, 42);
  textEnd = putEnd(writeUnsigned(textEnd + 1, n));
}

/** An argument of ASCII known at compile time. */
export function addWord(word: string): void {
  textEnd = putWord(textEnd, word);
}

export function addNumber(value: i64): void {
  textEnd = putNumber(textEnd, value);
}

/** "ms-seq" */
export function addId(ms: u64, seq: u64): void {
  textEnd = putId(textEnd, ms, seq);
}

/** An argument of any length, which stays where it is. */
export function addBulk(at: u32, length: u32): void {
  textEnd = putBulkHead(textEnd, length);
  addPiece(pieceText, textEnd - pieceText);
  pieceText = textEnd;
  addPiece(at, length);
  textEnd = putEnd(textEnd);
}

/** The list is complete: what text is left becomes its last piece. Copies as far as the region goes; false where it is full. */
export function endPieces(): bool {
  addPiece(pieceText, textEnd - pieceText);
  pieceText = textEnd;
  return pumpPieces();
}

export function pumpPieces(): bool {
  while (piecesLeft != 0) {
    if (piecesLeft == 1 && !indexFits()) return false;
    const from = load<u32>(piecesAt), left = load<u32>(piecesAt, 4);
    const n = min(left, outEnd - out);
    memory.copy(out, from, n);
    advance(n);
    if (n < left) {
      store<u32>(piecesAt, from + n);
      store<u32>(piecesAt, left - n, 4);
      return false;
    }
    piecesAt += 8;
    piecesLeft--;
  }
  if (!completes) return true;
  if (answersOk) okSteps++;
  finishCommand(entry.entryOffset, answersOk ? STEP_OK : STEP);
  return true;
}

export function putWord(at: u32, word: string): u32 {
  const length = word.length;
  at = putBulkHead(at, length);
  const from = <u32>changetype<usize>(word);
  for (let i = 0; i < length; i++) store<u8>(at + i, load<u8>(from + (i << 1)));
  return putEnd(at + length);
}

/** At most 47 bytes. */
export function putId(at: u32, ms: u64, seq: u64): u32 {
  // the length is known when the text is: at most 41 characters, so two digits have room; it moves up where one does
  const text = at + 5;
  let q = writeUnsigned(text, ms);
  store<u8>(q, 45);
  q = writeUnsigned(q + 1, seq);
  const length = q - text;
  const body = putBulkHead(at, length);
  if (body != text) memory.copy(body, text, length);
  return putEnd(body + length);
}
