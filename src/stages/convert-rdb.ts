/** RDB files as output: one, or one for each primary of a cluster. */

import { EngineAction, Engine, EngineEvent } from '../rdb/engine.js';
import { UnsupportedInputError, UsageError } from '../errors.js';
import { slotTable } from '../rdb/cluster-slots.js';
import { applyPlan, configureEngine, selectsDb } from '../rdb/engine-setup.js';
import { describeLibrary } from '../rdb/function-library.js';
import { INDEX_SLOTS, REGION_SIZE } from '../rdb/memory-map.js';
import { moduleName } from '../rdb/module-name.js';
import type { RdbTarget } from '../rdb/older-forms.js';
import type { PartSource } from '../rdb/part-source.js';
import { holdsFunctions, holdsModuleAux, RdbFile } from '../rdb/rdb-file.js';
import { planRdb } from '../rdb/rdb-plan.js';
import { endPart, scanPart } from '../rdb/scan-part.js';
import { keyHash, type Scanner } from '../rdb/scanner.js';
import { rdbType } from '../rdb/types.js';
import type { OutputFile } from '../stores/output-file.js';
import { LISTED_FAILURES } from '../target/load-tally.js';
import { SecondRead } from '../target/second-read.js';
import type { ConvertJob } from './convert-formats.js';
import { type RdbSurvey, surveyForRdb } from './convert-survey.js';
import { divisionOf, peekHeader, rdbTarget } from './convert-target.js';
import { refuseTrailing } from './survey-inputs.js';

/** Bytes gathered for one of many files, and for all of them together. */
const BUFFER = 256 << 10;
const BUFFERS = 64 << 20;

export async function writeRdb(job: ConvertJob): Promise<void> {
  const { sources, options } = job;
  const twice = sources.every(({ rereadable }) => rereadable);
  const collide = sources.length > 1 || mergesDbs(options.selection.dbMap, options.selection.dbs);
  if (!twice && collide) {
    throw new UsageError('Inputs that are merged are read twice, to find keys that stand in more than one: found a pipe, which can be read once.', { hint: 'Give files by their path.' });
  }
  const division = await divisionOf(options);
  const table = division === null ? null : slotTable(division.owners);
  const paths = division?.paths ?? [options.output];
  const headers = twice ? (await Promise.all(sources.map(peekHeader))).filter((header) => header !== null) : [];
  // of a pipe the header is known when it comes
  const target = twice || options.rdbVersion !== undefined ? rdbTarget(options, headers) : null;
  const survey = twice && target !== null ? await surveyForRdb(job, target, table, paths.length, collide) : null;
  const files: OutputFile[] = [];
  for (const path of paths) files.push(await job.open(path));
  const most = Math.max(0, ...(survey?.ledger?.skips ?? []).map(({ length }) => length));
  const engine = await Engine.create(2, REGION_SIZE, files.length * 8 + most + 64);
  if (table !== null) engine.setSlotPartitions(table);
  const sizes = survey?.sizes ?? null;
  const buffered = files.length === 1 ? 0 : Math.min(BUFFER, Math.floor(BUFFERS / files.length));
  const make = (own: RdbTarget): RdbFile[] => files.map((file, i) => new RdbFile(engine, file, own, engine.map.extra + i * 8, sizes?.[i] ?? null, buffered));
  const writer = new RdbWriter(job, engine, survey, target, make);
  for (const [i, source] of sources.entries()) await writer.part(source, i);
  await writer.end();
}

/** Whether keys of two databases may come to stand in one. */
function mergesDbs(dbMap: ReadonlyMap<number, number>, dbs: readonly number[] | undefined): boolean {
  if (dbMap.size === 0) return false;
  // without --db any database may be in the file
  if (dbs === undefined) return true;
  return new Set(dbs.map((db) => dbMap.get(db) ?? db)).size !== dbs.length;
}

/** AUX fields that say something of the server that wrote the file, or of how, that is not true of the output. */
const DROPPED_AUX: ReadonlySet<string> = new Set([
  'repl-stream-db', 'repl-id', 'repl-offset', 'aof-base', 'aof-preamble', 'slot-info', 'cluster-asm-task',
]);

class RdbWriter {
  readonly #job: ConvertJob;
  readonly #engine: Engine;
  readonly #survey: RdbSurvey | null;
  readonly #make: (target: RdbTarget) => RdbFile[];
  #target: RdbTarget | null;
  #files: RdbFile[] = [];
  #part = 0;
  #name = '';
  /** Database of the output that records go to, and the file that the last record goes to. */
  #db = 0;
  #partition = 0;
  #region = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #libraries = new Map<string, string>();

  constructor(job: ConvertJob, engine: Engine, survey: RdbSurvey | null, target: RdbTarget | null, make: (target: RdbTarget) => RdbFile[]) {
    this.#job = job;
    this.#engine = engine;
    this.#survey = survey;
    this.#target = target;
    this.#make = make;
  }

  async part(source: PartSource, index: number): Promise<void> {
    this.#part = index;
    this.#name = source.name;
    const { ctx, counts, now } = this.#job;
    const engine = this.#engine;
    const stream = await source.open();
    const second = new SecondRead(engine, stream);
    const scanner = scanPart(engine, source, stream, ctx, 'convert', { onConsumed: (from, to) => second.consumed(from, to) });
    const before = structuredClone({ keys: counts.keys, plan: counts.plan });
    engine.calls.setClock(BigInt(now));
    this.#open();
    try {
      await this.#events(scanner, second);
      await this.#flush();
      await this.#writing;
      if (!source.rereadable) refuseTrailing(source.name, engine.offset, (await scanner.trailing())[0]);
    } finally {
      await this.#writing.catch(() => undefined);
      const written = engine.keysRestored + engine.keysRebuilt;
      counts.keys.read = before.keys.read + engine.keysRead;
      counts.keys.written = before.keys.written + written;
      counts.keys.skippedExpired = before.keys.skippedExpired + engine.keysExpired;
      counts.keys.skippedFiltered = before.keys.skippedFiltered + engine.keysFiltered;
      counts.keys.skippedExisting = before.keys.skippedExisting + engine.calls.skippedKeys();
      counts.plan.copy = before.plan.copy + engine.keysRestored;
      counts.plan.rebuild = before.plan.rebuild + engine.keysRebuilt;
      if (this.#files.length === 1) counts.outputKeys[0] = (counts.outputKeys[0] ?? 0) + written;
      if (this.#survey === null && engine.keysEmpty > 0) this.#job.warnings.add('input.emptyKeys', 'Collections without elements, which servers skip (up to 6.0 some keep them).', engine.keysEmpty);
      if (engine.droppedExpiries > 0) this.#job.warnings.add('convert.fieldTtl', `${source.name}: hashes whose field expiries were dropped, as asked for (--field-ttl).`, engine.droppedExpiries);
      second.close();
      await endPart(scanner, stream);
      ctx.report.progress({ stage: 'convert', part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: engine.keysRead });
    }
  }

  async end(): Promise<void> {
    for (const file of this.#files) await file.end();
  }

  async #events(scanner: Scanner, second: SecondRead): Promise<void> {
    const engine = this.#engine;
    for (;;) {
      const event = await scanner.next();
      switch (event) {
        case EngineEvent.output:
          await this.#flush();
          break;
        case EngineEvent.header:
          await this.#begin();
          await this.#enterDb(0);
          break;
        case EngineEvent.select:
          await this.#enterDb(engine.numberA);
          break;
        case EngineEvent.aux:
          await this.#aux(engine.stringA, engine.stringB);
          break;
        case EngineEvent.function:
          await this.#function(scanner, engine.stringA);
          break;
        case EngineEvent.moduleAux:
          await this.#moduleAux(engine.stringA, moduleName(engine.moduleId));
          break;
        case EngineEvent.unsupported:
          this.#unsupported(scanner);
          second.over();
          break;
        case EngineEvent.bigBegin:
          second.begin();
          break;
        case EngineEvent.bigOver:
          second.over();
          break;
        case EngineEvent.rewind:
          await second.rewind(scanner, engine.numberA);
          break;
        case EngineEvent.update:
          throw new UnsupportedInputError(scanner.place(), 'a command stands inside the file (Valkey, saved without fork), which this version does not carry out.');
        case EngineEvent.end:
          if (engine.numberA === 4) throw scanner.checksumError();
          return;
        default:
          break;
      }
    }
  }

  async #begin(): Promise<void> {
    const engine = this.#engine;
    const { options, selection } = this.#job;
    const source = { dialect: engine.dialect, version: engine.version };
    this.#target ??= rdbTarget(options, [source]);
    if (this.#files.length === 0) {
      this.#files = this.#make(this.#target);
      for (const file of this.#files) await file.begin();
    }
    const { engine: plan } = planRdb(this.#target, source, options.fieldTtl);
    configureEngine(engine, selection, plan, { lookInside: this.#survey === null, walkOnly: false });
    applyPlan(engine, engine.dialect, plan, EngineAction.unsupported);
    engine.calls.configureRdb(this.#target.version, this.#files.length, 0);
    const skips = this.#survey?.ledger?.skips[this.#part];
    if (skips === undefined) return;
    const at = engine.map.extra + this.#files.length * 8;
    engine.bytes.set(skips, at);
    engine.calls.setSkips(at);
  }

  async #enterDb(fileDb: number): Promise<void> {
    await this.#flush();
    this.#engine.calls.selectDb(selectsDb(this.#job.selection, fileDb) ? 1 : 0);
    this.#db = this.#job.options.selection.dbMap.get(fileDb) ?? fileDb;
  }

  /** Hands over what the region holds, and goes on in the other one. */
  async #flush(): Promise<void> {
    const at = this.#engine.map.regions[this.#region]?.at ?? 0;
    if (this.#engine.out === at) return;
    const spans = this.#spans(at, this.#engine.out);
    await this.#writing;
    this.#writing = this.#write(this.#db, spans);
    // it is awaited by the next flush; until then a failure is not unhandled
    this.#writing.catch(() => undefined);
    this.#region = 1 - this.#region;
    this.#open();
  }

  #open(): void {
    const region = this.#engine.map.regions[this.#region];
    if (region !== undefined) this.#engine.calls.openRegion(region.at, this.#engine.map.regionSize, region.index, INDEX_SLOTS);
  }

  async #write(db: number, spans: readonly Span[]): Promise<void> {
    for (const { file, from, to } of spans) await this.#files[file]?.records(db, from, to - from);
  }

  /** Which bytes go to which file; what stands before the first mark goes on with the record before. */
  #spans(from: number, to: number): Span[] {
    if (this.#files.length === 1) return [{ file: 0, from, to }];
    const engine = this.#engine;
    const index = engine.map.regions[this.#region]?.index ?? 0;
    const { outputKeys } = this.#job.counts;
    const spans: Span[] = [];
    let start = from;
    for (let i = 0; i < engine.commands; i++) {
      const { offset } = engine.indexEntry(index, i);
      const file = Math.floor(offset / 2 ** 32);
      outputKeys[file] = (outputKeys[file] ?? 0) + 1;
      if (file === this.#partition) continue;
      const at = offset % 2 ** 32;
      if (at > start) spans.push({ file: this.#partition, from: start, to: at });
      start = at;
      this.#partition = file;
    }
    spans.push({ file: this.#partition, from: start, to });
    return spans;
  }

  /** Waits until the files stand still, so that something may go between the records. */
  async #settle(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async #aux(name: Uint8Array, value: Uint8Array): Promise<void> {
    const key = Buffer.from(name).toString('latin1');
    if (DROPPED_AUX.has(key) || (this.#part > 0 && key !== 'lua')) return;
    await this.#settle();
    const parts = this.#survey?.parts ?? [];
    for (const [i, file] of this.#files.entries()) await file.aux(name, key === 'used-mem' && parts.length > 0 ? this.#usedMemory(parts, i) : value);
  }

  /** Of all inputs together, by this file's share of the keys. */
  #usedMemory(parts: RdbSurvey['parts'], file: number): Uint8Array {
    const total = parts.reduce((sum, { aux }) => sum + Number(aux['used-mem'] ?? 0), 0);
    const keys = (this.#survey?.sizes ?? []).map((sizes) => [...sizes.values()].reduce((sum, size) => sum + size.keys, 0));
    const all = keys.reduce((sum, n) => sum + n, 0);
    return Buffer.from(String(keys.length === 1 || all === 0 ? total : Math.round((total * (keys[file] ?? 0)) / all)));
  }

  async #function(scanner: Scanner, source: Uint8Array): Promise<void> {
    const { warnings, options, counts } = this.#job;
    if (this.#target === null || !holdsFunctions(this.#target)) {
      warnings.add('convert.functions', `Function libraries are left out: RDB ${this.#target?.version ?? 0} has none (10 has them first).`);
      return;
    }
    const { name } = describeLibrary(source);
    const text = Buffer.from(source).toString('base64');
    const other = this.#libraries.get(name);
    if (other === text) return;
    if (other !== undefined) {
      if (options.onConflict === 'fail') {
        throw new UnsupportedInputError(scanner.place(this.#engine.entryOffset), `the function library ${JSON.stringify(name)} is in another input too, with other code.`, { hint: 'Take the first of them: --on-conflict skip.' });
      }
      warnings.add('convert.functionConflicts', 'Function libraries of one name with different code: the first is taken.');
      return;
    }
    this.#libraries.set(name, text);
    await this.#settle();
    for (const file of this.#files) await file.function(source);
    counts.functions++;
  }

  async #moduleAux(bytes: Uint8Array, module: string): Promise<void> {
    const { warnings } = this.#job;
    if (this.#target === null || !holdsModuleAux(this.#target)) {
      warnings.add('convert.moduleAux', `Auxiliary data of modules (${module}) is left out: this RDB version has no place for it.`);
    } else if (this.#part > 0) {
      warnings.add('convert.moduleAux', `Auxiliary data of modules is taken from the first input only; left out: ${module}.`);
    } else {
      await this.#settle();
      for (const file of this.#files) await file.moduleAux(bytes);
      warnings.add('convert.modules', `The file holds data of the module ${module}: a server without it does not load the file.`);
    }
  }

  #unsupported(scanner: Scanner): void {
    const engine = this.#engine;
    const { counts, options } = this.#job;
    const problem = REASONS[engine.numberA] ?? 'this RDB version has no form for it';
    if (options.onUnsupported === 'fail') {
      throw new UnsupportedInputError(scanner.place(engine.entryOffset), `${problem}.`, { hint: 'To go on without such keys, pass --on-unsupported skip.' });
    }
    counts.keys.failed++;
    if (counts.failures.length >= LISTED_FAILURES) return;
    counts.failures.push({
      part: this.#name, offset: engine.entryOffset, db: engine.db, keyHash: keyHash(engine.key),
      type: rdbType(engine.dialect, engine.type)?.kind ?? `type ${engine.type}`, error: problem,
    });
  }
}

interface Span {
  readonly file: number;
  readonly from: number;
  readonly to: number;
}

/** By the engine's reason: src/engine/events.ts REASON_*. */
const REASONS: Readonly<Record<number, string>> = {
  0: 'this RDB version has no form for it',
  1: 'the key has metadata of a module, which RDB versions before 13 do not keep',
  2: 'the value is too large to be rebuilt in an older form',
  4: 'fields of the hash expire, which this RDB version cannot keep (see --field-ttl)',
  5: 'entries of the stream were taken from their consumer (XNACK), which this RDB version cannot keep',
};

