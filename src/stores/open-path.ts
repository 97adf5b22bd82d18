/** Files, FIFOs and stdin as parts; gzip and zstd are recognised by their first bytes. */

import { constants, createReadStream, fstat, open as openFd, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.js';
import { readFully, type ByteReader } from './byte-reader.js';
import { FileReader } from './file-reader.js';
import type { Compression, PartSource, PartStream } from '../rdb/part-source.js';
import { directoryError, emptyError, readError } from './read-errors.js';
import { ReadableReader } from './readable-reader.js';

/** The calls that may fail, so that tests can make them. */
export interface FileSystem {
  stat(path: string): Promise<Stats>;
  open(path: string): Promise<Pick<FileHandle, 'read' | 'close' | 'stat'>>;
}

const realFileSystem: FileSystem = { stat: (path) => stat(path), open: (path) => open(path, 'r') };

/**
 * The part at a path, `file:path` or `-`. A file is tried at once, so that one that cannot be read is found before anything is
 * begun. Errors: UsageError (2) where nothing is there; UnsupportedInputError (8) for a directory, an empty or unreadable file.
 */
export async function openPath(location: string, fileSystem: FileSystem = realFileSystem): Promise<PartSource> {
  if (location === '-') return stdinPart();
  const path = location.startsWith('file:') ? location.slice(5).replace(/^\/\/(?=\/)/, '') : location;
  const info = await fileSystem.stat(path).catch((error: unknown) => {
    throw readError(path, null, error);
  });
  if (info.isDirectory()) throw directoryError(path);
  const name = basename(path);
  if (info.isFIFO()) return { name, size: null, rereadable: false, open: async () => decoded(name, await openPipe(path), null) };
  if (info.isCharacterDevice()) {
    const openDevice = (): ByteReader => new ReadableReader(createReadStream(path), (cause, position) => readError(name, position, cause));
    return { name, size: null, rereadable: false, open: () => decoded(name, openDevice(), null) };
  }
  return filePart(path, fileSystem);
}

async function filePart(path: string, fileSystem: FileSystem): Promise<PartSource> {
  const name = basename(path);
  const openFile = async (): Promise<{ reader: FileReader; size: number }> => {
    try {
      const handle = await fileSystem.open(path);
      const { size } = await handle.stat();
      return { reader: new FileReader(name, handle, size), size };
    } catch (error) {
      throw readError(path, null, error);
    }
  };
  const { reader, size } = await openFile();
  try {
    if ((await reader.read(Buffer.alloc(1), 0, 1)) === 0) throw emptyError(path);
  } finally {
    await reader.close();
  }
  return {
    name,
    size,
    rereadable: true,
    open: async () => {
      const { reader: file } = await openFile();
      return decoded(name, file, file);
    },
  };
}

async function stdinPart(): Promise<PartSource> {
  const { stdin } = process;
  if (stdin.isTTY) throw new UsageError('-: standard input is a terminal, expected a file or pipe.', { hint: 'Example: zcat dump.rdb.gz | redferry check -' });
  const info = await promisify(fstat)(0).catch(() => null); // closed: reading says so
  if (info?.isDirectory() === true) throw directoryError('stdin');
  return {
    name: 'stdin',
    size: info?.isFile() === true ? info.size : null,
    rereadable: false,
    open: () => decoded('stdin', new ReadableReader(stdin, (cause, position) => readError('stdin', position, cause)), null),
  };
}

/** Opened without waiting for a writer and read through the event loop: a blocking read could not be interrupted. */
async function openPipe(path: string): Promise<ByteReader> {
  const name = basename(path);
  try {
    const { Socket } = await import('node:net');
    const fd = await promisify(openFd)(path, constants.O_RDONLY | constants.O_NONBLOCK, 0);
    const socket = new Socket({ fd, readable: true, writable: false });
    return new ReadableReader(socket, (cause, position) => readError(name, position, cause));
  } catch (error) {
    throw readError(path, null, error);
  }
}

/** Looks at the first bytes and puts the decompressor they ask for in front. `file` is the reader where it is a plain file. */
async function decoded(name: string, stored: ByteReader, file: FileReader | null): Promise<PartStream> {
  const head = new Uint8Array(4);
  let count: number;
  try {
    count = await readFully(stored, head, 0, head.length);
    if (count === 0) throw emptyError(name);
  } catch (error) {
    await stored.close();
    throw error;
  }
  stored.unread(head.slice(0, count));
  const compression = compressionOf(head);
  const bytes = await decompressed(name, stored, compression);
  return {
    read: (target, offset, length) => bytes.read(target, offset, length),
    get storedPosition() {
      return stored.position;
    },
    readAt: compression === 'none' && file !== null ? (target, offset, length, position) => file.readAt(target, offset, length, position) : null,
    compression,
    close: () => bytes.close(),
  };
}

/** A decompressor is loaded only where it is needed: most files are plain. */
async function decompressed(name: string, stored: ByteReader, compression: Compression): Promise<ByteReader> {
  if (compression === 'none') return stored;
  if (compression === 'gzip') return (await import('./gzip.js')).gunzip(name, stored);
  const { ZstdReader } = await import('./zstd/zstd-reader.js');
  return new ZstdReader(name, stored);
}

function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const [a, b, c, d] = head;
  const zstd = a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
  const skippable = a !== undefined && a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18;
  return zstd || skippable ? 'zstd' : 'none';
}
