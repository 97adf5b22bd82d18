import type { CheckOutcome, CheckResult } from '../../stages/results.js';
import { count, plural } from '../format.js';
import { printableText } from '../printable.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { checksumText, dbTable, formatText, headed, planText, sizeText, verdict, warningLines, type Section } from './sections.js';

export function checkText(result: CheckResult, style: Style): Section[] {
  return [...checkSections(result, style), warningLines(result.warnings, style), checkVerdict(result, style)];
}

function checkSections(result: CheckResult, style: Style): Section[] {
  return [
    headed('Backup', partTable(result, style), style),
    ...result.parts.map((part) => headed(`Keys of ${printableText(part.name)} by db`, dbTable(part.byDb, style), style)),
    planLines(result, style),
    headed('Cannot be written to this target', unsupportedTable(result, style), style),
    headed('Checks', result.checks.flatMap((check) => checkLines(check, style)), style),
  ];
}

function partTable({ parts }: CheckResult, style: Style): Section {
  if (parts.length === 0) return [];
  const columns = [
    { title: 'part' },
    { title: 'size', align: 'right' as const },
    { title: 'format' },
    { title: 'checksum' },
    { title: 'keys', align: 'right' as const },
    { title: 'functions', align: 'right' as const },
  ];
  const rows = parts.map((part) => [
    printableText(part.name),
    sizeText(part.size),
    formatText(part),
    checksumText(part.checksum),
    count(part.keys),
    count(part.functions),
  ]);
  return tableLines(columns, rows, style);
}

function planLines(result: CheckResult, style: Style): Section {
  if (result.target === undefined) return [];
  const { skippedExpired, skippedFiltered } = result.keys;
  return headed(
    `Plan for ${printableText(result.target)}`,
    [
      `  written: ${planText(result.plan)}`,
      ...(skippedExpired > 0 ? [`  left out: ${plural(skippedExpired, 'key')} that expired`] : []),
      ...(skippedFiltered > 0 ? [`  left out: ${plural(skippedFiltered, 'key')} that were not selected`] : []),
      ...(result.plan.unsupported > 0 ? [`  ${style.red('cannot be written')}: ${plural(result.plan.unsupported, 'key')}`] : []),
    ],
    style,
  );
}

function unsupportedTable({ unsupported }: CheckResult, style: Style): Section {
  if (unsupported.length === 0) return [];
  const columns = [
    { title: 'type' },
    { title: 'RDB type', align: 'right' as const },
    { title: 'keys', align: 'right' as const },
    { title: 'first at' },
    { title: 'why' },
  ];
  const rows = unsupported.map((kind) => [
    printableText(kind.type),
    String(kind.rdbType),
    count(kind.count),
    `${printableText(kind.part)} offset ${kind.exampleOffset}`,
    printableText(kind.reason),
  ]);
  return tableLines(columns, rows, style);
}

function checkLines(check: CheckOutcome, style: Style): Section {
  const status = { pass: style.green('pass  '), alarm: style.yellow('ALARM '), failed: style.red('FAILED') }[check.status];
  const more = check.status === 'pass' ? [] : [check.cause, check.remedy].filter((text) => text !== '');
  return [`  ${status}  ${check.id}: ${printableText(check.evidence)}`, ...more.map((text) => `          ${printableText(text)}`)];
}

function checkVerdict(result: CheckResult, style: Style): Section {
  const failed = result.checks.filter((check) => check.status === 'failed').map((check) => check.id);
  const alarms = result.checks.filter((check) => check.status === 'alarm').map((check) => check.id);
  const bad =
    failed.length > 0 ? `failed: ${failed.join(', ')}` : alarms.length > 0 ? `alarm: ${alarms.join(', ')}` : 'the check did not end';
  const accepted = alarms.length > 0 ? `, ${plural(alarms.length, 'alarm')} accepted` : '';
  return verdict(result, `${plural(result.keys.read, 'key')} read${accepted}, nothing was written`, bad, style);
}
