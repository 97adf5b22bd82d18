import type { StageContext } from '../context.js';
import type { CheckOptions } from './options.js';
import type { CheckResult } from './results.js';

/** Holds the place of the stage while it is being written: the command line builds and says so. */
export function checkStage(_options: CheckOptions, _context: StageContext): Promise<CheckResult> {
  return Promise.reject(new Error('the check stage is still being written'));
}
