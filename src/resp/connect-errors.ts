/** What the operating system, DNS and TLS say when a connection fails, as errors with something to do next. */

import { AuthError, RedferryError, RetryableError } from '../errors.js';
import { ProtocolError } from './decode.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';

interface Cause {
  readonly codes: RegExp;
  readonly what: string;
  readonly hint: string;
}

const TLS_FILES = 'Give the right --tls-cert and --tls-key.';

/** First match wins. Codes: errno(3), getaddrinfo, Node's tls and OpenSSL (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const CAUSES: readonly Cause[] = [
  { codes: /^ECONNREFUSED$/, what: 'the connection was refused', hint: 'Is the server running there, and is the port right?' },
  { codes: /^ENOENT$/, what: 'there is no such socket', hint: 'Is the server running, and is the path its `unixsocket`?' },
  { codes: /^(ENOTFOUND|EAI_AGAIN|EAI_.*)$/, what: 'the host name could not be resolved', hint: 'Is the host name right, and does DNS work here?' },
  { codes: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/, what: 'the host could not be reached', hint: 'Is the address right, and does a firewall stand between?' },
  { codes: /^(ECONNRESET|EPIPE|ECONNABORTED)$/, what: 'the connection was cut', hint: 'See the log of the server (or proxy), then run the same command again.' },
  { codes: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|^EPROTO$|HTTP_REQUEST/, what: 'the server does not speak TLS there', hint: 'Is this the TLS port? For a connection without TLS say redis:// instead of rediss://.' },
  { codes: /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE/, what: 'the server refused the TLS handshake', hint: `The server wants a client certificate it knows. ${TLS_FILES}` },
  { codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/, what: "the server's certificate is for another name", hint: 'Connect by the name in the certificate, or give it with --tls-server-name.' },
  { codes: /^CERT_HAS_EXPIRED$|^CERT_NOT_YET_VALID$/, what: "the server's certificate is not valid now", hint: 'Renew it at the server; is the clock here right?' },
  { codes: /SELF_SIGNED|UNABLE_TO|^CERT_|ERR_SSL_CERT/, what: "the server's certificate is not trusted", hint: 'Give the authority that signed it with --tls-ca.' },
  { codes: /KEY_VALUES_MISMATCH|ERR_OSSL|NO_START_LINE|PEM/, what: 'a certificate or key given here cannot be used', hint: TLS_FILES },
];

/** The error of a socket or of what came through it, said for people. `during` completes "while …". */
export function connectionError(endpoint: Endpoint, cause: unknown, during: string, progress?: string): RedferryError {
  if (cause instanceof RedferryError) return cause;
  const where = describeEndpoint(endpoint);
  if (cause instanceof ProtocolError) return notRedis(where, cause, progress);
  const code = codeOf(cause);
  if (code === 'EACCES' || code === 'EPERM') {
    return new AuthError(`${where}: no permission to connect (${code}).`, { cause, hint: 'Run as a user that may use this socket.' });
  }
  const known = CAUSES.find(({ codes }) => codes.test(code));
  const detail = code === '' ? wordsOf(cause) : code;
  return new RetryableError(`${where}: ${known?.what ?? 'the connection failed'} while ${during} (${detail}).`, {
    cause,
    progress,
    hint: known?.hint ?? 'See the log of the server (or proxy), then run the same command again.',
  });
}

function notRedis(where: string, cause: ProtocolError, progress: string | undefined): RetryableError {
  // A TLS record starts with 0x15 (alert) or 0x16 (handshake): RFC 8446, 5.1.
  const tls = /^byte 0x1[56] /.test(cause.message);
  return new RetryableError(`${where}: expected a reply of the Redis protocol, found ${cause.message}.`, {
    cause,
    progress,
    hint: tls ? 'This looks like TLS: say rediss:// instead of redis://.' : 'Is this a Redis or Valkey server?',
  });
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  // Both families of "localhost" tried and refused: an AggregateError whose code is that of the first.
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return '';
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
