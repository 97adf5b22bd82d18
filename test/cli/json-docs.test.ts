import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderJson } from '../../src/report/render-result.js';
import { CHECK, CONVERT, IMPORT, INSPECT, RUN, VERIFY } from '../report/results.js';

const TEXT = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');

/** Every path of names in an object; lists count by their first item, and maps by db, type or name are not gone into. */
function names(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : names(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const here = `${path}.${name}`;
    const isMap = ['byDb', 'byType', 'byEncoding', 'aux', 'rdbTypeBytes'].includes(name);
    return isMap ? [here, ...names(Object.values(item as object)[0], `${here}.*`)] : [here, ...names(item, here)];
  });
}

describe('docs/json.md', () => {
  it.each([CHECK, IMPORT, VERIFY, INSPECT, CONVERT])('shows every name of $command, and no other', (result) => {
    const section = TEXT.split(`\n## ${result.command}\n`)[1] ?? '';
    const shown: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '{}');
    const without = (list: string[]) => [...new Set(list)].filter((name) => !name.startsWith('.warnings[]')).sort();
    expect(without(names(shown))).toEqual(without(names(JSON.parse(renderJson(result)))));
  });

  it('shows every name of run', () => {
    const shown = JSON.parse(/## run\n\n```json\n([\s\S]*?)```/.exec(TEXT)?.[1] ?? '{}') as object;
    expect(Object.keys(shown).sort()).toEqual(Object.keys(RUN).sort());
  });
});
