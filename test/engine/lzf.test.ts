/** LZF of the engine against a decoder that takes one byte after the other. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../../src/rdb/engine.js';
import { type Random, random } from '../helpers/random.js';

/** Bytes the engine may write past the end, and read. */
const OVERRUN = 32;
/** Areas in the engine's large window; between them nothing may be touched. */
const INPUT_SIZE = 8 << 20;

let engine: Engine;
let input: number;
let output: number;

beforeAll(async () => {
  engine = await Engine.create(1);
  input = engine.map.large;
  output = input + INPUT_SIZE + 4096;
});

/** Redis' lzf_decompress with its checks; null where it refuses. */
function reference(stored: Uint8Array, length: number): Uint8Array | null {
  const made = new Uint8Array(length);
  let to = 0;
  for (let from = 0; from < stored.length; ) {
    const control = stored[from++] ?? 0;
    if (control < 32) {
      const run = control + 1;
      if (from + run > stored.length || to + run > length) return null;
      for (let i = 0; i < run; i++) made[to++] = stored[from++] ?? 0;
      continue;
    }
    let run = (control >> 5) + 2;
    if (run === 9) {
      if (from >= stored.length) return null;
      run += stored[from++] ?? 0;
    }
    if (from >= stored.length) return null;
    let source = to - (((control & 31) << 8) | (stored[from++] ?? 0)) - 1;
    if (source < 0 || to + run > length) return null;
    for (let i = 0; i < run; i++) made[to++] = made[source++] ?? 0;
  }
  return to === length ? made : null;
}

/** Both functions of the engine must say what the reference says, and leave what is not theirs. */
function compare(stored: Uint8Array, length: number): boolean {
  const { bytes, calls } = engine;
  // what lies around the input looks like tokens too, and must not be taken for its own
  bytes.fill(0x5f, input + stored.length, input + stored.length + 64);
  bytes.set(stored, input);
  bytes.fill(0xa5, output - 64, output + length + 512);
  const want = reference(stored, length);
  const got = calls.lzfDecompress(input, stored.length, output, length) === 1;
  const valid = calls.lzfValid(input, stored.length, length) === 1;
  if (got !== (want !== null) || valid !== got) return false;
  for (let i = output - 64; i < output; i++) if (bytes[i] !== 0xa5) return false;
  for (let i = output + length + OVERRUN; i < output + length + 512; i++) if (bytes[i] !== 0xa5) return false;
  return want === null || Buffer.compare(want, bytes.subarray(output, output + length)) === 0;
}

interface Style {
  /** Of 100 tokens so many are literals. */
  literals: number;
  longest: number;
  farthest: number;
}

const STYLES: Style[] = [
  { literals: 15, longest: 12, farthest: 8192 },
  { literals: 50, longest: 9, farthest: 40 },
  { literals: 90, longest: 264, farthest: 8192 },
  { literals: 3, longest: 264, farthest: 17 },
  { literals: 100, longest: 3, farthest: 1 },
];

/** Tokens at random that fit together: about `size` bytes, and how many they make. */
function tokens(r: Random, size: number, style: Style): { stored: Uint8Array; length: number } {
  const stored: number[] = [];
  let length = 0;
  while (stored.length < size) {
    if (length === 0 || r.below(100) < style.literals) {
      const run = 1 + r.below(32);
      stored.push(run - 1);
      for (let i = 0; i < run; i++) stored.push(r.below(256));
      length += run;
      continue;
    }
    const run = 3 + r.below(style.longest - 2);
    const distance = r.below(Math.min(length, style.farthest));
    if (run < 9) stored.push(((run - 2) << 5) | (distance >> 8), distance & 255);
    else stored.push(0xe0 | (distance >> 8), run - 9, distance & 255);
    length += run;
  }
  return { stored: Uint8Array.from(stored), length };
}

describe('LZF', () => {
  it('makes what the reference makes', () => {
    const r = random(1);
    for (let round = 0; round < 1500; round++) {
      const { stored, length } = tokens(r, 1 + r.below(round % 10 === 0 ? 20_000 : 300), r.pick(STYLES));
      expect(reference(stored, length)).not.toBeNull();
      expect(compare(stored, length), `round ${round}`).toBe(true);
    }
  });

  it('refuses what the reference refuses: bytes changed, cut off, and lengths that are not so', () => {
    const r = random(2);
    let refused = 0;
    for (let round = 0; round < 4000; round++) {
      const { stored, length } = tokens(r, 1 + r.below(200), r.pick(STYLES));
      const changed = stored.slice(0, r.below(4) === 0 ? 1 + r.below(stored.length) : stored.length);
      for (let i = r.below(4); i > 0; i--) changed[r.below(changed.length)] = r.pick([0, 1, 31, 32, 63, 223, 224, 255, r.below(256)]);
      const claimed = r.below(3) === 0 ? Math.max(1, length + r.below(9) - 4) : length;
      expect(compare(changed, claimed), `round ${round}`).toBe(true);
      if (reference(changed, claimed) === null) refused++;
    }
    expect(refused).toBeGreaterThan(1000);
    expect(refused).toBeLessThan(3900);
  });

  it('refuses every cut of a short stream, and takes it whole', () => {
    const { stored, length } = tokens(random(3), 120, STYLES[1] ?? { literals: 50, longest: 9, farthest: 40 });
    for (let end = 1; end <= stored.length; end++) expect(compare(stored.slice(0, end), length), `${end}`).toBe(true);
  });

  it('checks large streams, which are walked in four parts, as the reference does', () => {
    const r = random(4);
    for (let round = 0; round < 40; round++) {
      const { stored, length } = tokens(r, 65_400 + r.below(round < 20 ? 300 : 300_000), r.pick(STYLES));
      expect(compare(stored, length), `round ${round}`).toBe(true);
      expect(compare(stored, length + 1), `round ${round}, one more`).toBe(true);
      expect(compare(stored.subarray(0, stored.length - 1), length), `round ${round}, cut`).toBe(true);
      const changed = stored.slice();
      for (let i = 1 + r.below(3); i > 0; i--) changed[r.below(changed.length)] = r.below(256);
      expect(compare(changed, length), `round ${round}, changed`).toBe(true);
    }
  });

  it.each([
    ['literals of 32 bytes that look like controls: a walk from the middle never meets the right one', 33, 31, 31],
    ['the same, one byte of shift in each part', 65_539, 31, 31],
    ['tokens that make no more than half of their size', 2, 0, 0],
  ])('large: %s', (_name, shift, control, filling) => {
    for (const total of [65_536, 65_537, 200_003]) {
      const token = control + 2;
      const count = Math.ceil((total + shift) / token);
      const stored = new Uint8Array(count * token).fill(filling);
      for (let i = 0; i < stored.length; i += token) stored[i] = control;
      expect(compare(stored, count * (control + 1))).toBe(true);
      expect(compare(stored, count * (control + 1) - 1)).toBe(true);
      expect(compare(stored.subarray(1), count * (control + 1))).toBe(true);
    }
  });

  it('knows the farthest match where a fourth of a large stream makes just as much', () => {
    // 8192 literals of one byte, then the farthest match there is: allowed; with one literal less: not
    for (const literals of [8192, 8191]) {
      const tail = new Uint8Array(65_536).fill(0);
      const stored = new Uint8Array([...new Uint8Array(literals * 2), 0xff, 0, 0xff, ...tail]);
      const length = literals + 9 + tail.length / 2;
      expect(reference(stored, length) === null).toBe(literals === 8191);
      expect(compare(stored, length)).toBe(true);
    }
  });

  it('adds up without overflow', () => {
    // a literal, then 17 million of the longest matches: 2 to the 32 bytes more than claimed must not pass
    const count = 17_000_000;
    const match = new Uint8Array([0xe0, 255, 0]);
    engine.bytes.set([0, 65], input);
    engine.bytes.set(match, input + 2);
    for (let filled = 3; filled < count * 3; filled *= 2) {
      engine.bytes.copyWithin(input + 2 + filled, input + 2, input + 2 + Math.min(filled, count * 3 - filled));
    }
    const length = 1 + count * 264;
    expect(length).toBeGreaterThan(2 ** 32);
    expect(engine.calls.lzfValid(input, 2 + count * 3, length - 2 ** 32)).toBe(0);
    const fewer = 4_000_000;
    expect(engine.calls.lzfValid(input, 2 + fewer * 3, 1 + fewer * 264)).toBe(1);
  });
});
