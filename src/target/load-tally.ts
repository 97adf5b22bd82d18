/** What a load did, truthful at every moment: a key counts as written only when the server said so. */

import type { Engine } from '../rdb/engine.js';
import type { Pipeline } from '../resp/pipeline.js';

export interface LoadFailure {
  part: string;
  offset: number;
  /** Database of the file. */
  db: number;
  keyHash: string;
  type: string;
  error: string;
}

/** Failures that are listed one by one; the others are counted. */
export const LISTED_FAILURES = 10_000;

interface LoadCounts {
  read: number;
  filtered: number;
  expired: number;
  empty: number;
  set: number;
  restore: number;
  rebuild: number;
  commands: number;
}

export class LoadTally {
  existing = 0;
  failed = 0;
  functions = 0;
  scripts = 0;
  bytesRead = 0;
  /** Replies to keys that were neither OK nor fatal. */
  answeredOtherwise = 0;
  readonly failures: LoadFailure[] = [];
  /** The part under way: its counters are still the engine's. */
  #engine: Engine | null = null;
  #ended: LoadCounts = { read: 0, filtered: 0, expired: 0, empty: 0, set: 0, restore: 0, rebuild: 0, commands: 0 };
  #pipeline: Pipeline | null = null;
  /** Of pipelines that are over. */
  #answered = 0;
  #bytesSent = 0;
  /** Commands handed over, and the ordinals of those among them that are no keys and were not answered yet. */
  #sent = 0;
  readonly #noKeys: number[] = [];
  #noKeysAnswered = 0;

  get listsMore(): boolean {
    return this.failures.length < LISTED_FAILURES;
  }

  get counts(): LoadCounts {
    const { read, filtered, expired, empty, set, restore, rebuild, commands } = this.#ended;
    const engine = this.#engine;
    if (engine === null) return this.#ended;
    return {
      read: read + engine.keysRead,
      filtered: filtered + engine.keysFiltered,
      expired: expired + engine.keysExpired,
      empty: empty + engine.keysEmpty,
      set: set + engine.keysSet,
      restore: restore + engine.keysRestored,
      rebuild: rebuild + engine.keysRebuilt,
      commands: commands + engine.keysCommands,
    };
  }

  get bytesSent(): number {
    return this.#bytesSent + (this.#pipeline?.bytesSent ?? 0);
  }

  /** Keys that the server said it has written. */
  get written(): number {
    const answered = this.#answered + (this.#pipeline?.acknowledged ?? 0);
    while (this.#noKeys[0] !== undefined && this.#noKeys[0] < answered) {
      this.#noKeys.shift();
      this.#noKeysAnswered++;
    }
    return answered - this.#noKeysAnswered - this.answeredOtherwise;
  }

  /** Counts the answers of this pipeline from now on; what the one before it did is kept. */
  follow(pipeline: Pipeline): void {
    this.#answered += this.#pipeline?.acknowledged ?? 0;
    this.#bytesSent += this.#pipeline?.bytesSent ?? 0;
    this.#pipeline = pipeline;
  }

  fail(failure: LoadFailure): void {
    this.failed++;
    if (this.listsMore) this.failures.push(failure);
  }

  sent(commands: number): void {
    this.#sent += commands;
  }

  /** Command `index` of the region that is not sent yet answers OK, and is no key: SELECT, a step of a stream. */
  noKey(index: number): void {
    this.#noKeys.push(this.#sent + index);
  }

  startPart(engine: Engine): void {
    this.#engine = engine;
  }

  endPart(bytesRead: number): void {
    this.#ended = this.counts;
    this.#engine = null;
    this.bytesRead += bytesRead;
  }

  progress(): string {
    const others = this.failed === 0 ? '' : `, ${this.failed} failed`;
    return `${this.counts.read} keys were read, ${this.written} were written${others}.`;
  }
}
