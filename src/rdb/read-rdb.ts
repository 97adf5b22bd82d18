/** The library's reader: bytes of an RDB file in, its entries out, in constant memory. */

import { Engine, EngineAction, EngineEvent } from './engine.js';
import { applyPlan, configureEngine, EVERYTHING } from './engine-setup.js';
import type { ByteReader } from './input-window.js';
import { INDEX_SLOTS, REGION_SIZE } from './memory-map.js';
import { Scanner } from './scanner.js';
import { rdbType, type Dialect, type Kind } from './types.js';

/** One key as it stands in the file. */
export interface RdbEntry {
  db: number;
  key: Uint8Array;
  kind: Kind;
  /** RDB type byte, and the name of that encoding: 16, "hash-listpack". */
  rdbType: number;
  encoding: string;
  /** Absolute, ms since 1970; undefined: the key does not expire. */
  expiresAtMs: bigint | undefined;
  /** Seconds without access, where the server kept them (maxmemory-policy *-lru). */
  lruIdleSeconds: number | undefined;
  /** 0 to 255, where the server kept it (maxmemory-policy *-lfu). */
  lfuFrequency: number | undefined;
  /** Where the entry begins in the file, with its attributes. */
  offset: number;
  /** Where its value begins, and how many bytes it has there. */
  valueOffset: number;
  valueBytes: number;
}

export interface RdbHeader {
  version: number;
  dialect: Dialect;
}

export interface ReadRdbOptions {
  /** Stands for the input in error messages. */
  name?: string;
  /** Its bytes, where known: a length that points beyond them is an error at once. */
  size?: number;
  /** Look inside packed values too, and refuse those a server would choke on. */
  lookInside?: boolean;
  onHeader?: (header: RdbHeader) => void;
  onAux?: (name: Uint8Array, value: Uint8Array) => void;
  /** Source of a function library. */
  onFunction?: (source: Uint8Array) => void;
  /** At the end: what became of the file's checksum. A mismatch throws instead. */
  onEnd?: (checksum: 'ok' | 'disabled' | 'absent') => void;
}

/**
 * Yields every entry of an RDB file (Redis 1 to 16, Valkey 80 and 81), as chunks of any size arrive. Memory does not grow
 * with the file, the number of keys or the size of a value; a key may have up to 1 MiB.
 * Throws CorruptInputError or UnsupportedInputError with offset, expected and found.
 */
export async function* readRdb(bytes: AsyncIterable<Uint8Array>, options: ReadRdbOptions = {}): AsyncGenerator<RdbEntry, void, void> {
  const engine = await Engine.create(1);
  const scanner = new Scanner(engine, iterableReader(bytes), options.name ?? 'input', options.size ?? null, { onInput: () => undefined });
  const [region] = engine.map.regions;
  if (region === undefined) return;
  const open = (): void => engine.calls.openRegion(region.at, REGION_SIZE, region.index, INDEX_SLOTS);
  const mode = { lookInside: options.lookInside ?? false, walkOnly: false };
  configureEngine(engine, EVERYTHING, null, mode);
  open();
  for (;;) {
    const event = await scanner.next();
    if (event === EngineEvent.header) {
      applyPlan(engine, engine.dialect, null, EngineAction.record);
      engine.setModules([]);
      options.onHeader?.({ version: engine.version, dialect: engine.dialect });
    } else if (event === EngineEvent.aux) options.onAux?.(engine.stringA, engine.stringB);
    else if (event === EngineEvent.function) options.onFunction?.(engine.stringA);
    else if (event === EngineEvent.output || event === EngineEvent.end) {
      const end = event === EngineEvent.end ? engine.numberA : 0;
      const records = engine.bytes.slice(region.at, engine.out);
      open();
      yield* decodeRecords(records, engine.dialect);
      if (event !== EngineEvent.end) continue;
      if (end === 4) throw scanner.checksumError();
      options.onEnd?.(end === 1 ? 'ok' : end === 2 ? 'disabled' : 'absent');
      await scanner.settle();
      return;
    }
  }
}

/** Records as src/engine/entry-record.ts writes them. */
function* decodeRecords(records: Uint8Array, dialect: Dialect): Generator<RdbEntry, void, void> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  for (let at = 0; at < records.length; at += view.getUint32(at, true)) {
    const byte = view.getUint32(at + 4, true);
    const flags = view.getUint32(at + 8, true);
    const type = rdbType(dialect, byte);
    yield {
      db: view.getInt32(at + 12, true),
      key: records.slice(at + 64, at + 64 + view.getUint32(at + 60, true)),
      kind: type?.kind ?? 'module',
      rdbType: byte,
      encoding: type?.name ?? `type ${byte}`,
      expiresAtMs: flags & 1 ? view.getBigInt64(at + 40, true) : undefined,
      lruIdleSeconds: flags & 2 ? view.getFloat64(at + 48, true) : undefined,
      lfuFrequency: flags & 4 ? view.getUint32(at + 56, true) : undefined,
      offset: view.getFloat64(at + 16, true),
      valueOffset: view.getFloat64(at + 24, true),
      valueBytes: view.getFloat64(at + 32, true),
    };
  }
}

function iterableReader(bytes: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = bytes[Symbol.asyncIterator]();
  let rest = new Uint8Array(0);
  return {
    async read(target, offset, length) {
      while (rest.length === 0) {
        const next = await iterator.next();
        if (next.done === true) return 0;
        rest = new Uint8Array(next.value);
      }
      const n = Math.min(length, rest.length);
      target.set(rest.subarray(0, n), offset);
      rest = rest.subarray(n);
      return n;
    },
  };
}
