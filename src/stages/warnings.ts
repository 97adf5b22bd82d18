/** Warnings of a stage: told to people at once, counted by id for the result. */

import type { Reporter, StageContext } from '../context.js';
import type { PartSurvey } from '../rdb/survey.js';
import type { ResultWarning } from './results.js';

export class Warnings {
  readonly list: ResultWarning[] = [];
  readonly #report: Reporter;

  constructor(ctx: StageContext) {
    this.#report = ctx.report;
  }

  add(id: string, message: string, count = 1): void {
    this.#report.warn(id, message, count);
    const known = this.list.find((warning) => warning.id === id);
    if (known === undefined) this.list.push({ id, message, count });
    else known.count += count;
  }

  /** What a walk saw that people should know of, though it is no error. */
  ofPart(part: PartSurvey): void {
    const { name } = part;
    if (part.checksum === 'disabled') this.add('input.checksumDisabled', `${name}: written without checksum (rdbchecksum no): its structure was checked, its bytes are not vouched for.`);
    if (part.checksum === 'absent') this.add('input.checksumAbsent', `${name}: RDB version ${part.rdbVersion} has no checksum: its structure was checked, its bytes are not vouched for.`);
    if (part.empty > 0) this.add('input.emptyKeys', `${name}: collections without elements, which servers skip (up to 6.0 some keep them).`, part.empty);
    if (part.moduleAux.length > 0) this.add('input.moduleAux', `${name}: auxiliary data of modules (${part.moduleAux.join(', ')}) is not carried over.`, part.moduleAux.length);
    if (part.slotImports > 0) this.add('input.slotImport', `${name}: slots were being imported when it was written: keys of those slots may be incomplete.`, part.slotImports);
    if (part.unchecked > 0) this.add('input.unchecked', `${name}: packed values above 64 MiB were not looked into.`, part.unchecked);
    if (part.trailing.length > 0) this.add('input.trailingBytes', `${name}: bytes follow the end of the RDB file at offset ${part.bytes}; servers ignore them.`);
  }
}
