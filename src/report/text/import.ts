import type { ImportResult } from '../../stages/results.js';
import { bytes, count, plural } from '../format.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { andMore, headed, planText, SHOWN_AT_MOST, verdict, warningLines, type Section } from './sections.js';

export function importText(result: ImportResult, style: Style): Section[] {
  return [
    headed(`Import into ${printableText(result.target)}`, summaryLines(result), style),
    failureLines(result, style),
    warningLines(result.warnings, style),
    importVerdict(result, style),
  ];
}

function summaryLines({ keys, plan, functions, bytes: moved }: ImportResult): Section {
  const leftOut: [number, string][] = [
    [keys.skippedExpired, 'expired'],
    [keys.skippedFiltered, 'not selected'],
    [keys.skippedExisting, 'already at the target'],
  ];
  return [
    `  read:     ${plural(keys.read, 'key')}, ${bytes(moved.read)}`,
    `  written:  ${plural(keys.written, 'key')}, ${bytes(moved.sent)} sent (${planText(plan)})`,
    ...(functions > 0 ? [`  loaded:   ${plural(functions, 'function library', 'function libraries')}`] : []),
    ...leftOut.filter(([number]) => number > 0).map(([number, why]) => `  left out: ${count(number)} ${why}`),
    ...(keys.failed > 0 ? [`  failed:   ${plural(keys.failed, 'key')}`] : []),
  ];
}

function failureLines({ failures, keys }: ImportResult, style: Style): Section {
  const lines = failures
    .slice(0, SHOWN_AT_MOST)
    .map(
      ({ part, offset, db, keyHash, type, error }) =>
        `  ${printableText(part)}: offset ${offset}: db ${db}: key ${keyHash} (${printableText(type)}): ${printableText(error)}`,
    );
  return headed(style.red('Failures'), [...lines, ...andMore(Math.max(failures.length, keys.failed))], style);
}

function importVerdict(result: ImportResult, style: Style): Section {
  const bad = result.keys.failed > 0 ? `${plural(result.keys.failed, 'key')} failed` : 'the import did not end';
  return verdict(result, `${plural(result.keys.written, 'key')} written`, bad, style);
}
