import { expect, test } from 'vitest';
import { XxHash64 } from '../../../src/stores/zstd/xxhash64.js';

const text = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 3)) & 255));

function low32(bytes: Buffer, piece: number): number {
  const hash = new XxHash64();
  for (let at = 0; at < bytes.length; at += piece) hash.update(bytes.subarray(at, at + piece));
  return hash.digest();
}

/** By BigInt, straight from the specification. */
function plain(bytes: Buffer): number {
  const mask = (1n << 64n) - 1n;
  const [p1, p2, p3, p4, p5] = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n];
  const rotl = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & mask;
  const round = (acc: bigint, input: bigint): bigint => (rotl((acc + input * p2) & mask, 31n) * p1) & mask;
  let at = 0;
  let hash = p5;
  if (bytes.length >= 32) {
    const acc = [(p1 + p2) & mask, p2, 0n, (0n - p1) & mask];
    for (; at + 32 <= bytes.length; at += 32) for (let lane = 0; lane < 4; lane += 1) acc[lane] = round(acc[lane]!, bytes.readBigUInt64LE(at + 8 * lane));
    hash = (rotl(acc[0]!, 1n) + rotl(acc[1]!, 7n) + rotl(acc[2]!, 12n) + rotl(acc[3]!, 18n)) & mask;
    for (const value of acc) hash = ((hash ^ round(0n, value)) * p1 + p4) & mask;
  }
  hash = (hash + BigInt(bytes.length)) & mask;
  for (; at + 8 <= bytes.length; at += 8) hash = (rotl(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * p1 + p4) & mask;
  if (at + 4 <= bytes.length) {
    hash = (rotl(hash ^ ((BigInt(bytes.readUInt32LE(at)) * p1) & mask), 23n) * p2 + p3) & mask;
    at += 4;
  }
  for (; at < bytes.length; at += 1) hash = (rotl(hash ^ ((BigInt(bytes[at]!) * p5) & mask), 11n) * p1) & mask;
  hash = ((hash ^ (hash >> 33n)) * p2) & mask;
  hash = ((hash ^ (hash >> 29n)) * p3) & mask;
  return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
}

test.each([
  ['', 0x51d8e999],
  ['a', 0xa98c6e5b],
  ['abc', 0xad770999],
])('has the known value of %j', (words, expected) => {
  expect(low32(Buffer.from(words), 100)).toBe(expected);
});

test('agrees with the plain one, whatever the length and the pieces', () => {
  for (const length of [0, 1, 3, 4, 7, 8, 31, 32, 33, 63, 64, 100, 1000, 8191, 8192, 8193, 20_000]) {
    const bytes = text(length);
    const expected = plain(bytes);
    for (const piece of [1, 7, 32, 33, 1000, 100_000]) expect(low32(bytes, piece)).toBe(expected);
  }
});
