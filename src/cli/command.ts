/** A command as data: what it says about itself, which option groups it takes, and how it gets ready to run. */

import type { StageContext } from '../context.js';
import type { OptionGroup } from '../config/option.js';
import type { OptionInput } from '../config/read-options.js';
import type { Warn } from '../config/target.js';
import type { Output } from '../report/output.js';
import type { StageResult } from '../stages/results.js';

export interface Example {
  line: string;
  /** What it is good for. */
  says: string;
}

interface CommandText {
  readonly name: string;
  /** Words after the name: "<backup...> <target>". */
  readonly words: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly examples: readonly Example[];
  /** Option groups in the order of help. */
  readonly groups: readonly OptionGroup[];
  /** Exit codes this command can end with, beside those of every command. */
  readonly exitCodes: readonly number[];
}

/** What was asked for on the command line. */
export interface Call extends OptionInput {
  /** Words that are neither command nor flag. */
  words: readonly string[];
}

/** Options were read and checked; running it is all that is left. */
export type Prepared = (context: StageContext) => Promise<StageResult>;

export interface StageCommand extends CommandText {
  readonly kind: 'stage';
  /** Throws UsageError; touches no backup and no server. */
  prepare(call: Call, warn: Warn, output: Output): Promise<Prepared>;
  /** Whether stdout holds what was asked for, and no result. */
  takesStdout?(call: Call): boolean;
}

/** Prints a text and is done. */
export interface TextCommand extends CommandText {
  readonly kind: 'text';
  text(call: Call, commands: readonly Command[]): Promise<string>;
}

export type Command = StageCommand | TextCommand;
