/** One row of CSV per key (RFC 4180, but that lines end with \n), in constant memory. */

import { open, type FileHandle } from 'node:fs/promises';

import { UsageError } from '../errors.js';
import type { KeyRecords } from '../rdb/key-records.js';
import type { KeySink } from '../stages/options.js';
import { keyText } from './key-text.js';
import type { OutputStream } from './output.js';

export const CSV_HEAD = 'db,type,encoding,key,size_in_file,memory,elements,largest_element,expiry,idle,frequency\n';

const BUFFER = 256 * 1024;
/** Bytes of a row beside its key. */
const ROW = 256;
const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, NEWLINE = 0x0a;

/** Bytes of the buffer are written whole before it is used again. */
export type CsvWriter = (bytes: Uint8Array) => Promise<void>;

/** `write` gets whole rows; `close` is called once, after the last of them. */
export function keyCsv(write: CsvWriter, close: () => Promise<void>): KeySink {
  let buffer = Buffer.allocUnsafe(BUFFER);
  let used = buffer.write(CSV_HEAD, 'latin1');
  const words = new Map<number, Buffer>();

  function putNumber(value: number): void {
    if (value < 10) {
      buffer[used++] = 48 + value;
      return;
    }
    if (value > 0x7fffffff) {
      used += buffer.write(String(value), used, 'latin1');
      return;
    }
    let digits = 2;
    for (let limit = 100; value >= limit; limit *= 10) digits++;
    for (let at = used + digits, left = value; at > used; ) {
      const next = (left / 10) | 0;
      buffer[--at] = 48 + left - next * 10;
      left = next;
    }
    used += digits;
  }

  function putOptional(value: number | null): void {
    if (value === null) return;
    if (value < 0) used += buffer.write(String(value), used, 'latin1');
    else putNumber(value);
  }

  /** Printable ASCII as it is; anything else by way of text. */
  function putKey(key: Uint8Array): void {
    buffer[used++] = QUOTE;
    const start = used;
    for (const byte of key) {
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) {
        used = start + buffer.write(keyText(key).replaceAll('"', '""'), start);
        break;
      }
      buffer[used++] = byte;
    }
    buffer[used++] = QUOTE;
  }

  function typeWords(records: KeyRecords): Buffer {
    const { type, rdbType } = records;
    const made = Buffer.from(`,${type?.kind ?? `type ${rdbType}`},${type?.name ?? `type ${rdbType}`},`);
    words.set(rdbType, made);
    return made;
  }

  function putRow(records: KeyRecords, key: Uint8Array): void {
    putNumber(records.db);
    const type = words.get(records.rdbType) ?? typeWords(records);
    used += type.copy(buffer, used);
    putKey(key);
    for (const value of [records.bytes, records.memory, records.elements]) {
      buffer[used++] = COMMA;
      putNumber(value);
    }
    for (const value of [records.largest, records.expiresAtMs, records.idleSeconds, records.frequency]) {
      buffer[used++] = COMMA;
      putOptional(value);
    }
    buffer[used++] = NEWLINE;
  }

  async function flush(): Promise<void> {
    await write(buffer.subarray(0, used));
    used = 0;
  }

  return {
    async take(records) {
      // a part's dialect may give a byte another meaning
      words.clear();
      while (records.next()) {
        const { key } = records;
        const most = ROW + 4 * key.length;
        if (used + most > buffer.length) {
          await flush();
          if (most > buffer.length) buffer = Buffer.allocUnsafe(most);
        }
        putRow(records, key);
      }
    },
    async close() {
      await flush();
      await close();
    },
  };
}

/** A file that is replaced, or `-`. Throws UsageError where it cannot be made. */
export async function openKeyCsv(path: string, stdout: OutputStream): Promise<KeySink> {
  if (path === '-') {
    // what is written is text in UTF-8: a key's other bytes are escaped
    return keyCsv((bytes) => written(stdout, Buffer.from(bytes).toString('utf8')), () => Promise.resolve());
  }
  let file: FileHandle;
  try {
    file = await open(path, 'w');
  } catch (error) {
    throw new UsageError(`--csv ${path}: expected a file that can be written: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
  return keyCsv(
    async (bytes) => {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
    },
    () => file.close(),
  );
}

function written(stdout: OutputStream, text: string): Promise<void> {
  if (stdout.write(text) !== false || stdout.once === undefined) return Promise.resolve();
  // a reader that went away ends the stream: there is nobody to wait for
  return new Promise((resolve) => {
    for (const event of ['drain', 'close', 'error']) stdout.once?.(event, () => resolve());
  });
}
