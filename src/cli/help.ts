/** Help, made from the commands, their option groups and the exit-code table. */

import { envName, type OptionGroup, type OptionSpec } from '../config/option.js';
import { EXIT_CODES } from '../errors.js';
import type { Command, Example } from './command.js';

const WIDTH = 88;
/** Column at which explanations start. */
const INDENT = 28;
/** Exit codes that every command can end with. */
const ALWAYS = [0, 1, 2, 130, 143];

export function programHelp(commands: readonly Command[]): string {
  return sections([
    [
      'redferry carries a Redis or Valkey backup into another server and proves that every key arrived.',
      '',
      'Usage:',
      '  redferry <command> [options]',
    ],
    ['Commands:', ...commands.map((command) => entry(command.name, command.summary))],
    examples([
      { line: 'redferry check dump.rdb', says: 'Is the file whole?' },
      { line: 'redferry run dump.rdb redis://127.0.0.1:6379', says: 'Check it, load it into a server, prove that it arrived.' },
    ]),
    [
      'Locations:',
      entry('path, file:path, -', 'an RDB file, plain or compressed with gzip or zstd; - is stdin'),
      entry('redis://[user@]host[:6379][/db]', 'a server; rediss:// is the same over TLS'),
      entry('unix:path[?db=N]', "a server's socket on this machine"),
    ],
    credentials(),
    [
      'Environment:',
      ...wrap(
        `Every option has a twin: --on-conflict is ${envName('on-conflict')}, a repeatable --match is one glob per line in ` +
          `${envName('match')}. What is given on the command line wins. NO_COLOR turns colour off.`,
        2,
      ),
    ],
    ['Options:', entry('-h, --help', 'this help; after a command, its own'), entry('--version', 'print the version')],
    exitCodes(EXIT_CODES.map(({ code }) => code)),
    ['`redferry <command> --help` says more about a command.'],
  ]);
}

export function commandHelp(command: Command): string {
  const hasTarget = command.words.includes('target');
  return sections([
    command.about.flatMap((paragraph, index) => [...(index === 0 ? [] : ['']), ...wrap(paragraph, 0)]),
    ['Usage:', `  redferry ${command.name} ${command.words}${command.groups.length > 0 ? ' [options]' : ''}`],
    examples(command.examples),
    ...command.groups.map(groupHelp),
    ...(hasTarget ? [credentials()] : []),
    ...(command.groups.length > 0 ? [twins(command)] : []),
    exitCodes([...ALWAYS, ...command.exitCodes]),
  ]);
}

function sections(parts: readonly (readonly string[])[]): string {
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function groupHelp(group: OptionGroup): string[] {
  return [`${group.title}:`, ...Object.entries(group.options).map(([flag, spec]) => entry(optionLabel(flag, spec), optionText(spec)))];
}

function optionLabel(flag: string, { kind }: OptionSpec<unknown>): string {
  return `--${flag}${kind.placeholder === null ? '' : ` ${kind.placeholder}`}`;
}

function optionText({ kind, default: fallback, help }: OptionSpec<unknown>): string {
  const shown = kind.placeholder === null || fallback === undefined ? '' : kind.show(fallback);
  return shown === '' ? help : `${help} (default ${shown})`;
}

function examples(list: readonly Example[]): string[] {
  return ['Examples:', ...list.flatMap(({ line, says }) => [`  ${line}`, `      ${says}`])];
}

function credentials(): string[] {
  return [
    'Credentials:',
    entry('REDFERRY_TARGET_PASSWORD', "the target's password; there is no flag for it"),
    entry('REDFERRY_TARGET_USERNAME', 'ACL user, unless the location names one'),
    ...wrap('Each also as …_FILE (a file that holds it) or …_COMMAND (a command that prints it).', 2),
  ];
}

function twins(command: Command): string[] {
  const flags = command.groups.flatMap((group) => Object.keys(group.options));
  const flag = flags.find((name) => name.includes('-')) ?? flags[0] ?? 'json';
  return ['Environment:', ...wrap(`Every option has a twin: --${flag} is ${envName(flag)}. What is given on the command line wins.`, 2)];
}

function exitCodes(codes: readonly number[]): string[] {
  return [
    'Exit codes:',
    ...EXIT_CODES.filter(({ code }) => codes.includes(code)).map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`),
  ];
}

/** "  label      text", wrapped; a long label has the text below it. */
function entry(label: string, text: string): string {
  const lines = wrap(text, INDENT);
  const start = `  ${label}`;
  if (start.length + 2 > INDENT) return [start, ...lines].join('\n');
  return [start.padEnd(INDENT) + (lines[0] ?? '').trimStart(), ...lines.slice(1)].join('\n');
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(' '.repeat(indent) + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, ' '.repeat(indent) + line];
}
