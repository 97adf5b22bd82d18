import type { StageContext } from '../context.js';
import type { InspectOptions } from './options.js';
import type { InspectResult } from './results.js';

/** Holds the place of the stage while it is being written: the command line builds and says so. */
export function inspectStage(_options: InspectOptions, _context: StageContext): Promise<InspectResult> {
  return Promise.reject(new Error('the inspect stage is still being written'));
}
