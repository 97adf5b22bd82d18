/** What a flag's value may look like: one object per kind, used for parsing, messages, help and completion. */

import { didYouMean } from './suggest.js';

/** A value that is not of its kind; turned into a UsageError that names the option. */
export class BadValue extends Error {}

export interface ValueKind<T> {
  /** Stands for the value in help; null for a flag that takes none. */
  readonly placeholder: string | null;
  /** Ends the sentence "expected …". */
  readonly allowed: string;
  /** All words there are, where they can be listed. */
  readonly words: readonly string[];
  /** May be given several times. */
  readonly repeatable: boolean;
  /** How several values are told apart in one environment variable. */
  readonly envSeparator: ',' | '\n';
  /** Throws BadValue. Called with exactly one text unless repeatable. */
  parse(texts: readonly string[]): T;
  /** How a value reads in help. A method, so that ValueKind<T> is a ValueKind<unknown>. */
  show(value: T): string;
}

export type OneValue<T> = Pick<ValueKind<T>, 'placeholder' | 'allowed'> & {
  words?: readonly string[];
  parseOne: (text: string) => T;
  show?: (value: T) => string;
};

export function single<T>(kind: OneValue<T>): ValueKind<T> {
  return {
    placeholder: kind.placeholder,
    allowed: kind.allowed,
    words: kind.words ?? [],
    repeatable: false,
    envSeparator: ',',
    parse: (texts) => kind.parseOne(texts[0] ?? ''),
    show: kind.show ?? String,
  };
}

/** Several values: the flag repeated, or a separated list in one. */
function several<T>(kind: OneValue<T>, splitAt: ',' | null): ValueKind<T[]> {
  return {
    placeholder: kind.placeholder,
    allowed: kind.allowed,
    words: kind.words ?? [],
    repeatable: true,
    envSeparator: splitAt ?? '\n',
    parse: (texts) => {
      const parts = splitAt === null ? texts : texts.flatMap((text) => text.split(splitAt));
      return parts.map((part) => kind.parseOne(splitAt === null ? part : part.trim()));
    },
    show: (values) => values.map((value) => (kind.show ?? String)(value)).join(','),
  };
}

/** `fail, skip or replace`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1] ?? ''}`;
}

function oneOf<W extends string>(words: readonly W[], placeholder: string): OneValue<W> {
  return {
    placeholder,
    allowed: listWords(words),
    words,
    parseOne(text) {
      const found = words.find((word) => word === text.toLowerCase());
      if (found === undefined) throw new BadValue(didYouMean(text, words));
      return found;
    },
  };
}

export function choice<const W extends string>(words: readonly W[]): ValueKind<W> {
  return single(oneOf(words, words.join('|')));
}

export function choices<const W extends string>(words: readonly W[], placeholder: string): ValueKind<W[]> {
  return several(oneOf(words, placeholder), ',');
}

/** A flag without a value; its environment twin takes a yes or a no. */
export const onOff: ValueKind<boolean> = single({
  placeholder: null,
  allowed: 'true, 1, yes or on, or false, 0, no or off',
  parseOne(text) {
    const word = text.toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    if (['false', '0', 'no', 'off'].includes(word)) return false;
    throw new BadValue();
  },
});

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1], ['b', 1],
  ['k', 2 ** 10], ['kib', 2 ** 10], ['kb', 1e3],
  ['m', 2 ** 20], ['mib', 2 ** 20], ['mb', 1e6],
  ['g', 2 ** 30], ['gib', 2 ** 30], ['gb', 1e9],
  ['t', 2 ** 40], ['tib', 2 ** 40], ['tb', 1e12],
]);

/** Bytes, written like 256MiB (1024²), 256MB (1000²) or plain digits. */
export function size(bounds: { min: number; max: number }): ValueKind<number> {
  return single({
    placeholder: 'SIZE',
    allowed: `a size like 256MiB, from ${showSize(bounds.min)} to ${showSize(bounds.max)}`,
    parseOne(text) {
      const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
      const factor = SIZE_UNITS.get((unit ?? '').toLowerCase());
      if (digits === undefined || factor === undefined) {
        throw new BadValue(unit === undefined ? '' : didYouMean(unit, ['KiB', 'MiB', 'GiB', 'TiB'], digits ?? ''));
      }
      const bytes = Math.round(Number(digits) * factor);
      if (bytes < bounds.min || bytes > bounds.max) throw new BadValue();
      return bytes;
    },
    show: showSize,
  });
}

function showSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${amount}${units[unit] ?? ''}`;
}

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1], ['s', 1000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000],
]);

/** Milliseconds, written like 500ms, 30s, 5m, 2h, 7d or 1h30m. A number without unit is refused: seconds and milliseconds are too easily confused. */
export const duration: ValueKind<number> = single({
  placeholder: 'DURATION',
  allowed: 'a duration like 500ms, 30s, 5m, 2h or 7d',
  parseOne(text) {
    if (/^\d+$/.test(text)) throw new BadValue(` Did you mean ${text}s?`);
    if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) throw new BadValue();
    let total = 0;
    for (const [, digits, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
      total += Number(digits) * (DURATION_UNITS.get(unit ?? '') ?? 0);
    }
    if (!Number.isSafeInteger(Math.round(total))) throw new BadValue();
    return Math.round(total);
  },
  show(milliseconds) {
    const units = [...DURATION_UNITS].reverse();
    const [name, factor] = units.find(([, unit]) => milliseconds >= unit && milliseconds % unit === 0) ?? ['ms', 1];
    return `${milliseconds / factor}${name}`;
  },
});

export const percent: ValueKind<number> = single({
  placeholder: 'PCT',
  allowed: 'a percentage from 0 to 1000, like 30',
  parseOne(text) {
    const value = Number(text.replace(/ ?%$/, '') || 'none');
    if (!(value >= 0 && value <= 1000)) throw new BadValue();
    return value;
  },
});

/** Redis numbers dbs with an int. */
const MAX_DB = 2 ** 31 - 1;

function dbNumber(text: string): number {
  const db = Number(text);
  if (!/^\d+$/.test(text) || db > MAX_DB) throw new BadValue();
  return db;
}

export const dbNumbers: ValueKind<number[]> = several(
  { placeholder: 'N,…', allowed: 'db numbers like 0,3', parseOne: dbNumber },
  ',',
);

export interface DbPair {
  from: number;
  to: number;
}

export const dbPairs: ValueKind<DbPair[]> = several<DbPair>(
  {
    placeholder: 'FROM:TO',
    allowed: 'pairs of db numbers like 3:0 (db 3 of the backup goes to db 0)',
    parseOne(text) {
      const [, from, to] = /^(\d+):(\d+)$/.exec(text) ?? [];
      if (from === undefined || to === undefined) throw new BadValue();
      return { from: dbNumber(from), to: dbNumber(to) };
    },
    show: (pair) => `${pair.from}:${pair.to}`,
  },
  ',',
);

/** Texts that may hold any character: one per flag, one per line in the environment. */
export const globs: ValueKind<string[]> = several(
  {
    placeholder: 'GLOB',
    allowed: "a Redis glob like 'user:*'",
    parseOne(text) {
      if (text === '') throw new BadValue();
      return text;
    },
  },
  null,
);

const CHECK_FAMILIES = ['net', 'auth', 'acl', 'source', 'backup', 'target', 'plan'];

export const checkIds: ValueKind<string[]> = several(
  {
    placeholder: 'CHECK.ID',
    allowed: 'ids of checks like target.policy, as `redferry check` prints them',
    parseOne(text) {
      const [, family] = /^([a-z]+)\.[a-z-]+$/.exec(text) ?? [];
      if (family === undefined) throw new BadValue();
      if (!CHECK_FAMILIES.includes(family)) {
        throw new BadValue(didYouMean(family, CHECK_FAMILIES));
      }
      return text;
    },
  },
  ',',
);

function text(placeholder: string, allowed: string): ValueKind<string> {
  return single({
    placeholder,
    allowed,
    parseOne(value) {
      if (value === '') throw new BadValue();
      return value;
    },
  });
}

export const path: ValueKind<string> = text('FILE', 'a path');
export const hostName: ValueKind<string> = text('NAME', 'a host name');
