/** Ends the entries that were built by commands: src/engine/deferred.ts says why they wait. */

import type { Engine } from './engine.js';

export interface DeferredEntry {
  /** Of the entry in the file. */
  offset: number;
  key: Uint8Array;
}

/** Where `isBroken`, the staging key is removed instead. `flush` sends the region that is full and opens the next. */
export async function settleDeferred(engine: Engine, isBroken: (entry: DeferredEntry) => boolean, flush: () => Promise<void>): Promise<void> {
  for (const entry of engine.deferred()) {
    const broken = isBroken(entry) ? 1 : 0;
    while (engine.calls.putDeferred(entry.at, broken) === 0) await flush();
  }
  engine.calls.settled();
}
