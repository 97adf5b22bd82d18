/** The region of output under way, and the RESP written there. */
import { decimalLength, digits, writeDecimal, writeUnsigned } from "./decimal";

/** Where the next byte goes, and the end of the region. */
export let out: u32 = 0;
export let outEnd: u32 = 0;
/** Bytes of an empty region. */
export let regionSize: u32 = 0;
/** Commands finished in this region; for each, u64 file offset | type byte << 56 at `index`. */
export let commands: u32 = 0;
let index: u32 = 0;
let indexSlots: u32 = 0;

export function openRegion(from: u32, size: u32, indexAt: u32, slots: u32): void {
  out = from;
  outEnd = from + size;
  regionSize = size;
  commands = 0;
  index = indexAt;
  indexSlots = slots;
}

/** Whether a command of at most `bytes` fits. */
// @ts-ignore: decorator
@inline
export function fits(bytes: u64): bool {
  return bytes <= <u64>(outEnd - out) && commands < indexSlots;
}

/** Whether there is a place for one more command in the index. */
export function indexFits(): bool {
  return commands < indexSlots;
}

/** The command that ends here came from this entry. */
// @ts-ignore: decorator
@inline
export function finishCommand(offset: u64, type: u32): void {
  store<u64>(index + (commands << 3), offset | (<u64>type << 56));
  commands++;
}

/** Moves `out` past n bytes that were written there. */
export function advance(n: u32): void {
  out += n;
}

/** Copies n bytes to `to`; may read and write 15 bytes past the end. */
// @ts-ignore: decorator
@inline
export function copyTo(to: u32, from: u32, n: u32): void {
  if (n > 256) memory.copy(to, from, n);
  else {
    for (let i: u32 = 0; i < n; i += 16) v128.store(to + i, v128.load(from + i));
  }
}

/** "\r\n" */
// @ts-ignore: decorator
@inline
export function putEnd(at: u32): u32 {
  store<u16>(at, 0x0a0d);
  return at + 2;
}

/** "$<length>\r\n" */
// @ts-ignore: decorator
@inline
export function putBulkHead(at: u32, length: u64): u32 {
  store<u8>(at, 36);
  if (length < 10) {
    store<u32>(at + 1, 0x0a0d30 + <u32>length);
    return at + 4;
  }
  if (length < 100) {
    const tens = <u32>length / 10;
    store<u32>(at + 1, 0x0a0d3030 + tens + ((<u32>length - tens * 10) << 8));
    return at + 5;
  }
  return putEnd(writeUnsigned(at + 1, length));
}

/** "$<n>\r\n<bytes>\r\n" */
// @ts-ignore: decorator
@inline
export function putBulk(at: u32, from: u32, length: u32): u32 {
  at = putBulkHead(at, length);
  copyTo(at, from, length);
  return putEnd(at + length);
}

/** A signed number as a bulk string. */
export function putNumber(at: u32, value: i64): u32 {
  at = putBulkHead(at, decimalLength(value));
  return putEnd(writeDecimal(at, value));
}

/** Text known at compile time: `words` are its bytes. */
// @ts-ignore: decorator
@inline
export function putText(at: u32, data: usize, length: u32): u32 {
  v128.store(at, v128.load(data));
  if (length > 16) v128.store(at, v128.load(data, 16), 16);
  return at + length;
}

/** Bytes of "$<length>\r\n…\r\n". */
export function bulkLength(length: u64): u64 {
  return 5 + digits(length) + length;
}
