import { expect, test } from 'vitest';
import { crc64 } from '../../src/rdb/crc64.js';

const text = new TextEncoder();

test('has the check value of CRC-64/Jones', () => {
  expect(crc64(text.encode('123456789'))).toBe(0xe9c6d914c4b8d9can);
});

test('is 0 for nothing and goes on from an earlier value', () => {
  expect(crc64(new Uint8Array(0))).toBe(0n);
  expect(crc64(text.encode('6789'), crc64(text.encode('12345')))).toBe(0xe9c6d914c4b8d9can);
});
