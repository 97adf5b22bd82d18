/** Bad input is refused with its place, what was expected and found, and what to do: the exact words are in messages/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CorruptInputError, RedferryError, UnsupportedInputError } from '../../src/errors.js';
import { checkStage } from '../../src/stages/check.js';
import { checkOptions, stageContext } from '../helpers/stages.js';
import { removeDir, tempDir } from '../helpers/temp-dir.js';
import { BAD_FILES, ODD_FILES, WHOLE_FILES } from './bad-files.js';

const dir = tempDir('corrupt');
afterAll(() => removeDir(dir));

test('every bad file has a name of its own', () => {
  expect(new Set(BAD_FILES.map((bad) => bad.name)).size).toBe(BAD_FILES.length);
});

describe('refuses', () => {
  test.each(BAD_FILES.map((bad) => [bad.name, bad.file] as const))('%s', async (name, file) => {
    await expect(messageOf(await refusal(write('dump.rdb', file)))).toMatchFileSnapshot(join('messages', `${name}.error.txt`));
  });

  test('a directory', async () => {
    mkdirSync(join(dir, 'appendonlydir'));
    await expect(messageOf(await refusal(join(dir, 'appendonlydir')))).toMatchFileSnapshot(join('messages', 'a directory.error.txt'));
  });

  test('an empty file', async () => {
    await expect(messageOf(await refusal(write('empty.rdb', new Uint8Array())))).toMatchFileSnapshot(join('messages', 'an empty file.error.txt'));
  });

  test('a file whose reading fails', async () => {
    // Linux answers EIO to a read of address 0 of one's own memory.
    await expect(messageOf(await refusal('/proc/self/mem'))).toMatchFileSnapshot(join('messages', 'a file whose reading fails.error.txt'));
  });
});

test.each(ODD_FILES.map((odd) => [odd.name, odd.file] as const))('takes %s, as servers do', async (_, file) => {
  await expect(checkStage(checkOptions([write('odd.rdb', file)]), stageContext())).resolves.toMatchObject({ ok: true });
});

test('every message has a hint, and no message shows a key', async () => {
  for (const { name, file } of BAD_FILES) {
    const error = await refusal(write('dump.rdb', file));
    expect(error.hint, name).toMatch(/\S{3}/);
    expect(error.message, name).not.toMatch(/"k"|"good"/);
  }
});

describe.each(WHOLE_FILES)('$name', ({ file }) => {
  test('is read when whole', async () => {
    await expect(checkStage(checkOptions([write('whole.rdb', file)]), stageContext())).resolves.toMatchObject({ ok: true });
  });

  test('is refused when cut at any byte', async () => {
    for (let length = 1; length < file.length; length += 1) {
      const error = await refusal(write('cut.rdb', file.subarray(0, length)));
      expect(error, `cut at ${length}`).toBeInstanceOf(length < 9 ? RedferryError : CorruptInputError);
      expect(placeOf(error).offset, `cut at ${length}`).toBeLessThanOrEqual(length);
    }
  });

  test('is refused when any bit is flipped, unless its checksum is off', async () => {
    const off = file.subarray(-8).every((byte) => byte === 0);
    if (off) return;
    for (let at = 0; at < file.length; at += 1) {
      const flipped = Buffer.from(file);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const error = await refusal(write('flipped.rdb', flipped));
      expect(placeOf(error).offset, `flipped at ${at}`).not.toBeNull();
    }
  });
});

function write(name: string, file: Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, file);
  return path;
}

/** What `check` says about it; fails when it takes the file. */
async function refusal(path: string): Promise<RedferryError> {
  try {
    await checkStage(checkOptions([path]), stageContext());
  } catch (error) {
    if (error instanceof RedferryError && error.exitCode === 8) return error;
    throw error;
  }
  throw new Error(`${path}: was taken`);
}

function placeOf(error: RedferryError): { offset: number | null } {
  if (error instanceof CorruptInputError || error instanceof UnsupportedInputError) return error.input;
  throw error;
}

function messageOf(error: RedferryError): string {
  return `${error.message}\n${error.hint ?? ''}\n`.replaceAll(dir, '<dir>');
}
