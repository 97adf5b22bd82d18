/**
 * A string's value as JSON, of any size: out of the window, or decompressed on the way. Base64 takes three bytes at a
 * time; what is left of a window stays there until more has come, so nothing is carried over.
 */
import { E_LZF, fail, need, OK, status } from "./status";
import {
  commit, end, keep, loadStringInteger, p, readStringHeader, STRING_INTEGER, STRING_LZF, STRING_RAW, stringKind, stringLength, stringStored,
} from "./input";
import { base64Length, putBase64 } from "./base64";
import { writeDecimal } from "./decimal";
import { keyLength } from "./entry";
import { HEAD_ROOM, putHead, startLine } from "./json-head";
import { lzfDecompress } from "./lzf";
import { BLOB_SCRATCH } from "./memory";
import { out } from "./output";
import * as big from "./stream-out";
import { PART_TEXT, pumpBase64, pumpParts, putAscii, roomLeft, wrote } from "./text-out";

/** Compressed strings up to these sizes are decompressed at once, larger ones piece by piece. */
const WHOLE_STORED: u64 = 1 << 20;
const WHOLE_LENGTH: u64 = 16 << 20;

const START: i32 = 0;
const OPEN: i32 = 1;
const HEADER: i32 = 2;
const MEMORY: i32 = 3;
const WINDOW: i32 = 4;
const LZF: i32 = 5;
const TAIL: i32 = 6;
const ENDED: i32 = 7;

let step: i32 = ENDED;
/** Bytes that are still to be written; where they are, if in memory. */
let left: u64 = 0;
let from: u32 = 0;

export function startString(): void {
  step = START;
}

/** Goes on with the string at p. True when its line is complete; else `status` says what is missing, or, where it is OK, the region is full. */
export function writeString(): bool {
  while (status == OK) {
    switch (step) {
      case START: {
        if (writeShort()) {
          step = ENDED;
          return true;
        }
        if (!startLine()) return false;
        step = OPEN;
        break;
      }
      case OPEN: {
        if (!pumpParts() || roomLeft() == 0) return false;
        store<u8>(out, 34);
        wrote(out + 1);
        step = HEADER;
        break;
      }
      case HEADER: {
        takeHeader();
        break;
      }
      case MEMORY: {
        const n = pumpBase64(from, <u32>left);
        from += n;
        left -= n;
        if (left != 0) return false;
        step = TAIL;
        break;
      }
      case WINDOW: {
        const available = <u32>min<u64>(end - p, left);
        const n = pumpBase64(p, available == left ? available : available - available % 3);
        p += n;
        left -= n;
        commit();
        if (left == 0) step = TAIL;
        else if (roomLeft() < 4) return false;
        else need();
        break;
      }
      case LZF: {
        const available = <u32>min<u64>(end - p, left);
        const n = big.pumpLzf(p, available, available == left);
        left -= n;
        p += n;
        commit();
        const finished = big.stage == big.FINISHED;
        // the runs must make the declared length with the last byte: not before, and not less
        if (big.lzfBroken || (finished && left != 0) || (!finished && left == 0 && !big.lzfWaiting())) fail(E_LZF, p, big.valueLeft, left);
        else if (finished) step = TAIL;
        else if (big.lzfWaiting()) return false;
        else need();
        break;
      }
      case TAIL: {
        if (roomLeft() < 3) return false;
        wrote(putAscii(out, '"}\n'));
        step = ENDED;
        return true;
      }
      default: return true;
    }
  }
  return false;
}

/** A plain string that stands whole in the window and whose line has room: most are such. */
function writeShort(): bool {
  const at = p;
  if (at >= end) return false;
  const length: u32 = load<u8>(at);
  if (length > 63 || length >= end - at || base64Length(keyLength) + HEAD_ROOM + 96 > <u64>roomLeft()) return false;
  let to = putHead(out);
  store<u8>(to, 34);
  to = putAscii(putBase64(to + 1, at + 1, length), '"}\n');
  wrote(to);
  p = at + 1 + length;
  return true;
}

/** Header of a string of which nothing is written yet: decides where its bytes are read from. */
function takeHeader(): void {
  const at = p;
  readStringHeader();
  if (status != OK) return;
  const stored = stringStored;
  left = stringLength;
  step = WINDOW;
  if (stringKind == STRING_RAW) {
    commit();
    return;
  }
  const isLarge = stringKind == STRING_LZF && (stored > WHOLE_STORED || stringLength > WHOLE_LENGTH);
  if (isLarge) {
    step = LZF;
    left = stored;
    big.startLzfToBase64(stringLength);
    commit();
    return;
  }
  if (stored > <u64>(end - p)) {
    const wanted = <u64>(p - keep) + stored;
    step = HEADER;
    p = at;
    need(wanted);
    return;
  }
  step = MEMORY;
  if (stringKind == STRING_INTEGER) {
    from = PART_TEXT;
    left = writeDecimal(from, loadStringInteger(p, stored)) - from;
  } else {
    from = BLOB_SCRATCH;
    if (!lzfDecompress(p, <u32>stored, from, <u32>left)) fail(E_LZF, at, left, stored);
  }
  p += <u32>stored;
  commit();
}
