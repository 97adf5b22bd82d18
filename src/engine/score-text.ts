/** Scores as text: the shortest that reads back as the same double, as JavaScript prints it. */
import { writeDecimal, writeUnsigned } from "./decimal";
import { formatScore } from "./rebuild";

/** Most bytes of a score as text. */
export const SCORE_ROOM: u32 = 272;

const INF = memory.data<u8>([105, 110, 102, 0]); // inf
const MINUS_INF = memory.data<u8>([45, 105, 110, 102]); // -inf

/** Decimals with at most so many digits are told apart by doubles: no two are the same one. */
const EXACT: f64 = 1e15;

/**
 * Numbers of at most 15 digits, six of them after the point, are found without a call to JavaScript: the decimal m / 10^k
 * is the number exactly if that division, which rounds right, gives it; and the least such k gives the shortest.
 */
export function putDouble(at: u32, score: f64): u32 {
  if (score == Infinity) {
    store<u32>(at, load<u32>(<u32>INF));
    return at + 3;
  }
  if (score == -Infinity) {
    store<u32>(at, load<u32>(<u32>MINUS_INF));
    return at + 4;
  }
  const size = abs(score);
  if (size < EXACT && trunc(score) == score && (score != 0 || reinterpret<u64>(score) == 0)) return writeDecimal(at, <i64>score);
  if (size < 1e-3 || size > 1e14) return at + formatScore(score, at);
  let power: f64 = 1;
  let digits: u32 = 0;
  while (digits < 6) {
    power *= 10;
    digits++;
    const scaled = nearest(size * power);
    if (scaled >= EXACT) break;
    if (scaled / power != size) continue;
    if (score < 0) store<u8>(at++, 45);
    const whole = <u64>size;
    at = writeUnsigned(at, whole);
    store<u8>(at, 46);
    let fraction = <u32>(<u64>scaled - whole * <u64>power);
    for (let q = at + digits; q > at; q--) {
      const next = fraction / 10;
      store<u8>(q, 48 + <u8>(fraction - next * 10));
      fraction = next;
    }
    return at + 1 + digits;
  }
  return at + formatScore(score, at);
}

/** Whether `length` bytes can stand in JSON's quotes as they are. */
export function isPlainText(at: u32, length: u32): bool {
  for (let q = at; q < at + length; q++) {
    const c = load<u8>(q);
    if (c < 32 || c > 126 || c == 34 || c == 92) return false;
  }
  return true;
}

/** The score of an item as items.ts holds it as text: u8 length and text, 254 inf, 255 -inf. Returns 0 where it is no plain text. */
export function putTextScore(at: u32, q: u32): u32 {
  const length: u32 = load<u8>(q);
  if (length >= 254) return putDouble(at, length == 254 ? Infinity : -Infinity);
  if (!isPlainText(q + 1, length)) return 0;
  memory.copy(at, q + 1, length);
  return at + length;
}
