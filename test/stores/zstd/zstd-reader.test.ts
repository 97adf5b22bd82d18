import { execFileSync } from 'node:child_process';
import { beforeEach, expect, test } from 'vitest';
import { RedferryError } from '../../../src/errors.js';
import type { ByteReader } from '../../../src/stores/byte-reader.js';
import { ZstdReader } from '../../../src/stores/zstd/zstd-reader.js';

beforeEach((context) => {
  try {
    execFileSync('zstd', ['--version'], { stdio: 'ignore' });
  } catch {
    context.skip('the zstd command is not installed');
  }
});

function zstd(bytes: Uint8Array, ...flags: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...flags], { input: bytes, maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'ignore'] });
}

let seed = 1;
/** Mulberry-like: the same bytes in every run. */
function random(below: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

function memory(bytes: Buffer, size = Infinity): ByteReader {
  let position = 0;
  return {
    read(target, offset, length) {
      const part = bytes.subarray(position, position + Math.min(length, size));
      target.set(part, offset);
      position += part.length;
      return Promise.resolve(part.length);
    },
    unread: (given) => {
      position -= given.length;
    },
    get position() {
      return position;
    },
    close: () => Promise.resolve(),
  };
}

async function decode(bytes: Buffer, size?: number): Promise<Buffer> {
  const reader = new ZstdReader('x.zst', memory(bytes, size));
  const pieces: Buffer[] = [];
  const target = Buffer.alloc(50_000);
  for (;;) {
    const count = await reader.read(target, 0, target.length);
    if (count === 0) return Buffer.concat(pieces);
    pieces.push(Buffer.from(target.subarray(0, count)));
  }
}

/** Kinds of data that make encoders use every form of block: raw, RLE, one and four streams, repeated trees and tables. */
const DATA: Record<string, () => Buffer> = {
  nothing: () => Buffer.alloc(0),
  'one byte': () => Buffer.from('x'),
  zeros: () => Buffer.alloc(400_000),
  noise: () => Buffer.from(Array.from({ length: 300_000 }, () => random(256))),
  'few symbols': () => Buffer.from(Array.from({ length: 300_000 }, () => 65 + random(3) * random(2))),
  words: () => Buffer.from(Array.from({ length: 60_000 }, () => ['key:', 'user', '1234', ' ', '\n', 'value', 'x'.repeat(random(70))][random(7)]).join('')),
  'long matches far back': () => {
    const piece = Buffer.from(Array.from({ length: 150_000 }, () => random(256)));
    return Buffer.concat([piece, Buffer.alloc(70_000, 'ab'), piece, piece.subarray(1000, 90_000), piece]);
  },
  'skewed symbols': () => Buffer.from(Array.from({ length: 200_000 }, () => Math.min(random(256), random(256), random(256), random(256)))),
};

test.each(Object.keys(DATA).flatMap((name) => ['-1', '-3', '-9', '-19', '--fast=5', '--no-check'].map((flag) => [name, flag] as const)))('%s, %s', async (name, flag) => {
  seed = 1;
  const data = DATA[name]!();
  const packed = zstd(data, flag);
  expect((await decode(packed)).equals(data)).toBe(true);
  if (flag === '-3') expect((await decode(packed, 1)).equals(data)).toBe(true);
});

test('a changed checksum is told', async () => {
  const packed = zstd(Buffer.from('hello hello hello'));
  packed[packed.length - 1]! ^= 0x80;
  await expect(decode(packed)).rejects.toThrow(/^x.zst: offset 0: zstd checksum before compressed byte \d+: expected [0-9a-f]{8}, found [0-9a-f]{8}\.$/);
});

test('4000 damaged files are refused or read as they were, and nothing else happens', async () => {
  seed = 7;
  const originals = ['words', 'few symbols', 'skewed symbols', 'long matches far back'].map((name) => DATA[name]!().subarray(0, 20_000));
  const packed = originals.map((data, i) => zstd(data, ['-3', '-19', '-1', '-9'][i]!));
  let refused = 0;
  for (let round = 0; round < 4000; round += 1) {
    const which = round % packed.length;
    const damaged = Buffer.from(packed[which]!);
    for (let flips = 1 + random(3); flips > 0; flips -= 1) damaged[random(damaged.length)]! ^= 1 << random(8);
    try {
      expect((await decode(damaged)).equals(originals[which]!)).toBe(true);
    } catch (error) {
      if (!(error instanceof RedferryError)) throw error;
      expect(error.exitCode).toBe(8);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(3900);
});
