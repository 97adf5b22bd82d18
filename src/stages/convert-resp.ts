/** RESP as output: the commands that import would send, for `redis-cli --pipe`. */

import { UnsupportedInputError } from '../errors.js';
import { EngineAction, Engine, EngineEvent } from '../rdb/engine.js';
import { applyPlan, configureEngine, selectsDb } from '../rdb/engine-setup.js';
import { REGION_SIZE } from '../rdb/memory-map.js';
import type { RdbTarget } from '../rdb/older-forms.js';
import type { PartSource } from '../rdb/part-source.js';
import { endPart, scanPart } from '../rdb/scan-part.js';
import { keyHash, type Scanner } from '../rdb/scanner.js';
import { settleDeferred } from '../rdb/settle.js';
import type { PartSurvey } from '../rdb/survey.js';
import { rdbType, type Dialect } from '../rdb/types.js';
import { encodeCommand } from '../resp/encode.js';
import type { OutputFile } from '../stores/output-file.js';
import { assumedProfile } from '../target/assumed-profile.js';
import { LISTED_FAILURES } from '../target/load-tally.js';
import { UNSUPPORTED_REASONS } from '../target/loader.js';
import { planWrites } from '../target/plan.js';
import { RegionPool } from '../target/region-pool.js';
import { SecondRead } from '../target/second-read.js';
import type { ConvertJob } from './convert-formats.js';
import { peekHeader, rdbTarget } from './convert-target.js';
import { unsupportedKeys } from './preflight.js';
import { refuseTrailing, requireIntegrity, surveyInputs } from './survey-inputs.js';

type Planner = (dialect: Dialect) => ReturnType<typeof planWrites>;

export async function writeResp(job: ConvertJob): Promise<void> {
  const { sources, options, selection, now, ctx, warnings } = job;
  const twice = sources.every(({ rereadable }) => rereadable);
  const headers = twice ? (await Promise.all(sources.map(peekHeader))).filter((header) => header !== null) : [];
  const target = twice || options.rdbVersion !== undefined ? rdbTarget(options, headers) : null;
  const plannerFor = (own: RdbTarget): Planner => {
    const profile = assumedProfile(own, now);
    return (dialect) => planWrites(profile, dialect, options);
  };
  let parts: PartSurvey[] | null = null;
  if (twice && target !== null) {
    const planner = plannerFor(target);
    const walk = { selection, plan: (dialect: Dialect) => planner(dialect).engine, now, stage: 'convert' } as const;
    const engine = await Engine.create(1);
    parts = await surveyInputs(sources, { ...walk, lookInside: false }, ctx, engine);
    parts.forEach(requireIntegrity);
    if (parts.some(({ checksum }) => checksum !== 'ok')) parts = await surveyInputs(sources, { ...walk, lookInside: true }, ctx, engine);
    for (const part of parts) warnings.ofPart(part);
    if (options.onUnsupported === 'fail') refuseUnsupported(parts, planner);
  }
  const file = await job.open(options.output);
  const writer = new RespWriter(job, await Engine.create(2, REGION_SIZE), file, target, plannerFor, parts === null);
  for (const source of sources) await writer.part(source);
}

class RespWriter {
  readonly #job: ConvertJob;
  readonly #engine: Engine;
  readonly #file: OutputFile;
  readonly #plannerFor: (target: RdbTarget) => Planner;
  readonly #lookInside: boolean;
  readonly #pool: RegionPool;
  #target: RdbTarget | null;
  #name = '';
  /** Database that the commands go to: a connection begins in 0. */
  #db = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(job: ConvertJob, engine: Engine, file: OutputFile, target: RdbTarget | null, plannerFor: (target: RdbTarget) => Planner, lookInside: boolean) {
    this.#job = job;
    this.#engine = engine;
    this.#file = file;
    this.#target = target;
    this.#plannerFor = plannerFor;
    this.#lookInside = lookInside;
    this.#pool = new RegionPool(engine);
  }

  async part(source: PartSource): Promise<void> {
    this.#name = source.name;
    const { ctx, counts, now } = this.#job;
    const engine = this.#engine;
    const stream = await source.open();
    const second = new SecondRead(engine, stream);
    const scanner = scanPart(engine, source, stream, ctx, 'convert', { onConsumed: (from, to) => second.consumed(from, to) });
    const before = structuredClone({ keys: counts.keys, plan: counts.plan });
    engine.calls.setClock(BigInt(now));
    try {
      await this.#events(scanner, second);
      await this.#settle();
      await this.#flush();
      await this.#writing;
      if (!source.rereadable) refuseTrailing(source.name, engine.offset, (await scanner.trailing())[0]);
    } finally {
      await this.#writing.catch(() => undefined);
      const { keysSet: set, keysRestored: restore, keysRebuilt: rebuild, keysCommands: commands } = engine;
      counts.keys.read = before.keys.read + engine.keysRead;
      counts.keys.written = before.keys.written + set + restore + rebuild + commands;
      counts.keys.skippedExpired = before.keys.skippedExpired + engine.keysExpired;
      counts.keys.skippedFiltered = before.keys.skippedFiltered + engine.keysFiltered;
      counts.plan.set = before.plan.set + set;
      counts.plan.restore = before.plan.restore + restore;
      counts.plan.rebuild = before.plan.rebuild + rebuild;
      counts.plan.commands = before.plan.commands + commands;
      counts.outputKeys[0] = counts.keys.written;
      second.close();
      await endPart(scanner, stream);
      ctx.report.progress({ stage: 'convert', part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: engine.keysRead });
    }
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
          this.#begin();
          await this.#enterDb(0);
          break;
        case EngineEvent.settle:
          await this.#settle();
          break;
        case EngineEvent.select:
          await this.#settle();
          await this.#enterDb(engine.numberA);
          break;
        case EngineEvent.function:
          await this.#function(engine.stringA);
          break;
        case EngineEvent.unsupported:
          this.#unsupported(scanner);
          second.over();
          break;
        case EngineEvent.bigOver:
          second.over();
          break;
        case EngineEvent.update:
          throw new UnsupportedInputError(scanner.place(), 'a command stands inside the file (Valkey, saved without fork), which this version does not carry out.');
        case EngineEvent.bigBegin:
          second.begin();
          break;
        case EngineEvent.bigReady:
          await second.write(scanner, engine.numberA, engine.numberB, this.#pool, () => this.#flush(), this.#job.ctx.signal);
          break;
        case EngineEvent.rewind:
          await second.rewind(scanner, engine.numberA);
          break;
        case EngineEvent.end:
          if (engine.numberA === 4) throw scanner.checksumError();
          return;
        default:
          break;
      }
    }
  }

  #begin(): void {
    const engine = this.#engine;
    this.#target ??= rdbTarget(this.#job.options, [{ dialect: engine.dialect, version: engine.version }]);
    const { engine: plan } = this.#plannerFor(this.#target)(engine.dialect);
    configureEngine(engine, this.#job.selection, plan, { lookInside: this.#lookInside, walkOnly: false });
    applyPlan(engine, engine.dialect, plan, EngineAction.unsupported);
  }

  async #enterDb(fileDb: number): Promise<void> {
    const { selection, options } = this.#job;
    const selected = selectsDb(selection, fileDb);
    this.#engine.calls.selectDb(selected ? 1 : 0);
    const db = options.selection.dbMap.get(fileDb) ?? fileDb;
    if (!selected || db === this.#db) return;
    while (this.#engine.calls.putSelect(db) === 0) await this.#flush();
    this.#db = db;
  }

  async #flush(): Promise<void> {
    if (this.#pool.filled === 0) return;
    const region = this.#pool.take();
    await this.#writing;
    this.#writing = this.#file.write(region.bytes).then(() => this.#pool.release(region));
    // it is awaited by the next flush; until then a failure is not unhandled
    this.#writing.catch(() => undefined);
    if (!this.#pool.hasFree) await this.#writing;
    this.#pool.next();
  }

  /** Nobody answers: what is built by commands ends at once. */
  #settle(): Promise<void> {
    return settleDeferred(this.#engine, () => false, () => this.#flush());
  }

  async #function(source: Uint8Array): Promise<void> {
    const { options, warnings, counts } = this.#job;
    if (options.functions === 'skip') return;
    if (this.#target === null || !assumedProfile(this.#target, 0).functions) {
      warnings.add('convert.functions', `Function libraries are left out: a server of RDB ${this.#target?.version ?? 0} has none (Redis 7.0 has them first).`);
      return;
    }
    await this.#flush();
    await this.#writing;
    await this.#file.write(encodeCommand(['FUNCTION', 'LOAD', ...(options.functions === 'replace' ? ['REPLACE'] : []), source]));
    counts.functions++;
  }

  #unsupported(scanner: Scanner): void {
    const engine = this.#engine;
    const { counts, options } = this.#job;
    const problem = UNSUPPORTED_REASONS[engine.numberA] ?? 'such a server does not take it';
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

function refuseUnsupported(parts: readonly PartSurvey[], planner: Planner): void {
  const rows = unsupportedKeys(parts, planner);
  const [first] = rows;
  if (first === undefined) return;
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const byType = rows.map(({ type, rdbType: byte, count, part }) => `${count} × ${type} (type ${byte}) in ${part}`).join(', ');
  throw new UnsupportedInputError(
    { source: first.part, offset: first.exampleOffset }, `${total} keys cannot be written as commands: ${byType}. ${[...new Set(rows.map(({ reason }) => reason))].join('; ')}.`,
    { hint: 'Choose another --rdb-version or --dialect, leave the types out with --type, or go on without such keys with --on-unsupported skip.' },
  );
}
