/** The two streams everything is printed on. */

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Calls back when what was written has gone, or never will. */
  once?(event: string, listener: () => void): unknown;
}

export interface Output {
  /** Results. */
  stdout: OutputStream;
  /** People and logs. */
  stderr: OutputStream;
}

/**
 * The process's streams. A reader that goes away (`| head`) costs the rest of the text, never the work:
 * without a listener, EPIPE would end an import in the middle.
 */
export function processOutput(): Output {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  }
  return { stdout: process.stdout, stderr: process.stderr };
}
