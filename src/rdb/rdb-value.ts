/** A key's value as an async iterable of what it holds, read while the file goes by. */

import { ItemReader } from './item-reader.js';
import { streamEntries, streamTail, type StreamItem } from './stream-value.js';
import type { Kind } from './types.js';
import { type FrameReader, FrameTag } from './value-frames.js';

export interface ScoredMember {
  member: Uint8Array;
  score: number;
}

export interface HashField {
  field: Uint8Array;
  value: Uint8Array;
  /** Absolute, ms since 1970; undefined: the field does not expire. */
  expiresAtMs: number | undefined;
}

/**
 * By kind. A string comes in pieces of at most 1 MiB; values of modules, arrays and hashes by template yield nothing,
 * for nothing public says what is inside.
 */
export type RdbValue =
  | { kind: 'string' | 'list' | 'set'; value: () => AsyncIterable<Uint8Array> }
  | { kind: 'zset'; value: () => AsyncIterable<ScoredMember> }
  | { kind: 'hash'; value: () => AsyncIterable<HashField> }
  | { kind: 'stream'; value: () => AsyncIterable<StreamItem> }
  | { kind: Exclude<Kind, 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream'>; value: () => AsyncIterable<never> };

/** The value whose frames come next. It can be read once, and only until `close`. */
export class OpenValue {
  readonly #frames: FrameReader;
  #open = true;
  #started = false;
  #ended = false;

  constructor(frames: FrameReader) {
    this.#frames = frames;
  }

  /** For an entry of this kind and RDB type. */
  of(kind: Kind, type: number): RdbValue {
    switch (kind) {
      case 'string':
        return { kind, value: () => this.#string() };
      case 'list':
      case 'set':
        return { kind, value: () => this.#items(elements) };
      case 'zset':
        return { kind, value: () => this.#items((items) => scoredMembers(items, type === 5)) };
      case 'hash':
        return { kind, value: () => this.#items((items) => hashFields(items, type >= 22 && type <= 25)) };
      case 'stream':
        return { kind, value: () => this.#items<StreamItem>(streamEntries, (tail) => streamTail(tail, type === 15 ? 1 : type === 19 ? 2 : 3)) };
      default:
        return { kind, value: () => this.#items(nothing) };
    }
  }

  /** Passes over what was not read. */
  async close(): Promise<void> {
    this.#open = false;
    while (!this.#ended) this.#see(await this.#frames.next());
  }

  /** As `close`, where nothing must be waited for. Returns false where something must. */
  tryClose(): boolean {
    this.#open = false;
    while (!this.#ended) {
      const tag = this.#frames.tryNext();
      if (tag === undefined) return false;
      this.#see(tag);
    }
    return true;
  }

  async *#string(): AsyncGenerator<Uint8Array, void, void> {
    this.#start();
    this.#see(this.#frames.tryNext() ?? (await this.#frames.next()));
    const whole = this.#frames.tryAll();
    if (whole === undefined) {
      for await (const piece of this.#frames.pieces()) {
        yield piece;
        this.#require();
      }
    } else if (whole.length > 0) {
      yield whole;
      this.#require();
    }
  }

  /** `decode` for frames of items, `decodeTail` for what follows them. */
  async *#items<T>(
    decode: (items: Uint8Array) => Iterable<T>, decodeTail: (tail: Uint8Array) => Iterable<T> = nothing,
  ): AsyncGenerator<T, void, void> {
    this.#start();
    for (;;) {
      const tag = this.#frames.tryNext() ?? (await this.#frames.next());
      this.#see(tag);
      if (this.#ended) return;
      const frame = this.#frames.tryAll() ?? (await this.#frames.all());
      for (const item of (tag === FrameTag.tail ? decodeTail : decode)(frame)) {
        yield item;
        this.#require();
      }
    }
  }

  #see(tag: number | null): void {
    if (tag === FrameTag.end || tag === null) this.#ended = true;
  }

  #start(): void {
    this.#require();
    if (this.#started) throw new Error('the value of an entry can be read once: keep what is needed of it');
    this.#started = true;
  }

  #require(): void {
    if (!this.#open) throw new Error('the value is gone: it must be read before the next entry is asked for');
  }
}

function* elements(items: Uint8Array): Generator<Uint8Array, void, void> {
  const reader = new ItemReader(items);
  while (!reader.ended) yield reader.string();
}

function* scoredMembers(items: Uint8Array, binary: boolean): Generator<ScoredMember, void, void> {
  const reader = new ItemReader(items);
  while (!reader.ended) yield { member: reader.string(), score: binary ? reader.binaryScore() : reader.textScore() };
}

function* hashFields(items: Uint8Array, expiries: boolean): Generator<HashField, void, void> {
  const reader = new ItemReader(items);
  while (!reader.ended) {
    const field = reader.string();
    const value = reader.string();
    const expiry = expiries ? reader.time() : -1;
    yield { field, value, expiresAtMs: expiry < 0 ? undefined : expiry };
  }
}

function nothing(): [] {
  return [];
}
