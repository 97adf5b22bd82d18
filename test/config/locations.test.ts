import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readLocations } from '../../src/config/backups.js';
import { parseLocation, redactLocation } from '../../src/config/locations.js';

const CANARY = 'canary-8c1f/J2#never@print%25me';

describe('a location', () => {
  const servers: [text: string, address: object, rest: object][] = [
    ['redis://h', { kind: 'tcp', host: 'h', port: 6379 }, { tls: false, db: 0, username: null, shown: 'redis://h:6379' }],
    ['REDIS://127.0.0.1:7000/3', { kind: 'tcp', host: '127.0.0.1', port: 7000 }, { db: 3, shown: 'redis://127.0.0.1:7000/3' }],
    ['rediss://u%40x@h:1/', { kind: 'tcp', host: 'h', port: 1 }, { tls: true, username: 'u@x', shown: 'rediss://u%40x@h:1' }],
    ['redis://[::1]:6380', { kind: 'tcp', host: '::1', port: 6380 }, { shown: 'redis://[::1]:6380' }],
    ['unix:/run/r.sock', { kind: 'unix', path: '/run/r.sock' }, { tls: false, db: 0, shown: 'unix:/run/r.sock' }],
    ['unix:///run/r.sock?db=3', { kind: 'unix', path: '/run/r.sock' }, { db: 3, shown: 'unix:/run/r.sock?db=3' }],
  ];

  it.each(servers)('%s is a server', (text, address, rest) => {
    expect(parseLocation(text)).toMatchObject({ kind: 'server', address, ...rest });
  });

  it.each([
    ['dump.rdb', 'dump.rdb'],
    ['/a b/c:d.rdb', '/a b/c:d.rdb'],
    ['file:x.rdb', 'x.rdb'],
    ['file:///a%20b.rdb', '/a b.rdb'],
  ])('%s is a file', (text, path) => expect(parseLocation(text)).toEqual({ kind: 'file', path }));

  it('- is stdin', () => expect(parseLocation('-')).toEqual({ kind: 'stdin' }));

  const bad: [text: string, message: string][] = [
    ['', 'A location is empty'],
    ['s3://bucket/key', 's3:// is not supported yet'],
    ['redis+cluster://a:1,b:2', 'redis+cluster:// is not supported yet'],
    ['tencent://crs-1?region=x', 'tencent:// is not supported yet'],
    ['https://h/dump.rdb?sig=secret', 'https://h/***: https:// is not supported yet'],
    ['reddis://h', 'unknown kind of location reddis://; expected a path, file:path, - (stdin), redis://[user@]host[:6379][/db], rediss:// or unix:path. Did you mean redis?'],
    ['redis://', 'expected redis://[user@]host[:6379][/db]'],
    ['redis://h:0', 'expected a port from 1 to 65535, got 0'],
    ['redis://h:70000', 'expected a port from 1 to 65535, got 70000'],
    ['redis://h:x', 'expected redis://[user@]host[:6379][/db]'],
    ['redis://h/three', 'expected a db number after the host, got "three"'],
    ['redis://h/1/2', 'expected redis://[user@]host[:6379][/db]'],
    ['unix:', 'no socket named'],
    ['unix:/s?x=1', 'expected nothing or ?db=N'],
    ['file:', 'names no file'],
  ];

  it.each(bad)('%s is refused', (text, message) => expect(() => parseLocation(text)).toThrow(message));
});

describe('a password in a location', () => {
  it('is kept and never shown', () => {
    const location = parseLocation(`redis://ferry:${encodeURIComponent(CANARY)}@h/1`);
    if (location.kind !== 'server' || location.password === null) throw new Error('no password found');
    expect(location.password.reveal()).toBe(CANARY);
    expect(location.shown).toBe('redis://ferry@h:6379/1');
    for (const text of [JSON.stringify(location), inspect(location, { depth: 9, showHidden: true }), String(location.password)]) {
      expect(text).not.toContain('canary');
      expect(text).not.toContain('8c1f');
    }
  });

  it('is not in any message, however badly it is written', () => {
    const wrong = [`redis://:${CANARY}@h:0`, `redis://:${CANARY}@h/x`, `redis://:${CANARY}%zz@h`, `rediz://:${CANARY}@h`, `s3://k:${CANARY}@b`, `redis://:${CANARY}@`];
    for (const text of wrong) {
      expect(redactLocation(text)).not.toContain('canary');
      for (const words of [[text], ['a.rdb', text], [text, 'a.rdb']]) {
        let thrown: unknown;
        try {
          readLocations(words, 'required');
        } catch (error) {
          thrown = error;
        }
        expect(inspect(thrown, { depth: 9 })).not.toContain('canary');
        expect(thrown).toBeInstanceOf(Error);
      }
    }
  });
});

describe('the words of a command', () => {
  it('are backups and a target', () => {
    expect(readLocations(['a.rdb', 'file:b.rdb', '-', 'redis://h'], 'required')).toMatchObject({
      inputs: ['a.rdb', 'b.rdb', '-'],
      target: { kind: 'server' },
    });
    expect(readLocations(['a.rdb', 'b.rdb'], 'allowed').target).toBeNull();
  });

  it('keep the meaning of odd paths', () => {
    expect(readLocations(['file:-', './-', 'file:file:x'], 'none').inputs).toEqual(['./-', './-', './file:x']);
  });

  const bad: [words: string[], target: 'required' | 'allowed' | 'none', message: string][] = [
    [[], 'none', 'No backup named'],
    [['redis://h'], 'allowed', 'No backup named'],
    [['a.rdb'], 'required', 'No target named'],
    [['a.rdb', 'localhost:6379'], 'required', 'got a path. Did you mean redis://localhost:6379?'],
    [['a.rdb', 'redis:127.0.0.1:1'], 'required', 'Did you mean redis://127.0.0.1:1?'],
    [['a.rdb', 'b.rdb'], 'required', 'b.rdb: expected a server as the last word'],
    [['redis://h', 'a.rdb'], 'allowed', 'redis://h: expected a backup here (a path or -), got a server'],
    [['a.rdb', 'redis://h'], 'none', 'redis://h: expected a backup here'],
  ];

  it.each(bad)('%j (%s) are refused', (words, target, message) => expect(() => readLocations(words, target)).toThrow(message));
});
