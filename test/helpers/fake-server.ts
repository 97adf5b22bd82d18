/** A server that says what a test tells it to. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../src/resp/endpoint.js';

export interface FakeServer {
  readonly port: number;
  readonly endpoint: Endpoint;
  /** Bytes received over all connections. */
  readonly received: number;
  readonly sockets: ReadonlySet<Socket>;
  stop(): Promise<void>;
}

export interface FakeScript {
  onConnect?(socket: Socket): void;
  /** Left out, the server reads and never answers; null, it does not read at all. */
  onData?: ((socket: Socket, chunk: Buffer) => void) | null;
}

export async function startFakeServer(script: FakeScript = {}): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  let received = 0;
  const server = createServer({ noDelay: true, pauseOnConnect: script.onData === null }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    script.onConnect?.(socket);
    if (script.onData === null) return;
    socket.on('data', (chunk) => {
      received += chunk.length;
      script.onData?.(socket, chunk);
    });
  });
  const port = await listen(server);
  return {
    port,
    endpoint: tcpEndpoint(port),
    get received() {
      return received;
    },
    sockets,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function tcpEndpoint(port: number, more: Partial<Endpoint> = {}): Endpoint {
  return { kind: 'tcp', host: '127.0.0.1', port, db: 0, connectTimeoutMs: 5_000, ...more } as Endpoint;
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
}
