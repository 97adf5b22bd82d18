/** A string's line of JSON, of any size. */
import { end, p } from "./input";
import { base64Length, putBase64 } from "./base64";
import { keyLength } from "./entry";
import { HEAD_ROOM, putHead, startLine } from "./json-head";
import { out } from "./output";
import { openBody, pumpBody } from "./string-body";
import { pumpParts, putAscii, roomLeft, wrote } from "./text-out";

const START: i32 = 0;
const QUOTE: i32 = 1;
const HEADER: i32 = 2;
const BODY: i32 = 3;
const TAIL: i32 = 4;

let step: i32 = START;

export function startString(): void {
  step = START;
}

/** Goes on with the string at p. True when its line is complete; else `status` says what is missing, or, where it is OK, the region is full. */
export function writeString(): bool {
  while (true) {
    switch (step) {
      case START: {
        if (writeShort()) return true;
        if (!startLine()) return false;
        step = QUOTE;
        break;
      }
      case QUOTE: {
        if (!pumpParts() || roomLeft() == 0) return false;
        store<u8>(out, 34);
        wrote(out + 1);
        step = HEADER;
        break;
      }
      case HEADER: {
        if (!openBody(true)) return false;
        step = BODY;
        break;
      }
      case BODY: {
        if (!pumpBody()) return false;
        step = TAIL;
        break;
      }
      default: {
        if (roomLeft() < 3) return false;
        wrote(putAscii(out, '"}\n'));
        return true;
      }
    }
  }
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
