import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * After the run: every test that was skipped, grouped by the reason it gave, since a skip nobody reads is a test nobody has.
 * With REDFERRY_TEST_TALLY set to a path, the counts are also written there as `passed failed skipped` for .ci/run.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    const reasons = new Map<string, number>();
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed' || state === 'failed') counts[state] += 1;
        else countSkip(test);
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`);
    const file = process.env['REDFERRY_TEST_TALLY'];
    if (file !== undefined) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${counts.passed} ${counts.failed} ${counts.skipped}\n`);
    }

    function countSkip(test: TestCase): void {
      const result = test.result();
      const note = (result.state === 'skipped' ? result.note : undefined) ?? `no reason given (${test.module.relativeModuleId})`;
      counts.skipped += 1;
      reasons.set(note, (reasons.get(note) ?? 0) + 1);
    }
  }
}
