import type { VerifyCounts, VerifyResult } from '../../stages/results.js';
import { bytes, count, plural } from '../format.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { andMore, headed, SHOWN_AT_MOST, verdict, warningLines, type Section } from './sections.js';

export function verifyText(result: VerifyResult, style: Style): Section[] {
  return [
    headed(`Verify ${printableText(result.target)} by ${result.level}`, countTable(result, style), style),
    headed('Memory', memoryLines(result), style),
    headed(style.red('Differences'), differenceLines(result), style),
    warningLines(result.warnings, style),
    verdict(result, `${plural(result.keys.equal, 'key')} of ${count(result.keys.expected)} there`, badWords(result), style),
  ];
}

function countTable({ byDb, keys }: VerifyResult, style: Style): Section {
  const columns = ['db', 'expected', 'equal', 'missing', 'different', 'extra', 'expired since'];
  const row = (name: string, counts: VerifyCounts) => [
    name,
    ...[counts.expected, counts.equal, counts.missing, counts.different, counts.extra, counts.expiredSince].map(count),
  ];
  const rows = Object.entries(byDb)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([db, counts]) => row(db, counts));
  return tableLines(columns.map((title) => ({ title, align: 'right' })), [...rows, row('all', keys)], style);
}

function memoryLines({ memory }: VerifyResult): Section {
  const side = (value: number | null) => (value === null ? 'not known' : bytes(value));
  const ratio = memory.ratio === null ? '' : `, ratio ${memory.ratio.toFixed(2)}`;
  return [`  source ${side(memory.source)}, target ${side(memory.target)}${ratio}`, `  ${printableText(memory.explanation)}`];
}

function differenceLines({ differences }: VerifyResult): Section {
  return [...differences.slice(0, SHOWN_AT_MOST).map(({ message }) => `  ${printableText(message)}`), ...andMore(differences.length)];
}

function badWords({ keys, differences }: VerifyResult): string {
  const counts: [number, string][] = [
    [keys.missing, 'missing'],
    [keys.different, 'different'],
    [keys.extra, 'extra'],
  ];
  const words = counts.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`);
  if (words.length > 0) return words.join(', ');
  return differences.length > 0 ? plural(differences.length, 'difference') : 'the comparison did not end';
}
