/** One part, read by the engine from its first to its last byte: windows in, events out, errors with their place. */

import { createHash } from 'node:crypto';

import { CorruptInputError, UnsupportedInputError, type InputPlace } from '../errors.js';
import { ENGINE_ERRORS, UNSUPPORTED_CODES } from './engine-errors.js';
import { type Engine, EngineEvent } from './engine.js';
import { InputWindow, type ByteReader } from './input-window.js';
import { rdbType } from './types.js';

/** First 16 hex digits of SHA-256 of a key: names a key where its bytes must not appear. */
export function keyHash(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** The file's CRC64 is not the one it ends with. `end` is the offset after the checksum. */
export function checksumError(name: string, end: number, written: bigint, found: bigint): CorruptInputError {
  const hex = (value: bigint): string => value.toString(16).padStart(16, '0');
  return new CorruptInputError({
    source: name, offset: end - 8, what: 'file checksum', expected: `CRC64 ${hex(written)}, as the file ends with`, found: hex(found),
  });
}

export interface ScannerHooks {
  /** Before the engine goes on after each piece of input: checks for interruption, shows progress, sets the clock. */
  onInput: () => void;
  /** After each call of the engine, with the first address it had not used before: what a spool has to copy. */
  onConsumed?: (from: number, to: number) => void;
}

export class Scanner {
  readonly name: string;
  readonly engine: Engine;
  readonly #window: InputWindow;
  readonly #hooks: ScannerHooks;
  #ended = false;

  /** `size`: decoded bytes where known, so that a length that points beyond the end is an error at once. */
  constructor(engine: Engine, stream: ByteReader, name: string, size: number | null, hooks: ScannerHooks) {
    this.engine = engine;
    this.name = name;
    this.#window = new InputWindow(engine, stream);
    this.#hooks = hooks;
    engine.calls.open(size ?? 2 ** 62);
  }

  /** Decoded bytes read so far. */
  get position(): number {
    return this.#window.position;
  }

  /** The next event but `input`. Throws CorruptInputError or UnsupportedInputError. */
  async next(): Promise<number> {
    for (;;) {
      const from = this.engine.cursor;
      const event = this.engine.calls.scan();
      this.#hooks.onConsumed?.(from, this.engine.cursor);
      if (event === EngineEvent.error) throw this.#error();
      if (event !== EngineEvent.input) {
        if (event === EngineEvent.end) this.#ended = true;
        return event;
      }
      if (!(await this.#window.fill())) throw this.#truncated();
      this.#hooks.onInput();
    }
  }

  /** After the end event: bytes that follow the file's end, as many as are at hand (0: none at all). */
  async trailing(): Promise<Uint8Array> {
    if (!this.#ended) throw new Error('the part has not ended');
    const { cursor, bytes } = this.engine;
    const length = this.#window.endAddress - cursor;
    if (length > 0) return bytes.slice(cursor, cursor + length);
    if (!(await this.#window.fill())) return new Uint8Array(0);
    return bytes.slice(this.engine.keep, this.#window.endAddress);
  }

  /** See InputWindow. */
  unused(): Promise<Uint8Array[]> {
    return this.#window.unused();
  }

  /** After the rewind event: the part goes on with `stream`, from file offset `offset`. */
  restart(stream: ByteReader, offset: number): Promise<void> {
    return this.#window.restart(stream, offset);
  }

  /** Waits for a read under way: call before the stream is closed. */
  settle(): Promise<void> {
    return this.#window.settle();
  }

  /** Where the engine is, for errors and failures; key and type only inside an entry. */
  place(offset = this.engine.offset): InputPlace {
    const place: InputPlace = { source: this.name, offset };
    if (!this.engine.inEntry) return place;
    const type = rdbType(this.engine.dialect, this.engine.type);
    place.db = this.engine.db;
    place.keyHash = keyHash(this.engine.key);
    place.type = type === undefined ? `type ${this.engine.type}` : `${type.kind}, type ${type.byte}`;
    return place;
  }

  /** After the end event with a mismatch. */
  checksumError(): CorruptInputError {
    const { offset, crcWritten, crcFound } = this.engine;
    return checksumError(this.name, offset, crcWritten, crcFound);
  }

  #error(): Error {
    const { engine } = this;
    const sentence = ENGINE_ERRORS[engine.errorCode]?.(engine.errorExpected, engine.errorFound) ?? {
      what: 'input', expected: 'well-formed bytes', found: `engine error ${engine.errorCode}`,
    };
    const place = this.place(engine.errorOffset);
    if (engine.errorCode === 1) return this.#notRdb();
    if (UNSUPPORTED_CODES.has(engine.errorCode)) {
      return new UnsupportedInputError(place, `${sentence.what}: expected ${sentence.expected}, found ${sentence.found}.`, {
        hint: 'This version of redferry does not know it, and never guesses. A newer one may.',
      });
    }
    const inside = engine.errorInside >= 0 ? ` at byte ${engine.errorInside} of the decoded value` : '';
    return new CorruptInputError({ ...place, what: sentence.what, expected: sentence.expected, found: sentence.found + inside });
  }

  /** What people feed a tool by mistake is named. */
  #notRdb(): Error {
    const head = this.engine.bytes.slice(this.engine.keep, this.engine.keep + 9);
    const text = Buffer.from(head).toString('latin1');
    const place = { source: this.name, offset: 0 };
    if (text.startsWith('*') || text.startsWith('#TS:')) {
      return new UnsupportedInputError(place, 'this is an append-only file (AOF), which this version does not read yet.', {
        hint: 'Give it the RDB file, or the base RDB of the appendonlydir.',
      });
    }
    if (text.startsWith('VCS')) {
      return new UnsupportedInputError(place, 'this is a Valkey file in a compressed envelope (VCS), which this version does not read.', {
        hint: 'Save it again with rdb-compression turned to a form without envelope.',
      });
    }
    return new CorruptInputError(
      {
        ...place,
        what: 'header',
        expected: 'the magic REDIS and a version of four digits, or VALKEY and one of three',
        found: `bytes ${[...head].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
      },
      { hint: 'This is no RDB file. Check the path, and that a download is not an error page.' },
    );
  }

  #truncated(): Error {
    const { engine } = this;
    const place = this.place(this.position);
    return new CorruptInputError(
      { ...place, what: engine.inEntry ? 'value' : 'file', expected: 'more bytes', found: 'the end of the input' },
      { hint: 'The file is cut short: fetch it again, or make a new backup.' },
    );
  }
}
