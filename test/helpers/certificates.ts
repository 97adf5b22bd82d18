/** A certificate authority of our own and what it signed, made by openssl for one test run. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.js';

export interface Certificates {
  ca: string;
  /** For the names localhost, redis.example and the address 127.0.0.1. */
  serverCert: string;
  serverKey: string;
  clientCert: string;
  clientKey: string;
  /** A CA that signed none of these. */
  otherCa: string;
}

let made: Certificates | undefined;

/** Paths to PEM files; made once per test process. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

function make(): Certificates {
  const dir = tempDir('certs');
  const at = (name: string): string => join(dir, name);
  // Its own configuration: not every system has openssl.cnf where openssl looks for it.
  writeFileSync(at('openssl.cnf'), '[req]\ndistinguished_name = name\nx509_extensions = authority\n[name]\n[authority]\nbasicConstraints = critical,CA:TRUE\nsubjectKeyIdentifier = hash\n');
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, OPENSSL_CONF: at('openssl.cnf') } });
  };
  const newCa = (name: string): void =>
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`));
  const sign = (name: string, extensions: string): void => {
    writeFileSync(at(`${name}.ext`), extensions);
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
    openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`));
  };
  newCa('ca');
  newCa('other-ca');
  sign('server', 'subjectAltName=DNS:localhost,DNS:redis.example,IP:127.0.0.1\n');
  sign('client', 'extendedKeyUsage=clientAuth\n');
  return {
    ca: at('ca.crt'),
    serverCert: at('server.crt'),
    serverKey: at('server.key'),
    clientCert: at('client.crt'),
    clientKey: at('client.key'),
    otherCa: at('other-ca.crt'),
  };
}
