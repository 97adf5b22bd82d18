/** Counts of a part by database and by RDB type, gathered from the engine at each change of database. */

import type { Engine } from '../rdb/engine.js';

export interface KeyTally {
  keys: number;
  expiring: number;
  /** Their time had passed by the clock of the walk. */
  expired: number;
}

export interface DbTally extends KeyTally {
  /** Of their values, in the file. */
  bytes: number;
  /** Estimated; 0 where keys are not measured. */
  memory: number;
}

export interface TypeTally extends DbTally {
  byte: number;
  elements: number;
  firstOffset: number;
  unsupported: number;
  restore: number;
  set: number;
  rebuild: number;
  commands: number;
}

export interface PartTally {
  /** Keys in the file; the others count selected ones. */
  read: number;
  filtered: number;
  skippedExpired: number;
  /** Collections without elements, which servers skip. */
  empty: number;
  tooLarge: { keys: number; firstOffset: number };
  byDb: Map<number, DbTally>;
  byType: Map<number, TypeTally>;
  /** Keys by time to live: expired, a minute, an hour, a day, a week, 30 days, a year, more, none. */
  ttl: number[];
}

export class Tally {
  readonly #engine: Engine;
  readonly #byDb = new Map<number, DbTally>();
  readonly #byType = new Map<number, TypeTally>();
  #ttl: number[] = new Array<number>(9).fill(0);
  #db = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The keys that follow are in this database; a file may come back to one. */
  select(db: number): void {
    this.#collect();
    this.#db = db;
  }

  end(): PartTally {
    this.#collect();
    const engine = this.#engine;
    return {
      read: engine.keysRead,
      filtered: engine.keysFiltered,
      skippedExpired: engine.keysExpired,
      empty: engine.keysEmpty,
      tooLarge: { keys: engine.keysTooLarge, firstOffset: engine.firstTooLarge },
      byDb: this.#byDb,
      byType: this.#byType,
      ttl: this.#ttl,
    };
  }

  #collect(): void {
    const rows = this.#engine.typeStats();
    if (rows.length === 0) return;
    const db = this.#byDb.get(this.#db) ?? { keys: 0, expiring: 0, expired: 0, bytes: 0, memory: 0 };
    this.#byDb.set(this.#db, db);
    for (const row of rows) {
      db.keys += row.keys;
      db.expiring += row.expiring;
      db.expired += row.expired;
      db.bytes += row.bytes;
      db.memory += row.memory;
      const type = this.#byType.get(row.byte);
      if (type === undefined) {
        this.#byType.set(row.byte, { ...row });
        continue;
      }
      for (const field of ['keys', 'expiring', 'expired', 'bytes', 'unsupported', 'restore', 'set', 'rebuild', 'commands', 'memory', 'elements'] as const) type[field] += row[field];
    }
    const ttl = this.#engine.ttlHistogram();
    this.#ttl = this.#ttl.map((keys, i) => keys + (ttl[i] ?? 0));
    this.#engine.calls.clearStats();
    this.#engine.calls.clearMeasures();
  }
}
