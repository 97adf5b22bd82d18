/** Stands between a client and a server and does what networks and servers do on a bad day. */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReplyDecoder } from '../../src/resp/decode.js';
import { listen } from './fake-server.js';

export interface Faults {
  /** Every piece waits this long, in each direction. */
  latencyMs?: number;
  /** In each direction. */
  bytesPerSecond?: number;
  /** Replies reach the client in pieces of this many bytes. */
  replyPiece?: number;
  /** The connection ends (see `then`) once exactly so many bytes of commands passed. */
  afterRequestBytes?: number;
  /** The same for bytes of replies. */
  afterReplyBytes?: number;
  /** close: FIN to both · reset: RST to the client · blackhole: open for ever, nothing passes any more. Default close. */
  then?: 'close' | 'reset' | 'blackhole';
  /** Connections are accepted and closed at once. */
  refuse?: boolean;
  /** Called for each reply of a connection (index from 0) with its raw bytes; what it returns is sent instead. */
  replaceReply?: (index: number, raw: Buffer) => Buffer | string | undefined;
}

export interface FaultProxy {
  readonly port: number;
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Holds for connections made from now on. */
  faults: Faults;
  /** Ends all connections with a RST. */
  resetAll(): void;
  stop(): Promise<void>;
}

export type Upstream = { port: number; host?: string } | { path: string };

export async function startFaultProxy(upstream: Upstream, faults: Faults = {}): Promise<FaultProxy> {
  const clients = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    connections += 1;
    clients.add(client);
    client.on('close', () => clients.delete(client));
    if (proxy.faults.refuse === true) client.destroy();
    else join(client, upstream, proxy.faults);
  });
  const port = await listen(server);
  const proxy: FaultProxy = {
    port,
    url: `redis://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    faults,
    resetAll() {
      for (const client of clients) client.resetAndDestroy();
    },
    async stop() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function join(client: Socket, upstream: Upstream, faults: Faults): void {
  const server = connect({ noDelay: true, ...upstream });
  let dead = false;
  const end = (): void => {
    dead = true;
    if (faults.then === 'blackhole') {
      client.pause();
      server.pause();
      return;
    }
    server.destroy();
    if (faults.then === 'reset') client.resetAndDestroy();
    else client.end();
  };
  const isDead = (): boolean => dead;
  for (const [socket, other] of [[client, server], [server, client]] as const) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!dead) other.end();
    });
  }
  pump(client, server, faults, faults.afterRequestBytes, (chunk) => [chunk], isDead, end);
  pump(server, client, faults, faults.afterReplyBytes, replyPieces(faults), isDead, end);
}

/** One piece at a time, in order, and no reading ahead of what was written. */
function pump(
  from: Socket,
  to: Socket,
  faults: Faults,
  limit: number | undefined,
  cut: (chunk: Buffer) => Buffer[],
  isDead: () => boolean,
  end: () => void,
): void {
  let passed = 0;
  const forward = async (chunk: Buffer): Promise<void> => {
    if (faults.latencyMs !== undefined) await sleep(faults.latencyMs);
    for (const whole of cut(chunk)) {
      if (isDead()) return;
      const piece = limit === undefined ? whole : whole.subarray(0, limit - passed);
      passed += piece.length;
      if (faults.bytesPerSecond !== undefined) await sleep((piece.length / faults.bytesPerSecond) * 1000);
      await new Promise<void>((resolve) => to.write(piece, () => resolve()));
      if (passed === limit) { end(); return; }
    }
  };
  if (limit === 0) { end(); return; }
  from.on('data', (chunk: Buffer) => {
    from.pause();
    void forward(chunk).then(() => {
      if (!isDead()) from.resume();
    });
  });
  from.resume();
}

function replyPieces(faults: Faults): (chunk: Buffer) => Buffer[] {
  const replace = replacer(faults.replaceReply);
  const size = faults.replyPiece;
  return (chunk) => {
    const bytes = replace(chunk);
    if (size === undefined) return bytes.length === 0 ? [] : [bytes];
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    return pieces;
  };
}

/** Cuts the stream of replies at reply borders, so that whole ones can be replaced. */
function replacer(replace: Faults['replaceReply']): (chunk: Buffer) => Buffer {
  if (replace === undefined) return (chunk) => chunk;
  const decoder = new ReplyDecoder();
  let raw: Buffer[] = [];
  let index = 0;
  return (chunk) => {
    const out: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const next = decoder.read(chunk, at, chunk.length);
      raw.push(Buffer.from(chunk.subarray(at, next)));
      at = next;
      if (decoder.take() === null) continue;
      const whole = Buffer.concat(raw);
      raw = [];
      out.push(Buffer.from(replace(index, whole) ?? whole));
      index += 1;
    }
    return Buffer.concat(out);
  };
}
