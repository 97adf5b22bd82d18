import { describe, expect, it } from 'vitest';
import { bytes, share, span } from '../../src/report/format.js';
import { printableKey, printableText } from '../../src/report/printable.js';
import { renderJson, renderResult } from '../../src/report/render-result.js';
import { styleFor } from '../../src/report/style.js';
import { CHECK, CONVERT, IMPORT, INSPECT, RUN, VERIFY } from './results.js';

const PLAIN = styleFor(false);

describe('a result as text', () => {
  it.each([CHECK, IMPORT, VERIFY, INSPECT, CONVERT, RUN])('of $command is complete', (result) => {
    expect(renderResult(result, PLAIN)).toMatchSnapshot();
  });

  it('is coloured where that is wanted', () => {
    expect(renderResult(IMPORT, styleFor(true))).toContain('\x1b[31mNOT OK');
  });

  it('cuts long lists and says so', () => {
    const failures = Array.from({ length: 25 }, (_, offset) => ({ ...IMPORT.failures[0]!, offset }));
    const text = renderResult({ ...IMPORT, failures, keys: { ...IMPORT.keys, failed: 100 } }, PLAIN);
    expect(text).toContain('offset 19:');
    expect(text).not.toContain('offset 20:');
    expect(text).toContain('… and 80 more');
  });

  it('of texts from a file or server cannot reach the terminal', () => {
    const text = renderResult({ ...INSPECT, aux: { 'redis-ver\x1b[2J': '7\r\n\u202e0' } }, PLAIN);
    expect(text).toContain('redis-ver\\x1b[2J  7\\x0d\\x0a\\u202e0');
  });
});

describe('a result as JSON', () => {
  it('is one line, and keeps numbers beyond 2^53 exact', () => {
    expect(renderJson({ a: '\n', big: 2n ** 60n })).toBe('{"a":"\\n","big":"1152921504606846976"}\n');
  });
});

describe('printable', () => {
  it('keys are UTF-8 in quotes, or bytes', () => {
    const utf8 = new TextEncoder();
    expect(printableKey(utf8.encode('usér:42'))).toBe('"usér:42"');
    expect(printableKey(utf8.encode('a"\\\n'))).toBe('"a\\"\\\\\\x0a"');
    expect(printableKey(Uint8Array.of(0x61, 0xff, 0x00, 0x22))).toBe('"a\\xff\\x00\\""');
  });

  it('texts lose what moves a cursor or turns direction', () => {
    expect(printableText('a\x07\u009b\u2066ü🚢')).toBe('a\\x07\\x9b\\u2066ü🚢');
  });
});

describe('numbers', () => {
  it('are short', () => {
    expect([0, 999, 1000, 1536, 145.4 * 2 ** 20, 2 ** 40].map(bytes)).toEqual(['0 B', '999 B', '0.977 KiB', '1.5 KiB', '145 MiB', '1 TiB']);
    expect([0, 820, 9400, 42_000, 200_000, 7_500_000, 1_051_200_000].map(span)).toEqual(['0.00 s', '0.82 s', '9.4 s', '42 s', '3 m 20 s', '2 h 5 m', '12 d 4 h']);
    expect([share(1, 8), share(0, 0)]).toEqual(['12.5 %', '–']);
  });
});
