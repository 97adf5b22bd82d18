/** How progress is shown: as a bar on a terminal, as lines elsewhere. */

import type { SingleBar } from 'cli-progress';
import type { Progress } from '../context.js';
import type { OutputStream } from './output.js';
import { printableText } from './printable.js';
import { ProgressMeter } from './progress-meter.js';

export interface ProgressView {
  update(progress: Progress): void;
  /** Clears the way for a line that is about to be printed. */
  makeRoom(): void;
  /** Says how it ended; may be called again. */
  finish(): void;
}

export interface ViewOptions {
  now: () => number;
  /** Prints one line. */
  say: (message: string, progress: Progress) => void;
}

/** Without a terminal a line is due at least this often, also when nothing moves. */
const LINE_EVERY_MS = 30_000;

export const noView: ProgressView = { update: () => undefined, makeRoom: () => undefined, finish: () => undefined };

export function linesView({ now, say }: ViewOptions): ProgressView {
  let meter: ProgressMeter | null = null;
  let timer: NodeJS.Timeout | null = null;

  function finish(): void {
    if (timer !== null) clearInterval(timer);
    if (meter !== null) say(meter.ended(now()), meter.last);
    timer = meter = null;
  }

  return {
    update(progress) {
      if (meter?.continues(progress) === true) {
        meter.update(progress, now());
        return;
      }
      finish();
      const started = new ProgressMeter(progress, now());
      meter = started;
      say(started.started(), progress);
      timer = setInterval(() => {
        say(`${started.last.stage} ${started.last.part}: ${started.state(now())}`, started.last);
      }, LINE_EVERY_MS);
      timer.unref();
    },
    makeRoom: () => undefined,
    finish,
  };
}

/** Loaded only here: a bar is for terminals. */
export async function barView(stream: OutputStream, { now, say }: ViewOptions): Promise<ProgressView> {
  const { default: progress } = await import('cli-progress');
  let meter: ProgressMeter | null = null;
  let bar: SingleBar | null = null;

  function finish(): void {
    bar?.stop();
    if (meter !== null) say(meter.ended(now()), meter.last);
    bar = meter = null;
  }

  function begin(first: Progress): ProgressMeter {
    const drawn = first.bytesTotal === null ? '' : ' {bar}';
    bar = new progress.SingleBar(
      {
        stream: stream as NodeJS.WritableStream,
        format: `{title}${drawn} {state}`,
        barsize: 24,
        fps: 5,
        clearOnComplete: true,
        linewrap: null,
        gracefulExit: false,
      },
      progress.Presets.shades_grey,
    );
    meter = new ProgressMeter(first, now());
    bar.start(first.bytesTotal ?? 0, 0, payload(meter));
    return meter;
  }

  function payload(of: ProgressMeter): object {
    return { title: printableText(`${of.last.stage} ${of.last.part}`), state: of.state(now()) };
  }

  return {
    update(next) {
      if (meter?.continues(next) !== true) {
        finish();
        begin(next);
      }
      meter?.update(next, now());
      if (meter !== null) bar?.update(next.bytesDone, payload(meter));
    },
    makeRoom() {
      if (bar !== null) stream.write('\r\x1b[2K');
    },
    finish,
  };
}
