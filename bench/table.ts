/** Prints rows as a plain or a Markdown table. */
import type { Row, Spread } from './rows.js';

const HEAD = ['set', 'figure', 'redferry', 'peer', 'redferry / peer', 'budget', 'verdict'];
const UNIT = { s: ' s', MB: ' MB', ratio: '', cores: ' cores' } as const;

export function plainTable(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd());
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return text.join('\n');
}

export function markdownTable(rows: readonly Row[]): string {
  const line = (items: readonly string[]): string => `| ${items.join(' | ')} |`;
  return [line(HEAD), line(HEAD.map(() => '---')), ...rows.map((row) => line(cells(row)))].join('\n');
}

function cells(row: Row): string[] {
  const unit = UNIT[row.unit];
  return [row.set, row.figure, value(row.redferry, unit), value(row.peer, unit), value(row.ratio, ''), budget(row), verdict(row)];
}

function value(spread: Spread | null, unit: string): string {
  if (!spread) return '–';
  const digits = unit === ' MB' ? 0 : 2;
  const [median, min, max] = [spread.median, spread.min, spread.max].map((number) => number.toFixed(digits));
  return min === max ? `${median}${unit}` : `${median}${unit} (${min}–${max})`;
}

function budget({ budget: found, unit }: Row): string {
  if (!found) return '';
  return found.of === 'ratio' ? `ratio ≤ ${Number(found.limit.toFixed(2))}` : `≤ ${found.limit}${UNIT[unit]}`;
}

function verdict({ verdict: found }: Row): string {
  if (!found) return '';
  return found.met ? 'met' : `missed by ${found.missedByPercent.toFixed(0)} %`;
}
