/** The version matrix itself: a server that is missing shows as a skipped test with its reason, not as tests that never were. */
import { describe, expect, it } from 'vitest';
import { availableServers, FULL_MATRIX, matrixServers } from './helpers/server-versions.js';

const MATRIX = ['6.0', '7.0', '8', 'valkey-8.0', 'valkey-8.1', 'valkey-9'];

describe('the version matrix', () => {
  for (const wanted of MATRIX) {
    it(`holds ${wanted}`, (context) => {
      if (!FULL_MATRIX) context.skip('REDFERRY_TEST_MATRIX=1 is not set: tests that could run against every server run against one');
      const found = availableServers().find(({ name }) => name.startsWith(`${wanted}.`));
      if (found === undefined) context.skip(`no server ${wanted} here, so nothing was tried against it: ./scripts/servers fetches it`);
      expect(matrixServers()).toContain(found);
    });
  }
});
