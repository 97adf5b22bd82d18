import { loginShell } from '../../config/environment.js';
import { didYouMean } from '../../config/suggest.js';
import { listWords } from '../../config/value-kinds.js';
import { UsageError } from '../../errors.js';
import type { TextCommand } from '../command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completionCommand: TextCommand = {
  kind: 'text',
  name: 'completion',
  words: '[bash|zsh|fish]',
  summary: 'Print a script that completes commands and flags in your shell',
  about: ['Prints a completion script on stdout; without an argument for the shell that SHELL names.'],
  examples: [
    { line: 'redferry completion bash > ~/.local/share/bash-completion/completions/redferry', says: 'Install it for bash.' },
    { line: 'redferry completion fish > ~/.config/fish/completions/redferry.fish', says: 'Install it for fish.' },
  ],
  groups: [],
  exitCodes: [],
  async text(call, commands) {
    const [word = loginShell(call.env) ?? 'bash', ...rest] = call.words;
    const shell = SHELLS.find((name) => name === word);
    if (shell === undefined || rest.length > 0) {
      throw new UsageError(`completion: expected ${listWords(SHELLS)}, got ${JSON.stringify([word, ...rest].join(' '))}.${didYouMean(word, SHELLS)}`);
    }
    const { completionScript } = await import('../completion-script.js');
    return completionScript(shell, commands);
  },
};
