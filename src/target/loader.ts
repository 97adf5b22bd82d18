/** Streams one part after another into a server: engine → regions → pipeline, and every reply back to its entry. */

import { CorruptInputError, UnsupportedInputError } from '../errors.js';
import type { StageContext } from '../context.js';
import { type Engine, EngineAction, EngineEvent } from '../rdb/engine.js';
import { applyPlan, configureEngine, type EnginePlan, type Selection, selectsDb } from '../rdb/engine-setup.js';
import type { PartSource, PartStream } from '../rdb/part-source.js';
import { endPart, scanPart } from '../rdb/scan-part.js';
import { keyHash, type Scanner } from '../rdb/scanner.js';
import { type Dialect, rdbType } from '../rdb/types.js';
import type { RespConnection } from '../resp/connection.js';
import type { RespReply } from '../resp/decode.js';
import { Pipeline, type Region } from '../resp/pipeline.js';
import { classifyReply, errorForVerdict } from '../resp/replies.js';
import { loadFunction, loadScript } from './function-load.js';
import { LoadTally } from './load-tally.js';
import { type CommandOrigin, keyOfCommand, LAST_TYPE, RegionPool, STEP_TYPE } from './region-pool.js';
import { Spool } from './spool.js';

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
  /** Keys of commands larger than a region, by offset of their entry: the region that ends them does not hold the key. */
  readonly #bigKeys = new Map<number, string>();
  /** By offset of the entry: what the server said to a step of a value that is built by commands. */
  readonly #broken = new Map<number, string>();
  #pipeline: Pipeline;
  #part = '';
  #targetDb = 0;

  constructor(engine: Engine, connection: RespConnection, options: LoadOptions, ctx: StageContext) {
    this.#engine = engine;
    this.#connection = connection;
    this.#options = options;
    this.#ctx = ctx;
    this.#pool = new RegionPool(engine);
    this.#pipeline = this.#newPipeline();
  }

  /** Reads a part and sends what is selected; resolves when every reply to it is in. */
  async load(source: PartSource): Promise<void> {
    this.#part = source.name;
    const stream = await source.open();
    const feed: Feed = { stream, spool: null, replayed: null, rereadTo: 0 };
    const scanner = scanPart(this.#engine, source, stream, this.#ctx, 'import', {
      onInput: () => this.#engine.calls.setClock(BigInt(Math.trunc(this.#options.now()))),
      onConsumed: (from, to) => feed.spool?.append(this.#engine.bytes.subarray(from, to)),
    });
    this.tally.startPart(this.#engine);
    try {
      await this.#events(scanner, feed);
      await this.#flush();
      await this.#pipeline.drained();
    } catch (error) {
      // what was answered until now counts, whatever ended it
      if (this.#pipeline.error === null) this.#pipeline.stop(error);
      await this.#pipeline.settled();
      throw this.#pipeline.error instanceof Error && !(error instanceof CorruptInputError) ? this.#pipeline.error : error;
    } finally {
      this.tally.endPart(Math.max(stream.storedPosition, feed.rereadTo));
      feed.spool?.close();
      feed.replayed?.close();
      await endPart(scanner, stream);
      this.#ctx.report.progress({ stage: 'import', part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: this.#engine.keysRead });
    }
  }

  /** How far it got, as a sentence. */
  progress(): string {
    return this.tally.progress();
  }

  async #events(scanner: Scanner, feed: Feed): Promise<void> {
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
        case EngineEvent.select:
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
          break;
        case EngineEvent.update:
          throw new UnsupportedInputError(scanner.place(), 'a command stands inside the file (Valkey, saved without fork), which this version does not carry out.');
        case EngineEvent.bigBegin:
          this.#beginBig(feed);
          break;
        case EngineEvent.bigReady:
          await this.#writeBig(scanner, feed, engine.numberA, engine.numberB);
          break;
        case EngineEvent.rewind:
          await this.#rewind(scanner, feed, engine.numberA);
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
    this.tally.sent(region.commands);
    this.#pipeline.send(region);
    while (!this.#pool.hasFree) await this.#pipeline.waitForRelease();
    this.#pool.next();
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
      this.tally.selects(this.#engine.commands - 1);
    }
    this.#pool.changeDb(fileDb);
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

  #beginBig(feed: Feed): void {
    const engine = this.#engine;
    this.#bigKeys.set(engine.entryOffset, keyHash(engine.key));
    if (feed.stream.readAt !== null) return;
    feed.spool?.close();
    feed.spool = new Spool();
    feed.spool.append(engine.bytes.subarray(engine.valueAt, engine.cursor));
  }

  /** Sends a measured value: its bytes are read a second time, from the file or the spool. */
  async #writeBig(scanner: Scanner, feed: Feed, offset: number, length: number): Promise<void> {
    const { calls, bytes } = this.#engine;
    const { spool } = feed;
    feed.spool = null;
    try {
      for (let done = 0, state = calls.pumpBig(); state !== 2; state = calls.pumpBig()) {
        if (state === 1) {
          await this.#flush();
          continue;
        }
        this.#ctx.signal.throwIfAborted();
        const want = Math.min(this.#pool.room, length - done);
        const got = spool === null
          ? await feed.stream.readAt?.(bytes, this.#engine.out, want, offset + done)
          : await spool.readAt(bytes, this.#engine.out, want, done);
        if (got === undefined || got === 0) {
          throw new CorruptInputError({ ...scanner.place(), what: 'value', expected: `${length} bytes on the second read`, found: `${done}` }, {
            hint: 'The file changed while it was read: make sure that nothing writes it, and run the same command again.',
          });
        }
        calls.acceptBig(got);
        done += got;
      }
    } finally {
      spool?.close();
    }
  }

  /** A measured value is too large for one RESTORE: it is read again from its first byte, and decoded. */
  async #rewind(scanner: Scanner, feed: Feed, offset: number): Promise<void> {
    const { stream, spool } = feed;
    feed.spool = null;
    const { readAt } = stream;
    if (readAt !== null) {
      let position = offset;
      const read = async (target: Uint8Array, at: number, length: number): Promise<number> => {
        const got = await readAt(target, at, length, position);
        position += got;
        feed.rereadTo = position;
        return got;
      };
      await scanner.restart({ read }, offset);
      return;
    }
    if (spool === null) throw new Error('a value was measured without a spool');
    for (const bytes of await scanner.unused()) spool.append(bytes);
    feed.replayed = spool;
    let position = 0;
    const read = async (target: Uint8Array, at: number, length: number): Promise<number> => {
      if (position >= spool.length) return stream.read(target, at, length);
      const got = await spool.readAt(target, at, length, position);
      position += got;
      return got;
    };
    await scanner.restart({ read }, offset);
  }

  #newPipeline(): Pipeline {
    const events = {
      onReply: (region: Region, index: number, reply: RespReply): void => this.#onReply(region, index, reply),
      onReleased: (region: Region): void => this.#pool.release(region),
    };
    const pipeline = new Pipeline(this.#connection, events, { signal: this.#ctx.signal });
    this.tally.follow(pipeline);
    return pipeline;
  }

  #onReply(region: Region, index: number, reply: RespReply): void {
    const origin = this.#pool.origin(region, index);
    if (origin.rdbType === STEP_TYPE || origin.rdbType === LAST_TYPE) {
      this.#onCommandReply(region, index, reply, origin);
      return;
    }
    const verdict = classifyReply(reply);
    // it was answered, and not with OK
    this.tally.answeredOtherwise++;
    if ((verdict.outcome !== 'exists' && verdict.outcome !== 'key') || origin.isSelect) {
      throw errorForVerdict(verdict, `${this.#connection.where}: ${origin.isSelect ? 'SELECT' : 'writing a key'}`, { progress: this.progress() });
    }
    if (verdict.outcome === 'exists' && this.#options.onConflict === 'skip') this.tally.existing++;
    else this.#fail(region, index, origin, verdict.text);
  }

  /** A value built by native commands: its steps answer numbers, and its last command tells whether the key is there. */
  #onCommandReply(region: Region, index: number, reply: RespReply, origin: CommandOrigin): void {
    this.tally.answeredOtherwise++;
    const last = origin.rdbType === LAST_TYPE;
    const verdict = reply.kind === 'error' ? classifyReply(reply) : null;
    if (verdict !== null && verdict.outcome !== 'key' && verdict.outcome !== 'exists') {
      throw errorForVerdict(verdict, `${this.#connection.where}: building a value by commands`, { progress: this.progress() });
    }
    if (!last) {
      if (verdict !== null) this.#broken.set(origin.offset, this.#broken.get(origin.offset) ?? verdict.text);
      return;
    }
    const broken = this.#broken.get(origin.offset) ?? verdict?.text;
    this.#broken.delete(origin.offset);
    if (broken !== undefined) this.#fail(region, index, origin, broken);
    else if (reply.kind === 'integer' && reply.value === 0) {
      if (this.#options.onConflict === 'skip') this.tally.existing++;
      else this.#fail(region, index, origin, 'the key exists (RENAMENX answered 0)');
    } else this.tally.answeredOtherwise--;
  }

  #fail(region: Region, index: number, origin: CommandOrigin, error: string): void {
    if (!this.tally.listsMore) {
      this.tally.failed++;
      return;
    }
    const key = keyOfCommand(region.bytes, index, origin.rdbType === LAST_TYPE ? 2 : 1);
    this.tally.fail({
      part: this.#part, offset: origin.offset, db: origin.fileDb,
      keyHash: this.#bigKeys.get(origin.offset) ?? (key === null ? '' : keyHash(key)),
      type: rdbType(this.#engine.dialect, origin.rdbType)?.kind ?? 'collection', error,
    });
  }
}

interface Feed {
  readonly stream: PartStream;
  /** Where the value under way is kept, when the stream cannot seek. */
  spool: Spool | null;
  /** A spool that is the start of the input since a rewind. */
  replayed: Spool | null;
  /** Offset that a file was read to after a rewind, past its stream. */
  rereadTo: number;
}

/** By the engine's reason: src/engine/events.ts REASON_*. */
export const UNSUPPORTED_REASONS: Readonly<Record<number, string>> = {
  0: 'the target does not know this encoding',
  1: 'the key has metadata of a module, which the target does not keep',
  2: 'the value is larger than the largest argument the target takes',
  3: 'the target has no such module',
  4: 'fields of the hash expire, which the target cannot keep (see --field-ttl)',
  5: 'entries of the stream were taken from their consumer (XNACK), which the target cannot keep',
};
