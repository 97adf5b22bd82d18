/**
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein's reference implementation, siphash.c, outlen 16), under a
 * random key: two keys of the same hash are two times the same key, whoever chose them.
 */
let seed0: u64 = 0;
let seed1: u64 = 0;
let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

export let hashLow: u64 = 0;
export let hashHigh: u64 = 0;

export function seedHash(low: u64, high: u64): void {
  seed0 = low;
  seed1 = high;
}

// @ts-ignore: decorator
@inline
function round(): void {
  v0 += v1;
  v1 = rotl<u64>(v1, 13) ^ v0;
  v0 = rotl<u64>(v0, 32);
  v2 += v3;
  v3 = rotl<u64>(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl<u64>(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl<u64>(v1, 17) ^ v2;
  v2 = rotl<u64>(v2, 32);
}

// @ts-ignore: decorator
@inline
function word(m: u64): void {
  v3 ^= m;
  round();
  round();
  v0 ^= m;
}

// @ts-ignore: decorator
@inline
function finish(): u64 {
  round();
  round();
  round();
  round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/** Hash of a word (a database) and the bytes after it; reads up to 7 bytes past them. */
export function hashKey(db: u64, at: u32, length: u32): void {
  start();
  word(db);
  hashRest(at, length, <u64>length + 8);
}

/** Hash of bytes alone. */
export function hashBytes(at: u32, length: u32): void {
  start();
  hashRest(at, length, length);
}

function start(): void {
  v0 = 0x736f6d6570736575 ^ seed0;
  v1 = 0x646f72616e646f6d ^ seed1 ^ 0xee;
  v2 = 0x6c7967656e657261 ^ seed0;
  v3 = 0x7465646279746573 ^ seed1;
}

function hashRest(at: u32, length: u32, total: u64): void {
  const whole = at + (length & ~7);
  for (; at < whole; at += 8) word(load<u64>(at));
  const left = length & 7;
  const mask: u64 = left == 0 ? 0 : <u64>-1 >> <u64>(64 - 8 * left);
  word((total << 56) | (load<u64>(at) & mask));
  v2 ^= 0xee;
  hashLow = finish();
  v1 ^= 0xdd;
  hashHigh = finish();
}
