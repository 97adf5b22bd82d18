import { execFileSync } from 'node:child_process';
import { createWriteStream, truncateSync, writeFileSync, mkdirSync, openSync, closeSync, writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { RedferryError } from '../../src/errors.js';
import type { PartSource, PartStream } from '../../src/rdb/part-source.js';
import { openPath, type FileSystem } from '../../src/stores/open-path.js';
import { removeDir, tempDir } from '../helpers/temp-dir.js';

const dir = tempDir('stores');
afterAll(() => removeDir(dir));

/** Compressible and not, longer than every buffer in between. */
const content = Buffer.concat(Array.from({ length: 3000 }, (_, i) => Buffer.from(`REDIS${i}:${(i * 2654435761) % 4294967296}`.padEnd(i % 400, 'ab'))));
const small = content.subarray(0, 1000);

function file(name: string, bytes: Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

function zstd(bytes: Uint8Array, ...flags: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...flags], { input: bytes, maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'ignore'] });
}

async function readAll(stream: PartStream, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const target = Buffer.alloc(size + 2, 0x7e);
  for (;;) {
    const count = await stream.read(target, 1, size);
    if (target[0] !== 0x7e || target[size + 1] !== 0x7e) throw new Error('wrote outside of what was asked for');
    if (count === 0) break;
    pieces.push(Buffer.from(target.subarray(1, 1 + count)));
  }
  expect(await stream.read(target, 1, size)).toBe(0);
  await stream.close();
  await stream.close();
  return Buffer.concat(pieces);
}

/** As toEqual, which takes seconds for a megabyte. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual, expected)).toBe(0);
}

async function failure(work: Promise<unknown>): Promise<RedferryError> {
  try {
    await work;
  } catch (error) {
    return error as RedferryError;
  }
  throw new Error('it worked');
}

/** Opens and reads to the end or to the error. */
async function consume(source: PartSource | string, size = 100_000): Promise<Buffer> {
  const part = typeof source === 'string' ? await openPath(source) : source;
  const stream = await part.open();
  try {
    return await readAll(stream, size);
  } finally {
    await stream.close();
  }
}

const hasZstd = ((): boolean => {
  try {
    execFileSync('zstd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('plain files', () => {
  test('are read in order and from anywhere, as often as wanted', async () => {
    const path = file('plain.rdb', content);
    const part = await openPath(`file:${path}`);
    expect(part).toMatchObject({ name: 'plain.rdb', size: content.length, rereadable: true });
    for (let round = 0; round < 2; round += 1) expectSame(await consume(part, 70_000), content);
    expectSame(await consume(file('small.rdb', small), 1), small);
    const stream = await part.open();
    const target = Buffer.alloc(10);
    await stream.read(target, 0, 10);
    expect(await stream.readAt!(target, 2, 5, 100)).toBe(5);
    expect(target.subarray(2, 7)).toEqual(content.subarray(100, 105));
    expect([stream.storedPosition, stream.compression]).toEqual([10, 'none']);
    expect(await stream.readAt!(target, 0, 5, content.length)).toBe(0);
    await stream.close();
  });

  test('are read straight into WebAssembly memory', async () => {
    const memory = new WebAssembly.Memory({ initial: 32 });
    const view = new Uint8Array(memory.buffer);
    const stream = await (await openPath(file('wasm.rdb', content))).open();
    let at = 1000;
    for (;;) {
      const count = await stream.read(view, at, 100_000);
      if (count === 0) break;
      at += count;
    }
    expect(content.equals(view.subarray(1000, at))).toBe(true);
    await stream.close();
  });

  test('shorter than a magic are left to the reader', async () => {
    for (const bytes of ['R', '\x1f', '\x28\xb5\x2f']) expectSame(await consume(file('short.rdb', Buffer.from(bytes, 'latin1'))), Buffer.from(bytes, 'latin1'));
  });

  test('cut while they are read say so', async () => {
    const path = file('shrinks.rdb', content);
    const stream = await (await openPath(path)).open();
    await stream.read(Buffer.alloc(1000), 0, 1000);
    truncateSync(path, 600);
    const error = await failure(stream.read(Buffer.alloc(1000), 0, 1000));
    expect([error.exitCode, error.message]).toEqual([8, `shrinks.rdb: offset 1000: file: expected ${content.length} bytes, as when it was opened, found its end after 1000.`]);
    await stream.close();
  });
});

describe('what is no readable file', () => {
  test('is refused when it is opened, with what to do', async () => {
    mkdirSync(join(dir, 'folder'));
    const cases: [string, number, string][] = [
      [join(dir, 'missing.rdb'), 2, 'there is no such file.'],
      [join(dir, 'folder'), 8, 'is a directory, expected an RDB file.'],
      [file('empty.rdb', new Uint8Array(0)), 8, 'is empty, expected an RDB file.'],
      ['/proc/self/mem', 8, 'cannot be read: the disk or file system failed (EIO).'],
    ];
    for (const [path, exitCode, words] of cases) {
      const error = await failure(openPath(path));
      expect([error.exitCode, error.message, error.hint]).toEqual([exitCode, expect.stringMatching(new RegExp(`^${path.replace(/[.+]/g, '\\$&')}|^mem`)), expect.any(String)]);
      expect(error.message).toContain(words);
    }
  });

  test.each([
    ['stat', 'EACCES', 'permission denied (EACCES)'],
    ['open', 'EACCES', 'permission denied (EACCES)'],
    ['open', 'EMFILE', 'too many open files (EMFILE)'],
    ['read', 'EIO', 'the disk or file system failed (EIO)'],
    ['read', 'ESTALE', 'ESTALE'],
  ] as const)('%s fails with %s', async (call, code, words) => {
    const path = file('refuses.rdb', content);
    const refuse = (): never => {
      throw Object.assign(new Error(`${code}: simulated`), { code });
    };
    const fileSystem: FileSystem = {
      stat: async (at) => (call === 'stat' ? refuse() : stat(at)),
      open: async (at) => {
        if (call === 'open') refuse();
        const handle = await open(at, 'r');
        return { read: (...args: unknown[]) => (call === 'read' ? Promise.reject(Object.assign(new Error(code), { code })) : handle.read(...(args as [Buffer]))), stat: () => handle.stat(), close: () => handle.close() } as Awaited<ReturnType<FileSystem['open']>>;
      },
    };
    const error = await failure(openPath(path, fileSystem));
    expect([error.exitCode, error.message]).toEqual([8, expect.stringContaining(words)]);
  });

  test('fails in the middle with the offset', async () => {
    const path = file('dies.rdb', content);
    let reads = 0;
    const fileSystem: FileSystem = {
      stat: (at) => stat(at),
      open: async (at) => {
        const handle = await open(at, 'r');
        const read = (target: Buffer, offset: number, length: number, position: number): unknown =>
          ++reads > 3 ? Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })) : handle.read(target, offset, length, position);
        return { read, stat: () => handle.stat(), close: () => handle.close() } as Awaited<ReturnType<FileSystem['open']>>;
      },
    };
    const stream = await (await openPath(path, fileSystem)).open();
    expect(await stream.read(Buffer.alloc(500), 0, 500)).toBe(500);
    const error = await failure(stream.read(Buffer.alloc(500), 0, 500));
    expect([error.exitCode, error.message]).toEqual([8, 'dies.rdb: offset 500: cannot be read: the disk or file system failed (EIO).']);
    await stream.close();
  });

  test('empty devices and pipes are refused too', async () => {
    const error = await failure(consume('/dev/null'));
    expect([error.exitCode, error.message]).toEqual([8, 'null: offset 0: is empty, expected an RDB file.']);
  });
});

describe('gzip', () => {
  const packed = gzipSync(content);
  const smallPacked = gzipSync(small);

  test('is recognised and decoded, whatever the sizes', async () => {
    const path = file('dump.rdb.gz', packed);
    const part = await openPath(path);
    expect(part.size).toBe(packed.length);
    expectSame(await consume(part), content);
    expectSame(await consume(part, 7), content);
    const stream = await part.open();
    expect([stream.compression, stream.readAt]).toEqual(['gzip', null]);
    await stream.read(Buffer.alloc(10), 0, 10);
    expect(stream.storedPosition).toBeGreaterThan(0);
    expect(stream.storedPosition).toBeLessThanOrEqual(packed.length);
    await stream.close();
  });

  test('may have several members, and zeros after the last', async () => {
    const members = [content.subarray(0, 5), content.subarray(5, 90_000), content.subarray(90_000)].map((bytes) => gzipSync(bytes));
    expectSame(await consume(file('members.gz', Buffer.concat(members))), content);
    expectSame(await consume(file('padded.gz', Buffer.concat([...members, Buffer.alloc(512)]))), content);
  });

  test('members that end where a read of the file ends go on in the next', async () => {
    const first = gzipSync(Buffer.from(Array.from({ length: 65_536 - 41 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 255)), { level: 0 });
    const filler = Buffer.from(Array.from({ length: 65_536 - 28 }, (_, i) => i & 255));
    for (let size = filler.length - 3; size <= filler.length; size += 1) {
      const member = gzipSync(filler.subarray(0, size), { level: 0 });
      if (member.length === 65_536) expectSame(await consume(file('border.gz', Buffer.concat([member, smallPacked]))), Buffer.concat([filler.subarray(0, size), small]));
    }
    expect((await consume(file('border2.gz', Buffer.concat([first, smallPacked])))).subarray(-small.length)).toEqual(small);
  });

  test('cut at any byte is refused with exit code 8', async () => {
    for (let length = 2; length < smallPacked.length; length += 1) {
      const error = await failure(consume(file('cut.gz', smallPacked.subarray(0, length))));
      expect([error.exitCode, error.message]).toEqual([8, expect.stringContaining('gzip stream: expected its end, with length and CRC, found the end of the file')]);
    }
  });

  test('a second member cut at any byte is refused too', async () => {
    const tiny = gzipSync(Buffer.from('tiny'));
    for (let length = 1; length < tiny.length; length += 1) {
      const error = await failure(consume(file('cut2.gz', Buffer.concat([smallPacked, tiny.subarray(0, length)]))));
      expect(error.exitCode).toBe(8);
    }
  });

  test('with garbage in or after it is refused with exit code 8', async () => {
    const flipped = Buffer.from(packed);
    flipped[packed.length >> 1]! ^= 0x10;
    const badCrc = Buffer.from(packed);
    badCrc[packed.length - 6]! ^= 1;
    for (const bytes of [flipped, badCrc, Buffer.concat([packed, Buffer.from('garbage')]), Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0])]) {
      const error = await failure(consume(file('bad.gz', bytes)));
      expect([error.exitCode, error.message]).toEqual([8, expect.stringContaining('gzip stream: expected valid gzip data, found')]);
    }
  });

  test('is decoded only as fast as it is taken', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const stream = await (await openPath(file('bomb.gz', bomb))).open();
    const target = Buffer.alloc(1000);
    await stream.read(target, 0, 1000);
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
    await stream.close();
  });
});

describe('zstd', () => {
  beforeEach((context) => {
    if (!hasZstd) context.skip('the zstd command is not installed');
  });

  test.each([['-1'], ['-3'], ['-19'], ['--no-check'], ['--ultra', '-22', '--long=27']])('is recognised and decoded: %s %s %s', async (...flags) => {
    const part = await openPath(file('dump.rdb.zst', zstd(content, ...flags)));
    expectSame(await consume(part), content);
    expectSame(await consume(part, 7), content);
    const stream = await part.open();
    expect([stream.compression, stream.readAt]).toEqual(['zstd', null]);
    await stream.close();
  });

  test('may have several frames, small ones, empty ones and ones to skip', async () => {
    const skippable = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);
    const frames = [skippable, zstd(content.subarray(0, 5)), zstd(Buffer.alloc(0)), skippable, zstd(content.subarray(5, 6), '--no-check'), zstd(content.subarray(6))];
    expectSame(await consume(file('frames.zst', Buffer.concat(frames))), content);
    const zeros = Buffer.alloc(3_000_000);
    expect((await consume(file('zeros.zst', zstd(zeros)))).equals(zeros)).toBe(true);
  });

  test('cut at any byte is refused with exit code 8', async () => {
    const packed = zstd(small);
    for (let length = 4; length < packed.length; length += 1) {
      const error = await failure(consume(file('cut.zst', packed.subarray(0, length))));
      expect([error.exitCode, error.message]).toEqual([8, expect.stringContaining('found the end of the file: it is cut short')]);
    }
    for (let length = 1; length < 4; length += 1) {
      const error = await failure(consume(file('cut2.zst', Buffer.concat([packed, packed.subarray(0, length)]))));
      expect(error.exitCode).toBe(8);
    }
  });

  test('garbage after it, a reserved block type, a window beyond bounds and a dictionary are refused', async () => {
    const packed = zstd(small);
    const cases: [Buffer, string][] = [
      [Buffer.concat([packed, Buffer.from('garbage')]), 'expected the magic 28 b5 2f fd, found 67617262'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x07, 0, 0]), 'the reserved type'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x08, 0x58]), 'a reserved bit'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff]), 'needs a zstd window of'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 255, 255, 255, 255, 255, 255, 255, 127]), 'needs a zstd window of'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x58, 0x05]), 'dictionary'],
    ];
    for (const [bytes, words] of cases) {
      const error = await failure(consume(file('bad.zst', bytes)));
      expect([error.exitCode, error.message]).toEqual([8, expect.stringContaining(words)]);
    }
  });
});

describe('pipes', () => {
  test.each([
    ['plain', content],
    ['gzip', gzipSync(content)],
  ])('a FIFO is read as it comes, with a late writer: %s', async (name, bytes) => {
    const path = join(dir, `fifo-${name}`);
    execFileSync('mkfifo', [path]);
    const part = await openPath(path);
    expect(part).toMatchObject({ size: null, rereadable: false });
    const reading = consume(part, 5000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const writer = createWriteStream(path);
    for (let at = 0; at < bytes.length; at += 10_000) writer.write(bytes.subarray(at, at + 10_000));
    writer.end();
    expectSame(await reading, content);
  });

  test('a FIFO nobody writes to can be closed', async () => {
    const path = join(dir, 'fifo-quiet');
    execFileSync('mkfifo', [path]);
    const part = await openPath(path);
    const fd = openSync(path, 'r+');
    writeSync(fd, 'REDIS');
    const stream = await part.open();
    expect(await stream.read(Buffer.alloc(10), 0, 10)).toBe(5);
    const pending = failure(stream.read(Buffer.alloc(10), 0, 10));
    await stream.close();
    expect((await pending).exitCode).toBe(8);
    closeSync(fd);
  });
});
