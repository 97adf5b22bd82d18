/** Walks an RDB held in memory through the engine, as `check` does, but without files, stages or a target. */
import { EngineAction, EngineEvent, type Engine } from '../../src/rdb/engine.js';
import { applyPlan, configureEngine, EVERYTHING } from '../../src/rdb/engine-setup.js';
import { Scanner } from '../../src/rdb/scanner.js';
import { chunkedStream } from './chunks.js';

export interface WalkResult {
  checksum: 'ok' | 'disabled' | 'absent' | 'mismatch';
  keys: number;
  keysPerDb: Record<string, number>;
  rdbTypeBytes: Record<string, number>;
  functions: number;
  /** Bytes after the end of the file. */
  trailing: number;
}

export interface WalkOptions {
  /** Bytes per read; all at once when left out. */
  chunk?: number;
  /** Do not tell the engine how long the file is, as for a pipe. */
  unknownSize?: boolean;
}

/** By the number the engine gives (src/engine/events.ts CHECKSUM_…). */
const CHECKSUMS = [undefined, 'ok', 'disabled', 'absent', 'mismatch'] as const;

/** Throws what the scanner throws: CorruptInputError or UnsupportedInputError for bad bytes. */
export async function walk(engine: Engine, bytes: Uint8Array, options: WalkOptions = {}): Promise<WalkResult> {
  configureEngine(engine, EVERYTHING, null, { lookInside: true, walkOnly: true });
  const stream = chunkedStream(bytes, options.chunk ?? Infinity);
  const scanner = new Scanner(engine, stream, 'memory.rdb', options.unknownSize === true ? null : bytes.length, { onInput: () => undefined });
  const result: WalkResult = { checksum: 'absent', keys: 0, keysPerDb: {}, rdbTypeBytes: {}, functions: 0, trailing: 0 };
  let db = 0;
  const closeDb = (): void => {
    for (const { byte, keys } of engine.typeStats()) {
      result.rdbTypeBytes[byte] = (result.rdbTypeBytes[byte] ?? 0) + keys;
      result.keysPerDb[db] = (result.keysPerDb[db] ?? 0) + keys;
      result.keys += keys;
    }
    engine.calls.clearStats();
  };
  try {
    for (;;) {
      const event = await scanner.next();
      if (event === EngineEvent.header) applyPlan(engine, engine.dialect, null, EngineAction.pass);
      else if (event === EngineEvent.function) result.functions += 1;
      else if (event === EngineEvent.select) {
        closeDb();
        db = engine.numberA;
      } else if (event === EngineEvent.end) {
        closeDb();
        result.checksum = CHECKSUMS[engine.numberA] ?? 'mismatch';
        result.trailing = (await scanner.trailing()).length;
        return result;
      } else if (event === EngineEvent.output || event === EngineEvent.unsupported || event === EngineEvent.bigBegin || event === EngineEvent.bigReady) {
        throw new Error(`a walk ended with event ${event}`);
      }
    }
  } finally {
    await scanner.settle();
  }
}
