/**
 * Bytes that jemalloc gives for a request, and sds strings in it: what the estimate of memory stands on.
 *
 * Size classes (jemalloc 5.3 doc/jemalloc.xml.in "Size classes"): multiples of the quantum, then four to each doubling.
 * Redis and Valkey build jemalloc with a quantum of 8 (redis 7.0 deps/Makefile "--with-lg-quantum=3"); a server that a
 * distribution links with its own jemalloc has 16.
 */
import { SDS_SIZES } from "./memory";

const TABLE: u32 = 256;

let quantum: u64 = 8;

/** Bytes the allocator gives for `bytes`. */
export function allocated(bytes: u64): u64 {
  if (bytes <= 8) return 8;
  if (bytes <= quantum << 3) return (bytes + quantum - 1) & ~(quantum - 1);
  const spacing = <u64>1 << (61 - clz<u64>(bytes - 1));
  return (bytes + spacing - 1) & ~(spacing - 1);
}

/** Header and terminator of an sds string (redis 7.0 src/sds.c sdsReqType, sdsHdrSize; an empty one has the next type). */
function sdsOverhead(length: u64): u64 {
  if (length < 32) return length == 0 ? 4 : 2;
  if (length < 256) return 4;
  if (length < 65536) return 6;
  return length < 0x100000000 ? 10 : 18;
}

/** Bytes an sds string of `length` takes. */
// @ts-ignore: decorator
@inline
export function sdsBytes(length: u64): u64 {
  if (length < TABLE) return load<u16>(SDS_SIZES + (<u32>length << 1));
  return allocated(length + sdsOverhead(length));
}

/** Before the first key is measured. */
export function setQuantum(bytes: u32): void {
  quantum = bytes;
  for (let length: u32 = 0; length < TABLE; length++) store<u16>(SDS_SIZES + (length << 1), <u16>allocated(length + sdsOverhead(length)));
}
