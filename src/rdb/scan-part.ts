/** A part under the engine, with progress shown and interruption heeded. */

import type { Progress, StageContext } from '../context.js';
import type { Engine } from './engine.js';
import type { PartSource, PartStream } from './part-source.js';
import { Scanner, type ScannerHooks } from './scanner.js';

/** Progress is shown at most this often. */
const PROGRESS_MS = 100;

/** `hooks` are called besides. A read throws the signal's reason once it is aborted. */
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
  return new Scanner(engine, stream, source.name, size, { ...hooks, onInput });
}
