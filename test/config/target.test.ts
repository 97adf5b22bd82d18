import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLocation, type ServerLocation } from '../../src/config/locations.js';
import { readTarget } from '../../src/config/target.js';

const CANARY = 'canary-8c1f-never-print-me';
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'redferry target '));
  writeFileSync(join(dir, 'password'), `${CANARY}\n`);
  writeFileSync(join(dir, 'two-lines'), `${CANARY}\nx\n`);
  writeFileSync(join(dir, 'empty'), '');
  writeFileSync(join(dir, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

async function target(text: string, env: Record<string, string> = {}, flags: Record<string, string> = {}) {
  const location = parseLocation(text) as ServerLocation;
  const warnings: string[] = [];
  const given = new Map(Object.entries(flags).map(([flag, value]) => [flag, [value]]));
  const { endpoint, name } = await readTarget(location, { flags: given, env }, (id) => warnings.push(id));
  return { endpoint, name, warnings };
}

describe('credentials', () => {
  it.each([
    ['a variable', () => ({ REDFERRY_TARGET_PASSWORD: CANARY })],
    ['a file', () => ({ REDFERRY_TARGET_PASSWORD_FILE: join(dir, 'password') })],
    ['a command', () => ({ REDFERRY_TARGET_PASSWORD_COMMAND: `cat '${join(dir, 'password')}'` })],
  ])('come from %s, without a warning', async (_how, env) => {
    const { endpoint, warnings } = await target('redis://ferry@h', env());
    expect(endpoint.password?.reveal()).toBe(CANARY);
    expect(endpoint).toMatchObject({ kind: 'tcp', host: 'h', port: 6379, username: 'ferry', db: 0, connectTimeoutMs: 10_000 });
    expect(warnings).toEqual([]);
    expect(inspect(endpoint)).not.toContain(CANARY);
  });

  it('in the location work, with a warning, and are not in the name', async () => {
    const { endpoint, name, warnings } = await target(`redis://ferry:${CANARY}@h`);
    expect(endpoint.password?.reveal()).toBe(CANARY);
    expect(name).toBe('redis://ferry@h:6379');
    expect(warnings).toEqual(['target.password-in-location']);
  });

  const bad: [text: string, env: () => Record<string, string>, message: string][] = [
    ['redis://h', () => ({ REDFERRY_TARGET_PASSWORD: CANARY, REDFERRY_TARGET_PASSWORD_FILE: 'x' }), 'REDFERRY_TARGET_PASSWORD and REDFERRY_TARGET_PASSWORD_FILE are both set'],
    ['redis://h', () => ({ REDFERRY_TARGET_PASSWORD_FILE: join(dir, 'none') }), 'cannot be read: no such file'],
    ['redis://h', () => ({ REDFERRY_TARGET_PASSWORD_FILE: join(dir, 'empty') }), 'REDFERRY_TARGET_PASSWORD_FILE: expected a value, got nothing'],
    ['redis://h', () => ({ REDFERRY_TARGET_PASSWORD_FILE: join(dir, 'two-lines') }), 'expected one line, got several'],
    ['redis://h', () => ({ REDFERRY_TARGET_PASSWORD_COMMAND: `echo ${CANARY} >&2; exit 3` }), 'the command failed (exit code 3)'],
    [`redis://:${CANARY}@h`, () => ({ REDFERRY_TARGET_PASSWORD: CANARY }), 'the location holds a password and REDFERRY_TARGET_PASSWORD gives one too'],
    ['redis://a@h', () => ({ REDFERRY_TARGET_USERNAME: 'b', REDFERRY_TARGET_PASSWORD: CANARY }), 'contradict each other'],
    ['redis://a@h', () => ({}), 'a user without a password'],
  ];

  it.each(bad)('%# of %s are refused without being shown', async (text, env, message) => {
    const error: unknown = await target(text, env()).then(() => null, (thrown: unknown) => thrown);
    expect(String(error)).toContain(message);
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });
});

describe('TLS', () => {
  it('reads PEM files', async () => {
    const { endpoint } = await target('rediss://h', {}, { 'tls-ca': join(dir, 'ca.pem'), 'tls-server-name': 'n' });
    expect(endpoint.tls).toEqual({ ca: '-----BEGIN CERTIFICATE-----\n', serverName: 'n', insecure: false });
  });

  it('without verification warns', async () => {
    const { endpoint, warnings } = await target('rediss://h', {}, { 'tls-insecure': 'true' });
    expect(endpoint.tls).toEqual({ insecure: true });
    expect(warnings).toEqual(['target.tls-insecure']);
  });

  const bad: [text: string, flags: () => Record<string, string>, message: string][] = [
    ['redis://h', () => ({ 'tls-ca': 'x' }), '--tls-ca is set, and this location does not use TLS'],
    ['unix:/s', () => ({ 'tls-insecure': 'true' }), '--tls-insecure is set'],
    ['rediss://h', () => ({ 'tls-cert': 'x' }), '--tls-cert needs --tls-key'],
    ['rediss://h', () => ({ 'tls-ca': join(dir, 'ca.pem'), 'tls-insecure': 'true' }), '--tls-insecure and --tls-ca contradict each other'],
    ['rediss://h', () => ({ 'tls-ca': join(dir, 'none') }), '--tls-ca: expected a PEM file that can be read'],
    ['rediss://h', () => ({ 'tls-ca': join(dir, 'password') }), 'expected a PEM file (-----BEGIN …), found something else'],
  ];

  it.each(bad)('%# of %s is refused', async (text, flags, message) => {
    await expect(target(text, {}, flags())).rejects.toThrow(message);
  });
});
