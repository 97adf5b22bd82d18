/** The one list of commands, in the order of help. */

import type { Command } from './command.js';
import { checkCommand } from './commands/check.js';
import { completionCommand } from './commands/completion.js';
import { convertCommand } from './commands/convert.js';
import { importCommand } from './commands/import.js';
import { inspectCommand } from './commands/inspect.js';
import { runCommand } from './commands/run.js';
import { verifyCommand } from './commands/verify.js';

export const COMMANDS: readonly Command[] = [
  runCommand,
  checkCommand,
  importCommand,
  verifyCommand,
  inspectCommand,
  convertCommand,
  completionCommand,
];
