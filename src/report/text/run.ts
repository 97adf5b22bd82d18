import type { RunResult } from '../../stages/results.js';
import { plural } from '../format.js';
import type { Style } from '../style.js';
import { checkText } from './check.js';
import { importText } from './import.js';
import { verdict, warningLines, type Section } from './sections.js';
import { verifyText } from './verify.js';

/** The reports of the stages that were reached, one after the other, and one verdict. */
export function runText(result: RunResult, style: Style): Section[] {
  const { check, import: imported, verify } = result;
  const reached = verify !== null ? 'verify' : imported !== null ? 'import' : 'check';
  return [
    ...(check === null ? [] : checkText(check, style)),
    ...(imported === null ? [] : importText(imported, style)),
    ...(verify === null ? [] : verifyText(verify, style)),
    warningLines(result.warnings, style),
    verdict(
      result,
      `checked, imported and verified${verify === null ? '' : `: ${plural(verify.keys.equal, 'key')} counted at the target`}`,
      `stopped by ${reached}`,
      style,
    ),
  ];
}
