/** The import command with a stage of the test's own, and a result to return or carry in an error. */

import type { Command } from '../../src/cli/command.js';
import { importCommand } from '../../src/cli/commands/import.js';
import type { StageContext } from '../../src/context.js';
import type { ImportResult, StageResult } from '../../src/stages/results.js';

export function importDoing(stage: (context: StageContext) => Promise<StageResult>): Command[] {
  return [{ ...importCommand, prepare: () => Promise.resolve(stage) }];
}

export function importResult(changes: Partial<ImportResult> = {}): ImportResult {
  return {
    command: 'import',
    ok: true,
    exitCode: 0,
    jobId: '0123456789abcdef',
    target: 'redis://127.0.0.1:6379',
    keys: { read: 3, written: 2, skippedExpired: 1, skippedFiltered: 0, skippedExisting: 0, failed: 0 },
    plan: { set: 1, restore: 1, rebuild: 0, commands: 0 },
    functions: 0, scripts: 0,
    bytes: { read: 300, sent: 200 },
    elapsedMs: 12,
    resumedFrom: null,
    failures: [],
    warnings: [],
    ...changes,
  };
}
