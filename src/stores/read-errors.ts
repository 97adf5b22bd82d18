/** What the operating system says when a file cannot be read, as errors with something to do next. */

import { RedferryError, UnsupportedInputError, UsageError } from '../errors.js';

const WORDS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  EACCES: ['permission denied', 'Run as a user that may read it, or change its permissions.'],
  EPERM: ['permission denied', 'Run as a user that may read it, or change its permissions.'],
  EIO: ['the disk or file system failed', 'See the kernel log (dmesg), then read the file from another copy.'],
  ELOOP: ['a loop of symbolic links', 'Give the file itself.'],
  EMFILE: ['too many open files', 'Raise the limit (ulimit -n).'],
  ENXIO: ['nothing can be opened there', 'Give a file, or pipe it in and say -.'],
};

/** The error of opening or reading `name`; `offset` is how far reading got, null when it was not begun. */
export function readError(name: string, offset: number | null, cause: unknown): RedferryError {
  if (cause instanceof RedferryError) return cause;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UsageError(`${name}: there is no such file.`, { cause, hint: 'Is the path right? Relative paths start at the current folder.' });
  }
  if (code === 'EISDIR') return directoryError(name);
  const words = WORDS[code];
  const problem = words?.[0] ?? (cause instanceof Error ? cause.message : String(cause));
  return new UnsupportedInputError({ source: name, offset }, `cannot be read: ${problem}${code === '' ? '' : ` (${code})`}.`, {
    cause,
    hint: words?.[1] ?? 'Is it a file that can be read, and still there?',
  });
}

export function directoryError(name: string): RedferryError {
  return new UnsupportedInputError({ source: name, offset: null }, 'is a directory, expected an RDB file.', {
    hint: 'Give the file inside it, for example dump.rdb; name several files to read them all.',
  });
}

export function emptyError(name: string): RedferryError {
  return new UnsupportedInputError({ source: name, offset: 0 }, 'is empty, expected an RDB file.', {
    hint: 'Was the backup cut short, or the disk full? Make it again.',
  });
}
