import { describe, expect, test } from 'vitest';
import { crc64 } from '../../src/rdb/crc64.js';
import { Engine } from '../../src/rdb/engine.js';
import { rdbType, type Dialect } from '../../src/rdb/types.js';
import { probedTypes, probePayload } from '../../src/target/payloads.js';
import { entry, rdb } from '../helpers/rdb-builder.js';
import type { RedisServer } from '../helpers/redis-server.js';
import { startServer } from '../helpers/redis-server.js';
import { availableServers, hasFieldExpiry, type ServerVersion } from '../helpers/server-versions.js';
import { walk } from '../helpers/walk.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Without the CRC, which the next test checks: type, value, footer. */
const PINNED: [Dialect, byte: number, footer: number, hex: string][] = [
  ['redis', 0, 6, '00 0176 0600'],
  ['redis', 1, 6, '01 01 0176 0600'],
  ['redis', 2, 6, '02 01 0176 0600'],
  ['redis', 3, 6, '03 01 0176 0131 0600'],
  ['redis', 4, 6, '04 01 0166 0176 0600'],
  ['redis', 5, 8, '05 01 0176 000000000000f03f 0800'],
  ['redis', 9, 6, '09 07 01 0166 010076 ff 0600'],
  ['redis', 10, 6, '0a 0e 0e000000 0a000000 0100 000176 ff 0600'],
  ['redis', 11, 6, '0b 0a 02000000 01000000 0100 0600'],
  ['redis', 12, 6, '0c 10 10000000 0d000000 0200 000176 03f2 ff 0600'],
  ['redis', 13, 6, '0d 11 11000000 0d000000 0200 000166 030176 ff 0600'],
  ['redis', 14, 7, '0e 01 0e 0e000000 0a000000 0100 000176 ff 0700'],
  ['redis', 15, 9, '0f 01 10 0000000000000001 0000000000000001 1d 1d000000 0a00 0101 0001 0101 816602 0001 0201 0001 0001 817602 0401 ff 01 0101 00 0900'],
  ['redis', 16, 10, '10 0d 0d000000 0200 816602 817602 ff 0a00'],
  ['redis', 17, 10, '11 0c 0c000000 0200 817602 0101 ff 0a00'],
  ['redis', 18, 10, '12 01 02 0a 0a000000 0100 817602 ff 0a00'],
  ['redis', 19, 10, '13 01 10 0000000000000001 0000000000000001 1d 1d000000 0a00 0101 0001 0101 816602 0001 0201 0001 0001 817602 0401 ff 01 0101 0101 0000 01 00 0a00'],
  ['redis', 20, 11, '14 0a 0a000000 0100 817602 ff 0b00'],
  ['redis', 21, 11, '15 01 10 0000000000000001 0000000000000001 1d 1d000000 0a00 0101 0001 0101 816602 0001 0201 0001 0001 817602 0401 ff 01 0101 0101 0000 01 00 0b00'],
  ['redis', 22, 12, '16 01 00 0166 0176 0c00'],
  ['redis', 23, 12, '17 0f 0f000000 0300 816602 817602 0001 ff 0c00'],
  ['redis', 24, 12, '18 00d8c32cbb030000 01 01 0166 0176 0c00'],
  ['redis', 25, 12, '19 00d8c32cbb030000 17 17000000 0300 816602 817602 f400d8c32cbb03000009 ff 0c00'],
  ['redis', 26, 13, '1a 01 10 0000000000000001 0000000000000001 1d 1d000000 0a00 0101 0001 0101 816602 0001 0201 0001 0001 817602 0401 ff 01 0101 0101 0000 01 00 4064 4064 00 00 00 0d00'],
  ['redis', 27, 14, '1b 01 10 0000000000000001 0000000000000001 1d 1d000000 0a00 0101 0001 0101 816602 0001 0201 0001 0001 817602 0401 ff 01 0101 0101 0000 01 00 4064 4064 00 00 00 0e00'],
  ['redis', 28, 14, '1c 01 00 00 00 0176 0e00'],
  ['valkey', 22, 80, '16 01 0166 0176 00d8c32cbb030000 5000'],
];

test.each(PINNED)('%s type %i, footer %i', (dialect, byte, footer, expected) => {
  expect(hex(probePayload(dialect, byte, footer).subarray(0, -8))).toBe(expected.replaceAll(' ', ''));
});

test('asks about every restorable type of which a hand-made value exists, and about no module', () => {
  expect(probedTypes('redis')).toEqual([0, 1, 2, 3, 4, 5, ...Array.from({ length: 20 }, (_, i) => i + 9)]);
  expect(probedTypes('valkey')).toEqual([0, 1, 2, 3, 4, 5, ...Array.from({ length: 14 }, (_, i) => i + 9)]);
  for (const dialect of ['redis', 'valkey'] as const) {
    for (const byte of probedTypes(dialect)) expect(rdbType(dialect, byte)).toMatchObject({ byte, restorable: true });
    expect(probedTypes(dialect)).not.toContain(6);
    expect(probedTypes(dialect)).not.toContain(7);
  }
});

test('ends with footer and CRC64 of all before', () => {
  const payload = Buffer.from(probePayload('redis', 4, 0x1234));
  expect(payload.readUInt16LE(payload.length - 10)).toBe(0x1234);
  expect(payload.readBigUInt64LE(payload.length - 8)).toBe(crc64(payload.subarray(0, -8)));
  expect(hex(probePayload('redis', 0, 6))).toBe('0001760600' + hex(new Uint8Array(BigUint64Array.of(crc64(Buffer.from('0001760600', 'hex'))).buffer)));
});

test('is, every one, a value that the engine reads, packed contents included', async () => {
  const engine = await Engine.create(1);
  for (const [dialect, byte, footer] of PINNED) {
    const [magic, known] = dialect === 'valkey' ? ['VALKEY080', 'valkey'] as const : [`REDIS00${Math.max(footer, 12)}`, 'redis'] as const;
    const value = probePayload(known, byte, footer).subarray(1, -10);
    const result = await walk(engine, rdb([entry(byte, 'k', value)], { magic }));
    expect(result).toMatchObject({ keys: 1, rdbTypeBytes: { [byte]: 1 }, checksum: 'ok', trailing: 0 });
  }
});

/** What servers write for the same values: a hand-made payload is well-formed if it is theirs to the byte. */
const WRITTEN: [command: string[], types: Partial<Record<number, true>>][] = [
  [['SET', 'k', 'v'], { 0: true }],
  [['RPUSH', 'k', 'v'], { 14: true, 18: true }],
  [['SADD', 'k', '1'], { 11: true }],
  [['SADD', 'k', 'v'], { 2: true, 20: true }],
  [['ZADD', 'k', '1', 'v'], { 12: true, 17: true }],
  [['HSET', 'k', 'f', 'v'], { 13: true, 16: true }],
  [['XADD', 'k', '1-1', 'f', 'v'], { 15: true, 19: true, 21: true }],
];

describe.each(availableServers().map((version) => [version.name, version] as const))('%s', (_, version: ServerVersion) => {
  test('writes the same bytes itself, and reads each of ours as the value it stands for', async () => {
    const server: RedisServer = await startServer({ version, config: ['maxmemory-policy noeviction'] });
    try {
      const client = server.client();
      for (const [command, types] of WRITTEN) {
        await client.call(command[0]!, ...command.slice(1));
        const dump = (await client.callBuffer('DUMP', 'k')) as Buffer;
        await client.del('k');
        const byte = dump[0]!;
        expect(types[byte], `type ${byte} of ${command.join(' ')}`).toBe(true);
        expect(hex(dump)).toBe(hex(probePayload('redis', byte, dump.readUInt16LE(dump.length - 10))));
      }
      if (hasFieldExpiry(version)) {
        await client.call('HSET', 'k', 'f', 'v');
        await client.call('HPEXPIREAT', 'k', '4102444800000', 'FIELDS', '1', 'f');
        const dump = (await client.callBuffer('DUMP', 'k')) as Buffer;
        expect(hex(dump)).toBe(hex(probePayload(version.product, dump[0]!, dump.readUInt16LE(dump.length - 10))));
      }
    } finally {
      await server.stop();
    }
  });
});
