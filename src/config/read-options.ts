/** From flags and environment to checked values. A flag wins over its environment twin, which wins over the default. */

import { UsageError } from '../errors.js';
import type { Environment } from './environment.js';
import { envName, type OptionGroup, type OptionSpec, type Values } from './option.js';
import { BadValue } from './value-kinds.js';

/** Flag (without dashes) → texts, as often as it was given. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>;

export interface OptionInput {
  flags: GivenFlags;
  env: Environment;
}

/**
 * All values of one group.
 * Throws UsageError naming the option, what is allowed and what was got.
 */
export function readGroup<G extends OptionGroup>(group: G, input: OptionInput): Values<G> {
  const values: Record<string, unknown> = {};
  for (const [flag, spec] of Object.entries(group.options)) values[flag] = readOption(flag, spec, input);
  return values as Values<G>;
}

/** What to call an option in a message: the flag or the variable that set it, or null when neither did. */
export function originOf(flag: string, input: OptionInput): string | null {
  if (input.flags.has(flag)) return `--${flag}`;
  return hasText(input.env[envName(flag)]) ? envName(flag) : null;
}

function readOption(flag: string, spec: OptionSpec<unknown>, input: OptionInput): unknown {
  const given = input.flags.get(flag);
  if (given !== undefined) {
    if (given.length > 1 && !spec.kind.repeatable) {
      throw new UsageError(`--${flag}: expected one value, got ${given.length}: ${given.map(quote).join(', ')}.`);
    }
    return parse(`--${flag}`, spec, given);
  }
  const text = input.env[envName(flag)];
  if (!hasText(text)) return spec.default;
  const texts = spec.kind.repeatable
    ? text.split(spec.kind.envSeparator).filter((part) => part !== '')
    : [text];
  return parse(envName(flag), spec, texts);
}

function parse(name: string, spec: OptionSpec<unknown>, texts: readonly string[]): unknown {
  try {
    return spec.kind.parse(texts);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const got = texts.every((text) => text === '') ? 'nothing' : texts.map(quote).join(', ');
    throw new UsageError(`${name}: expected ${spec.kind.allowed}, got ${got}.${error.message}`, { cause: error });
  }
}

/** An empty variable counts as not set, as most tools have it. */
function hasText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function quote(text: string): string {
  return JSON.stringify(text);
}
