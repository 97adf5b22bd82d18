import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedferryError } from '../../src/errors.js';
import { connect } from '../../src/resp/connection.js';
import type { Endpoint } from '../../src/resp/endpoint.js';
import { Secret } from '../../src/resp/secret.js';
import { certificates } from '../helpers/certificates.js';
import { startFakeServer, tcpEndpoint } from '../helpers/fake-server.js';
import { freePort, startServer, type RedisServer } from '../helpers/redis-server.js';

const never = new AbortController().signal;

async function failure(endpoint: Endpoint, options: { name?: string; stallTimeoutMs?: number } = {}): Promise<RedferryError> {
  try {
    const connection = await connect(endpoint, { signal: never, ...options });
    await connection.callOk(['PING']);
    connection.destroy();
  } catch (error) {
    return error as RedferryError;
  }
  throw new Error('connected');
}

describe('with a real server', () => {
  let server: RedisServer;
  const pem = (path: string): string => readFileSync(path, 'utf8');
  beforeAll(async () => {
    server = await startServer({ tls: true, password: 'right-horse', config: ['user ana on >ana-pass ~* +@all -restore'] });
  });
  afterAll(() => server.stop());

  const password = new Secret('right-horse');

  test('authenticates and selects over tcp, unix socket and TLS', async () => {
    const ca = pem(certificates().ca);
    const endpoints: Endpoint[] = [
      tcpEndpoint(server.port, { password, db: 3 }),
      { kind: 'unix', path: server.socketPath, password, db: 3, connectTimeoutMs: 5_000 },
      tcpEndpoint(server.tlsPort!, { password, db: 3, tls: { ca, insecure: false } }),
      { ...tcpEndpoint(server.tlsPort!, { password, db: 3, tls: { ca, insecure: false } }), kind: 'tcp', host: 'localhost', port: server.tlsPort! },
      tcpEndpoint(server.tlsPort!, { password, db: 3, tls: { ca, insecure: false, serverName: 'redis.example' } }),
      tcpEndpoint(server.tlsPort!, { password, db: 3, tls: { insecure: true } }),
    ];
    for (const endpoint of endpoints) {
      const connection = await connect(endpoint, { signal: never, name: 'redferry-test' });
      const info = await connection.callOk(['CLIENT', 'LIST']);
      const text = info.kind === 'bulk' ? Buffer.from(info.bytes).toString() : '';
      expect(text).toMatch(/name=redferry-test .*db=3/);
      const big = Buffer.alloc(300_000, 'x');
      await connection.callOk(['SET', 'k', big]);
      const back = await connection.callOk(['GET', 'k']);
      expect(back.kind === 'bulk' && big.equals(back.bytes)).toBe(true);
      connection.destroy();
    }
  });

  test('answers overlapping calls in order', async () => {
    const connection = await connect(tcpEndpoint(server.port, { password }), { signal: never });
    const replies = await Promise.all(Array.from({ length: 1000 }, (_, i) => connection.call(['ECHO', i])));
    expect(replies.map((reply) => (reply.kind === 'bulk' ? Number(Buffer.from(reply.bytes).toString()) : -1))).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    connection.destroy();
  });

  test('says wrong password, missing password and missing permission with exit code 12', async () => {
    const wrong = await failure(tcpEndpoint(server.port, { password: new Secret('hunter2') }));
    expect([wrong.exitCode, wrong.message]).toEqual([12, `127.0.0.1:${server.port}: AUTH: the server answered "WRONGPASS invalid username-password pair or user is disabled.".`]);
    expect(wrong.hint).toContain('REDFERRY_TARGET_PASSWORD');
    expect(inspect(wrong, { depth: 9 })).not.toContain('hunter2');

    for (const options of [{}, { name: 'n' }]) {
      const none = await failure(tcpEndpoint(server.port), options);
      expect([none.exitCode, none.message]).toEqual([12, expect.stringContaining('NOAUTH Authentication required.')]);
    }

    const ana = await connect(tcpEndpoint(server.port, { username: 'ana', password: new Secret('ana-pass') }), { signal: never });
    await expect(ana.callOk(['RESTORE', 'k', 0, 'x'])).rejects.toMatchObject({ exitCode: 12, message: expect.stringContaining('NOPERM') as string });
    ana.destroy();
  });

  test('says what is wrong with TLS, with exit code 7', async () => {
    const { ca, otherCa } = certificates();
    const tls = (port: number, more: Partial<NonNullable<Endpoint['tls']>>): Endpoint => tcpEndpoint(port, { password, tls: { insecure: false, ...more } });
    const cases: [Endpoint, message: string, hint: string][] = [
      [tls(server.tlsPort!, {}), 'is not trusted', '--tls-ca'],
      [tls(server.tlsPort!, { ca: pem(otherCa) }), 'is not trusted', '--tls-ca'],
      [tls(server.tlsPort!, { ca: pem(ca), serverName: 'wrong.example' }), 'is for another name', '--tls-server-name'],
      [{ ...tls(server.port, { ca: pem(ca) }), connectTimeoutMs: 100 }, 'the TLS handshake was not answered', 'redis://'],
      [tls(server.tlsPort!, { ca: 'no pem' }), '', ''],
      [tcpEndpoint(server.tlsPort!, { password }), '', ''],
    ];
    for (const [endpoint, message, hint] of cases) {
      const error = await failure(endpoint);
      expect([error.exitCode, error.message, error.hint]).toEqual([7, expect.stringContaining(message), expect.stringContaining(hint)]);
    }
  });

  test('says that a client certificate is wanted', async () => {
    const strict = await startServer({ tls: 'client-certificate' });
    try {
      const { ca, clientCert, clientKey } = certificates();
      const error = await failure(tcpEndpoint(strict.tlsPort!, { tls: { insecure: false, ca: pem(ca) } }));
      expect([error.exitCode, error.hint]).toEqual([7, expect.stringContaining('--tls-cert')]);
      const connection = await connect(tcpEndpoint(strict.tlsPort!, { tls: { insecure: false, ca: pem(ca), cert: pem(clientCert), key: pem(clientKey) } }), { signal: never });
      await connection.callOk(['PING']);
      connection.destroy();
    } finally {
      await strict.stop();
    }
  });
});

describe('without a server that answers', () => {
  test('says refused, no such host, no such socket, with exit code 7', async () => {
    const port = await freePort();
    const cases: [Endpoint, string][] = [
      [tcpEndpoint(port), `127.0.0.1:${port}: the connection was refused while connecting (ECONNREFUSED).`],
      [{ ...tcpEndpoint(port), kind: 'tcp', host: 'localhost', port }, `localhost:${port}: the connection was refused while connecting (ECONNREFUSED).`],
      [{ ...tcpEndpoint(port), kind: 'tcp', host: 'no-such-host.invalid', port }, `no-such-host.invalid:${port}: the host name could not be resolved while connecting`],
      [{ kind: 'unix', path: '/nonexistent/s', db: 0, connectTimeoutMs: 5_000 }, 'unix:/nonexistent/s: there is no such socket while connecting (ENOENT).'],
    ];
    for (const [endpoint, message] of cases) {
      const error = await failure(endpoint);
      expect([error.exitCode, error.message]).toEqual([7, expect.stringContaining(message)]);
      expect(error.hint).not.toBe('');
    }
  });

  test('gives up after the connect timeout, AUTH included', async () => {
    const silent = await startFakeServer();
    const error = await failure({ ...tcpEndpoint(silent.port, { password: new Secret('x') }), connectTimeoutMs: 50 });
    expect([error.exitCode, error.message]).toEqual([7, `127.0.0.1:${silent.port}: no answer within 50 ms.`]);
    await silent.stop();
  });

  test('gives up on a server that falls silent', async () => {
    const silent = await startFakeServer();
    const error = await failure(silent.endpoint, { stallTimeoutMs: 100 });
    expect([error.exitCode, error.message]).toEqual([7, expect.stringContaining('answered nothing for 0 s')]);
    await silent.stop();
  });

  test('hands on what a server says before it closes', async () => {
    for (const name of [undefined, 'redferry']) {
      const full = await startFakeServer({ onConnect: (socket) => socket.end('-ERR max number of clients reached\r\n') });
      const error = await failure(full.endpoint, name === undefined ? {} : { name });
      expect([error.exitCode, error.message]).toEqual([7, expect.stringContaining('max number of clients reached')]);
      await full.stop();
    }
  });

  test.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'Is this a Redis or Valkey server?'],
    ['\x15\x03\x01\x00\x02', 'say rediss://'],
  ])('tells a server of another kind: %j', async (words, hint) => {
    const other = await startFakeServer({ onData: (socket) => socket.write(words) });
    const error = await failure(other.endpoint);
    expect([error.exitCode, error.message, error.hint]).toEqual([7, expect.stringContaining('expected a reply of the Redis protocol'), expect.stringContaining(hint)]);
    await other.stop();
  });

  test('fails every pending call when the server closes', async () => {
    const server = await startFakeServer({ onData: (socket) => socket.end('+PONG\r\n') });
    const connection = await connect(server.endpoint, { signal: never });
    const [first, second] = await Promise.allSettled([connection.call(['PING']), connection.call(['PING'])]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { exitCode: 7, message: expect.stringContaining('the connection was cut') as string } });
    await expect(connection.call(['PING'])).rejects.toMatchObject({ exitCode: 7 });
    expect(connection.alive).toBe(false);
    await server.stop();
  });

  test('stops connecting when the signal aborts, with its reason', async () => {
    const silent = await startFakeServer();
    const abort = new AbortController();
    const connecting = connect(tcpEndpoint(silent.port, { password: new Secret('x') }), { signal: abort.signal });
    const reason = new Error('stop');
    setTimeout(() => abort.abort(reason), 20);
    await expect(connecting).rejects.toBe(reason);
    await expect(connect(silent.endpoint, { signal: abort.signal })).rejects.toBe(reason);
    await silent.stop();
  });
});

test('a Secret shows itself to nobody but reveal', () => {
  const secret = new Secret('hunter2');
  expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true })}`).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});

