/** The transport of a connection: tcp, unix or TLS. */

import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Endpoint } from './endpoint.js';

/** Idle time before the kernel asks whether the other side is still there. */
const KEEPALIVE_MS = 30_000;

/** A socket that reads into one fixed buffer; `ready` is called when it stands, TLS and the check of the certificate included. */
export function openSocket(endpoint: Endpoint, onread: OnReadOpts, ready: () => void): Socket {
  const address = endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
  const common = { ...address, onread, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
  if (endpoint.tls === undefined) return connectPlain(common, ready);
  const { ca, cert, key, serverName, insecure } = endpoint.tls;
  // Server names are for names: SNI must not hold an address (RFC 6066, 3).
  const name = serverName ?? (endpoint.kind === 'tcp' && !/^[\d.]+$|:/.test(endpoint.host) ? endpoint.host : undefined);
  return connectTls(
    {
      ...common,
      rejectUnauthorized: !insecure,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(name === undefined ? {} : { servername: name }),
    },
    ready,
  );
}
