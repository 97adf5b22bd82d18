/** Rate, time left and wording of one part's progress; both progress views use it. */

import type { Progress } from '../context.js';
import { bytes, plural, share, span } from './format.js';

/** Rate is taken over at least this long, so that it follows a change without jumping. */
const WINDOW_MS = 5000;

interface Sample {
  at: number;
  bytes: number;
}

export class ProgressMeter {
  readonly #startedAt: number;
  #last: Progress;
  #older: Sample;
  #newer: Sample;

  constructor(first: Progress, now: number) {
    this.#startedAt = now;
    this.#last = first;
    this.#older = this.#newer = { at: now, bytes: first.bytesDone };
  }

  get last(): Progress {
    return this.#last;
  }

  /** Whether this progress goes on with the same stage and part. */
  continues(progress: Progress): boolean {
    return progress.stage === this.#last.stage && progress.part === this.#last.part;
  }

  update(progress: Progress, now: number): void {
    this.#last = progress;
    if (now - this.#newer.at >= WINDOW_MS) {
      this.#older = this.#newer;
      this.#newer = { at: now, bytes: progress.bytesDone };
    }
  }

  started(): string {
    const { stage, part, bytesTotal } = this.#last;
    return `${stage} ${part}: started${bytesTotal === null ? '' : `, ${bytes(bytesTotal)}`}`;
  }

  /** "63.0 %, 92 MiB of 146 MiB, 1,234,567 keys, 52 MiB/s, 3 s left". */
  state(now: number): string {
    const { bytesDone, bytesTotal, keysDone } = this.#last;
    const elapsed = now - this.#older.at;
    const perMs = elapsed > 0 ? (bytesDone - this.#older.bytes) / elapsed : 0;
    const done = bytesTotal === null ? bytes(bytesDone) : `${share(bytesDone, bytesTotal)}, ${bytes(bytesDone)} of ${bytes(bytesTotal)}`;
    const rate = perMs > 0 ? `, ${bytes(perMs * 1000)}/s` : '';
    const left = perMs > 0 && bytesTotal !== null && bytesDone < bytesTotal ? `, ${span((bytesTotal - bytesDone) / perMs)} left` : '';
    return `${done}, ${plural(keysDone, 'key')}${rate}${left}`;
  }

  ended(now: number): string {
    const { stage, part, bytesDone, keysDone } = this.#last;
    const elapsed = now - this.#startedAt;
    const rate = elapsed > 0 ? ` (${bytes((bytesDone / elapsed) * 1000)}/s)` : '';
    return `${stage} ${part}: ${bytes(bytesDone)}, ${plural(keysDone, 'key')} in ${span(elapsed)}${rate}`;
  }
}
