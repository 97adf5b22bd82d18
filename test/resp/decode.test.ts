import { describe, expect, test } from 'vitest';
import { ProtocolError, ReplyDecoder, type RespReply } from '../../src/resp/decode.js';

const utf8 = (text: string): Uint8Array => Buffer.from(text);

const CASES: [name: string, bytes: string | Buffer, replies: RespReply[]][] = [
  ['status', '+OK\r\n', [{ kind: 'status', text: 'OK' }]],
  ['empty status', '+\r\n', [{ kind: 'status', text: '' }]],
  ['error', '-BUSYKEY Target key name already exists.\r\n', [{ kind: 'error', text: 'BUSYKEY Target key name already exists.' }]],
  ['the same error twice', '-ERR a\r\n-ERR a\r\n', [{ kind: 'error', text: 'ERR a' }, { kind: 'error', text: 'ERR a' }]],
  ['an error that starts like the last', '-ERR a\r\n-ERR ab\r\n-ERR a\r\n', [{ kind: 'error', text: 'ERR a' }, { kind: 'error', text: 'ERR ab' }, { kind: 'error', text: 'ERR a' }]],
  ['integers', ':0\r\n:-7\r\n:+3\r\n', [0, -7, 3].map((value) => ({ kind: 'integer', value }))],
  ['integer beyond 2^53', ':9223372036854775807\r\n', [{ kind: 'integer', value: 9223372036854775807n }]],
  ['bulk', '$5\r\nhello\r\n', [{ kind: 'bulk', bytes: utf8('hello') }]],
  ['empty bulk', '$0\r\n\r\n', [{ kind: 'bulk', bytes: utf8('') }]],
  ['bulk with CRLF and zero inside', '$6\r\na\r\n\0+b\r\n', [{ kind: 'bulk', bytes: utf8('a\r\n\0+b') }]],
  ['bulk that is no text', Buffer.from([0x24, 0x32, 13, 10, 0xff, 0xfe, 13, 10]), [{ kind: 'bulk', bytes: Uint8Array.of(0xff, 0xfe) }]],
  ['nil bulk and nil array', '$-1\r\n*-1\r\n', [{ kind: 'nil' }, { kind: 'nil' }]],
  ['empty array', '*0\r\n', [{ kind: 'array', items: [] }]],
  [
    'nested arrays',
    '*3\r\n*2\r\n:1\r\n$1\r\na\r\n*0\r\n$-1\r\n',
    [{ kind: 'array', items: [{ kind: 'array', items: [{ kind: 'integer', value: 1 }, { kind: 'bulk', bytes: utf8('a') }] }, { kind: 'array', items: [] }, { kind: 'nil' }] }],
  ],
  ['an error inside an array', '*2\r\n-ERR x\r\n+OK\r\n', [{ kind: 'array', items: [{ kind: 'error', text: 'ERR x' }, { kind: 'status', text: 'OK' }] }]],
];

function decode(bytes: Buffer, size: number): RespReply[] {
  const decoder = new ReplyDecoder();
  const replies: RespReply[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    const chunk = Buffer.from(bytes.subarray(from, from + size));
    for (let at = 0; at < chunk.length; ) {
      at = decoder.read(chunk, at, chunk.length);
      const reply = decoder.take();
      if (reply !== null) replies.push(reply);
    }
    chunk.fill(0x21); // the decoder must not hold on to a chunk that is reused
  }
  expect(decoder.idle).toBe(true);
  return replies.map(plain);
}

/** Buffers as plain byte arrays, so that they compare by content. */
function plain(reply: RespReply): RespReply {
  if (reply.kind === 'bulk') return { kind: 'bulk', bytes: Uint8Array.from(reply.bytes) };
  if (reply.kind === 'array') return { kind: 'array', items: reply.items.map(plain) };
  return reply;
}

describe.each(CASES)('%s', (_, bytes, replies) => {
  test.each([1, 2, 3, 7, 1000])('in pieces of %i', (size) => {
    expect(decode(Buffer.from(bytes), size)).toEqual(replies.map(plain));
  });
});

test('reads all of them one after the other', () => {
  const all = Buffer.concat(CASES.map(([, bytes]) => Buffer.from(bytes)));
  const replies = CASES.flatMap(([, , expected]) => expected.map(plain));
  for (const size of [1, 5, 64, all.length]) expect(decode(all, size)).toEqual(replies);
});

test.each([
  ['a byte that starts no reply', 'HTTP/1.1 400\r\n', 'byte 0x48 ("H") where a reply starts'],
  ['a TLS alert', '\x15\x03\x01', 'byte 0x15 where a reply starts'],
  ['RESP3', '%1\r\n', 'byte 0x25 ("%") where a reply starts'],
  ['a line that ends with LF alone', '+OK\n', 'a line that does not end with CR LF'],
  ['an integer that is none', ':1e9\r\n', 'an integer that is none'],
  ['a length of 2^62', '$4611686018427387904\r\n', 'bytes in one string, at most'],
  ['a negative length', '$-2\r\n', '-2 bytes in one string'],
  ['too many items', '*1048577\r\n', 'items in one array, at most'],
  ['too many items in sum', '*1048576\r\n*1\r\n', 'more than 1048576 items in one reply'],
  ['arrays nested without end', '*1\r\n'.repeat(17), 'arrays nested more than 16 deep'],
  ['a line without end', `+${'a'.repeat(70_000)}`, 'a line of more than 65536 bytes'],
  ['a string longer than it says', '$1\r\nab\r\n', 'a string that is longer than it says'],
])('refuses %s', (_, bytes, message) => {
  for (const size of [1, 1000, 100_000]) {
    expect(() => decode(Buffer.from(bytes, 'latin1'), size)).toThrow(ProtocolError);
    expect(() => decode(Buffer.from(bytes, 'latin1'), size)).toThrow(message);
  }
});

test('allocates nothing for a declared length', () => {
  const decoder = new ReplyDecoder();
  const chunk = Buffer.from('$60000000\r\nabc');
  const before = process.memoryUsage().arrayBuffers;
  expect(decoder.read(chunk, 0, chunk.length)).toBe(chunk.length);
  expect(decoder.read(chunk, 11, chunk.length)).toBe(chunk.length);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
});
