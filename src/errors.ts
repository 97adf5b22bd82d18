/**
 * The taxonomy of everything that can end a command, and the one table of exit codes.
 *
 * A message reads *where: what was found versus expected.* What to do next stands in `hint`.
 * `code` is a stable word for scripts; `exitCode` is what the process returns.
 */

export interface ExitCode {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
}

/** The one table: `--help`, docs/exit-codes.md and every error class below agree with it (tested). */
export const EXIT_CODES: readonly ExitCode[] = [
  { code: 0, name: 'ok', meaning: 'done; everything that was asked for happened' },
  { code: 1, name: 'unexpected', meaning: 'unexpected error: a bug in redferry, or in what it runs on' },
  { code: 2, name: 'usage', meaning: 'usage or configuration: nothing was started' },
  { code: 3, name: 'partial', meaning: 'partial: some keys failed, each is listed' },
  { code: 4, name: 'check-failed', meaning: 'a check failed: nothing was written' },
  { code: 5, name: 'alarm', meaning: 'an alarm was not accepted: read it, then pass --accept <check.id>' },
  { code: 6, name: 'mismatch', meaning: 'verify found a difference' },
  { code: 7, name: 'retryable', meaning: 'retryable: network, throttled or target busy; the same command may work later' },
  { code: 8, name: 'bad-input', meaning: 'corrupt or unsupported input' },
  { code: 11, name: 'locked', meaning: 'locked by another redferry' },
  { code: 12, name: 'auth', meaning: 'authentication or permission refused' },
  { code: 130, name: 'interrupted', meaning: 'interrupted by SIGINT (Ctrl-C)' },
  { code: 143, name: 'terminated', meaning: 'terminated by SIGTERM' },
];

export interface ErrorDetails {
  /** What to do next, as one sentence or two. */
  hint?: string | undefined;
  cause?: unknown;
  /** The stage's whole result object (src/stages/results.ts) as far as it got, with its `command`: what `--json` prints. */
  result?: object | undefined;
}

/** Everything redferry expects to go wrong. Anything else thrown is a bug and ends with exit code 1. */
export abstract class RedferryError extends Error {
  abstract readonly exitCode: number;
  /** Stable word for scripts, e.g. `corrupt-input`. */
  abstract readonly code: string;
  readonly hint: string | undefined;
  /** As in the details; a stage may set it while the error passes through. */
  result: object | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
    this.result = details.result;
  }

  /** What the JSON's `error` holds beside code, message and hint: numbers and words a script may need. */
  fields(): Record<string, string | number | boolean | null> {
    return {};
  }
}

/** A flag, location or environment variable that cannot be understood, or that contradicts another. */
export class UsageError extends RedferryError {
  readonly exitCode = 2;
  readonly code = 'usage';
}

/** Some keys failed; the result lists them. */
export class PartialError extends RedferryError {
  readonly exitCode = 3;
  readonly code = 'partial';
}

/** A check failed before anything was written. */
export class CheckFailedError extends RedferryError {
  readonly exitCode = 4;
  readonly code = 'check-failed';
  /** Ids of the failed checks. */
  readonly checks: readonly string[];

  constructor(message: string, checks: readonly string[], details?: ErrorDetails) {
    super(message, details);
    this.checks = checks;
  }

  override fields(): Record<string, string> {
    return { checks: this.checks.join(',') };
  }
}

/** A check raised an alarm that `--accept` does not name. */
export class AlarmError extends RedferryError {
  readonly exitCode = 5;
  readonly code = 'alarm';
  readonly checks: readonly string[];

  constructor(message: string, checks: readonly string[], details: ErrorDetails = {}) {
    const flags = checks.map((id) => `--accept ${id}`).join(' ');
    super(message, { ...details, hint: details.hint ?? `Read each alarm; to go on all the same, pass ${flags}.` });
    this.checks = checks;
  }

  override fields(): Record<string, string> {
    return { checks: this.checks.join(',') };
  }
}

/** The target does not hold what the backup says. */
export class MismatchError extends RedferryError {
  readonly exitCode = 6;
  readonly code = 'mismatch';
}

export interface RetryableDetails extends ErrorDetails {
  /** How far it got, as a sentence: "12,000 of 40,000 keys were written". */
  progress?: string | undefined;
}

/** No connection, a lost one, or a server that says LOADING, OOM, MISCONF, CLUSTERDOWN, READONLY … */
export class RetryableError extends RedferryError {
  readonly exitCode = 7;
  readonly code = 'retryable';
  readonly progress: string | undefined;

  constructor(message: string, details: RetryableDetails = {}) {
    super(details.progress === undefined ? message : `${message} ${details.progress}`, details);
    this.progress = details.progress;
  }

  override fields(): Record<string, string | null> {
    return { progress: this.progress ?? null };
  }
}

/** Where in the input something is, and whose value it belongs to. */
export interface InputPlace {
  /** Safe name of the part: "dump.rdb", "stdin". */
  source: string;
  /** Decoded bytes from the start of the part; null when no byte of it could be read. */
  offset: number | null;
  db?: number | undefined;
  /** First 16 hex digits of sha256(key). */
  keyHash?: string | undefined;
  /** E.g. "hash (type 16)". */
  type?: string | undefined;
}

export interface CorruptInput extends InputPlace {
  /** What was being read: "listpack", "file checksum". */
  what: string;
  expected: string;
  found: string;
}

/** The bytes do not say what their format requires. */
export class CorruptInputError extends RedferryError {
  readonly exitCode = 8;
  readonly code = 'corrupt-input';
  readonly input: Readonly<CorruptInput>;

  constructor(input: CorruptInput, details: ErrorDetails = {}) {
    super(`${describePlace(input)}: ${input.what}: expected ${input.expected}, found ${input.found}.`, {
      ...details,
      hint: details.hint ?? 'The backup is damaged or incomplete: fetch it again, or make a new one.',
    });
    this.input = input;
  }

  override fields(): Record<string, string | number | null> {
    return { ...placeFields(this.input), what: this.input.what, expected: this.input.expected, found: this.input.found };
  }
}

/** Well-formed as far as one can tell, but nothing this version can read or carry: unknown type, newer format, a directory. */
export class UnsupportedInputError extends RedferryError {
  readonly exitCode = 8;
  readonly code = 'unsupported-input';
  readonly input: Readonly<InputPlace>;

  constructor(input: InputPlace, problem: string, details?: ErrorDetails) {
    super(`${describePlace(input)}: ${problem}`, details);
    this.input = input;
  }

  override fields(): Record<string, string | number | null> {
    return placeFields(this.input);
  }
}

/** Another redferry holds the job. */
export class LockedError extends RedferryError {
  readonly exitCode = 11;
  readonly code = 'locked';
}

/** Wrong password, no permission: the server's own words are in the message. */
export class AuthError extends RedferryError {
  readonly exitCode = 12;
  readonly code = 'auth';
}

/** SIGINT or SIGTERM: the reason of the context's AbortSignal, so a stage may throw `signal.reason` as it is. */
export class InterruptedError extends RedferryError {
  readonly exitCode: 130 | 143;
  readonly code = 'interrupted';
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM', details: RetryableDetails = {}) {
    super(`interrupted by ${signal}${details.progress === undefined ? '.' : `: ${details.progress}`}`, details);
    this.signal = signal;
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }

  override fields(): Record<string, string> {
    return { signal: this.signal };
  }
}

function describePlace(place: InputPlace): string {
  const words = [place.source];
  if (place.offset !== null) words.push(`offset ${place.offset}`);
  if (place.db !== undefined) words.push(`db ${place.db}`);
  const type = place.type === undefined ? '' : ` (${place.type})`;
  if (place.keyHash !== undefined) words.push(`key ${place.keyHash}${type}`);
  else if (place.type !== undefined) words.push(place.type);
  return words.join(': ');
}

function placeFields(place: InputPlace): Record<string, string | number | null> {
  return {
    source: place.source,
    offset: place.offset,
    db: place.db ?? null,
    keyHash: place.keyHash ?? null,
    type: place.type ?? null,
  };
}
