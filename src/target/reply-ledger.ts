/** Every reply that is not +OK, back to the entry it belongs to. */

import type { Engine } from '../rdb/engine.js';
import { keyHash } from '../rdb/scanner.js';
import type { DeferredEntry } from '../rdb/settle.js';
import { rdbType } from '../rdb/types.js';
import type { RespReply } from '../resp/decode.js';
import type { Region } from '../resp/pipeline.js';
import { classifyReply, errorForVerdict } from '../resp/replies.js';
import type { LoadTally } from './load-tally.js';
import { type CommandOrigin, keyOfCommand, LAST_TYPE, type RegionPool, STEP_OK_TYPE, STEP_TYPE } from './region-pool.js';

/** More than can be in flight: each takes a region or more. */
const LARGE_KEYS = 4096;

export class ReplyLedger {
  readonly #engine: Engine;
  readonly #pool: RegionPool;
  readonly #tally: LoadTally;
  /** --on-conflict skip. */
  readonly #skips: boolean;
  readonly #where: string;
  /** Hashes of keys whose command is larger than a region, by offset of the entry: the region that ends it does not hold the key. */
  readonly #largeKeys = new Map<number, string>();
  /** By offset of the entry: what the server said to a step of a value that is built by commands. */
  readonly #broken = new Map<number, string>();

  constructor(engine: Engine, pool: RegionPool, tally: LoadTally, skips: boolean, where: string) {
    this.#engine = engine;
    this.#pool = pool;
    this.#tally = tally;
    this.#skips = skips;
    this.#where = where;
  }

  largeKey(offset: number, key: Uint8Array): void {
    this.#largeKeys.set(offset, keyHash(key));
    const [oldest] = this.#largeKeys.keys();
    if (this.#largeKeys.size > LARGE_KEYS && oldest !== undefined) this.#largeKeys.delete(oldest);
  }

  /** Whether a step of an entry was refused: then it is a failure, and must not end. To be asked once, when every step was answered. */
  refused({ offset, key }: DeferredEntry, part: string, db: number): boolean {
    const error = this.#broken.get(offset);
    if (error === undefined) return false;
    this.#broken.delete(offset);
    this.#tally.fail({ part, offset, db, keyHash: keyHash(key), type: 'collection', error });
    return true;
  }

  /** Counts a reply that is not +OK. Throws what ends the run. */
  onReply(region: Region, index: number, reply: RespReply, part: string): void {
    const origin = this.#pool.origin(region, index);
    if (origin.rdbType === STEP_TYPE || origin.rdbType === STEP_OK_TYPE || origin.rdbType === LAST_TYPE) {
      this.#onCommandReply(region, index, reply, origin, part);
      return;
    }
    const verdict = classifyReply(reply);
    // it was answered, and not with OK
    this.#tally.answeredOtherwise++;
    if ((verdict.outcome !== 'exists' && verdict.outcome !== 'key') || origin.isSelect) {
      throw errorForVerdict(verdict, `${this.#where}: ${origin.isSelect ? 'SELECT' : 'writing a key'}`, { progress: this.#tally.progress() });
    }
    if (verdict.outcome === 'exists' && this.#skips) this.#tally.existing++;
    else this.#fail(region, index, origin, part, verdict.text);
  }

  /** A value built by native commands: its steps answer numbers, and its last command tells whether the key is there. */
  #onCommandReply(region: Region, index: number, reply: RespReply, origin: CommandOrigin, part: string): void {
    this.#tally.answeredOtherwise++;
    const last = origin.rdbType === LAST_TYPE;
    const verdict = reply.kind === 'error' ? classifyReply(reply) : null;
    if (verdict !== null && verdict.outcome !== 'key' && verdict.outcome !== 'exists') {
      throw errorForVerdict(verdict, `${this.#where}: building a value by commands`, { progress: this.#tally.progress() });
    }
    if (!last) {
      const wrong = verdict?.text ?? (reply.kind === 'array' && reply.items.length === 0 ? 'XCLAIM made no pending entry' : undefined);
      if (wrong !== undefined) this.#broken.set(origin.offset, this.#broken.get(origin.offset) ?? wrong);
      return;
    }
    if (verdict !== null) this.#fail(region, index, origin, part, verdict.text);
    else if (reply.kind === 'integer' && reply.value === 0) {
      if (this.#skips) this.#tally.existing++;
      else this.#fail(region, index, origin, part, 'the key exists (RENAMENX answered 0)');
    } else this.#tally.answeredOtherwise--;
  }

  #fail(region: Region, index: number, origin: CommandOrigin, part: string, error: string): void {
    if (!this.#tally.listsMore) {
      this.#tally.failed++;
      return;
    }
    const key = keyOfCommand(region.bytes, index, origin.rdbType === LAST_TYPE ? 2 : 1);
    this.#tally.fail({
      part, offset: origin.offset, db: origin.fileDb,
      keyHash: this.#largeKeys.get(origin.offset) ?? (key === null ? '' : keyHash(key)),
      type: rdbType(this.#engine.dialect, origin.rdbType)?.kind ?? 'collection', error,
    });
  }
}
