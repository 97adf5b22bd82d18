/**
 * The listpack of a stream node (redis 7.4 src/t_stream.c streamValidateListpackIntegrity): the master entry
 * {count, deleted, fields n, n names, 0}, then count + deleted entries {flags, ms, seq, [n, n names] values, elements}.
 */
import { E_STREAM, fail, status, OK } from "../status";
import { elementAt, elementInteger, elementIsInteger, elementLength } from "./element";
import { listpackNext, listpackOpen } from "./listpack";

/** Entry has the fields of the master entry (src/stream.h STREAM_ITEM_FLAG_SAMEFIELDS). */
const SAME_FIELDS: i64 = 2;

let q: u32 = 0;
let last: u32 = 0;

/** Takes one element that must be a number, also one that is written as text (lpGetIntegerIfValid). */
function takeInteger(): i64 {
  if (status != OK) return 0;
  const at = q;
  if (q >= last) {
    fail(E_STREAM, at, 1, 0);
    return 0;
  }
  q = listpackNext(q, last, true);
  if (status != OK) return 0;
  if (elementIsInteger) return elementInteger;
  return integerOfText(at);
}

function integerOfText(at: u32): i64 {
  let value: i64 = 0;
  let i: u32 = 0;
  const negative = elementLength > 1 && load<u8>(elementAt) == 45;
  if (negative) i = 1;
  if (elementLength == 0 || elementLength > 20) {
    fail(E_STREAM, at, 20, elementLength);
    return 0;
  }
  for (; i < elementLength; i++) {
    const digit = load<u8>(elementAt + i) - 48;
    if (digit > 9) {
      fail(E_STREAM, at, 9, digit);
      return 0;
    }
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function takeElements(count: i64): void {
  for (; count > 0 && status == OK; count--) {
    if (q >= last) {
      fail(E_STREAM, q, count, 0);
      return;
    }
    q = listpackNext(q, last, false);
  }
}

/** Walks a whole stream node; returns its number of live entries, -1 where it is wrong. */
export function streamListpackCheck(at: u32, size: u32): i64 {
  q = listpackOpen(at, size);
  if (status != OK) return -1;
  last = at + size - 1;
  const live = takeInteger();
  const deleted = takeInteger();
  const fields = takeInteger();
  if (status != OK) return -1;
  if (live < 0 || deleted < 0 || fields < 0 || live > <i64>size || deleted > <i64>size || fields > <i64>size) {
    fail(E_STREAM, at, size, max(max(live, deleted), fields));
    return -1;
  }
  takeElements(fields);
  if (takeInteger() != 0) fail(E_STREAM, q, 0, 1);
  let left = live + deleted;
  while (left > 0 && status == OK) {
    const start = q;
    const flags = takeInteger();
    takeInteger();
    takeInteger();
    let elements = fields + 3;
    if (flags & SAME_FIELDS) {
      takeElements(fields);
    } else {
      const own = takeInteger();
      if (status == OK && (own < 0 || own > <i64>size)) fail(E_STREAM, start, fields, own);
      if (status != OK) return -1;
      takeElements(own);
      takeElements(own);
      elements = 2 * own + 4;
    }
    const written = takeInteger();
    if (status == OK && written != elements) fail(E_STREAM, start, elements, written);
    left--;
  }
  if (status == OK && q != last) fail(E_STREAM, q, last - q, 0);
  return status == OK ? live : -1;
}
