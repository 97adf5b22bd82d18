/** The memory of the server that wrote the backup against the target's: an indication, never a proof. */

import type { PartSurvey } from '../rdb/survey.js';
import type { VerifyResult } from './results.js';

/** Below this a server's own buffers and tables weigh more than its keys. */
const LEAST_COMPARABLE = 64 << 20;

/** `tolerance` in percent. */
export function compareMemory(parts: readonly PartSurvey[], target: number | null, tolerance: number): VerifyResult['memory'] {
  const used = parts.map(({ aux }) => Number(aux['used-mem'] ?? Number.NaN));
  const source = used.length === 0 || used.some(Number.isNaN) ? null : used.reduce((a, b) => a + b, 0);
  if (source === null) {
    return { source, target, ratio: null, withinTolerance: null, explanation: 'The backup does not say how much memory its server used (AUX used-mem, Redis 3.2 and later).' };
  }
  if (target === null) return { source, target, ratio: null, withinTolerance: null, explanation: 'The target does not tell its memory (INFO memory is refused).' };
  const ratio = Math.round((target / source) * 1000) / 1000;
  if (source < LEAST_COMPARABLE) {
    return { source, target, ratio, withinTolerance: null, explanation: 'Too small to compare: below 64 MiB a server\'s own buffers outweigh its keys.' };
  }
  const withinTolerance = Math.abs(target - source) <= (source * tolerance) / 100;
  const causes = 'Versions encode values differently, thresholds (…-max-listpack-…) and allocators differ, and client and replica buffers count as memory too';
  const explanation = withinTolerance
    ? `The target uses ${ratio} times the memory of the source, within the tolerance of ${tolerance} %.`
    : `The target uses ${ratio} times the memory of the source, outside the tolerance of ${tolerance} %. ${causes}. The counts of keys are what is verified; see --memory-tolerance.`;
  return { source, target, ratio, withinTolerance, explanation };
}
