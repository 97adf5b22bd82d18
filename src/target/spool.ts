/** A value that must be read twice, kept in a nameless file while its source cannot seek. */

import { closeSync, mkdtempSync, openSync, read, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { RetryableError } from '../errors.js';

const readAsync = promisify(read);

export class Spool {
  readonly #fd: number;
  #length = 0;

  /** In the directory for temporary files; the file has no name from the start, so that nothing is left of it. */
  constructor() {
    const dir = mkdtempSync(join(tmpdir(), 'redferry-'));
    try {
      this.#fd = openSync(join(dir, 'spool'), 'wx+', 0o600);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#length + done);
    } catch (error) {
      throw new RetryableError(`${tmpdir()}: a large value from a source that cannot be read twice could not be kept there: ${(error as Error).message}.`, {
        cause: error,
        hint: 'Free space there, point TMPDIR elsewhere, or give the file by its path.',
      });
    }
    this.#length += bytes.length;
  }

  async readAt(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const { bytesRead } = await readAsync(this.#fd, target, offset, length, position);
    return bytesRead;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
