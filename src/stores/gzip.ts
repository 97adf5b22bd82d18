/** gzip (RFC 1952), members one after the other included. */

import { createGunzip } from 'node:zlib';
import { CorruptInputError } from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { ReadableReader } from './readable-reader.js';

const INPUT = 64 * 1024;
const OUTPUT = 256 * 1024;

/** The decoded bytes of `stored`, which is read only as fast as they are taken. Owns `stored`. Errors: CorruptInputError. */
export function gunzip(name: string, stored: ByteReader): ByteReader {
  const decoder = createGunzip({ chunkSize: OUTPUT });
  const decoded = new ReadableReader(decoder, (cause, position) => gzipError(name, decoder.bytesWritten, position, cause));
  let started = false;
  const feed = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafe(INPUT);
    for (;;) {
      const count = await stored.read(buffer, 0, INPUT);
      if (count === 0) break;
      // Called back once all of it is decoded and taken, so one buffer will do.
      await new Promise<void>((resolve, reject) => decoder.write(buffer.subarray(0, count), (error) => (error === null || error === undefined ? resolve() : reject(error))));
    }
    decoder.end();
  };
  return {
    read(target, offset, length) {
      if (!started) {
        started = true;
        feed().catch((error: unknown) => decoder.destroy(error instanceof Error ? error : new Error(String(error))));
      }
      return decoded.read(target, offset, length);
    },
    unread: (bytes) => decoded.unread(bytes),
    get position() {
      return decoded.position;
    },
    async close() {
      await decoded.close();
      await stored.close();
    },
  };
}

/** zlib's codes: Z_BUF_ERROR is the end of input before the end of the stream, Z_DATA_ERROR a wrong header, code or CRC. */
function gzipError(name: string, storedPosition: number, offset: number, cause: unknown): Error {
  if (!(cause instanceof Error) || !('code' in cause) || !String(cause.code).startsWith('Z_')) return cause instanceof Error ? cause : new Error(String(cause));
  const near = `at compressed byte ${storedPosition} or soon after`;
  const cut = cause.code === 'Z_BUF_ERROR';
  return new CorruptInputError(
    {
      source: name,
      offset,
      what: 'gzip stream',
      expected: cut ? 'its end, with length and CRC' : 'valid gzip data',
      found: cut ? 'the end of the file: it is cut short' : `${cause.message} ${near}`,
    },
    { cause },
  );
}
