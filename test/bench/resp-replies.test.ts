import { describe, expect, it } from 'vitest';
import { ReplyReader, type Reply } from '../../bench/resp-replies.js';

const BYTES = Buffer.from('+OK\r\n:42\r\n$-1\r\n$7\r\na\r\nb\r\nc\r\n*2\r\n$1\r\n0\r\n*2\r\n$1\r\nk\r\n$0\r\n\r\n-ERR no\r\n', 'latin1');
const REPLIES: Reply[] = ['OK', 42, null, Buffer.from('a\r\nb\r\nc'), [Buffer.from('0'), [Buffer.from('k'), Buffer.alloc(0)]], new Error('ERR no')];

describe('the reply reader of the bench', () => {
  it.each([1, 2, 3, 7, 1000])('reads the same replies in chunks of %i bytes', (size) => {
    const reader = new ReplyReader();
    const found: Reply[] = [];
    for (let start = 0; start < BYTES.length; start += size) found.push(...reader.push(BYTES.subarray(start, start + size)));
    expect(found).toEqual(REPLIES);
  });

  it('refuses what is no reply', () => {
    expect(() => new ReplyReader().push(Buffer.from('HTTP/1.1 400\r\n'))).toThrow('the server sent "H" where a reply should start');
  });
});
