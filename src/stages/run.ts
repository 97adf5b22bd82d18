import type { StageContext } from '../context.js';
import type { RunOptions } from './options.js';
import type { RunResult } from './results.js';

/** Holds the place of the stage while it is being written: the command line builds and says so. */
export function runStage(_options: RunOptions, _context: StageContext): Promise<RunResult> {
  return Promise.reject(new Error('the run stage is still being written'));
}
