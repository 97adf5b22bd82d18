import type { StageContext } from '../context.js';
import type { ImportOptions } from './options.js';
import type { ImportResult } from './results.js';

/** Holds the place of the stage while it is being written: the command line builds and says so. */
export function importStage(_options: ImportOptions, _context: StageContext): Promise<ImportResult> {
  return Promise.reject(new Error('the import stage is still being written'));
}
