/**
 * The bytes of a string of any size, as they are or as base64: out of the window, or decompressed on the way. Base64
 * takes three bytes at a time; what is left of a window stays there until more has come, so nothing is carried over.
 */
import { E_LZF, fail, need, OK, status } from "./status";
import {
  commit, end, keep, loadStringInteger, p, readStringHeader, STRING_INTEGER, STRING_LZF, STRING_RAW, stringKind, stringLength, stringStored,
} from "./input";
import { writeDecimal } from "./decimal";
import { lzfDecompress } from "./lzf";
import { BLOB_SCRATCH } from "./memory";
import { out, outEnd } from "./output";
import * as big from "./stream-out";
import { PART_TEXT, pumpBase64, pumpText } from "./text-out";

/** Compressed strings up to these sizes are decompressed at once, larger ones piece by piece. */
const WHOLE_STORED: u64 = 1 << 20;
const WHOLE_LENGTH: u64 = 16 << 20;

const MEMORY: i32 = 0;
const WINDOW: i32 = 1;
const LZF: i32 = 2;

let source: i32 = WINDOW;
let asBase64: bool = false;
/** Bytes that are still to be written (LZF: to be read); where they are, if in memory. */
let left: u64 = 0;
let from: u32 = 0;

/** Bytes of the string, once it is open. */
export let bodyLength: u64 = 0;

/** Takes the header of the string at p, and what must be had of it at once. Returns false where the window is short or the string wrong. */
export function openBody(base64: bool): bool {
  const at = p;
  asBase64 = base64;
  readStringHeader();
  if (status != OK) return false;
  const stored = stringStored;
  bodyLength = stringLength;
  if (stringKind == STRING_RAW) {
    source = WINDOW;
    left = stored;
    commit();
    return true;
  }
  if (stringKind == STRING_LZF && (stored > WHOLE_STORED || stringLength > WHOLE_LENGTH)) {
    source = LZF;
    left = stored;
    big.startBareLzf(stringLength, base64);
    commit();
    return true;
  }
  if (stored > <u64>(end - p)) {
    const wanted = <u64>(p - keep) + stored;
    p = at;
    need(wanted);
    return false;
  }
  source = MEMORY;
  if (stringKind == STRING_INTEGER) {
    from = PART_TEXT;
    bodyLength = writeDecimal(from, loadStringInteger(p, stored)) - from;
  } else {
    from = BLOB_SCRATCH;
    if (!lzfDecompress(p, <u32>stored, from, <u32>bodyLength)) {
      fail(E_LZF, at, bodyLength, stored);
      return false;
    }
  }
  left = bodyLength;
  p += <u32>stored;
  commit();
  return true;
}

function pump(at: u32, length: u32): u32 {
  return asBase64 ? pumpBase64(at, length) : pumpText(at, length);
}

/** Writes on; true when all is written. Else `status` says what is missing, or, where it is OK, the region is full. */
export function pumpBody(): bool {
  if (source == MEMORY) {
    const n = pump(from, <u32>left);
    from += n;
    left -= n;
    return left == 0;
  }
  if (source == LZF) return pumpLzf();
  const available = <u32>min<u64>(end - p, left);
  const n = pump(p, available == left || !asBase64 ? available : available - available % 3);
  p += n;
  left -= n;
  commit();
  if (left == 0) return true;
  if (outEnd - out >= 4 || (!asBase64 && out != outEnd)) need();
  return false;
}

function pumpLzf(): bool {
  const available = <u32>min<u64>(end - p, left);
  const n = big.pumpLzf(p, available, available == left);
  left -= n;
  p += n;
  commit();
  const finished = big.stage == big.FINISHED;
  // the runs must make the declared length with the last byte: not before, and not less
  if (big.lzfBroken || (finished && left != 0) || (!finished && left == 0 && !big.lzfWaiting())) fail(E_LZF, p, big.valueLeft, left);
  else if (!finished && !big.lzfWaiting()) need();
  return finished && status == OK;
}
