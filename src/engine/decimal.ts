/** Decimal numbers as text, as RESP and Redis write them. */

/** Numbers of 64 bits are taken apart in pieces of eight digits: dividing them is slow, dividing 32 bits is not. */
const PIECE: u64 = 100000000;

/** Number of decimal digits of a u64. */
export function digits(value: u64): u32 {
  let count: u32 = 1;
  while (value >= PIECE) {
    value /= PIECE;
    count += 8;
  }
  let small = <u32>value;
  if (small >= 10000) {
    small /= 10000;
    count += 4;
  }
  if (small >= 1000) return count + 3;
  if (small >= 100) return count + 2;
  if (small >= 10) return count + 1;
  return count;
}

/** Two digits of a number below 100. */
// @ts-ignore: decorator
@inline
function storePair(at: u32, value: u32): void {
  const tens = (value * 103) >> 10;
  store<u16>(at, 0x3030 + tens + ((value - tens * 10) << 8));
}

/** Writes an unsigned decimal at `at`; returns the address after it. */
export function writeUnsigned(at: u32, value: u64): u32 {
  if (value < 10) {
    store<u8>(at, 48 + <u8>value);
    return at + 1;
  }
  const stop = at + digits(value);
  let q = stop;
  while (value >= PIECE) {
    const rest = value / PIECE;
    let piece = <u32>(value - rest * PIECE);
    for (let pair = 0; pair < 4; pair++) {
      const next = piece / 100;
      storePair((q -= 2), piece - next * 100);
      piece = next;
    }
    value = rest;
  }
  let small = <u32>value;
  while (small >= 10) {
    const next = small / 100;
    storePair((q -= 2), small - next * 100);
    small = next;
  }
  if (q != at) store<u8>(at, 48 + <u8>small);
  return stop;
}

/** Writes a signed decimal at `at`; returns the address after it. */
export function writeDecimal(at: u32, value: i64): u32 {
  if (value >= 0) return writeUnsigned(at, value);
  store<u8>(at, 45);
  return writeUnsigned(at + 1, <u64>0 - <u64>value);
}

/** Length of a signed decimal. */
export function decimalLength(value: i64): u32 {
  return value >= 0 ? digits(value) : 1 + digits(<u64>0 - <u64>value);
}
