/** Columns that line up. */

import type { Style } from './style.js';

export interface Column {
  title: string;
  /** Numbers stand right. */
  align?: 'left' | 'right';
}

/** Lines of a table with a head, each indented by two. Cells hold no colour: its codes would count as width. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string[] {
  const widths = columns.map((column, index) => Math.max(column.title.length, ...rows.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, index) => (columns[index]?.align === 'right' ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd()}`;
  return [style.dim(line(columns.map((column) => column.title))), ...rows.map(line)];
}
