/** A plain file: read in order straight into the caller's memory, and from anywhere. */

import type { FileHandle } from 'node:fs/promises';
import { CorruptInputError } from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { readError } from './read-errors.js';

/** Owns the handle. */
export class FileReader implements ByteReader {
  position = 0;
  readonly #name: string;
  readonly #handle: Pick<FileHandle, 'read' | 'close'>;
  readonly #size: number;

  /** `size` as the file was opened: an earlier end means that somebody cut the file meanwhile. */
  constructor(name: string, handle: Pick<FileHandle, 'read' | 'close'>, size: number) {
    this.#name = name;
    this.#handle = handle;
    this.#size = size;
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    const count = await this.readAt(target, offset, length, this.position);
    this.position += count;
    return count;
  }

  /** 0 at or behind the end. */
  async readAt(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    let count: number;
    try {
      ({ bytesRead: count } = await this.#handle.read(target, offset, length, position));
    } catch (error) {
      throw readError(this.#name, position, error);
    }
    if (count === 0 && length > 0 && position < this.#size) {
      throw new CorruptInputError(
        { source: this.#name, offset: position, what: 'file', expected: `${this.#size} bytes, as when it was opened`, found: `its end after ${position}` },
        { hint: 'Something cut the file while it was read: let whatever writes it finish, then run the same command again.' },
      );
    }
    return count;
  }

  unread(bytes: Uint8Array): void {
    this.position -= bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
