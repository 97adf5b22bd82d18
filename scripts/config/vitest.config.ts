import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['scripts/config/around-tests.ts'],
    reporters: ['default', './scripts/config/tally-reporter.ts'],
    // Real servers, real processes: forks, so that a test may send itself signals and change its own environment.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: true,
    coverage: { include: ['src/**/*.ts'], exclude: ['src/engine/**'] },
  },
});
