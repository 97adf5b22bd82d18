import { afterEach, describe, expect, test } from 'vitest';
import { RetryableError } from '../../src/errors.js';
import { connect } from '../../src/resp/connection.js';
import type { RespReply } from '../../src/resp/decode.js';
import { encodeCommand } from '../../src/resp/encode.js';
import type { Endpoint } from '../../src/resp/endpoint.js';
import { Pipeline, type PipelineOptions, type Region } from '../../src/resp/pipeline.js';
import { startFakeServer, tcpEndpoint, type FakeScript, type FakeServer } from '../helpers/fake-server.js';
import { startFaultProxy } from '../helpers/fault-proxy.js';
import { startServer } from '../helpers/redis-server.js';

const never = new AbortController().signal;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function fake(script: FakeScript): Promise<FakeServer> {
  const server = await startFakeServer(script);
  closing.push(() => server.stop());
  return server;
}

interface Opened {
  pipeline: Pipeline;
  replies: [region: number, index: number, reply: RespReply][];
  released: number[];
}

async function open(endpoint: Endpoint, options: PipelineOptions & { stallTimeoutMs?: number; onReply?: () => void } = {}): Promise<Opened> {
  const { stallTimeoutMs, onReply, ...rest } = options;
  const connection = await connect(endpoint, { signal: never, ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }) });
  closing.push(() => {
    connection.destroy();
    return Promise.resolve();
  });
  const replies: Opened['replies'] = [];
  const released: number[] = [];
  const pipeline = new Pipeline(
    connection,
    {
      onReply: (region, index, reply) => {
        replies.push([region.id, index, reply]);
        onReply?.();
      },
      onReleased: (region) => released.push(region.id),
    },
    rest,
  );
  return { pipeline, replies, released };
}

const region = (id: number, commands: number, bytes: Uint8Array = Buffer.alloc(10 * commands, 'x')): Region => ({ id, bytes, commands });

/** A server to which 10 bytes are one command, answered by what `answer` says for the nth. */
function tenByteCommands(answer: (n: number) => string): FakeScript {
  let pending = 0;
  let count = 0;
  return {
    onData: (socket, chunk) => {
      pending += chunk.length;
      let out = '';
      for (; pending >= 10; pending -= 10) out += answer(count++);
      socket.write(out);
    },
  };
}

test('releases regions in order once all their replies came', async () => {
  const { endpoint } = await fake(tenByteCommands(() => '+OK\r\n'));
  const { pipeline, replies, released } = await open(endpoint);
  for (let id = 0; id < 50; id += 1) pipeline.send(region(id, id % 7 === 3 ? 0 : 1000));
  expect(pipeline.waiting).toBe(true);
  await pipeline.drained();
  expect(released).toEqual(Array.from({ length: 50 }, (_, id) => id));
  expect([replies, pipeline.acknowledged, pipeline.inFlight, pipeline.waiting]).toEqual([[], 43_000, 0, false]);
});

test('lets small answers gather while many are owed, and reads the last ones as they come', async () => {
  let owed = 0;
  let writes = 0;
  const { endpoint } = await fake({
    onData: (socket, chunk) => {
      const idle = owed === 0;
      owed += chunk.length / 10;
      const drip = (): void => {
        const some = Math.min(10, Math.floor(owed));
        owed -= some;
        writes += 1;
        socket.write('+OK\r\n'.repeat(some));
        if (owed > 0) setImmediate(drip);
      };
      if (idle) drip();
    },
  });
  const { pipeline, released } = await open(endpoint);
  const reads = { unhurried: 0, hurried: 0 };
  const onBytes = pipeline.onBytes.bind(pipeline);
  pipeline.onBytes = (chunk, length) => {
    reads[pipeline.unhurried ? 'unhurried' : 'hurried'] += 1;
    onBytes(chunk, length);
  };
  for (let id = 0; id < 40; id += 1) pipeline.send(region(id, 1000));
  expect(pipeline.unhurried).toBe(true);
  await pipeline.drained();
  expect([pipeline.acknowledged, pipeline.unhurried, released.length]).toEqual([40_000, false, 40]);
  expect(writes).toBeGreaterThan(3000);
  expect(reads.unhurried).toBeLessThan(writes / 8);
});

test('traces each other reply to region and command', async () => {
  const answer = (n: number): string => (n % 1000 === 999 ? '-ERR Bad data format\r\n' : n % 500 === 0 ? '$-1\r\n' : '+OK\r\n');
  const { endpoint } = await fake(tenByteCommands(answer));
  const { pipeline, replies } = await open(endpoint);
  for (let id = 0; id < 3; id += 1) pipeline.send(region(id, 1000));
  await pipeline.drained();
  expect(replies).toEqual([0, 1, 2].flatMap((id) => [[id, 0, { kind: 'nil' }], [id, 500, { kind: 'nil' }], [id, 999, { kind: 'error', text: 'ERR Bad data format' }]]));
});

test('counts a command that spans regions where it ends', async () => {
  let got = 0;
  const { endpoint } = await fake({
    onData: (socket, chunk) => {
      got += chunk.length;
      if (got === 3_000_000) socket.write('-OOM x\r\n+OK\r\n');
    },
  });
  const { pipeline, replies, released } = await open(endpoint);
  const megabyte = Buffer.alloc(1_000_000);
  pipeline.send(region(0, 0, megabyte));
  pipeline.send(region(1, 0, megabyte));
  await pipeline.waitForRelease();
  expect(released[0]).toBe(0);
  pipeline.send(region(2, 2, megabyte));
  await pipeline.drained();
  expect(released).toEqual([0, 1, 2]);
  expect(replies).toEqual([[2, 0, { kind: 'error', text: 'OOM x' }]]);
});

test('understands replies split at every byte', async () => {
  const text = '+OK\r\n-BUSYKEY Target key name already exists.\r\n$-1\r\n+OK\r\n';
  const server = await fake(tenByteCommands((n) => (n % 4 === 0 ? text : '')));
  const proxy = await startFaultProxy({ port: server.port }, { replyPiece: 1 });
  closing.push(() => proxy.stop());
  const { pipeline, replies } = await open(tcpEndpoint(proxy.port));
  pipeline.send(region(7, 40));
  await pipeline.drained();
  expect(pipeline.acknowledged).toBe(40);
  expect(replies.map(([, index, reply]) => [index, reply.kind])).toEqual(Array.from({ length: 10 }, (_, i) => [[4 * i + 1, 'error'], [4 * i + 2, 'nil']]).flat());
});

test.each(['tcp', 'unix', 'TLS'])('sends WebAssembly memory as it is and lets go of it only when answered: %s', async (transport) => {
  const server = await startServer({ tls: true });
  closing.push(() => server.stop());
  const memory = new WebAssembly.Memory({ initial: 64 });
  const endpoints: Record<string, Endpoint> = {
    tcp: tcpEndpoint(server.port),
    unix: { kind: 'unix', path: server.socketPath, db: 0, connectTimeoutMs: 5_000 },
    TLS: tcpEndpoint(server.tlsPort!, { tls: { insecure: true } }),
  };
  const { pipeline, released } = await open(endpoints[transport]!);
  const client = server.client();
  const value = 'v'.repeat(10_000);
  let next = 0;
  const fill = (slot: number): void => {
    const target = Buffer.from(memory.buffer, slot * 1_100_000, 1_100_000);
    let length = 0;
    for (let i = 0; i < 100; i += 1) length += encodeCommand(['SET', `k${next++}`, value]).copy(target, length);
    pipeline.send({ id: slot, commands: 100, bytes: target.subarray(0, length) });
  };
  fill(0);
  fill(1);
  for (let round = 0; round < 10; round += 1) {
    while (released.length === 0) await pipeline.waitForRelease();
    fill(released.shift()!);
  }
  await pipeline.drained();
  expect(pipeline.acknowledged).toBe(1200);
  expect(await client.dbsize()).toBe(1200);
  for (const key of ['k0', 'k777', 'k1199']) expect(await client.get(key)).toBe(value);
});

test('gives the connection back for calls', async () => {
  const server = await startServer();
  closing.push(() => server.stop());
  const connection = await connect(tcpEndpoint(server.port), { signal: never });
  const pipeline = new Pipeline(connection, { onReply: () => undefined, onReleased: () => undefined });
  await expect(connection.call(['PING'])).rejects.toThrow('taken over');
  pipeline.send({ id: 0, commands: 1, bytes: encodeCommand(['SET', 'a', 'b']) });
  expect(() => pipeline.detach()).toThrow('not drained');
  await pipeline.drained();
  pipeline.detach();
  expect(await connection.call(['GET', 'a'])).toMatchObject({ kind: 'bulk' });
  connection.destroy();
});

describe('when things break', () => {
  test.each(['close', 'reset'] as const)('says how far it got when the connection ends in the middle (%s)', async (how) => {
    const server = await fake(tenByteCommands(() => '+OK\r\n'));
    const proxy = await startFaultProxy({ port: server.port }, { afterReplyBytes: 5 * 1234 + 3, then: how });
    closing.push(() => proxy.stop());
    const { pipeline, released } = await open(tcpEndpoint(proxy.port));
    pipeline.send(region(0, 1000));
    pipeline.send(region(1, 1000));
    const error = await pipeline.drained().then(() => null, (reason: unknown) => reason as RetryableError);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toContain('the connection was cut while waiting for replies');
    expect(error?.progress).toBe('1234 commands were answered; 766 were sent without an answer, and may or may not have been carried out.');
    expect([released, pipeline.acknowledged, pipeline.inFlight]).toEqual([[0], 1234, 766]);
    expect(() => pipeline.send(region(2, 1))).toThrow(RetryableError);
    await expect(pipeline.waitForRelease()).rejects.toBe(error);
    await expect(pipeline.drained()).rejects.toBe(error);
    await pipeline.settled();
  });

  test('fails when the requests are cut', async () => {
    const server = await fake(tenByteCommands(() => '+OK\r\n'));
    const proxy = await startFaultProxy({ port: server.port }, { afterRequestBytes: 5_000_005, then: 'reset' });
    closing.push(() => proxy.stop());
    const { pipeline } = await open(tcpEndpoint(proxy.port));
    for (let id = 0; id < 10; id += 1) pipeline.send(region(id, 100_000));
    await expect(pipeline.drained()).rejects.toMatchObject({ exitCode: 7, message: expect.stringContaining('were sent without an answer') as string });
  });

  test.each([
    ['reads and never answers', {}],
    ['does not even read', { onData: null }],
  ])('gives up on a server that %s', async (_, script: FakeScript) => {
    const { endpoint } = await fake(script);
    const { pipeline } = await open(endpoint, { stallTimeoutMs: 200 });
    for (let id = 0; id < 10; id += 1) pipeline.send(region(id, 100_000));
    await expect(pipeline.drained()).rejects.toMatchObject({ exitCode: 7, message: expect.stringContaining('the server took nothing and answered nothing') as string });
  });

  test('does not give up on a server that is slow but takes bytes, nor while nothing is owed', async () => {
    const server = await fake(tenByteCommands(() => '+OK\r\n'));
    const proxy = await startFaultProxy({ port: server.port }, { bytesPerSecond: 5_000_000 });
    closing.push(() => proxy.stop());
    const { pipeline } = await open(tcpEndpoint(proxy.port), { stallTimeoutMs: 250 });
    pipeline.send(region(0, 300_000));
    await pipeline.drained();
    await new Promise((resolve) => setTimeout(resolve, 600));
    pipeline.send(region(1, 10));
    await pipeline.drained();
  });

  test('refuses a reply that nothing asked for, in the words of the server', async () => {
    for (const [words, text, exitCode] of [
      ['-ERR Protocol error: invalid bulk length\r\n', 'Protocol error: invalid bulk length', 4],
      ['-ERR odd\r\n', 'ERR odd', 7],
      ['+OK\r\n', 'a reply (status) that nothing asked for', 7],
      [':1\r\n', 'a reply (integer) that nothing asked for', 7],
    ] as const) {
      const { endpoint } = await fake({ onData: (socket) => socket.write(words) });
      const { pipeline } = await open(endpoint);
      pipeline.send(region(0, 0, Buffer.alloc(10)));
      await pipeline.drained();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(pipeline.error).toMatchObject({ exitCode, message: expect.stringContaining(text) as string });
    }
  });

  test('fails on bytes that are no reply', async () => {
    const { endpoint } = await fake({ onData: (socket) => socket.write('+OK\r\n!oops') });
    const { pipeline } = await open(endpoint);
    pipeline.send(region(0, 2));
    await expect(pipeline.drained()).rejects.toMatchObject({ exitCode: 7, message: expect.stringContaining('found byte 0x21 ("!")') as string, progress: expect.stringContaining('1 commands were answered; 1 was') as string });
  });

  test('fails with what a handler throws', async () => {
    const { endpoint } = await fake(tenByteCommands((n) => (n === 5 ? '-OOM x\r\n' : '+OK\r\n')));
    const fatal = new Error('OOM stops the run');
    const { pipeline } = await open(endpoint, {
      onReply: () => {
        throw fatal;
      },
    });
    pipeline.send(region(0, 10));
    await expect(pipeline.drained()).rejects.toBe(fatal);
    expect(pipeline.acknowledged).toBe(6);
  });
});

describe('when its signal aborts', () => {
  const reason = new Error('SIGINT');

  test('waits for the answers to what was sent, sends no more, and fails with the reason', async () => {
    const server = await fake(tenByteCommands(() => '+OK\r\n'));
    const proxy = await startFaultProxy({ port: server.port }, { latencyMs: 50 });
    closing.push(() => proxy.stop());
    const abort = new AbortController();
    const { pipeline } = await open(tcpEndpoint(proxy.port), { signal: abort.signal });
    pipeline.send(region(0, 1000));
    abort.abort(reason);
    expect(() => pipeline.send(region(1, 1))).toThrow(reason);
    expect(pipeline.acknowledged).toBe(0);
    await expect(pipeline.drained()).rejects.toBe(reason);
    expect([pipeline.acknowledged, pipeline.inFlight]).toEqual([1000, 0]);
  });

  test('does not wait longer than its grace', async () => {
    const { endpoint } = await fake({});
    const abort = new AbortController();
    const { pipeline } = await open(endpoint, { signal: abort.signal, graceMs: 50 });
    pipeline.send(region(0, 1000));
    const waiting = Promise.allSettled([pipeline.drained(), pipeline.waitForRelease(), pipeline.settled()]);
    abort.abort(reason);
    expect(await waiting).toEqual([{ status: 'rejected', reason }, { status: 'rejected', reason }, { status: 'fulfilled', value: undefined }]);
    expect(pipeline.inFlight).toBe(1000);
  });

  test('fails at once where nothing is in flight', async () => {
    const { endpoint } = await fake({});
    const { pipeline } = await open(endpoint, { signal: AbortSignal.abort(reason) });
    await expect(pipeline.waitForRelease()).rejects.toBe(reason);
  });
});
