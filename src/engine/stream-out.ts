/**
 * Commands larger than a region, written in pieces: head, key, middle, value, tail. The value of a string comes out of
 * the window, plainly or decompressed; that of a collection is read a second time by TypeScript, which puts it into the
 * region itself. Every piece may stop where the region is full and go on in the next.
 */
import { crc64 } from "./crc64";
import { entryOffset, keyAt, keyLength, metaAt, metaLength, type } from "./entry";
import { COMMAND_OVERHEAD, FOOTER, metaBytes, putRestoreHead, putRestoreOptions, putRestoreTtl, putSetHead, putSetOptions } from "./emit";
import { KEY_SCRATCH, LZF_HISTORY, LZF_STREAM, LZF_STREAM_OUT, META_SCRATCH, PIECES } from "./memory";
import { advance, copyTo, finishCommand, indexFits, out, outEnd, putBulkHead, putEnd } from "./output";
import { footerOf, RESTORE } from "./plan";
import { copyMatch } from "./lzf";
import { pumpBase64 } from "./text-out";

export const HEAD: i32 = 0;
const KEY: i32 = 1;
const MIDDLE: i32 = 2;
export const VALUE: i32 = 3;
const TAIL: i32 = 4;
export const FINISHED: i32 = 5;

export let stage: i32 = FINISHED;
/** Bytes of the value still to come. */
export let valueLeft: u64 = 0;
let isRestore: bool = false;
/** Type byte of the payload: the entry's, unless it was rebuilt. */
let streamType: u32 = 0;
let crc: u64 = 0;
let piece: u32 = 0;
let pieceLeft: u32 = 0;

/**
 * Starts a command for an entry whose value has `length` bytes as it will be written. The key (and KEY_META) are moved
 * to scratch, so that the window may go.
 */
export function startStream(action: u32, length: u64): void {
  isRestore = action == RESTORE;
  valueLeft = length;
  streamType = type;
  stage = HEAD;
  const at = PIECES;
  const afterHead = isRestore ? putRestoreHead(at) : putSetHead(at);
  piece = at;
  pieceLeft = putBulkHead(afterHead, keyLength) - at;
}

/** As startStream, for a value that was built in memory, type byte first. */
export function startStreamFrom(from: u32, length: u32): void {
  startStream(RESTORE, length - 1);
  streamType = load<u8>(from);
}

/** Keeps key and KEY_META when the window moves on. */
export function saveKey(): void {
  if (keyAt != KEY_SCRATCH) {
    memory.copy(KEY_SCRATCH, keyAt, keyLength);
    keyAt = KEY_SCRATCH;
  }
  if (metaLength != 0 && metaAt != META_SCRATCH) {
    memory.copy(META_SCRATCH, metaAt, metaLength);
    metaAt = META_SCRATCH;
  }
}

function preparePiece(): void {
  const at = PIECES;
  piece = at;
  if (stage == KEY) {
    piece = keyAt;
    pieceLeft = keyLength;
  } else if (stage == MIDDLE) {
    let q = putEnd(at);
    if (isRestore) {
      q = putBulkHead(putRestoreTtl(q), valueLeft + metaBytes() + 1 + FOOTER);
      const start = q;
      if (metaBytes() != 0) {
        copyTo(q, metaAt, metaLength);
        q += metaLength;
      }
      store<u8>(q++, <u8>streamType);
      crc = crc64(0, start, q - start);
    } else q = putBulkHead(q, valueLeft);
    pieceLeft = q - at;
  } else if (stage == TAIL) {
    let q = at;
    if (isRestore) {
      store<u16>(q, <u16>footerOf(type));
      crc = crc64(crc, q, 2);
      store<u64>(q, crc, 2);
      q = putRestoreOptions(putEnd(q + FOOTER));
    } else q = putSetOptions(putEnd(q));
    pieceLeft = q - at;
  }
}

/** Writes what goes before the value, or after it. Returns false where the region is full. */
export function pumpPieces(): bool {
  while (stage != VALUE && stage != FINISHED) {
    if (stage == TAIL && !indexFits()) return false;
    const n = min(pieceLeft, outEnd - out);
    memory.copy(out, piece, n);
    advance(n);
    piece += n;
    pieceLeft -= n;
    if (pieceLeft != 0) return false;
    stage++;
    if (stage == FINISHED) finishCommand(entryOffset, type);
    else if (stage != VALUE) preparePiece();
    else if (valueLeft == 0) endValue();
  }
  return true;
}

function endValue(): void {
  stage = TAIL;
  preparePiece();
}

/** n bytes of the value were written at `out`. */
export function acceptValue(n: u32): void {
  if (isRestore) crc = crc64(crc, out, n);
  advance(n);
  valueLeft -= n;
  if (valueLeft == 0) endValue();
}

/** Copies value bytes from the window; returns how many. */
export function copyValue(from: u32, available: u32): u32 {
  const n = <u32>min(min(<u64>available, <u64>(outEnd - out)), valueLeft);
  memory.copy(out, from, n);
  acceptValue(n);
  return n;
}

/*
 * LZF in pieces. Output goes to LZF_STREAM behind the last 8 KiB of what was made before (a match reaches no further),
 * and from there to the region.
 */
let made: u32 = 0;
let given: u32 = 0;
let total: u64 = 0;

export function startLzf(): void {
  made = 0;
  given = 0;
  total = 0;
  bare = false;
  toBase64 = false;
}

/** The string, `length` bytes when decompressed, goes to the region without a command around it; then `stage` is FINISHED. */
let bare: bool = false;
let toBase64: bool = false;
export function startBareLzf(length: u64, base64: bool): void {
  startLzf();
  bare = true;
  toBase64 = base64;
  valueLeft = length;
  stage = VALUE;
}

const WINDOW: u32 = LZF_STREAM + LZF_HISTORY;
/** Largest output of one control byte. */
const LARGEST_RUN: u32 = 264;

/** Moves decompressed bytes to the region. */
function giveLzf(): void {
  if (toBase64) giveBase64();
  else givePlain();
  if (!canGive() && made >= LZF_STREAM_OUT - LARGEST_RUN) {
    memory.copy(LZF_STREAM, LZF_STREAM + made, LZF_HISTORY);
    // a byte or two that base64 could not take yet are now the end of the history: `given` is before 0
    given -= made;
    made = 0;
  }
}

function givePlain(): void {
  const n = min(made - given, outEnd - out);
  if (n == 0) return;
  memory.copy(out, WINDOW + given, n);
  given += n;
  if (!bare) acceptValue(n);
  else {
    advance(n);
    giveBare(n);
  }
}

function giveBase64(): void {
  const ready = made - given;
  const n = pumpBase64(WINDOW + given, <u64>ready == valueLeft ? ready : ready - ready % 3);
  given += n;
  giveBare(n);
}

function giveBare(n: u32): void {
  valueLeft -= n;
  if (valueLeft == 0) stage = FINISHED;
}

/** Whether decompressed bytes could go to the region, if it had room. */
function canGive(): bool {
  const ready = made - given;
  return ready >= 3 || (ready != 0 && (!toBase64 || <u64>ready == valueLeft));
}

/** Set where the compressed bytes are wrong. */
export let lzfBroken: bool = false;

/** Decompresses from the window; `available` bytes are there, `last` says that they are all. Returns how many were used. */
export function pumpLzf(from: u32, available: u32, last: bool): u32 {
  lzfBroken = false;
  const start = from;
  const stop = from + available;
  giveLzf();
  while (made < LZF_STREAM_OUT - LARGEST_RUN) {
    const control: u32 = load<u8>(from);
    const size: u32 = from >= stop ? 1 : control < 32 ? control + 2 : control >> 5 == 7 ? 3 : 2;
    if (size > stop - from) {
      if (last && from < stop) lzfBroken = true;
      break;
    }
    const to = WINDOW + made;
    if (control < 32) {
      v128.store(to, v128.load(from, 1));
      v128.store(to, v128.load(from, 17), 16);
      made += control + 1;
      total += control + 1;
    } else {
      let run = (control >> 5) + 2;
      if (size == 3) run += load<u8>(from, 1);
      const distance = (((control & 31) << 8) | load<u8>(from + size - 1)) + 1;
      if (<u64>distance > total) {
        lzfBroken = true;
        break;
      }
      copyMatch(to, distance, run);
      made += run;
      total += run;
    }
    if (<u64>(made - given) > valueLeft) {
      lzfBroken = true;
      break;
    }
    from += size;
    if (made >= LZF_STREAM_OUT - LARGEST_RUN) giveLzf();
  }
  if (!lzfBroken) giveLzf();
  return from - start;
}

/** Whether decompressed bytes wait for room. */
export function lzfWaiting(): bool {
  return canGive();
}
