import type { InspectResult } from '../../stages/results.js';
import { bytes, count, plural, share } from '../format.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { checksumText, dbTable, formatText, headed, sizeText, verdict, warningLines, type Section } from './sections.js';

export function inspectText(result: InspectResult, style: Style): Section[] {
  return [
    headed('Backup', partLines(result), style),
    headed('Written by', auxLines(result), style),
    headed('By db', dbTable(result.byDb, style), style),
    headed('By type', groupTable('type', result.byType, style), style),
    headed('By encoding', groupTable('encoding', result.byEncoding, style), style),
    headed('Time to live', ttlTable(result, style), style),
    headed('Functions', functionLines(result), style),
    warningLines(result.warnings, style),
    verdict(result, `${plural(result.keys, 'key')} read`, 'the backup was not read to its end', style),
  ];
}

function partLines({ parts }: InspectResult): Section {
  return parts.map(
    (part) => `  ${printableText(part.name)}: ${sizeText(part.size)}, ${formatText(part)}, checksum ${checksumText(part.checksum)}`,
  );
}

function auxLines({ aux }: InspectResult): Section {
  const width = Math.max(0, ...Object.keys(aux).map((name) => printableText(name).length));
  return Object.entries(aux).map(([name, value]) => `  ${printableText(name).padEnd(width)}  ${printableText(value)}`);
}

function groupTable(title: string, groups: Readonly<Record<string, { keys: number; bytes: number }>>, style: Style): Section {
  const entries = Object.entries(groups).sort(([, a], [, b]) => b.bytes - a.bytes || b.keys - a.keys);
  const keys = entries.reduce((sum, [, group]) => sum + group.keys, 0);
  const size = entries.reduce((sum, [, group]) => sum + group.bytes, 0);
  if (entries.length === 0) return [];
  const numbers = ['keys', 'share', 'bytes', 'share'].map((name) => ({ title: name, align: 'right' as const }));
  const rows = entries.map(([name, group]) => [
    printableText(name),
    count(group.keys),
    share(group.keys, keys),
    bytes(group.bytes),
    share(group.bytes, size),
  ]);
  return tableLines([{ title }, ...numbers], rows, style);
}

function ttlTable({ ttl, keys }: InspectResult, style: Style): Section {
  if (ttl.expiring === 0) return [];
  const rows: [string, number][] = [
    ['never', ttl.persistent],
    ...ttl.histogram.map((bucket): [string, number] => [bucket.label, bucket.keys]),
  ];
  return tableLines(
    [{ title: 'expires' }, { title: 'keys', align: 'right' }, { title: 'share', align: 'right' }],
    rows.filter(([, number]) => number > 0).map(([label, number]) => [label, count(number), share(number, keys)]),
    style,
  );
}

function functionLines({ functions }: InspectResult): Section {
  return functions.map((library) => `  ${printableText(library.name)} (${printableText(library.engine)}, ${bytes(library.bytes)})`);
}
