/** From a server's location, the connection options and the environment to an Endpoint. */

import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import type { Endpoint, TlsOptions } from '../resp/endpoint.js';
import { readCredentials } from './credentials.js';
import { connectionGroup } from './groups/connection.js';
import type { ServerLocation } from './locations.js';
import { originOf, readGroup, type OptionInput } from './read-options.js';

/** A warning about how redferry was called: lands in the log and in the JSON's `warnings`. */
export type Warn = (id: string, message: string) => void;

export interface Target {
  endpoint: Endpoint;
  name: string;
}

/** Reads PEM files, credential files and commands. Throws UsageError. */
export async function readTarget(location: ServerLocation, input: OptionInput, warn: Warn): Promise<Target> {
  const tls = await readTls(location, input, warn);
  const { username, password } = await readCredentials('TARGET', input.env);
  if (location.password !== null) {
    if (password !== null) {
      throw new UsageError(
        `${location.shown}: the location holds a password and REDFERRY_TARGET_PASSWORD gives one too. Take it out of the location.`,
      );
    }
    warn(
      'target.password-in-location',
      'The password in the location can be read in the process list and in the shell history: pass it in REDFERRY_TARGET_PASSWORD, _FILE or _COMMAND.',
    );
  }
  if (location.username !== null && username !== null && location.username !== username) {
    throw new UsageError(
      `${location.shown}: the location's user and REDFERRY_TARGET_USERNAME contradict each other. Leave one of them out.`,
    );
  }
  const user = location.username ?? username;
  const secret = location.password ?? password;
  if (user !== null && secret === null) {
    throw new UsageError(
      `${location.shown}: a user without a password. Pass it in REDFERRY_TARGET_PASSWORD, _FILE or _COMMAND.`,
    );
  }
  const endpoint: Endpoint = {
    ...location.address,
    db: location.db,
    connectTimeoutMs: readGroup(connectionGroup, input)['connect-timeout'],
    ...(tls === null ? {} : { tls }),
    ...(user === null ? {} : { username: user }),
    ...(secret === null ? {} : { password: secret }),
  };
  return { endpoint, name: location.shown };
}

async function readTls(location: ServerLocation, input: OptionInput, warn: Warn): Promise<TlsOptions | null> {
  const values = readGroup(connectionGroup, input);
  if (!location.tls) {
    const flags = Object.keys(connectionGroup.options).filter((flag) => flag.startsWith('tls-'));
    const [given] = flags.flatMap((flag) => originOf(flag, input) ?? []);
    if (given !== undefined) {
      throw new UsageError(
        `${location.shown}: ${given} is set, and this location does not use TLS. Write rediss:// for TLS, or leave ${given} out.`,
      );
    }
    return null;
  }
  requireBoth('tls-cert', 'tls-key', input);
  requireBoth('tls-key', 'tls-cert', input);
  if (values['tls-insecure']) {
    const ca = originOf('tls-ca', input);
    if (ca !== null) {
      throw new UsageError(`${originOf('tls-insecure', input) ?? ''} and ${ca} contradict each other: one trusts anyone. Leave one of them out.`);
    }
    warn('target.tls-insecure', "The target's certificate is not checked: anyone on the way can read and change what is sent.");
  }
  const [ca, cert, key] = await Promise.all([
    readPem('tls-ca', values['tls-ca'], input),
    readPem('tls-cert', values['tls-cert'], input),
    readPem('tls-key', values['tls-key'], input),
  ]);
  const serverName = values['tls-server-name'];
  return {
    insecure: values['tls-insecure'],
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function requireBoth(flag: string, other: string, input: OptionInput): void {
  const origin = originOf(flag, input);
  if (origin !== null && originOf(other, input) === null) {
    throw new UsageError(`${origin} needs --${other}: a client certificate and its key belong together.`);
  }
}

async function readPem(flag: string, path: string | undefined, input: OptionInput): Promise<string | null> {
  if (path === undefined) return null;
  const origin = originOf(flag, input) ?? `--${flag}`;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${origin}: expected a PEM file that can be read: ${problem}.`, { cause: error });
  }
  if (!text.includes('-----BEGIN ')) {
    throw new UsageError(`${origin}: ${path}: expected a PEM file (-----BEGIN …), found something else.`);
  }
  return text;
}
