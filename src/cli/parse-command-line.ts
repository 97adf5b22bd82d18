/**
 * From argv to a command, its words and its flags. The parser of yargs splits, every name is checked here, values in
 * src/config. yargs as a whole takes 50 ms to load, for a dispatch and a help that are made from the option groups here;
 * the parser's build for browsers leaves out reading a configuration file, which takes Node 3 ms to get ready for.
 */

import parse from 'yargs-parser/browser';
import type { GivenFlags } from '../config/read-options.js';
import { didYouMean, nearest } from '../config/suggest.js';
import { UsageError } from '../errors.js';
import type { Command } from './command.js';

export interface CommandLine {
  /** null where only help or the version is asked for. */
  command: Command | null;
  words: string[];
  flags: GivenFlags;
  help: boolean;
  version: boolean;
}

/** Texts are kept as they are typed: no numbers made of them, no --no-x, no a.b, no -abc. */
const AS_TYPED = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'populate--': true,
  'short-option-groups': false,
  'strip-aliased': true,
};

/** Throws UsageError for an unknown command or flag, and for a flag without its value. */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): CommandLine {
  const flagsOf = (command: Command) => command.groups.flatMap((group) => Object.entries(group.options));
  const all = new Map(commands.flatMap(flagsOf));
  const takesNone = [...all].filter(([, spec]) => spec.kind.placeholder === null).map(([flag]) => flag);
  refuseMisreadings([...takesNone, 'help', 'version'], argv);

  // Every flag is known everywhere, so that it may stand before the command; whose it is comes after.
  const { _: positional, '--': rest, help, version, ...given } = parse(withDashes(argv, all), {
    boolean: [...takesNone, 'help', 'version'],
    string: [...all.keys()].filter((flag) => !takesNone.includes(flag)),
    alias: { help: 'h' },
    configuration: AS_TYPED,
  });

  const [name, ...words] = [...positional, ...(Array.isArray(rest) ? (rest as string[]) : [])].map(String);
  const command = commands.find((candidate) => candidate.name === name) ?? null;
  const flags = new Map(Object.entries(given).map(([flag, value]) => [flag, textsOf(value)]));
  for (const flag of flags.keys()) refuseUnknown(flag, argv, command, commands);
  if (name !== undefined && command === null) throw unknownCommand(name, commands);
  return { command, words, flags, help: Boolean(help), version: Boolean(version) };
}

/** The parser takes a lone dash for a word: as the value of a flag (`--csv -`) it is joined to it. */
function withDashes(argv: readonly string[], all: ReadonlyMap<string, { kind: { placeholder: string | null } }>): string[] {
  const joined: string[] = [];
  for (const argument of argv) {
    const before = joined.at(-1) ?? '';
    const takesValue = before.startsWith('--') && (all.get(before.slice(2))?.kind.placeholder ?? null) !== null && !joined.includes('--');
    if (argument === '-' && takesValue) joined[joined.length - 1] = `${before}=-`;
    else joined.push(argument);
  }
  return joined;
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** The parser reads `--json=maybe` as false, and `-json` as --json. */
function refuseMisreadings(flags: readonly string[], argv: readonly string[]): void {
  for (const argument of argv) {
    if (argument === '--') return;
    if (/^-[a-z][a-z-]+$/i.test(argument)) {
      throw new UsageError(`${argument}: no such option: expected two dashes. Did you mean -${argument}?`);
    }
    const [, flag, value] = /^--([a-z-]+)=(.*)$/s.exec(argument) ?? [];
    if (flag !== undefined && flags.includes(flag) && value !== 'true' && value !== 'false') {
      throw new UsageError(`--${flag}: expected no value, true or false, got ${JSON.stringify(value)}.`);
    }
  }
}

function refuseUnknown(flag: string, argv: readonly string[], command: Command | null, commands: readonly Command[]): void {
  const owners = commands.filter((candidate) => candidate.groups.some((group) => flag in group.options));
  if (command === null ? owners.length > 0 : owners.includes(command)) return;
  if (command !== null && owners.length > 0) {
    throw new UsageError(`--${flag} is no option of ${command.name}, but of ${owners.map((owner) => owner.name).join(', ')}.`);
  }
  const typed = argv.some((argument) => argument.split('=', 1)[0] === `--${flag}`) ? `--${flag}` : `-${flag}`;
  const candidates = (command === null ? commands : [command]).flatMap((candidate) =>
    candidate.groups.flatMap((group) => Object.keys(group.options)),
  );
  const help = command === null ? 'redferry --help' : `redferry ${command.name} --help`;
  const password = /pass|pwd|secret/i.test(flag)
    ? ' Passwords are passed in REDFERRY_TARGET_PASSWORD, _FILE or _COMMAND, never in a flag.'
    : didYouMean(flag, [...candidates, 'help', 'version'], '--');
  throw new UsageError(`${typed}: no such option.${password}`, { hint: `\`${help}\` lists them.` });
}

function unknownCommand(name: string, commands: readonly Command[]): UsageError {
  const names = commands.map((command) => command.name);
  const isLocation = /[/.:]|^-$/.test(name);
  const shown = isLocation ? 'The first word' : JSON.stringify(name);
  const meant = nearest(name, names);
  return new UsageError(
    `${shown} is no command: expected ${names.join(', ')}.${meant === null ? '' : ` Did you mean ${meant}?`}`,
    { hint: '`redferry --help` says what each of them does.' },
  );
}
