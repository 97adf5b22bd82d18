/** A stage's result as text for people. `--json` prints the same object as it is. */

import type { StageResult } from '../stages/results.js';
import { keyText } from './key-text.js';
import type { Style } from './style.js';
import { checkText } from './text/check.js';
import { convertText } from './text/convert.js';
import { importText } from './text/import.js';
import { inspectText } from './text/inspect.js';
import { runText } from './text/run.js';
import type { Section } from './text/sections.js';
import { verifyText } from './text/verify.js';

export function renderResult(result: StageResult, style: Style): string {
  const sections = sectionsOf(result, style).filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function sectionsOf(result: StageResult, style: Style): Section[] {
  switch (result.command) {
    case 'check':
      return checkText(result, style);
    case 'import':
      return importText(result, style);
    case 'verify':
      return verifyText(result, style);
    case 'inspect':
      return inspectText(result, style);
    case 'convert':
      return convertText(result, style);
    case 'run':
      return runText(result, style);
  }
}

/** One JSON object on one line. Bytes are keys, and become text that can be turned back (key-text.ts). Numbers beyond 2^53 become text: a rounded offset would be a lie. */
export function renderJson(value: object): string {
  return `${JSON.stringify(value, (_name, item: unknown) => (item instanceof Uint8Array ? keyText(item) : typeof item === 'bigint' ? item.toString() : item))}\n`;
}
