/** User and password of a server, from the environment: a value, a file, or a command that prints it. Never from a flag. */

import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { UsageError } from '../errors.js';
import { Secret } from '../resp/secret.js';
import type { Environment } from './environment.js';

export interface Credentials {
  username: string | null;
  password: Secret | null;
}

/** A command that waits for a human or a network must not hang a job for ever. */
const COMMAND_TIMEOUT_MS = 60_000;

/**
 * REDFERRY_<SIDE>_USERNAME and REDFERRY_<SIDE>_PASSWORD, each also as …_FILE and …_COMMAND.
 * Throws UsageError when one is named twice, or cannot be had; values and a command's output never appear in it.
 */
export async function readCredentials(side: 'TARGET', env: Environment): Promise<Credentials> {
  const [username, password] = await Promise.all([
    readValue(`REDFERRY_${side}_USERNAME`, env),
    readValue(`REDFERRY_${side}_PASSWORD`, env),
  ]);
  return { username, password: password === null ? null : new Secret(password) };
}

async function readValue(name: string, env: Environment): Promise<string | null> {
  const ways = [name, `${name}_FILE`, `${name}_COMMAND`].filter((way) => (env[way] ?? '') !== '');
  const [way, ...others] = ways;
  if (way === undefined) return null;
  if (others.length > 0) throw new UsageError(`${ways.join(' and ')} are both set: expected one of them. Unset the other.`);
  const text = env[way] ?? '';
  if (way === name) return text;
  const value = (way.endsWith('_FILE') ? await fromFile(way, text) : await fromCommand(way, text, env)).replace(/\r?\n$/, '');
  if (value === '') throw new UsageError(`${way}: expected a value, got nothing.`);
  if (/[\r\n]/.test(value)) throw new UsageError(`${way}: expected one line, got several.`);
  return value;
}

async function fromFile(way: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${way}: ${path} cannot be read: ${reason(error)}.`, { cause: error });
  }
}

async function fromCommand(way: string, command: string, env: Environment): Promise<string> {
  // loaded only here: it takes 3 ms, and few passwords come from a command
  const { execFile } = await import('node:child_process');
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], {
      timeout: COMMAND_TIMEOUT_MS,
      env,
    });
    return stdout;
  } catch (error) {
    // What the command printed may hold the secret: neither it nor the cause is shown.
    throw new UsageError(`${way}: the command failed (${reason(error)}). Run it by hand to see why.`);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const { code, killed } = error as { code?: string | number; killed?: boolean };
  if (killed === true) return `no answer within ${COMMAND_TIMEOUT_MS / 1000} s`;
  if (typeof code === 'number') return `exit code ${code}`;
  return code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : (code ?? 'unknown reason');
}
