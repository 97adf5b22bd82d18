/** A part under the engine, with progress shown and interruption heeded. */

import type { Progress, StageContext } from '../context.js';
import type { Engine } from './engine.js';
import type { ByteReader } from './input-window.js';
import type { PartSource, PartStream } from './part-source.js';
import { Scanner, type ScannerHooks } from './scanner.js';

/** Progress is shown at most this often. */
const PROGRESS_MS = 100;

/** `hooks` are called besides. A read throws the signal's reason once it is aborted, also while it waits for a pipe. */
export function scanPart(
  engine: Engine, source: PartSource, stream: PartStream, ctx: StageContext, stage: Progress['stage'], hooks: Partial<ScannerHooks> = {},
): Scanner {
  let shown = 0;
  const onInput = (): void => {
    ctx.signal.throwIfAborted();
    hooks.onInput?.();
    const now = Date.now();
    if (now - shown < PROGRESS_MS) return;
    shown = now;
    ctx.report.progress({ stage, part: source.name, bytesDone: stream.storedPosition, bytesTotal: source.size, keysDone: engine.keysRead });
  };
  const size = stream.compression === 'none' ? source.size : null;
  const reader: ByteReader = { read: (target, offset, length) => unlessAborted(stream.read(target, offset, length), ctx.signal) };
  return new Scanner(engine, reader, source.name, size, { ...hooks, onInput });
}

/** Closes a part's stream and waits until no read writes into the engine's memory any more. */
export async function endPart(scanner: Scanner, stream: PartStream): Promise<void> {
  await stream.close();
  await scanner.settle();
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
