/** One command line, from its words to its exit code. */

import { readFileSync } from 'node:fs';
import { outputGroup, readOutput } from '../config/groups/output.js';
import { readGroup } from '../config/read-options.js';
import { terminalWishes, type Environment } from '../config/environment.js';
import { UsageError } from '../errors.js';
import { describeFailure, failureJson, failureText } from '../report/failure.js';
import { renderJson } from '../report/render-result.js';
import { styleFor } from '../report/style.js';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { commandHelp, programHelp } from './help.js';
import { processHost, type Host } from './host.js';
import { parseCommandLine, type CommandLine } from './parse-command-line.js';
import { runStageCommand } from './run-stage-command.js';

/** Does what the words ask for; resolves to the exit code and never rejects. */
export async function main(argv: readonly string[], host: Host = processHost(), commands: readonly Command[] = COMMANDS): Promise<number> {
  const { output, env } = host;
  let line: CommandLine | null = null;
  try {
    line = parseCommandLine(argv, commands);
    const { command, help, version, words, flags } = line;
    if (help) {
      output.stdout.write(command === null ? programHelp(commands) : commandHelp(command));
      return 0;
    }
    if (version) {
      output.stdout.write(`redferry ${packageVersion()}\n`);
      return 0;
    }
    if (command === null) {
      output.stderr.write(programHelp(commands));
      throw new UsageError('No command named.');
    }
    const call = { words, flags, env };
    if (command.kind === 'stage') return await runStageCommand(command, call, readOutput(call), commands, host);
    output.stdout.write(await command.text(call, commands));
    return 0;
  } catch (error) {
    // Only what went wrong before a reporter stood: the command line itself, or a text command.
    const failure = describeFailure(error);
    if (wantsJson(argv, env)) {
      output.stdout.write(
        renderJson({ command: line?.command?.name ?? namedCommand(argv, commands), ok: false, exitCode: failure.exitCode, error: failureJson(failure), warnings: [], elapsedMs: 0 }),
      );
    }
    const colour = terminalWishes(env).colour && output.stderr.isTTY === true;
    output.stderr.write(failureText(failure, styleFor(colour)));
    return failure.exitCode;
  }
}

function namedCommand(argv: readonly string[], commands: readonly Command[]): string | null {
  const word = argv.find((argument) => !argument.startsWith('-'));
  return commands.find((command) => command.name === word)?.name ?? null;
}

/** As far as one can tell from a command line that could not be understood. */
function wantsJson(argv: readonly string[], env: Environment): boolean {
  if (argv.includes('--json')) return true;
  try {
    return readGroup({ ...outputGroup, options: { json: outputGroup.options.json } }, { flags: new Map(), env }).json;
  } catch {
    return false;
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
