/** What every stage is handed: a signal that stops it and a reporter that tells people what happens. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Record<string, string | number | boolean | null>;

export interface Progress {
  stage: 'check' | 'import' | 'verify' | 'inspect' | 'convert';
  /** Safe name of the part being read: "dump.rdb". */
  part: string;
  /** Stored bytes (compressed, where the part is compressed). */
  bytesDone: number;
  /** null when the size is not known (stdin). */
  bytesTotal: number | null;
  keysDone: number;
}

export interface Reporter {
  log(level: LogLevel, message: string, fields?: LogFields): void;
  /** A named, counted warning that lands in the JSON's `warnings`; the same id adds up. `count` is 1 when left out. */
  warn(id: string, message: string, count?: number): void;
  /** Cheap; stages call it at most every ~100 ms. */
  progress(progress: Progress): void;
}

export interface StageContext {
  /** Its reason is an InterruptedError: a stage stops cleanly and throws it, with its partial result. */
  readonly signal: AbortSignal;
  readonly report: Reporter;
}
