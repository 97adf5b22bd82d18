/** Decimal numbers as text, as RESP and Redis write them. */

/** Number of decimal digits of a u64. */
export function digits(value: u64): u32 {
  let count: u32 = 1;
  while (value >= 10000) {
    value /= 10000;
    count += 4;
  }
  if (value >= 1000) return count + 3;
  if (value >= 100) return count + 2;
  if (value >= 10) return count + 1;
  return count;
}

/** Writes an unsigned decimal at `at`; returns the address after it. */
export function writeUnsigned(at: u32, value: u64): u32 {
  if (value < 10) {
    store<u8>(at, 48 + <u8>value);
    return at + 1;
  }
  const stop = at + digits(value);
  let q = stop;
  while (value > 0xffffffff) {
    const next = value / 10;
    store<u8>(--q, 48 + <u8>(value - next * 10));
    value = next;
  }
  let small = <u32>value;
  while (small >= 10) {
    const next = small / 10;
    store<u8>(--q, 48 + <u8>(small - next * 10));
    small = next;
  }
  store<u8>(--q, 48 + <u8>small);
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
