/** A part as JSON lines: what the engine writes into two regions in turn, so that one is filled while the other goes out. */

import { type Engine, EngineAction, EngineEvent } from './engine.js';
import { applyPlan, configureEngine, selectsDb, type Selection } from './engine-setup.js';
import { INDEX_SLOTS } from './memory-map.js';
import type { ByteSink } from './rdb-file.js';
import type { Scanner } from './scanner.js';

export interface JsonLinesOptions {
  readonly selection: Selection;
  /** Database of the file → database that its lines name. */
  readonly dbMap: ReadonlyMap<number, number>;
  /** Clock for expiry, ms. */
  readonly now: number;
  /** Whatever stands around the keys: by the events of the engine, `output` and `select` excepted. */
  readonly onEvent?: (event: number) => void;
}

/** Regions that the engine must have. */
export const JSON_REGIONS = 2;

/**
 * Reads the part to its end and writes a line for each key that is selected, in the order of the file. Resolves when all
 * is written. Throws the scanner's errors and the sink's; a wrong checksum too, at the end.
 */
export async function writeJsonLines(scanner: Scanner, sink: ByteSink, options: JsonLinesOptions): Promise<void> {
  const { engine } = scanner;
  const { selection, dbMap } = options;
  configureEngine(engine, selection, null, { lookInside: false, walkOnly: false });
  engine.calls.setClock(BigInt(options.now));
  const enterDb = (db: number): void => {
    engine.calls.selectDb(selectsDb(selection, db) ? 1 : 0);
    engine.calls.setLineDb(dbMap.get(db) ?? db);
  };
  const regions = new TwoRegions(engine, sink);
  try {
    for (;;) {
      const event = await scanner.next();
      if (event === EngineEvent.output) await regions.flush();
      else if (event === EngineEvent.select) enterDb(engine.numberA);
      else if (event === EngineEvent.header) {
        applyPlan(engine, engine.dialect, null, EngineAction.jsonLine);
        enterDb(0);
      } else if (event === EngineEvent.end && engine.numberA === 4) throw scanner.checksumError();
      options.onEvent?.(event);
      if (event === EngineEvent.end) break;
    }
    await regions.flush();
    await regions.settle();
  } finally {
    // nothing may read the engine's memory any more; an error was thrown already
    await regions.settle().catch(() => undefined);
  }
}

class TwoRegions {
  readonly #engine: Engine;
  readonly #sink: ByteSink;
  #current: 0 | 1 = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(engine: Engine, sink: ByteSink) {
    this.#engine = engine;
    this.#sink = sink;
    this.#open();
  }

  /** Hands over what the region holds, and goes on in the other one, once that is out. */
  async flush(): Promise<void> {
    const { bytes, out, map } = this.#engine;
    const at = map.regions[this.#current]?.at ?? 0;
    await this.#writing;
    this.#writing = out === at ? Promise.resolve() : this.#sink.write(bytes.subarray(at, out));
    // it is awaited by the next flush; until then a failure is not unhandled
    this.#writing.catch(() => undefined);
    this.#current = this.#current === 0 ? 1 : 0;
    this.#open();
  }

  /** Resolves when everything is out. */
  settle(): Promise<void> {
    return this.#writing;
  }

  #open(): void {
    const region = this.#engine.map.regions[this.#current];
    if (region === undefined) throw new Error(`JSON lines need an engine of ${JSON_REGIONS} regions`);
    this.#engine.calls.openRegion(region.at, this.#engine.map.regionSize, region.index, INDEX_SLOTS);
  }
}
