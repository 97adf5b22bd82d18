/** The library's reader: bytes of an RDB file in, its entries out, in constant memory. */

import { Engine, EngineAction, type EngineActionCode, EngineEvent } from './engine.js';
import { applyPlan, configureEngine, EVERYTHING } from './engine-setup.js';
import { IterableReader } from './iterable-reader.js';
import { INDEX_SLOTS, REGION_SIZE } from './memory-map.js';
import { OpenValue, type RdbValue } from './rdb-value.js';
import { Scanner } from './scanner.js';
import { rdbType, type Dialect, type Kind } from './types.js';
import { FrameReader } from './value-frames.js';

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

/** One key with its value, which is read by `value()` before the next entry is asked for, or passed over. */
export type RdbValueEntry = Omit<RdbEntry, 'kind' | 'valueBytes'> & RdbValue;

export interface RdbHeader {
  version: number;
  dialect: Dialect;
}

export interface ReadRdbOptions {
  /** Stands for the input in error messages. */
  name?: string;
  /** Its bytes, where known: a length that points beyond them is an error at once. */
  size?: number;
  /** Look inside packed values too, and refuse those a server would choke on. Values that are decoded always are looked into. */
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
 * with the file, the number of keys or the size of a value; a key may have up to 1 MiB (64 MiB with `values`).
 * With `values` each entry has its decoded value, as an async iterable of what it holds, in the order of the file: an
 * element, field or stream node of it may have up to 64 MiB, as may the consumer groups of a stream together.
 * A source that is not read to its end is closed. Throws CorruptInputError or UnsupportedInputError with offset, expected
 * and found.
 */
export function readRdb(bytes: AsyncIterable<Uint8Array>, options: ReadRdbOptions & { values: true }): AsyncGenerator<RdbValueEntry, void, void>;
export function readRdb(bytes: AsyncIterable<Uint8Array>, options?: ReadRdbOptions & { values?: false }): AsyncGenerator<RdbEntry, void, void>;
export function readRdb(bytes: AsyncIterable<Uint8Array>, options: ReadRdbOptions & { values?: boolean } = {}): AsyncGenerator<RdbEntry | RdbValueEntry, void, void> {
  return options.values === true ? readValues(bytes, options) : readEntries(bytes, options);
}

async function* readEntries(bytes: AsyncIterable<Uint8Array>, options: ReadRdbOptions): AsyncGenerator<RdbEntry, void, void> {
  for await (const { region, dialect } of regions(bytes, options, EngineAction.record)) {
    for (let at = 0; at < region.length; ) {
      const record = readRecord(region, at, dialect);
      at += record.bytes;
      yield { ...record.entry, kind: record.kind, valueBytes: record.valueBytes };
    }
  }
}

async function* readValues(bytes: AsyncIterable<Uint8Array>, options: ReadRdbOptions): AsyncGenerator<RdbValueEntry, void, void> {
  const source = regions(bytes, options, EngineAction.values);
  let dialect: Dialect = 'redis';
  async function* plain(): AsyncGenerator<Uint8Array, void, void> {
    for await (const next of source) {
      dialect = next.dialect;
      yield next.region;
    }
  }
  const frames = new FrameReader(plain());
  try {
    while ((frames.tryNext() ?? (await frames.next())) !== null) {
      const { entry, kind } = readRecord(frames.tryAll() ?? (await frames.all()), 0, dialect);
      const value = new OpenValue(frames);
      yield { ...entry, ...value.of(kind, entry.rdbType) };
      if (!value.tryClose()) await value.close();
    }
  } finally {
    await source.return();
  }
}

/** What the engine writes for each entry, region by region, as bytes of their own. */
async function* regions(
  bytes: AsyncIterable<Uint8Array>, options: ReadRdbOptions, action: EngineActionCode,
): AsyncGenerator<{ region: Uint8Array; dialect: Dialect }, void, void> {
  const engine = await Engine.create(1);
  const reader = new IterableReader(bytes);
  const scanner = new Scanner(engine, reader, options.name ?? 'input', options.size ?? null, { onInput: () => undefined });
  const [place] = engine.map.regions;
  if (place === undefined) return;
  const open = (): void => engine.calls.openRegion(place.at, REGION_SIZE, place.index, INDEX_SLOTS);
  configureEngine(engine, EVERYTHING, null, { lookInside: options.lookInside ?? false, walkOnly: false });
  open();
  try {
    for (;;) {
      const event = await scanner.next();
      if (event === EngineEvent.header) {
        applyPlan(engine, engine.dialect, null, action);
        engine.setModules([]);
        options.onHeader?.({ version: engine.version, dialect: engine.dialect });
      } else if (event === EngineEvent.aux) options.onAux?.(engine.stringA, engine.stringB);
      else if (event === EngineEvent.function) options.onFunction?.(engine.stringA);
      else if (event === EngineEvent.output || event === EngineEvent.end) {
        const end = event === EngineEvent.end ? engine.numberA : 0;
        const region = engine.bytes.slice(place.at, engine.out);
        open();
        yield { region, dialect: engine.dialect };
        if (event !== EngineEvent.end) continue;
        if (end === 4) throw scanner.checksumError();
        options.onEnd?.(end === 1 ? 'ok' : end === 2 ? 'disabled' : 'absent');
        return;
      }
    }
  } finally {
    // first, for a read ahead may wait for bytes that nobody wants any more
    const closed = reader.close();
    await scanner.settle();
    await closed;
  }
}

interface EntryRecord {
  entry: Omit<RdbEntry, 'kind' | 'valueBytes'>;
  kind: Kind;
  valueBytes: number;
  /** Of the record itself. */
  bytes: number;
}

/** A record as src/engine/entry-record.ts writes it. */
function readRecord(records: Uint8Array, at: number, dialect: Dialect): EntryRecord {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const byte = view.getUint32(at + 4, true);
  const flags = view.getUint32(at + 8, true);
  const type = rdbType(dialect, byte);
  return {
    entry: {
      db: view.getInt32(at + 12, true),
      key: records.slice(at + 64, at + 64 + view.getUint32(at + 60, true)),
      rdbType: byte,
      encoding: type?.name ?? `type ${byte}`,
      expiresAtMs: flags & 1 ? view.getBigInt64(at + 40, true) : undefined,
      lruIdleSeconds: flags & 2 ? view.getFloat64(at + 48, true) : undefined,
      lfuFrequency: flags & 4 ? view.getUint32(at + 56, true) : undefined,
      offset: view.getFloat64(at + 16, true),
      valueOffset: view.getFloat64(at + 24, true),
    },
    kind: type?.kind ?? 'module',
    valueBytes: view.getFloat64(at + 32, true),
    bytes: view.getUint32(at, true),
  };
}
