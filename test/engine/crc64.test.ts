/** CRC64 of the engine, folds included, against the table walk. */
import { beforeAll, describe, expect, it } from 'vitest';
import { crc64 } from '../../src/rdb/crc64.js';
import { Engine } from '../../src/rdb/engine.js';
import { type Random, random } from '../helpers/random.js';

let engine: Engine;
/** Where the bytes go, and where the state is kept. */
let area: number;
let state: number;
let view: DataView;

beforeAll(async () => {
  engine = await Engine.create(1);
  state = engine.map.large;
  area = state + 1024;
  view = new DataView(engine.bytes.buffer);
});

function ofEngine(bytes: Uint8Array, crc: bigint, at = area): bigint {
  engine.bytes.set(bytes, at);
  // what follows must not count
  engine.bytes.fill(0xff, at + bytes.length, at + bytes.length + 64);
  view.setBigUint64(state, crc, true);
  engine.calls.updateCrc(state, at, bytes.length);
  return view.getBigUint64(state, true);
}

function bytesOf(r: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const kind = r.below(4);
  if (kind === 0) bytes[r.below(length || 1)] = 1 + r.below(255);
  else for (let i = 0; i < length; i++) bytes[i] = kind === 1 ? 0x61 + r.below(26) : r.below(256);
  return bytes;
}

function seedOf(r: Random): bigint {
  return r.below(3) === 0 ? 0n : (BigInt(r.below(2 ** 32)) << 32n) | BigInt(r.below(2 ** 32));
}

describe('CRC64 of the engine', () => {
  it('has the check value', () => {
    expect(ofEngine(new TextEncoder().encode('123456789'), 0n)).toBe(0xe9c6d914c4b8d9can);
  });

  it('is that of the tables for every length up to 1300 and around what decides between the ways', () => {
    const r = random(5);
    const lengths = Array.from({ length: 1300 }, (_, i) => i);
    for (const turn of [8704, 8192 + 274, 8192 + 2813, 16384 + 2813]) for (let i = turn - 70; i <= turn + 70; i++) lengths.push(i);
    for (const length of lengths) {
      const bytes = bytesOf(r, length);
      const seed = seedOf(r);
      expect(ofEngine(bytes, seed, area + r.below(64)), `${length}`).toBe(crc64(bytes, seed));
    }
  });

  it('is that of the tables for 3000 values of any length up to 20 KB, whole and in two parts', () => {
    const r = random(6);
    for (let round = 0; round < 3000; round++) {
      const bytes = bytesOf(r, r.below(r.pick([600, 3000, 9000, 20_000])));
      const seed = seedOf(r);
      const want = crc64(bytes, seed);
      const cut = r.below(bytes.length + 1);
      expect(ofEngine(bytes, seed, area + r.below(64)), `round ${round}`).toBe(want);
      expect(ofEngine(bytes.subarray(cut), ofEngine(bytes.subarray(0, cut), seed)), `round ${round}, cut at ${cut}`).toBe(want);
    }
  });

  it('is that of the tables for values of many blocks', () => {
    const r = random(7);
    for (const length of [65_536, 100_001, 1_048_576, 1_048_577, 3_000_000]) {
      const bytes = bytesOf(r, length);
      const seed = seedOf(r);
      expect(ofEngine(bytes, seed), `${length}`).toBe(crc64(bytes, seed));
    }
  });

  it('sees every single byte of a value that is folded', () => {
    const bytes = new Uint8Array(1500).fill(0x2a);
    const seen = new Set([ofEngine(bytes, 0n)]);
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = 0x2b;
      seen.add(ofEngine(bytes, 0n));
      bytes[i] = 0x2a;
    }
    expect(seen.size).toBe(bytes.length + 1);
  });
});
