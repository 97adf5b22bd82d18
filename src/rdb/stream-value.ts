/** What a stream holds, from the engine's frames: its entries node by node, then its state and groups. */

import { ItemReader } from './item-reader.js';
import { listpackElements } from './listpack.js';

export interface StreamEntry {
  what: 'entry';
  id: string;
  fields: [name: Uint8Array, value: Uint8Array][];
}

/** Comes after the entries. What the file does not say (RDB types before 19) is undefined. */
export interface StreamState {
  what: 'state';
  length: number;
  lastId: string;
  firstId: string | undefined;
  maxDeletedId: string | undefined;
  entriesAdded: bigint | undefined;
}

export interface StreamGroup {
  what: 'group';
  name: Uint8Array;
  lastDeliveredId: string;
  /** null: the server did not know. undefined: the file does not say. */
  entriesRead: bigint | null | undefined;
  consumers: StreamConsumer[];
  /** By id, as in the file. */
  pending: StreamPending[];
}

export interface StreamConsumer {
  name: Uint8Array;
  seenAtMs: number;
  /** undefined: it never was, or the file does not say. */
  activeAtMs: number | undefined;
}

export interface StreamPending {
  id: string;
  /** undefined: it was taken from its consumer (XNACK). */
  consumer: Uint8Array | undefined;
  deliveredAtMs: number;
  deliveries: number;
}

export type StreamItem = StreamEntry | StreamState | StreamGroup;

const DELETED = 1n;
const SAME_FIELDS = 2n;
const UNKNOWN = 0xffff_ffff_ffff_ffffn;

/** Entries of nodes that stand one after another: key and listpack each (redis 7.4 src/t_stream.c, "listpack entry"). */
export function* streamEntries(nodes: Uint8Array): Generator<StreamEntry, void, void> {
  const reader = new ItemReader(nodes);
  while (!reader.ended) {
    reader.count();
    const [ms, sequence] = reader.rawId();
    yield* nodeEntries(ms, sequence, reader.string());
  }
}

function* nodeEntries(ms: bigint, sequence: bigint, listpack: Uint8Array): Generator<StreamEntry, void, void> {
  const elements = listpackElements(listpack);
  const number = (): bigint => {
    const element = next(elements);
    return typeof element === 'bigint' ? element : BigInt(text(element));
  };
  const bytes = (): Uint8Array => {
    const element = next(elements);
    return typeof element === 'bigint' ? new TextEncoder().encode(String(element)) : element;
  };
  const many = (count: bigint): Uint8Array[] => Array.from({ length: Number(count) }, bytes);
  const total = number() + number();
  const names = many(number());
  number();
  for (let left = total; left > 0n; left--) {
    const flags = number();
    const id = `${BigInt.asUintN(64, ms + number())}-${BigInt.asUintN(64, sequence + number())}`;
    const fields = (flags & SAME_FIELDS) !== 0n
      ? names.map((name): [Uint8Array, Uint8Array] => [name, bytes()])
      : Array.from({ length: Number(number()) }, (): [Uint8Array, Uint8Array] => [bytes(), bytes()]);
    number();
    if ((flags & DELETED) === 0n) yield { what: 'entry', id, fields };
  }
}

function next(elements: Iterator<Uint8Array | bigint, void>): Uint8Array | bigint {
  const element = elements.next();
  if (element.done === true) throw new Error('a stream node ends too early, though the engine has checked it');
  return element.value;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** What follows the nodes, in the layout of RDB type 15, 19 or 21: `version` 1 to 3. */
export function* streamTail(tail: Uint8Array, version: number): Generator<StreamState | StreamGroup, void, void> {
  const reader = new ItemReader(tail);
  yield {
    what: 'state',
    length: reader.count(),
    lastId: reader.id(),
    firstId: version >= 2 ? reader.id() : undefined,
    maxDeletedId: version >= 2 ? reader.id() : undefined,
    entriesAdded: version >= 2 ? reader.length() : undefined,
  };
  for (let left = reader.count(); left > 0; left--) yield group(reader, version);
}

function group(reader: ItemReader, version: number): StreamGroup {
  const name = reader.string();
  const lastDeliveredId = reader.id();
  const read = version >= 2 ? reader.length() : undefined;
  const byId = new Map<string, StreamPending>();
  for (let left = reader.count(); left > 0; left--) {
    const id = reader.rawId().join('-');
    byId.set(id, { id, consumer: undefined, deliveredAtMs: reader.time(), deliveries: reader.count() });
  }
  const consumers: StreamConsumer[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const consumer = reader.string();
    const seenAtMs = reader.time();
    const active = version >= 3 ? reader.time() : -1;
    consumers.push({ name: consumer, seenAtMs, activeAtMs: active < 0 ? undefined : active });
    for (let ids = reader.count(); ids > 0; ids--) {
      const pending = byId.get(reader.rawId().join('-'));
      if (pending !== undefined) pending.consumer = consumer;
    }
  }
  return { what: 'group', name, lastDeliveredId, entriesRead: read === UNKNOWN ? null : read, consumers, pending: [...byId.values()] };
}
