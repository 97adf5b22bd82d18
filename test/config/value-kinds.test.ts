import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/suggest.js';
import { BadValue, checkIds, choices, dbNumbers, dbPairs, duration, globs, onOff, percent, size, type ValueKind } from '../../src/config/value-kinds.js';

const sizes = size({ min: 1, max: 2 ** 40 });
const types = choices(['hash', 'zset'], 'TYPE');

describe('a value', () => {
  const good: [kind: ValueKind<unknown>, text: string, value: unknown][] = [
    [sizes, '1', 1],
    [sizes, '256MiB', 256 * 2 ** 20],
    [sizes, '256 MB', 256e6],
    [sizes, '1.5k', 1536],
    [sizes, '2g', 2 ** 31],
    [duration, '30s', 30_000],
    [duration, '1h30m', 5_400_000],
    [duration, '250ms', 250],
    [duration, '0.5d', 43_200_000],
    [percent, '30', 30],
    [percent, '12.5 %', 12.5],
    [dbNumbers, '0, 3', [0, 3]],
    [dbPairs, '3:0,4:1', [{ from: 3, to: 0 }, { from: 4, to: 1 }]],
    [types, 'HASH,zset', ['hash', 'zset']],
    [globs, 'a,b', ['a,b']],
    [checkIds, 'target.policy,plan.unsupported', ['target.policy', 'plan.unsupported']],
    [onOff, 'YES', true],
    [onOff, '0', false],
  ];

  it.each(good)('%# %j is read', (kind, text, value) => expect(kind.parse([text])).toEqual(value));

  const bad: [kind: ValueKind<unknown>, text: string, hint: string][] = [
    [sizes, '0', ''],
    [sizes, '-1', ''],
    [sizes, '2TiB', ''],
    [sizes, '5MiV', ' Did you mean 5MiB?'],
    [sizes, '', ''],
    [duration, '30', ' Did you mean 30s?'],
    [duration, '5 weeks', ''],
    [duration, '', ''],
    [percent, '', ''],
    [percent, '-3', ''],
    [percent, 'NaN', ''],
    [percent, '1001', ''],
    [dbNumbers, '0,,3', ''],
    [dbNumbers, '1.5', ''],
    [dbNumbers, '99999999999', ''],
    [dbPairs, '3=0', ''],
    [types, 'hsah', ' Did you mean hash?'],
    [globs, '', ''],
    [checkIds, 'policy', ''],
    [checkIds, 'taget.policy', ' Did you mean target?'],
    [onOff, 'perhaps', ''],
  ];

  it.each(bad)('%# %j is refused', (kind, text, hint) => {
    let thrown: unknown;
    try {
      kind.parse([text]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BadValue);
    expect((thrown as BadValue).message).toBe(hint);
  });

  it('is shown as one would write it', () => {
    expect(sizes.show(8 * 2 ** 20)).toBe('8MiB');
    expect(sizes.show(1000)).toBe('1000B');
    expect(duration.show(10_000)).toBe('10s');
    expect(duration.show(0)).toBe('0ms');
    expect(dbPairs.show([{ from: 3, to: 0 }])).toBe('3:0');
  });
});

describe('did you mean', () => {
  it('takes the nearest, and nothing far away', () => {
    expect(nearest('relpace', ['fail', 'skip', 'replace'])).toBe('replace');
    expect(nearest('skp', ['fail', 'skip', 'replace'])).toBe('skip');
    expect(nearest('overwrite', ['fail', 'skip', 'replace'])).toBeNull();
    expect(nearest('x', ['db', 'json'])).toBeNull();
  });
});
