/** Compares what a server holds with an expected file, by the rules that the corpus' README gives. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ExpectedRow, HashField, Row, ScoredMember, StreamValue, Value } from './corpus-rows.js';
import { printScore } from './print-score.js';

export interface CompareOptions {
  /** Rows and hash fields that expire at or before this moment (ms) count as not there. */
  now: number;
  /** Seconds by which OBJECT IDLETIME may differ; it is not compared without. */
  idleTolerance?: number;
  /** Compare OBJECT FREQ, exactly (but for values that share one object). */
  freq?: boolean;
  /** The target (before 7.0) keeps no entriesAdded, maxDeletedId and entriesRead of a stream: do not compare them. */
  oldStreams?: boolean;
  /** Rows to leave out on both sides, e.g. of types that a target does not know. */
  ignore?: (row: ExpectedRow) => boolean;
}

/** Rows of an expected file (gzipped JSON lines). */
export function readExpected(path: string): ExpectedRow[] {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExpectedRow);
}

/** One sentence per difference; empty when the content is the same. */
export function differences(expected: ExpectedRow[], actual: Row[], options: CompareOptions): string[] {
  const out: string[] = [];
  const found = new Map(actual.map((row) => [rowName(row), row]));
  for (const row of expected) {
    if (options.ignore?.(row) === true) {
      found.delete(rowName(row));
      continue;
    }
    if (isGone(row, options.now)) continue; // one still there is reported below
    const other = found.get(rowName(row));
    found.delete(rowName(row));
    if (other === undefined) out.push(`${rowName(row)} (${row.type}): missing`);
    else out.push(...rowDifferences(row, other, options).map((what) => `${rowName(row)} (${row.type}): ${what}`));
  }
  for (const row of found.values()) {
    if (!isGone(row, options.now)) out.push(`${rowName(row)} (${row.type}): not expected`);
  }
  return out;
}

/** Expired as a whole, or a hash all of whose fields are. */
export function isGone(row: ExpectedRow, now: number): boolean {
  if (row.pexpireat !== null && row.pexpireat <= now) return true;
  return row.type === 'hash' && Array.isArray(row.value) && liveFields(row.value as HashField[], now).length === 0;
}

function rowDifferences(expected: ExpectedRow, actual: Row, options: CompareOptions): string[] {
  const out: string[] = [];
  if (expected.type !== actual.type) return [`expected type ${expected.type}, found ${actual.type}`];
  if (expected.pexpireat !== actual.pexpireat) out.push(`expected expiry ${expected.pexpireat}, found ${actual.pexpireat}`);
  const own = !isSharedObject(expected);
  if (own && options.idleTolerance !== undefined && expected.idle !== undefined && Math.abs(expected.idle - (actual.idle ?? -1)) > options.idleTolerance) {
    out.push(`expected idle ${expected.idle}, found ${actual.idle}`);
  }
  if (own && options.freq === true && expected.freq !== undefined && expected.freq !== actual.freq) out.push(`expected freq ${expected.freq}, found ${actual.freq}`);
  const value = expected.value === undefined ? digestDifference(expected, actual) : valueDifference(expected, expected.value, actual.value, options);
  if (value !== undefined) out.push(value);
  return out;
}

/** Without maxmemory a server keeps one object for each integer below 10000: its idle time and frequency are those of any key that holds it. */
function isSharedObject(row: ExpectedRow): boolean {
  return row.type === 'string' && typeof row.value === 'string' && /^(0|[1-9]\d{0,3})$/.test(Buffer.from(row.value, 'base64').toString('latin1'));
}

function valueDifference(row: ExpectedRow, expected: Value, actual: Value, { now, oldStreams }: CompareOptions): string | undefined {
  if (row.type === 'zset') return scoreDifference(expected as ScoredMember[], actual as ScoredMember[]);
  let [a, b] = [expected, actual];
  if (row.type === 'hash') [a, b] = [liveFields(expected as HashField[], now), liveFields(actual as HashField[], now)];
  if (row.type === 'stream' && oldStreams === true) [a, b] = [asOldStream(expected as StreamValue), asOldStream(actual as StreamValue)];
  const [expectedJson, actualJson] = [JSON.stringify(a), JSON.stringify(b)];
  if (expectedJson === actualJson) return undefined;
  return firstDifference(expectedJson, actualJson);
}

function asOldStream(stream: StreamValue): StreamValue {
  return { ...stream, maxDeletedId: '0-0', entriesAdded: 0, groups: stream.groups.map((group) => ({ ...group, entriesRead: null })) };
}

/** Scores as numbers: 1e+300 is printed in several ways, and -0 equals 0. */
function scoreDifference(expected: ScoredMember[], actual: ScoredMember[]): string | undefined {
  if (expected.length !== actual.length) return `expected ${expected.length} members, found ${actual.length}`;
  for (const [i, [member, score]] of expected.entries()) {
    const [otherMember, otherScore] = actual[i] ?? ['', ''];
    if (member !== otherMember) return `expected member ${member}, found ${otherMember}`;
    if (toScore(score) !== toScore(otherScore)) return `member ${member}: expected score ${score}, found ${otherScore}`;
  }
  return undefined;
}

/** An abbreviated value: the digest of its JSON in the reader's own words. */
function digestDifference(expected: ExpectedRow, actual: Row): string | undefined {
  const asPrinted = JSON.stringify(actual.value);
  if (sha256(asPrinted) === expected.sha256) return undefined;
  if (actual.type === 'zset') {
    const members = actual.value as ScoredMember[];
    const asReaderPrints = JSON.stringify(members.map(([member, score]) => [member, printScore(toScore(score))]));
    if (sha256(asReaderPrints) === expected.sha256) return undefined;
  }
  return `expected JSON of ${expected.jsonLength} characters with digest ${expected.sha256}, found ${asPrinted.length}: ${asPrinted.slice(0, 120)}…`;
}

function liveFields(fields: HashField[], now: number): HashField[] {
  return fields.filter(([, , expiresAt]) => expiresAt === undefined || expiresAt > now);
}

function toScore(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  return Number(text);
}

function firstDifference(expected: string, actual: string): string {
  let i = 0;
  while (i < expected.length && expected[i] === actual[i]) i += 1;
  const from = Math.max(0, i - 40);
  return `expected …${expected.slice(from, i + 80)}…, found …${actual.slice(from, i + 80)}…`;
}

function rowName(row: { db: number; key: string }): string {
  return `db ${row.db} key ${row.key}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
