/** Opens the parts that a command names and walks each of them. */

import { surveyPart, type PartSurvey, type SurveyOptions } from '../rdb/survey.js';
import type { StageContext } from '../context.js';
import { UnsupportedInputError, UsageError } from '../errors.js';
import { Engine } from '../rdb/engine.js';
import { checksumError } from '../rdb/scanner.js';
import { openPath } from '../stores/open-path.js';
import type { PartSource } from '../rdb/part-source.js';

/** Resolves the locations, before anything is read. Throws UsageError where stdin is named twice. */
export async function openInputs(inputs: readonly string[]): Promise<PartSource[]> {
  if (inputs.filter((input) => input === '-').length > 1) {
    throw new UsageError('- (stdin) is named more than once: found the same stream as two inputs.', { hint: 'Name it once.' });
  }
  const sources: PartSource[] = [];
  for (const input of inputs) sources.push(await openPath(input));
  return sources;
}

/** `engine` where the caller has one already: its memory is worth sharing. */
export async function surveyInputs(
  sources: readonly PartSource[], options: SurveyOptions, ctx: StageContext, engine?: Engine,
): Promise<PartSurvey[]> {
  engine ??= await Engine.create(1);
  const parts: PartSurvey[] = [];
  for (const source of sources) parts.push(await surveyPart(engine, source, options, ctx));
  return parts;
}

/** Throws for what makes a part unfit to be loaded. */
export function requireIntegrity(part: PartSurvey): void {
  if (part.checksum === 'mismatch') {
    throw checksumError(part.name, part.bytes, part.crc.written, part.crc.found);
  }
  refuseTrailing(part.name, part.bytes, part.trailing[0]);
  if (part.inlineCommands > 0) {
    throw new UnsupportedInputError({ source: part.name, offset: null }, `${part.inlineCommands} commands stand inside the file (Valkey, saved without fork), which this version does not carry out.`, {
      hint: 'Save it again with BGSAVE to disk.',
    });
  }
}

/** `next`: the first byte after the end of the file, at `offset`. */
export function refuseTrailing(name: string, offset: number, next: number | undefined): void {
  if (next === 0x2a || next === 0x23) {
    throw new UnsupportedInputError({ source: name, offset }, 'commands follow the RDB: this is an append-only file with a preamble, which this version does not replay.', {
      hint: 'Make an RDB file of it (start a server with it and SAVE), and import that.',
    });
  }
}
