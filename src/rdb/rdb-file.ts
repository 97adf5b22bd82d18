/** An RDB file that is being written: databases are opened as records come, and the checksum follows every byte. */

import { crc64 } from './crc64.js';
import type { Engine } from './engine.js';
import type { RdbTarget } from './older-forms.js';
import { auxField, checksum, end, functionLibrary, header, resizeDb, selectDb } from './rdb-bytes.js';

/** What takes the bytes: a file (src/stores/output-file.ts). They may be reused when it resolves. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

export interface DbSize {
  readonly keys: number;
  readonly expiring: number;
}

/** First versions that know these opcodes (redis 3.2, 7.0, 5.0 src/rdb.h), and that end with a checksum (2.6). */
const FIRST_WITH_AUX = 7;
const FIRST_WITH_FUNCTIONS = 10;
const FIRST_WITH_MODULE_AUX = 9;
const FIRST_WITH_CHECKSUM = 5;

export const holdsFunctions = ({ version }: RdbTarget): boolean => version >= FIRST_WITH_FUNCTIONS;
export const holdsModuleAux = ({ version }: RdbTarget): boolean => version >= FIRST_WITH_MODULE_AUX;

export class RdbFile {
  readonly #engine: Engine;
  readonly #sink: ByteSink;
  readonly #target: RdbTarget;
  /** Address of the checksum so far. */
  readonly #crcAt: number;
  /** By database; null: not known beforehand. */
  readonly #sizes: ReadonlyMap<number, DbSize> | null;
  readonly #announced = new Set<number>();
  readonly #buffer: Buffer;
  #held = 0;
  #db = -1;

  /** `buffered`: bytes gathered before a write, for one of many files; 0: every record's region is one write. */
  constructor(engine: Engine, sink: ByteSink, target: RdbTarget, crcAt: number, sizes: ReadonlyMap<number, DbSize> | null, buffered: number) {
    this.#engine = engine;
    this.#sink = sink;
    this.#target = target;
    this.#crcAt = crcAt;
    this.#sizes = sizes;
    this.#buffer = Buffer.allocUnsafe(buffered);
    engine.setU64(crcAt, 0n);
  }

  async begin(): Promise<void> {
    await this.#put(header(this.#target));
  }

  async aux(name: Uint8Array, value: Uint8Array): Promise<void> {
    if (this.#target.version >= FIRST_WITH_AUX) await this.#put(auxField(name, value));
  }

  async function(source: Uint8Array): Promise<void> {
    if (holdsFunctions(this.#target)) await this.#put(functionLibrary(source));
  }

  /** Opcode and all, as it stands in another file. */
  async moduleAux(bytes: Uint8Array): Promise<void> {
    if (holdsModuleAux(this.#target)) await this.#put(bytes);
  }

  /** Records, or the next part of one, that stand at `at` in the engine's memory and belong to `db`. */
  async records(db: number, at: number, length: number): Promise<void> {
    if (length === 0) return;
    if (db !== this.#db) await this.#select(db);
    this.#engine.calls.updateCrc(this.#crcAt, at, length);
    await this.#write(this.#engine.bytes.subarray(at, at + length));
  }

  async end(): Promise<void> {
    await this.#put(end());
    if (this.#target.version >= FIRST_WITH_CHECKSUM) await this.#write(checksum(this.#engine.getU64(this.#crcAt)));
    await this.#flush();
  }

  async #select(db: number): Promise<void> {
    this.#db = db;
    await this.#put(selectDb(db));
    const size = this.#sizes?.get(db);
    if (size === undefined || this.#announced.has(db) || this.#target.version < FIRST_WITH_AUX) return;
    this.#announced.add(db);
    await this.#put(resizeDb(size.keys, size.expiring));
  }

  /** Bytes that are not in the engine's memory. */
  async #put(bytes: Uint8Array): Promise<void> {
    this.#engine.setU64(this.#crcAt, crc64(bytes, this.#engine.getU64(this.#crcAt)));
    await this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#held + bytes.length > this.#buffer.length) await this.#flush();
    if (bytes.length > this.#buffer.length) {
      await this.#sink.write(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  async #flush(): Promise<void> {
    if (this.#held === 0) return;
    await this.#sink.write(this.#buffer.subarray(0, this.#held));
    this.#held = 0;
  }
}
