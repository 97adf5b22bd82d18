import { expect, test } from 'vitest';
import { RDB_TYPES, rdbType, rdbTypesOf } from '../../src/rdb/types.js';

test('gives 22 and 23 another meaning in each dialect', () => {
  expect(rdbType('redis', 22)?.name).toBe('hash-metadata-pre-ga');
  expect(rdbType('valkey', 22)?.name).toBe('hash-2');
  expect(rdbType('redis', 23)?.name).toBe('hash-listpack-ex-pre-ga');
  expect(rdbType('valkey', 23)?.name).toBe('path-hash');
});

test('shares 0 to 21 between the dialects, without 8', () => {
  for (let byte = 0; byte <= 21; byte += 1) expect(rdbType('redis', byte)).toBe(rdbType('valkey', byte));
  expect(rdbType('redis', 8)).toBeUndefined();
});

test('knows no type of the other dialect and none beyond the table', () => {
  for (let byte = 24; byte <= 33; byte += 1) {
    expect(rdbType('redis', byte)).toBeDefined();
    expect(rdbType('valkey', byte)).toBeUndefined();
  }
  expect(rdbType('redis', 34)).toBeUndefined();
});

test('names every type once', () => {
  expect(new Set(RDB_TYPES.map((type) => type.name)).size).toBe(RDB_TYPES.length);
  expect(rdbTypesOf('redis')).toHaveLength(33);
  expect(rdbTypesOf('valkey')).toHaveLength(23);
});
