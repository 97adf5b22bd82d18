/**
 * CRC64 as Redis has it (src/crc64.c of 7.0.15): polynomial 0xad93d23594c935a9 ("Jones") reflected, start 0, no final xor.
 * For probe payloads and tests: a table walk over two 32-bit halves. The engine has the fast one.
 */

/** 0xad93d23594c935a9 with its bits reversed, as two halves. */
const POLY_HIGH = 0x95ac9329;
const POLY_LOW = 0xac4bc9b5;

const tableHigh = new Uint32Array(256);
const tableLow = new Uint32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd === 1) {
      high ^= POLY_HIGH;
      low ^= POLY_LOW;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}

/** CRC64 of `bytes`, or of what came before (`crc`) and `bytes` together. */
export function crc64(bytes: Uint8Array, crc = 0n): bigint {
  let high = Number(crc >> 32n);
  let low = Number(crc & 0xffffffffn);
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] ?? 0);
    high = (high >>> 8) ^ (tableHigh[index] ?? 0);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
