/** Files that are written: under a temporary name beside the final one, synced, then renamed. Never half a file under the final name. */

import { createHash, randomBytes } from 'node:crypto';
import { write as fsWrite } from 'node:fs';
import { link, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RetryableError, UsageError } from '../errors.js';

export interface OutputFile {
  /** As it was named; `-` for stdout. */
  readonly path: string;
  /** Written so far. */
  readonly bytes: number;
  /** Resolves when `bytes` may be reused. One write at a time. Throws RetryableError. */
  write(bytes: Uint8Array): Promise<void>;
  /** All is written: makes it durable, still under the temporary name. */
  finish(): Promise<void>;
  /** Gives it its name. Throws UsageError where that is taken meanwhile and may not be replaced. */
  publish(): Promise<void>;
  /** Removes what was not published. Never throws, safe to call twice. */
  discard(): Promise<void>;
  /** Of all that was written, in hex. */
  sha256(): string;
}

/** `-` is stdout. Throws UsageError where the file exists and `force` is not given, and where it cannot be made. */
export async function openOutput(path: string, force: boolean): Promise<OutputFile> {
  if (path === '-') return new Stdout();
  const existing = await stat(path).catch(() => null);
  if (existing?.isDirectory() === true) throw new UsageError(`${path}: expected the name of a file to write, found a directory.`);
  if (existing !== null && !existing.isFile()) throw new UsageError(`${path}: expected the name of a file to write, found something that is no plain file.`, { hint: 'Use - to write to stdout.' });
  if (existing !== null && !force) throw exists(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  const handle = await open(temporary, 'wx', 0o644).catch((error: unknown) => {
    throw new UsageError(`${path}: cannot be written: ${(error as Error).message}.`, { cause: error });
  });
  return new PlainFile(path, temporary, handle, force);
}

function exists(path: string): UsageError {
  return new UsageError(`${path}: exists already.`, { hint: 'Choose another name, or pass --force to replace it.' });
}

class PlainFile implements OutputFile {
  readonly path: string;
  bytes = 0;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #force: boolean;
  readonly #hash = createHash('sha256');
  #open = true;
  #there = true;

  constructor(path: string, temporary: string, handle: FileHandle, force: boolean) {
    this.path = path;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#force = force;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.bytes);
        done += bytesWritten;
        this.bytes += bytesWritten;
      }
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async finish(): Promise<void> {
    try {
      await this.#handle.sync();
      this.#open = false;
      await this.#handle.close();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async publish(): Promise<void> {
    try {
      if (this.#force) {
        await rename(this.#temporary, this.path);
        this.#there = false;
      } else {
        // link refuses a name that is taken, where rename would replace it
        await link(this.#temporary, this.path);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(this.path);
      if (!this.#force && ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) return this.#renameUnlessTaken();
      throw this.#failed(error);
    }
    await this.discard();
    await syncDirectory(dirname(this.path));
  }

  async discard(): Promise<void> {
    if (this.#open) await this.#handle.close().catch(() => undefined);
    this.#open = false;
    if (this.#there) await unlink(this.#temporary).catch(() => undefined);
    this.#there = false;
  }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Where the file system has no hard links. */
  async #renameUnlessTaken(): Promise<void> {
    if ((await stat(this.path).catch(() => null)) !== null) throw exists(this.path);
    try {
      await rename(this.#temporary, this.path);
    } catch (error) {
      throw this.#failed(error);
    }
    this.#there = false;
    await syncDirectory(dirname(this.path));
  }

  #failed(error: unknown): RetryableError {
    return new RetryableError(`${this.path}: could not be written after ${this.bytes} bytes: ${(error as Error).message}.`, {
      cause: error, hint: 'Nothing is left of it. Make room, and run the same command again.',
    });
  }
}

/** The name is durable too. Not every file system lets a directory be synced; the file itself is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const writeFd = promisify(fsWrite);
const STDOUT_FD = 1;
const RETRY_MS = 2;

class Stdout implements OutputFile {
  readonly path = '-';
  bytes = 0;
  readonly #hash = createHash('sha256');

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      try {
        const { bytesWritten } = await writeFd(STDOUT_FD, bytes, done, bytes.length - done, null);
        done += bytesWritten;
        this.bytes += bytesWritten;
      } catch (error) {
        // a pipe that another process set to non-blocking
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
          throw new RetryableError(`stdout: could not be written after ${this.bytes} bytes: ${(error as Error).message}.`, { cause: error, hint: 'What reads it has ended.' });
        }
        await sleep(RETRY_MS);
      }
    }
  }

  finish(): Promise<void> { return Promise.resolve(); }
  publish(): Promise<void> { return Promise.resolve(); }
  discard(): Promise<void> { return Promise.resolve(); }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }
}
