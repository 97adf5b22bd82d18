/** Completion scripts made from the commands and their options: static, so that a Tab starts no process. */

import type { OptionSpec } from '../config/option.js';
import type { Command } from './command.js';

export function completionScript(shell: 'bash' | 'zsh' | 'fish', commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      // zsh runs bash completions once this is loaded.
      return `#compdef redferry\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`;
    case 'fish':
      return fishScript(commands);
  }
}

function optionsOf(command: Command): [flag: string, spec: OptionSpec<unknown>][] {
  return command.groups.flatMap((group) => Object.entries(group.options));
}

function bashScript(commands: readonly Command[]): string {
  const words = new Map(commands.flatMap(optionsOf).map(([flag, spec]) => [flag, spec.kind]));
  const values = [...words]
    .filter(([, kind]) => kind.placeholder !== null)
    .map(([flag, kind]) => `    --${flag}) ${kind.words.length > 0 ? wordList(kind.words) : 'COMPREPLY=($(compgen -f -- "$word"))'}; return ;;`);
  const flags = commands.map((command) => {
    const all = [...optionsOf(command).map(([flag]) => `--${flag}`), '--help'];
    return `    ${command.name}) case "$word" in -*) ${wordList(all)}; return ;; esac ;;`;
  });
  return [
    '_redferry() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
    '  COMPREPLY=()',
    '  case "$before" in',
    ...values,
    '  esac',
    `  if [ "$COMP_CWORD" -eq 1 ]; then ${wordList([...commands.map((command) => command.name), '--help', '--version'])}; return; fi`,
    '  case "${COMP_WORDS[1]}" in',
    ...flags,
    '  esac',
    '  COMPREPLY=($(compgen -f -- "$word"))',
    '}',
    'complete -o filenames -F _redferry redferry',
    '',
  ].join('\n');
}

function wordList(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word"))`;
}

function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c redferry -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.summary)}`,
    ...optionsOf(command).map(([flag, { kind, help }]) => {
      const value = kind.placeholder === null ? '' : kind.words.length > 0 ? ` -x -a ${quote(kind.words.join(' '))}` : ' -r';
      return `complete -c redferry -n '__fish_seen_subcommand_from ${command.name}' -l ${flag}${value} -d ${quote(help)}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
