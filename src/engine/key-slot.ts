/**
 * The slot of a key in a cluster: CRC16 (XMODEM: polynomial 0x1021, start 0) of the key, or of what stands between its
 * first { and the first } after it, where that is not empty; modulo 16384 (redis 7.4 src/cluster.h keyHashSlot, src/crc16.c).
 */
import { CRC16_TABLE, SLOT_PARTITIONS } from "./memory";

const SLOTS: u32 = 16384;

export function initCrc16(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
    store<u16>(CRC16_TABLE + byte * 2, <u16>crc);
  }
}

function crc16(from: u32, to: u32): u32 {
  let crc: u32 = 0;
  for (let at = from; at < to; at++) crc = ((crc << 8) & 0xffff) ^ <u32>load<u16>(CRC16_TABLE + (((crc >> 8) ^ <u32>load<u8>(at)) << 1));
  return crc;
}

export function keySlot(at: u32, length: u32): u32 {
  const end = at + length;
  let open = at;
  while (open < end && load<u8>(open) != 123) open++;
  if (open < end) {
    let close = open + 1;
    while (close < end && load<u8>(close) != 125) close++;
    if (close < end && close != open + 1) return crc16(open + 1, close) & (SLOTS - 1);
  }
  return crc16(at, end) & (SLOTS - 1);
}

/** Which of the outputs holds the slot; TypeScript fills the table. */
export function partitionOfSlot(slot: u32): u32 {
  return load<u16>(SLOT_PARTITIONS + (slot << 1));
}
