import type { ConvertResult } from '../../stages/results.js';
import { bytes, count, plural } from '../format.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { andMore, headed, planText, SHOWN_AT_MOST, verdict, warningLines, type Section } from './sections.js';

export function convertText(result: ConvertResult, style: Style): Section[] {
  const { failures, keys } = result;
  const listed = failures.slice(0, SHOWN_AT_MOST).map(
    ({ part, offset, db, keyHash, type, error }) =>
      `  ${printableText(part)}: offset ${offset}: db ${db}:${keyHash === '' ? '' : ` key ${keyHash} (${printableText(type)}):`} ${printableText(error)}`,
  );
  return [
    headed('Convert', summaryLines(result), style),
    headed('Written', result.outputs.map((file) => `  ${printableText(file.path)}: ${file.format}, ${plural(file.keys, 'key')}, ${bytes(file.bytes)}`), style),
    headed(style.red('Failures'), [...listed, ...andMore(Math.max(failures.length, keys.failed))], style),
    warningLines(result.warnings, style),
    verdict(result, `${plural(keys.written, 'key')} written`, keys.failed > 0 ? `${plural(keys.failed, 'key')} failed` : 'nothing was written', style),
  ];
}

function summaryLines({ keys, plan, functions }: ConvertResult): Section {
  const leftOut: [number, string][] = [
    [keys.skippedExpired, 'expired'],
    [keys.skippedFiltered, 'not selected'],
    [keys.skippedExisting, 'taken from another input'],
  ];
  const ways = [...(plan.copy > 0 ? [`${count(plan.copy)} copied`] : []), ...(plan.set + plan.restore + plan.rebuild + plan.commands > 0 ? [planText(plan)] : [])];
  return [
    `  read:     ${plural(keys.read, 'key')}`,
    `  written:  ${plural(keys.written, 'key')} (${ways.length === 0 ? 'nothing' : ways.join(', ')})`,
    ...(functions > 0 ? [`  functions: ${plural(functions, 'library', 'libraries')}`] : []),
    ...leftOut.filter(([number]) => number > 0).map(([number, why]) => `  left out: ${count(number)} ${why}`),
    ...(keys.failed > 0 ? [`  failed:   ${plural(keys.failed, 'key')}`] : []),
  ];
}
