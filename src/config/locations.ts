/** What a word in a location's place means: a file, stdin, or a server. */

import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import { Secret } from '../resp/secret.js';
import { didYouMean } from './suggest.js';

export interface ServerLocation {
  kind: 'server';
  address: { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string };
  tls: boolean;
  username: string | null;
  password: Secret | null;
  db: number;
  /** The location without its password: fit for people and JSON. */
  shown: string;
}

export type Location = { kind: 'stdin' } | { kind: 'file'; path: string } | ServerLocation;

const DEFAULT_PORT = 6379;
const SERVER_SCHEMES = ['redis', 'rediss', 'unix'];
/** Locations that are planned: named so that they are not taken for paths. */
const LATER_SCHEMES = [
  's3', 'https', 'redis+cluster', 'rediss+cluster', 'redis+sentinel',
  'tencent', 'aliyun', 'huawei', 'elasticache', 'memorydb',
];
const SUPPORTED = 'a path, file:path, - (stdin), redis://[user@]host[:6379][/db], rediss:// or unix:path';

/** Throws UsageError; its message never holds a password. */
export function parseLocation(text: string): Location {
  if (text === '') throw new UsageError(`A location is empty: expected ${SUPPORTED}.`);
  if (text === '-') return { kind: 'stdin' };
  if (/^file:/i.test(text)) return { kind: 'file', path: filePath(text) };
  if (/^unix:/i.test(text)) return unixLocation(text);
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return { kind: 'file', path: text };
  const name = scheme.toLowerCase();
  if (name === 'redis' || name === 'rediss') return serverLocation(text, name === 'rediss');
  if (LATER_SCHEMES.includes(name)) {
    throw new UsageError(`${redactLocation(text)}: ${name}:// is not supported yet; expected ${SUPPORTED}.`);
  }
  throw new UsageError(
    `${redactLocation(text)}: unknown kind of location ${name}://; expected ${SUPPORTED}.` +
      didYouMean(name, ['file', ...SERVER_SCHEMES, ...LATER_SCHEMES]),
  );
}

/**
 * A location fit to be shown: credentials become ***. Everything before the last @ counts as credentials,
 * because a password may hold any character, escaped or not. A download URL is a secret as a whole.
 */
export function redactLocation(text: string): string {
  const [, start, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(text) ?? [];
  if (start === undefined || rest === undefined) return text;
  const hostAndPath = rest.slice(rest.lastIndexOf('@') + 1);
  const shown = rest.includes('@') ? `${start}***@${hostAndPath}` : text;
  return /^https?:/i.test(start) ? `${start}${hostAndPath.split(/[/?#]/, 1)[0] ?? ''}/***` : shown;
}

function filePath(text: string): string {
  if (/^file:\/\//i.test(text)) {
    try {
      return fileURLToPath(text);
    } catch (error) {
      throw new UsageError(`${text}: not a file URL: expected file:///path or file:path.`, { cause: error });
    }
  }
  const path = text.slice('file:'.length);
  if (path === '') throw new UsageError('file: names no file: expected file:path.');
  return path;
}

function unixLocation(text: string): ServerLocation {
  const [, path, query] = /^unix:(?:\/\/)?([^?]*)(?:\?(.*))?$/is.exec(text) ?? [];
  if (path === undefined || path === '') throw new UsageError(`${text}: no socket named: expected unix:/path/to/redis.sock.`);
  const [, db] = /^db=(\d+)$/.exec(query ?? 'db=0') ?? [];
  if (db === undefined) throw new UsageError(`${text}: expected nothing or ?db=N after the socket's path.`);
  return {
    kind: 'server',
    address: { kind: 'unix', path },
    tls: false,
    username: null,
    password: null,
    db: Number(db),
    shown: `unix:${path}${db === '0' ? '' : `?db=${db}`}`,
  };
}

function serverLocation(text: string, tls: boolean): ServerLocation {
  const rest = text.slice(text.indexOf('://') + 3);
  const at = rest.lastIndexOf('@');
  const [username, password] = at < 0 ? [null, null] : credentials(text, rest.slice(0, at));
  const [, bracketed, plain, portText, path] =
    /^(?:\[([0-9a-f:.]+)\]|([^[\]:/?#]*))(?::(\d*))?(?:\/([^/]*))?$/i.exec(rest.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || host === '') {
    throw new UsageError(`${redactLocation(text)}: expected ${tls ? 'rediss' : 'redis'}://[user@]host[:6379][/db].`);
  }
  const port = portText === undefined || portText === '' ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65535) {
    throw new UsageError(`${redactLocation(text)}: expected a port from 1 to 65535, got ${portText ?? ''}.`);
  }
  const db = path === undefined || path === '' ? 0 : Number(path);
  if (!(Number.isInteger(db) && db >= 0 && db < 2 ** 31)) {
    throw new UsageError(`${redactLocation(text)}: expected a db number after the host, got ${JSON.stringify(path)}.`);
  }
  const user = username === null ? '' : `${encodeURIComponent(username)}@`;
  const shownHost = bracketed === undefined ? host : `[${host}]`;
  return {
    kind: 'server',
    address: { kind: 'tcp', host, port },
    tls,
    username,
    password: password === null ? null : new Secret(password),
    db,
    shown: `${tls ? 'rediss' : 'redis'}://${user}${shownHost}:${port}${db === 0 ? '' : `/${db}`}`,
  };
}

function credentials(location: string, userInfo: string): [username: string | null, password: string | null] {
  const colon = userInfo.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? userInfo : userInfo.slice(0, colon));
    const password = colon < 0 ? '' : decodeURIComponent(userInfo.slice(colon + 1));
    return [username === '' ? null : username, password === '' ? null : password];
  } catch {
    // The cause is left out: its text is made from the password.
    throw new UsageError(
      `${redactLocation(location)}: a % in the user or password is not followed by two hex digits. ` +
        'Write it as %25, or better, pass the password in REDFERRY_TARGET_PASSWORD.',
    );
  }
}
