/**
 * Builds RDB files byte by byte, right ones and wrong ones. Written from redis 7.4 src/rdb.c, listpack.c, ziplist.c,
 * zipmap.c, intset.c, and apart from src/: a mistake there is not repeated here.
 */

export type Bytes = Uint8Array;
type Text = string | Bytes;

const raw = (text: Text): Bytes => (typeof text === 'string' ? Buffer.from(text, 'utf8') : text);

export function bytes(...items: (number | Text)[]): Bytes {
  return Buffer.concat(items.map((item) => (typeof item === 'number' ? Buffer.from([item]) : raw(item))));
}

/** A length in its smallest form. */
export function len(value: number | bigint): Bytes {
  const n = BigInt(value);
  if (n < 64n) return bytes(Number(n));
  if (n < 16384n) return bytes(Number(0x40n | (n >> 8n)), Number(n & 255n));
  return n < 1n << 32n ? len32(Number(n)) : len64(n);
}

export function len32(value: number): Bytes {
  const out = Buffer.alloc(5, 0x80);
  out.writeUInt32BE(value, 1);
  return out;
}

export function len64(value: bigint): Bytes {
  const out = Buffer.alloc(9, 0x81);
  out.writeBigUInt64BE(value, 1);
  return out;
}

/** A plain string: length and bytes. */
export function str(text: Text): Bytes {
  const body = raw(text);
  return bytes(len(body.length), body);
}

/** A string said to be compressed: `data` as it is, declared to make `length` bytes. */
export function lzf(data: Bytes, length: number | bigint): Bytes {
  return bytes(0xc3, len(data.length), len(length), data);
}

export function u32(value: number): Bytes {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function i64(value: number | bigint): Bytes {
  const out = Buffer.alloc(8);
  out.writeBigInt64LE(BigInt(value));
  return out;
}

export function double(value: number): Bytes {
  const out = Buffer.alloc(8);
  out.writeDoubleLE(value);
  return out;
}

/** Type byte, key, value. */
export function entry(type: number, key: Text, ...value: Bytes[]): Bytes {
  return bytes(type, str(key), ...value);
}

export const aux = (name: string, value: string): Bytes => bytes(250, str(name), str(value));
export const selectDb = (db: number | bigint): Bytes => bytes(254, len(db));
export const resizeDb = (keys: number, expiring: number): Bytes => bytes(251, len(keys), len(expiring));
export const expireMs = (at: number | bigint): Bytes => bytes(252, i64(at));
export const expireSeconds = (at: number): Bytes => bytes(253, u32(at));
export const idle = (seconds: number): Bytes => bytes(248, len(seconds));
export const frequency = (value: number): Bytes => bytes(249, value);
export const functionLibrary = (code: string): Bytes => bytes(245, str(code));

export interface FileOptions {
  /** Nine bytes; REDIS0011 when left out. */
  magic?: string;
  /** wrong: one bit off. none: the file ends after the EOF opcode. right when left out. */
  checksum?: 'right' | 'zero' | 'wrong' | 'none';
  /** Leave the EOF opcode out. */
  open?: boolean;
}

/** A whole file: magic, `parts`, EOF, checksum. */
export function rdb(parts: Bytes[], { magic = 'REDIS0011', checksum = 'right', open = false }: FileOptions = {}): Bytes {
  const body = bytes(magic, ...parts, ...(open ? [] : [255]));
  if (checksum === 'none') return body;
  return sealed(bytes(body, new Uint8Array(8)), checksum);
}

/** The same bytes with the last eight replaced by a checksum of all before. */
export function sealed(file: Bytes, checksum: 'right' | 'zero' | 'wrong' = 'right'): Bytes {
  const out = Buffer.from(file);
  const at = out.length - 8;
  if (checksum === 'zero') out.fill(0, at);
  else writeCrc64(out, at);
  if (checksum === 'wrong') out.writeUInt8(out.readUInt8(at) ^ 1, at);
  return out;
}

// CRC-64/Jones as redis src/crc64.c: reflected, polynomial 0xad93d23594c935a9, check value e9c6d914c4b8d9ca.
const [CRC_LOW, CRC_HIGH] = crcTables();

function crcTables(): [Uint32Array, Uint32Array] {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let crc = BigInt(i);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
    low[i] = Number(crc & 0xffffffffn);
    high[i] = Number(crc >> 32n);
  }
  return [low, high];
}

/** Writes the CRC of file[0, at) at `at`, little endian. */
export function writeCrc64(file: Buffer, at: number): void {
  let low = 0;
  let high = 0;
  for (let i = 0; i < at; i += 1) {
    const index = (low ^ (file[i] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (CRC_LOW[index] ?? 0);
    high = (high >>> 8) ^ (CRC_HIGH[index] ?? 0);
  }
  file.writeUInt32LE(low >>> 0, at);
  file.writeUInt32LE(high >>> 0, at + 4);
}

export type Element = Text | number | bigint;

export interface PackedLies {
  /** Bytes the header claims. */
  total?: number;
  /** Elements the header claims. */
  count?: number;
  /** Offset of the last entry a ziplist claims. */
  tail?: number;
  /** Put this in place of the 0xff at the end. */
  end?: number;
}

/** A listpack (redis 7.4 src/listpack.c), with a header that may lie. */
export function listpack(elements: Element[], lies: PackedLies = {}): Bytes {
  const entries = elements.map(listpackElement);
  const size = 7 + entries.reduce((sum, item) => sum + item.length, 0);
  const count = lies.count ?? elements.length;
  return bytes(u32(lies.total ?? size), count & 255, count >> 8, ...entries, lies.end ?? 255);
}

function listpackElement(element: Element): Bytes {
  const body = typeof element === 'number' || typeof element === 'bigint' ? listpackInteger(BigInt(element)) : listpackText(raw(element));
  return bytes(body, backLength(body.length));
}

function listpackInteger(value: bigint): Bytes {
  return value >= 0n && value < 128n ? bytes(Number(value)) : bytes(0xf4, i64(value));
}

function listpackText(body: Bytes): Bytes {
  if (body.length < 64) return bytes(0x80 | body.length, body);
  if (body.length < 4096) return bytes(0xe0 | (body.length >> 8), body.length & 255, body);
  return bytes(0xf0, u32(body.length), body);
}

function backLength(length: number): Bytes {
  if (length < 128) return bytes(length);
  if (length < 16384) return bytes(length >> 7, (length & 127) | 128);
  return bytes(length >> 14, ((length >> 7) & 127) | 128, (length & 127) | 128);
}

/** A ziplist (redis 6.2 src/ziplist.c), with a header that may lie. */
export function ziplist(elements: Element[], lies: PackedLies = {}): Bytes {
  let previous = 0;
  let at = 10;
  let tail = 10;
  const entries = elements.map((element) => {
    const body = typeof element === 'number' || typeof element === 'bigint' ? bytes(0xe0, i64(element)) : ziplistText(raw(element));
    const item = bytes(previous < 254 ? bytes(previous) : bytes(254, u32(previous)), body);
    previous = item.length;
    tail = at;
    at += item.length;
    return item;
  });
  const count = lies.count ?? elements.length;
  return bytes(u32(lies.total ?? at + 1), u32(lies.tail ?? tail), count & 255, count >> 8, ...entries, lies.end ?? 255);
}

function ziplistText(body: Bytes): Bytes {
  if (body.length < 64) return bytes(body.length, body);
  if (body.length < 16384) return bytes(0x40 | (body.length >> 8), body.length & 255, body);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return bytes(0x80, size, body);
}

/** An intset of 2, 4 or 8 byte numbers (redis 7.4 src/intset.c). */
export function intset(width: number, values: (number | bigint)[], lies: { width?: number; count?: number } = {}): Bytes {
  return bytes(u32(lies.width ?? width), u32(lies.count ?? values.length), ...values.map((value) => i64(value).subarray(0, width)));
}

/** A zipmap (redis 2.4 src/zipmap.c). */
export function zipmap(pairs: [string, string][], lies: { count?: number; end?: number } = {}): Bytes {
  const size = (text: string): Bytes => (text.length < 254 ? bytes(text.length) : bytes(254, u32(text.length)));
  const items = pairs.map(([field, value]) => bytes(size(field), field, size(value), 0, value));
  return bytes(lies.count ?? Math.min(pairs.length, 254), ...items, lies.end ?? 255);
}

/** 16 bytes, big endian: a stream id as a node's key. */
export function streamKey(ms: bigint, seq: bigint): Bytes {
  const out = Buffer.alloc(16);
  out.writeBigUInt64BE(ms);
  out.writeBigUInt64BE(seq, 8);
  return out;
}

export interface StreamLies {
  key?: Bytes;
  node?: Bytes;
  length?: number;
  groups?: Bytes;
}

/** A value of type 15: one node with one entry 1-1 {f: v}. */
export function stream(lies: StreamLies = {}): Bytes {
  const node = lies.node ?? listpack([1, 0, 1, 'f', 0, 2, 0, 0, 'v', 4]);
  return bytes(len(1), str(lies.key ?? streamKey(1n, 1n)), str(node), len(lies.length ?? 1), len(1), len(1), lies.groups ?? len(0));
}
