/** Tells, from a thread of its own, when the work under test stands still: a loop inside WebAssembly blocks everything else. */
import { Worker } from 'node:worker_threads';

export interface Watchdog {
  /** Call at each step. */
  step(n: number): void;
  stop(): Promise<void>;
}

const CODE = `
const { workerData, parentPort } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const cell = new Int32Array(workerData.shared);
let last = -1, since = Date.now();
const timer = setInterval(() => {
  const now = Atomics.load(cell, 0);
  if (now !== last) { last = now; since = Date.now(); return; }
  if (Date.now() - since < workerData.patienceMs) return;
  writeSync(2, workerData.what + ' ' + last + ' did not end within ' + workerData.patienceMs + ' ms\\n');
  process.kill(process.pid, 'SIGKILL');
}, 500);
parentPort.once('message', () => clearInterval(timer));
`;

/** Kills this process, naming the step, when one takes longer than `patienceMs`. */
export function startWatchdog(what: string, patienceMs: number): Watchdog {
  const shared = new SharedArrayBuffer(4);
  const cell = new Int32Array(shared);
  const worker = new Worker(CODE, { eval: true, workerData: { shared, what, patienceMs } });
  worker.unref();
  return {
    step(n) {
      Atomics.store(cell, 0, n);
    },
    async stop() {
      worker.postMessage('stop');
      await worker.terminate();
    },
  };
}
