/** Numbers that stand in the engine and in TypeScript: the two must agree. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EngineAction, EngineEvent } from '../../src/rdb/engine.js';
import { ENGINE_ERRORS } from '../../src/rdb/engine-errors.js';
import { ENGINE_MEMORY } from '../../src/rdb/memory-map.js';
import { UNSUPPORTED_REASONS } from '../../src/target/loader.js';
import { LAST_TYPE, STEP_OK_TYPE, STEP_TYPE } from '../../src/target/region-pool.js';

/** The constants of an engine file, in the order in which they stand, so that one may use those before it. */
function constantsOf(file: string): Record<string, number> {
  const source = readFileSync(new URL(`../../src/engine/${file}`, import.meta.url), 'utf8');
  const known: Record<string, number> = {};
  for (const [, name, expression] of source.matchAll(/^(?:export )?const (\w+): [ui]32 = ([^;]+);/gm)) {
    if (name === undefined || expression === undefined || !/^[\w\s()+*<>-]+$/.test(expression)) continue;
    known[name] = valueOf(expression.replace(/[A-Z_][A-Z_0-9]+/g, (word) => String(known[word] ?? Number.NaN)));
  }
  return known;
}

/** Sums, products and shifts of numbers: what the engine's constants are made of. */
function valueOf(expression: string): number {
  const inner = /\(([^()]*)\)/.exec(expression);
  if (inner !== null) return valueOf(expression.replace(inner[0], String(valueOf(inner[1] ?? ''))));
  const parts = (by: string): number[] => expression.split(by).map(valueOf);
  if (expression.includes('<<')) return parts('<<').reduce((value, bits) => value * 2 ** bits);
  if (expression.includes('+')) return parts('+').reduce((sum, term) => sum + term);
  if (expression.includes('*')) return parts('*').reduce((product, factor) => product * factor);
  return Number(expression);
}

test('the memory map', () => {
  const engine = constantsOf('memory.ts');
  for (const [name, value] of Object.entries(ENGINE_MEMORY)) expect({ [name]: engine[name] }).toEqual({ [name]: value });
});

test('areas of the memory map do not overlap', () => {
  const engine = constantsOf('memory.ts');
  const areas = Object.entries(engine).filter(([name]) => /^(CRC_TABLES|CRC_FOLD|STATE|PLAN|MODULES|STATS|TTL_HISTOGRAM|GLOBS|LZF_STREAM|PIECES|META_SCRATCH|TEMPLATES|STAGING|KEY_SCRATCH|BLOB_SCRATCH|ITEMS|DEFERRED|FREE_AREA)$/.test(name));
  const starts = areas.map(([, at]) => at);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(new Set(starts).size).toBe(starts.length);
});

describe('numbers of', () => {
  const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

  test('events', () => {
    const engine = constantsOf('events.ts');
    for (const [name, value] of Object.entries(EngineEvent)) expect({ [name]: engine[`EVENT_${words(name)}`] }).toEqual({ [name]: value });
  });

  test('actions', () => {
    const engine = constantsOf('plan.ts');
    for (const [name, value] of Object.entries(EngineAction)) expect({ [name]: engine[words(name)] ?? value }).toEqual({ [name]: value });
    expect(engine['REBUILD']).toBe(EngineAction.rebuild);
  });

  test('errors: every code has its sentence', () => {
    const codes = Object.entries(constantsOf('status.ts')).filter(([name]) => name.startsWith('E_'));
    expect(codes.length).toBeGreaterThan(30);
    for (const [name, code] of codes) expect(ENGINE_ERRORS[code], name).toBeDefined();
    expect(Object.keys(ENGINE_ERRORS).map(Number).sort((a, b) => a - b)).toEqual(codes.map(([, code]) => code).sort((a, b) => a - b));
  });

  test('reasons why an entry cannot be written', () => {
    const reasons = Object.entries(constantsOf('events.ts')).filter(([name]) => name.startsWith('REASON_'));
    for (const [name, reason] of reasons) expect(UNSUPPORTED_REASONS[reason], name).toBeDefined();
  });

  test('stages of an entry are distinct', () => {
    const stages = Object.values(constantsOf('entry-stages.ts'));
    expect(new Set(stages).size).toBe(stages.length);
  });

  test('types in the index of a region', () => {
    expect(constantsOf('pieces.ts')).toMatchObject({ STEP: STEP_TYPE, STEP_OK: STEP_OK_TYPE });
    expect(constantsOf('deferred.ts')).toMatchObject({ LAST: LAST_TYPE });
  });
});
