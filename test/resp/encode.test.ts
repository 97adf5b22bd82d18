import { expect, test } from 'vitest';
import { encodeCommand } from '../../src/resp/encode.js';

test('counts bytes, not characters, and carries any byte', () => {
  expect(encodeCommand(['SET', 'ключ', Uint8Array.of(0, 13, 10, 255)])).toEqual(
    Buffer.concat([Buffer.from('*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$4\r\n'), Buffer.from([0, 13, 10, 255]), Buffer.from('\r\n')]),
  );
});

test('writes numbers as decimal text', () => {
  expect(encodeCommand(['SELECT', 12, 9007199254740993n]).toString()).toBe('*3\r\n$6\r\nSELECT\r\n$2\r\n12\r\n$16\r\n9007199254740993\r\n');
});
