/** Runs main() in this process with streams, environment and signals of the test's own. */

import type { Command } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { main } from '../../src/cli/main.js';

export interface MainRun {
  code: number;
  stdout: string;
  stderr: string;
  /** Codes given to exitNow. */
  forced: number[];
}

export interface MainOptions {
  env?: Record<string, string>;
  commands?: readonly Command[];
  /** Handed the ways to send a signal or a crash while main runs. */
  during?: (send: { signal: (name: 'SIGINT' | 'SIGTERM') => void; crash: (error: unknown) => void }) => void;
}

export async function runMain(argv: string[], options: MainOptions = {}): Promise<MainRun> {
  const run: MainRun = { code: -1, stdout: '', stderr: '', forced: [] };
  const signals = new Set<(name: 'SIGINT' | 'SIGTERM') => void>();
  const crashes = new Set<(error: unknown) => void>();
  const signal = (name: 'SIGINT' | 'SIGTERM') => signals.forEach((listener) => listener(name));
  run.code = await main(
    argv,
    {
      env: options.env ?? {},
      output: {
        stdout: { write: (text) => (run.stdout += text) },
        stderr: { write: (text) => (run.stderr += text) },
      },
      onSignal(listener) {
        signals.add(listener);
        return () => signals.delete(listener);
      },
      onCrash(listener) {
        crashes.add(listener);
        // The command is about to start: what happens during it may happen from now on.
        setImmediate(() => options.during?.({ signal, crash: (error) => crashes.forEach((each) => each(error)) }));
        return () => crashes.delete(listener);
      },
      exitNow: (code) => run.forced.push(code),
    },
    options.commands ?? COMMANDS,
  );
  return run;
}
