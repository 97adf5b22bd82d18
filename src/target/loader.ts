/** Streams one part after another into a server: engine → regions → pipeline, and every reply back to its entry. */

import { CorruptInputError, UnsupportedInputError } from '../errors.js';
import type { StageContext } from '../context.js';
import { type Engine, EngineAction, EngineEvent } from '../rdb/engine.js';
import { applyPlan, configureEngine, type EnginePlan, type Selection, selectsDb } from '../rdb/engine-setup.js';
import type { PartSource } from '../rdb/part-source.js';
import { endPart, scanPart } from '../rdb/scan-part.js';
import { keyHash, type Scanner } from '../rdb/scanner.js';
import { settleDeferred } from '../rdb/settle.js';
import { type Dialect, rdbType } from '../rdb/types.js';
import type { RespConnection } from '../resp/connection.js';
import type { RespReply } from '../resp/decode.js';
import { Pipeline, type Region } from '../resp/pipeline.js';
import { loadFunction, loadScript } from './function-load.js';
import { LoadTally } from './load-tally.js';
import { RegionPool } from './region-pool.js';
import { ReplyLedger } from './reply-ledger.js';
import { SecondRead } from './second-read.js';

export interface LoadOptions {
  selection: Selection;
  plan: (dialect: Dialect) => EnginePlan;
  /** Database of the file → of the target, where they differ. */
  dbMap: ReadonlyMap<number, number>;
  onConflict: 'fail' | 'skip' | 'replace';
  onUnsupported: 'fail' | 'skip';
  functions: 'replace' | 'skip' | 'fail';
  scripts: 'load' | 'skip';
  /** Nothing vouches for the bytes: packed values are looked into before they are sent. */
  lookInside: boolean;
  /** The target's clock, ms. */
  now: () => number;
}

export class Loader {
  readonly tally = new LoadTally();
  readonly #engine: Engine;
  readonly #connection: RespConnection;
  readonly #options: LoadOptions;
  readonly #ctx: StageContext;
  readonly #pool: RegionPool;
  readonly #ledger: ReplyLedger;
  #pipeline: Pipeline;
  #part = '';
  #targetDb = 0;
  #fileDb = 0;

  constructor(engine: Engine, connection: RespConnection, options: LoadOptions, ctx: StageContext) {
    this.#engine = engine;
    this.#connection = connection;
    this.#options = options;
    this.#ctx = ctx;
    this.#pool = new RegionPool(engine);
    this.#ledger = new ReplyLedger(engine, this.#pool, this.tally, options.onConflict === 'skip', connection.where);
    this.#pipeline = this.#newPipeline();
  }

  /** Reads a part and sends what is selected; resolves when every reply to it is in. */
  async load(source: PartSource): Promise<void> {
    this.#part = source.name;
    const stream = await source.open();
    const second = new SecondRead(this.#engine, stream);
    const scanner = scanPart(this.#engine, source, stream, this.#ctx, 'import', {
      onInput: () => this.#engine.calls.setClock(BigInt(Math.trunc(this.#options.now()))),
      onConsumed: (from, to) => second.consumed(from, to),
    });
    this.tally.startPart(this.#engine);
    try {
      await this.#events(scanner, second);
      await this.#settle();
      await this.#flush();
      await this.#pipeline.drained();
    } catch (error) {
      // what was answered until now counts, whatever ended it
      if (this.#pipeline.error === null) this.#pipeline.stop(error);
      await this.#pipeline.settled();
      throw this.#pipeline.error instanceof Error && !(error instanceof CorruptInputError) ? this.#pipeline.error : error;
    } finally {
      this.tally.endPart(Math.max(stream.storedPosition, second.readTo));
      second.close();
      await endPart(scanner, stream);
      this.#ctx.report.progress({ stage: 'import', part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: this.#engine.keysRead });
    }
  }

  /** How far it got, as a sentence. */
  progress(): string {
    return this.tally.progress();
  }

  async #events(scanner: Scanner, second: SecondRead): Promise<void> {
    const engine = this.#engine;
    const { selection, lookInside } = this.#options;
    for (;;) {
      const event = await scanner.next();
      switch (event) {
        case EngineEvent.output:
          await this.#flush();
          break;
        case EngineEvent.header: {
          const plan = this.#options.plan(engine.dialect);
          configureEngine(engine, selection, plan, { lookInside, walkOnly: false });
          applyPlan(engine, engine.dialect, plan, EngineAction.unsupported);
          engine.calls.setClock(BigInt(Math.trunc(this.#options.now())));
          await this.#enterDb(0);
          break;
        }
        case EngineEvent.settle:
          await this.#settle();
          break;
        case EngineEvent.select:
          await this.#settle();
          await this.#enterDb(engine.numberA);
          break;
        case EngineEvent.aux:
          if (this.#options.scripts === 'load' && Buffer.from(engine.stringA).toString('latin1') === 'lua') await this.#script(engine.stringB, engine.entryOffset);
          break;
        case EngineEvent.function:
          await this.#function(engine.stringA, engine.entryOffset);
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
          this.#ledger.largeKey(engine.entryOffset, engine.key);
          second.begin();
          break;
        case EngineEvent.bigReady:
          await second.write(scanner, engine.numberA, engine.numberB, this.#pool, () => this.#flush(), this.#ctx.signal);
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

  /** Sends the region under way and takes the next free one, waiting for answers where there is none. */
  async #flush(): Promise<void> {
    if (this.#pool.filled === 0) return;
    const region = this.#pool.take();
    for (const index of this.#pool.noKeys()) this.tally.noKey(index);
    this.tally.sent(region.commands);
    this.#pipeline.send(region);
    while (!this.#pool.hasFree) await this.#pipeline.waitForRelease();
    this.#pool.next();
  }

  /** Values that were built by commands end once every step was answered; one that was refused is removed. */
  async #settle(): Promise<void> {
    if (this.#engine.deferred().length === 0) return;
    await this.#flush();
    await this.#pipeline.drained();
    await settleDeferred(this.#engine, (entry) => this.#ledger.refused(entry, this.#part, this.#fileDb), () => this.#flush());
  }

  async #enterDb(fileDb: number): Promise<void> {
    const { selection, dbMap } = this.#options;
    const selected = selectsDb(selection, fileDb);
    this.#engine.calls.selectDb(selected ? 1 : 0);
    if (!selected) return;
    const targetDb = dbMap.get(fileDb) ?? fileDb;
    if (targetDb !== this.#targetDb) {
      while (this.#engine.calls.putSelect(targetDb) === 0) await this.#flush();
      this.#targetDb = targetDb;
    }
    this.#pool.changeDb(fileDb);
    this.#fileDb = fileDb;
  }

  async #function(source: Uint8Array, offset: number): Promise<void> {
    if (this.#options.functions === 'skip') return;
    const failure = await this.#aside(() => loadFunction(this.#connection, source, this.#options.functions === 'replace'));
    if (failure === null) this.tally.functions++;
    else this.tally.fail({ part: this.#part, offset, db: 0, keyHash: keyHash(source), type: 'function', error: failure });
  }

  async #script(source: Uint8Array, offset: number): Promise<void> {
    const failure = await this.#aside(() => loadScript(this.#connection, source));
    if (failure === null) this.tally.scripts++;
    else this.tally.fail({ part: this.#part, offset, db: 0, keyHash: keyHash(source), type: 'script', error: failure });
  }

  /** A call outside of the pipeline, after all that was sent before it. */
  async #aside<T>(call: () => Promise<T>): Promise<T> {
    await this.#flush();
    await this.#pipeline.drained();
    this.#pipeline.detach();
    const result = await call();
    this.#pipeline = this.#newPipeline();
    return result;
  }

  #unsupported(scanner: Scanner): void {
    const engine = this.#engine;
    const type = rdbType(engine.dialect, engine.type);
    const problem = UNSUPPORTED_REASONS[engine.numberA] ?? 'the target does not take it';
    if (this.#options.onUnsupported === 'fail') {
      throw new UnsupportedInputError(scanner.place(engine.entryOffset), `${problem}.`, {
        hint: 'To go on without such keys, pass --on-unsupported skip; redferry check lists them beforehand.',
      });
    }
    this.tally.fail({
      part: this.#part, offset: engine.entryOffset, db: engine.db, keyHash: keyHash(engine.key),
      type: type?.kind ?? `type ${engine.type}`, error: problem,
    });
  }

  #newPipeline(): Pipeline {
    const events = {
      onReply: (region: Region, index: number, reply: RespReply): void => this.#ledger.onReply(region, index, reply, this.#part),
      onReleased: (region: Region): void => this.#pool.release(region),
    };
    const pipeline = new Pipeline(this.#connection, events, { signal: this.#ctx.signal });
    this.tally.follow(pipeline);
    return pipeline;
  }
}

/** By the engine's reason: src/engine/events.ts REASON_*. */
export const UNSUPPORTED_REASONS: Readonly<Record<number, string>> = {
  0: 'the target does not know this encoding',
  1: 'the key has metadata of a module, which the target does not keep',
  2: 'the value is larger than the largest argument the target takes',
  3: 'the target has no such module',
  4: 'fields of the hash expire, which the target cannot keep (see --field-ttl)',
  5: 'entries of the stream were taken from their consumer (XNACK), which the target cannot keep',
  6: 'a group of the stream and its consumers do not agree on what is pending',
};
