import { expect, test } from 'vitest';
import type { RespReply } from '../../src/resp/decode.js';
import { ReplyReader } from '../../src/resp/reply-reader.js';

const OK = '+OK\r\n';

/** What the reader told, runs of OKs added up: ["3", "BUSYKEY x", "1"]. */
function read(bytes: Buffer, sizes: () => number): string[] {
  const told: string[] = [];
  let oks = 0;
  const flush = (): void => {
    if (oks > 0) told.push(String(oks));
    oks = 0;
  };
  const reader = new ReplyReader({
    oks: (count) => (oks += count),
    reply: (reply) => {
      flush();
      told.push(textOf(reply));
    },
  });
  const chunk = Buffer.alloc(64 * 1024); // reused, as a socket's read buffer is
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(sizes(), bytes.length - at);
    bytes.copy(chunk, 0, at, at + length);
    reader.read(chunk, length);
    at += length;
  }
  flush();
  return told;
}

function textOf(reply: RespReply): string {
  return reply.kind === 'error' || reply.kind === 'status' ? reply.text : reply.kind;
}

const mixed = `${OK.repeat(3)}-BUSYKEY x\r\n${OK}-BUSYKEY x\r\n-BUSYKEY x\r\n$-1\r\n+OKAY\r\n${OK}+O\r\n:1\r\n${OK.repeat(2)}`;
const expected = ['3', 'BUSYKEY x', '1', 'BUSYKEY x', 'BUSYKEY x', 'nil', 'OKAY', '1', 'O', 'integer', '2'];

test('tells OKs and others in order, wherever the chunks are cut', () => {
  const bytes = Buffer.from(mixed);
  for (let size = 1; size <= bytes.length; size += 1) expect(read(bytes, () => size)).toEqual(expected);
  for (let cut = 1; cut < bytes.length; cut += 1) {
    let first = true;
    const sizes = (): number => {
      const size = first ? cut : bytes.length;
      first = false;
      return size;
    };
    expect(read(bytes, sizes)).toEqual(expected);
  }
});

test('counts long runs over full buffers from every phase', () => {
  for (let phase = 0; phase < 5; phase += 1) {
    let first = true;
    const sizes = (): number => {
      const size = first ? phase + 5 : 64 * 1024;
      first = false;
      return size;
    };
    expect(read(Buffer.from(OK.repeat(50_000)), sizes)).toEqual(['50000']);
  }
});

test('agrees with the plain reading of random streams cut at random', () => {
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const words = ['BUSYKEY Target key name already exists.', 'ERR Bad data format', 'OOM command'];
  for (let round = 0; round < 50; round += 1) {
    const truth: string[] = [];
    let bytes = '';
    for (let i = 0; i < 40; i += 1) {
      const oks = random(6);
      if (oks > 0) {
        bytes += OK.repeat(oks);
        if (/^\d+$/.test(truth.at(-1) ?? '')) truth.push(String(Number(truth.pop()) + oks));
        else truth.push(String(oks));
      }
      if (random(2) === 0) {
        const word = words[random(words.length)]!;
        bytes += `-${word}\r\n`;
        truth.push(word);
      }
    }
    expect(read(Buffer.from(bytes), () => 1 + random(60))).toEqual(truth);
  }
});
