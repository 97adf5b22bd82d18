import { beforeAll, describe, expect, test } from 'vitest';
import { BadNodes, divideSlots, parseClusterNodes, slotTable } from '../../src/rdb/cluster-slots.js';
import { Engine } from '../../src/rdb/engine.js';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create(1);
});

function slot(key: string): number {
  const at = engine.map.large;
  return engine.calls.keySlot(at, Buffer.from(engine.bytes.buffer).write(key, at, 'latin1'));
}

describe('slot of a key', () => {
  test.each([
    ['123456789', 0x31c3], ['', 0], ['foo', 12182], ['{user1000}.following', 3443], ['{user1000}.followers', 3443],
    ['foo{bar}{zap}', 5061], ['bar', 5061],
  ])('%s is in %i', (key, expected) => {
    expect(slot(key)).toBe(expected % 16384);
  });

  test('a tag ends at the first closing brace, and an empty one is none', () => {
    expect(slot('foo{{bar}}zap')).toBe(slot('{bar'));
    expect(slot('foo{}{bar}')).not.toBe(slot('bar'));
    expect(slot('}{bar}')).toBe(slot('bar'));
  });
});

describe('slots of primaries', () => {
  test('as redis-cli divides them', () => {
    expect(divideSlots(3).map(({ ranges }) => ranges)).toEqual([[[0, 5460]], [[5461, 10922]], [[10923, 16383]]]);
    for (const count of [2, 5, 7, 100, 1000]) {
      const ranges = divideSlots(count).flatMap((owner) => owner.ranges);
      expect(ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)).toBe(16384);
      expect(ranges).toHaveLength(count);
    }
  });

  const id = (n: number): string => String(n).padStart(40, 'a');
  const NODES = [
    `${id(1)} 10.0.0.1:7000@17000,one master - 0 1 3 connected 5461-10922 [5461->-${id(3)}]`,
    `${id(2)} 10.0.0.2:7000@17000 myself,master - 0 1 1 connected 0-5459 5460 16383`,
    `${id(4)} 10.0.0.4:7000@17000 slave ${id(1)} 0 1 3 connected`,
    `${id(3)} [::1]:7000@17000 master - 0 1 2 connected 10923-16382`,
    'vars currentEpoch 3 lastVoteEpoch 0',
  ];

  test('as CLUSTER NODES tells', () => {
    const owners = parseClusterNodes(NODES.join('\n'));
    expect(owners.map(({ host, port, ranges }) => [host, port, ranges])).toEqual([
      ['10.0.0.2', '7000', [[0, 5459], [5460, 5460], [16383, 16383]]],
      ['10.0.0.1', '7000', [[5461, 10922]]],
      ['[::1]', '7000', [[10923, 16382]]],
    ]);
    const table = slotTable(owners);
    expect([0, 5460, 5461, 10922, 10923, 16382, 16383].map((each) => table[each])).toEqual([0, 0, 1, 1, 2, 2, 0]);
  });

  test.each([
    ['nothing', '', 'found none for slot 0'],
    ['a hole', NODES.slice(0, 2).join('\n'), 'found none for slot 10923'],
    ['a slot at two', [...NODES, `${id(5)} h:1@2 master - 0 1 3 connected 7`].join('\n'), 'found slot 7 at two'],
    ['other words', 'hello world', 'line 1: expected a node'],
    ['slots beyond', `${id(5)} h:1@2 master - 0 1 3 connected 0-16384`, 'line 1: expected slots'],
  ])('not of %s', (_, text, message) => {
    expect(() => parseClusterNodes(text)).toThrow(BadNodes);
    expect(() => parseClusterNodes(text)).toThrow(message);
  });
});

test('hashes of keys are SipHash-2-4 of 128 bits', () => {
  // key and input 00 01 02 …, first rows of vectors_sip128 in the reference implementation (vectors.h)
  const calls = engine.calls as unknown as { hashBytes(at: number, length: number): void; hashLow: { value: bigint }; hashHigh: { value: bigint } };
  engine.calls.setHashSeed(0x0706050403020100n, 0x0f0e0d0c0b0a0908n);
  const at = engine.map.large;
  for (let i = 0; i < 16; i++) engine.bytes[at + i] = i;
  const hex = (length: number): string => {
    calls.hashBytes(at, length);
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, calls.hashLow.value), 0);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, calls.hashHigh.value), 8);
    return bytes.toString('hex');
  };
  expect(hex(0)).toBe('a3817f04ba25a8e66df67214c7550293');
  expect(hex(1)).toBe('da87c1d86b99af44347659119b22fc45');
});
