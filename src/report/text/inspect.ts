import type { InspectedGroup, InspectedKey, InspectedPrefix, InspectResult } from '../../stages/results.js';
import { bytes, count, plural, share } from '../format.js';
import { shortKeyText } from '../key-text.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { checksumText, formatText, headed, sizeText, verdict, warningLines, type Section } from './sections.js';

export function inspectText(result: InspectResult, style: Style): Section[] {
  return [
    headed('Backup', partLines(result), style),
    headed('Written by', auxLines(result), style),
    headed('Memory (estimated)', memoryLines(result), style),
    headed('By db', inspectedDbTable(result, style), style),
    headed('By type', groupTable('type', result.byType, style), style),
    headed('By encoding', groupTable('encoding', result.byEncoding, style), style),
    headed('Largest keys by memory', keyTable(result.biggest.byMemory, result, style), style),
    headed('Largest keys by elements', keyTable(result.biggest.byElements, result, style), style),
    headed('Heaviest prefixes', prefixLines(result, style), style),
    headed('Idle for', histogramTable('idle', result.idle, style), style),
    headed('Access frequency', histogramTable('counter', result.frequency, style), style),
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

function memoryLines({ memory }: InspectResult): Section {
  const source = memory.source === null ? '' : `; the source used ${bytes(memory.source)} in all`;
  return [`  ${bytes(memory.total)}: keys and values ${bytes(memory.keys)}, tables of the databases ${bytes(memory.tables)}${source}`];
}

function inspectedDbTable({ byDb }: InspectResult, style: Style): Section {
  const rows = Object.entries(byDb)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([db, counts]) => [
      db, count(counts.keys), count(counts.keys - counts.expiring), count(counts.expiring), count(counts.expired), bytes(counts.bytes), bytes(counts.memory),
    ]);
  const numbers = ['db', 'keys', 'persistent', 'expiring', 'expired by now', 'in the file', 'memory'];
  return rows.length === 0 ? [] : tableLines(numbers.map((title) => ({ title, align: 'right' })), rows, style);
}

function keyTable(keys: readonly InspectedKey[], result: InspectResult, style: Style): Section {
  if (keys.length === 0) return [];
  const dbs = Object.keys(result.byDb).length > 1;
  const columns = [...(dbs ? ['db'] : []), 'memory', 'in the file', 'elements', 'largest'].map((title) => ({ title, align: 'right' as const }));
  const rows = keys.map((key) => [
    ...(dbs ? [String(key.db)] : []), bytes(key.memory), bytes(key.bytes), count(key.elements), key.largest === null ? '–' : bytes(key.largest), key.encoding, shortKeyText(key.key),
  ]);
  return tableLines([...columns, { title: 'encoding' }, { title: 'key' }], rows, style);
}

/** As a tree: what is below a prefix follows it. A prefix is never without the one above it, which is at least as heavy. */
function prefixTable(result: InspectResult, style: Style): Section {
  const { top } = result.prefixes;
  if (top.length === 0) return [];
  const dbs = Object.keys(result.byDb).length > 1;
  const columns = [...(dbs ? ['db'] : []), 'memory', 'share', 'keys'].map((title) => ({ title, align: 'right' as const }));
  const rows = asTree(top).map((prefix) => [
    ...(dbs ? [String(prefix.db)] : []), `${prefix.missed > 0 ? '≥ ' : ''}${bytes(prefix.memory)}`, share(prefix.memory, result.memory.keys), count(prefix.keys),
    `${'  '.repeat(prefix.depth - 1)}${shortKeyText(prefix.prefix)}`,
  ]);
  return tableLines([...columns, { title: 'prefix' }], rows, style);
}

function asTree(prefixes: readonly InspectedPrefix[]): InspectedPrefix[] {
  const text = ({ prefix }: InspectedPrefix): string => Buffer.from(prefix).toString('latin1');
  const below = (parent: InspectedPrefix | null): InspectedPrefix[] =>
    prefixes
      .filter((each) => (parent === null ? each.depth === 1 : each.db === parent.db && each.depth === parent.depth + 1 && text(each).startsWith(text(parent))))
      .flatMap((each) => [each, ...below(each)]);
  return below(null);
}

function prefixLines(result: InspectResult, style: Style): Section {
  const { prefixes } = result;
  const lines = prefixTable(result, style);
  return prefixes.dropped === 0 ? lines : [...lines, style.dim(`  there are too many prefixes to count each; those that were not have less than ${bytes(2 * prefixes.dropped)}`)];
}

function histogramTable(title: string, buckets: readonly { label: string; keys: number }[] | null, style: Style): Section {
  const rows = (buckets ?? []).filter(({ keys }) => keys > 0);
  const keys = rows.reduce((sum, bucket) => sum + bucket.keys, 0);
  if (rows.length === 0) return [];
  return tableLines(
    [{ title }, { title: 'keys', align: 'right' }, { title: 'share', align: 'right' }],
    rows.map((bucket) => [bucket.label, count(bucket.keys), share(bucket.keys, keys)]),
    style,
  );
}

function groupTable(title: string, groups: Readonly<Record<string, InspectedGroup>>, style: Style): Section {
  const entries = Object.entries(groups).sort(([, a], [, b]) => b.memory - a.memory || b.bytes - a.bytes || b.keys - a.keys);
  const memory = entries.reduce((sum, [, group]) => sum + group.memory, 0);
  const keys = entries.reduce((sum, [, group]) => sum + group.keys, 0);
  const size = entries.reduce((sum, [, group]) => sum + group.bytes, 0);
  if (entries.length === 0) return [];
  const numbers = ['keys', 'share', 'elements', 'in the file', 'share', 'memory', 'share'].map((name) => ({ title: name, align: 'right' as const }));
  const rows = entries.map(([name, group]) => [
    printableText(name),
    count(group.keys),
    share(group.keys, keys),
    count(group.elements),
    bytes(group.bytes),
    share(group.bytes, size),
    bytes(group.memory),
    share(group.memory, memory),
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
