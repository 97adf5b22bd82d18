/** One walk over a part that tells all about it: header, counts, functions, checksum. Nothing is written anywhere. */

import { type Engine, EngineAction, EngineEvent } from './engine.js';
import { applyPlan, configureEngine, type EnginePlan, type Selection, selectsDb } from './engine-setup.js';
import { describeLibrary, type FunctionLibrary } from './function-library.js';
import type { KeyReader } from './key-records.js';
import { moduleName } from './module-name.js';
import { endPart, scanPart } from './scan-part.js';
import type { Scanner } from './scanner.js';
import type { Dialect } from './types.js';
import type { Progress, StageContext } from '../context.js';
import type { PartSource } from './part-source.js';
import { Tally, type PartTally } from './tally.js';

export type ChecksumState = 'ok' | 'disabled' | 'absent' | 'mismatch';

const CHECKSUMS: Readonly<Record<number, ChecksumState>> = { 1: 'ok', 2: 'disabled', 3: 'absent', 4: 'mismatch' };

export interface PartSurvey extends PartTally {
  name: string;
  /** Stored bytes; null when unknown. */
  size: number | null;
  /** Decoded bytes. */
  bytes: number;
  rdbVersion: number;
  dialect: Dialect;
  checksum: ChecksumState;
  /** CRC64 of the file as it was read, and the one it ends with. */
  crc: { found: bigint; written: bigint };
  aux: Record<string, string>;
  /** Scripts kept in AUX `lua` (Redis 4.0 to 6.2). */
  scripts: number;
  functions: FunctionLibrary[];
  /** Name of each module with auxiliary data. */
  moduleAux: string[];
  /** Slots of which the file says how many keys they hold. */
  slots: number;
  /** Valkey: slots that were being imported when the file was written. */
  slotImports: number;
  /** Valkey: commands inside the file. */
  inlineCommands: number;
  /** Packed values too large to be looked into. */
  unchecked: number;
  /** First bytes after the end of the file, where there are any. */
  trailing: Uint8Array;
}

/** Follows a walk from database to database, for what an RDB file to be written needs to know beforehand. */
export interface DbFollower {
  /** Keys from here on are in `db` of the file; db 0 first. */
  enter(engine: Engine, db: number): void;
  /** All keys of the part were seen. */
  leave(engine: Engine): void;
}

export interface SurveyOptions {
  selection: Selection;
  /** Counts by action where given. */
  plan: ((dialect: Dialect) => EnginePlan) | null;
  lookInside: boolean;
  /** Clock for expiry, ms. */
  now: number;
  stage: Progress['stage'];
  /** Where keys are measured (startMeasuring): takes their records. */
  keys?: KeyReader;
  dbs?: DbFollower;
}

/** Reads a part whole. Throws CorruptInputError, UnsupportedInputError, or the signal's reason. */
export async function surveyPart(engine: Engine, source: PartSource, options: SurveyOptions, ctx: StageContext): Promise<PartSurvey> {
  const stream = await source.open();
  const scanner = scanPart(engine, source, stream, ctx, options.stage);
  try {
    configureEngine(engine, options.selection, null, { lookInside: options.lookInside, walkOnly: true });
    engine.calls.setClock(BigInt(Math.trunc(options.now)));
    options.keys?.start(engine);
    return await survey(scanner, source, options);
  } finally {
    await endPart(scanner, stream);
    ctx.report.progress({ stage: options.stage, part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: engine.keysRead });
  }
}

async function survey(scanner: Scanner, source: PartSource, options: SurveyOptions): Promise<PartSurvey> {
  const { engine } = scanner;
  const tally = new Tally(engine);
  const info = {
    aux: {} as Record<string, string>, scripts: 0, functions: [] as FunctionLibrary[], moduleAux: new Set<string>(),
    slots: 0, slotImports: 0, inlineCommands: 0,
  };
  for (;;) {
    const event = await scanner.next();
    if (event === EngineEvent.header) {
      const plan = options.plan?.(engine.dialect) ?? null;
      configureEngine(engine, options.selection, plan, { lookInside: options.lookInside, walkOnly: true });
      applyPlan(engine, engine.dialect, plan, EngineAction.pass);
      options.dbs?.enter(engine, 0);
    } else if (event === EngineEvent.select) {
      tally.select(engine.numberA);
      options.dbs?.enter(engine, engine.numberA);
      engine.calls.selectDb(selectsDb(options.selection, engine.numberA) ? 1 : 0);
    } else if (event === EngineEvent.aux) noteAux(info, engine.stringA, engine.stringB);
    else if (event === EngineEvent.function) info.functions.push(describeLibrary(engine.stringA));
    else if (event === EngineEvent.moduleAux) info.moduleAux.add(moduleName(engine.moduleId));
    else if (event === EngineEvent.slotInfo) info.slots++;
    else if (event === EngineEvent.slotImport) info.slotImports++;
    else if (event === EngineEvent.update) info.inlineCommands++;
    else if (event === EngineEvent.output) await options.keys?.take(engine, source.name);
    else if (event === EngineEvent.end) break;
  }
  const checksum = CHECKSUMS[engine.numberA] ?? 'mismatch';
  const crc = { found: engine.crcFound, written: engine.crcWritten };
  const { unchecked, dialect, version } = engine;
  const counts = tally.end();
  const bytes = engine.offset;
  options.dbs?.leave(engine);
  await options.keys?.take(engine, source.name);
  const trailing = await scanner.trailing();
  return {
    name: source.name, size: source.size, bytes, rdbVersion: version, dialect, checksum, crc, unchecked, trailing,
    ...info, moduleAux: [...info.moduleAux], ...counts,
  };
}

const AUX_SHOWN = 64;
const AUX_TEXT = 200;

function noteAux(info: { aux: Record<string, string>; scripts: number; slots: number }, name: Uint8Array, value: Uint8Array): void {
  const key = text(name);
  if (key === 'lua') info.scripts++;
  else if (key === 'slot-info') info.slots++;
  else if (Object.keys(info.aux).length < AUX_SHOWN) info.aux[key] = text(value);
}

/** AUX names and values are text in every server; what is not is shown with replacement characters. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, AUX_TEXT)).toString('utf8');
}
