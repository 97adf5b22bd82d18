/** Pieces that the texts of several results share. */

import type { Checksum, DbCounts, PlanCounts, ResultBase, ResultWarning } from '../../stages/results.js';
import { bytes, count, plural, span } from '../format.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';

/** Paragraphs are lists of lines; empty ones are left out. */
export type Section = readonly string[];

/** A list shown to a person ends here; the JSON has all of it. */
export const SHOWN_AT_MOST = 20;

export function headed(title: string, lines: Section, style: Style): Section {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

export function sizeText(size: number | null): string {
  return size === null ? '?' : bytes(size);
}

export function formatText(part: { rdbVersion: number; dialect: string }): string {
  return `RDB ${part.rdbVersion} (${part.dialect})`;
}

export function checksumText(checksum: Checksum): string {
  switch (checksum) {
    case 'ok':
      return 'ok';
    case 'disabled':
      return 'disabled by the writer';
    case 'absent':
      return 'none in this version';
    case 'mismatch':
      return 'WRONG';
  }
}

export function dbTable(byDb: Readonly<Record<string, DbCounts>>, style: Style): Section {
  const rows = Object.entries(byDb)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([db, counts]) => [db, count(counts.keys), count(counts.keys - counts.expiring), count(counts.expiring), count(counts.expired)]);
  const numbers = ['db', 'keys', 'persistent', 'expiring', 'expired by now'];
  return rows.length === 0 ? [] : tableLines(numbers.map((title) => ({ title, align: 'right' })), rows, style);
}

/** "1,200 with SET, 800 with RESTORE". */
export function planText(plan: PlanCounts): string {
  const ways: [number, string][] = [
    [plan.set, 'with SET'],
    [plan.restore, 'with RESTORE'],
    [plan.rebuild, 'rebuilt'],
    [plan.commands, 'with native commands'],
  ];
  const used = ways.filter(([keys]) => keys > 0).map(([keys, way]) => `${count(keys)} ${way}`);
  return used.length === 0 ? 'nothing' : used.join(', ');
}

export function warningLines(warnings: readonly ResultWarning[], style: Style): Section {
  const lines = warnings.map(({ message, count: times }) => `  ${printableText(message)}${times > 1 ? ` (${count(times)} times)` : ''}`);
  return headed(style.yellow('Warnings'), lines, style);
}

/** "… and 80 more" for a list that was cut. */
export function andMore(total: number): Section {
  return total > SHOWN_AT_MOST ? [`  … and ${plural(total - SHOWN_AT_MOST, 'more', 'more')}; --json lists all of them`] : [];
}

/** Last line: the verdict in a word, and how long it took. */
export function verdict(result: ResultBase, good: string, bad: string, style: Style): Section {
  const text = result.ok ? style.green(`OK: ${good}`) : style.red(`NOT OK: ${bad}`);
  return [`${text} ${style.dim(`(${span(result.elapsedMs)})`)}`];
}
