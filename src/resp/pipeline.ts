/** The hot path: regions of finished commands out, without a copy; replies counted in and traced to their commands. */

import { RetryableError } from '../errors.js';
import type { RespConnection } from './connection.js';
import { ProtocolError, type RespReply } from './decode.js';
import { unaskedReplyError } from './replies.js';
import { ReplyReader } from './reply-reader.js';

/** Commands finished by the engine in a fixed buffer, which is reused only after `onReleased`. */
export interface Region {
  readonly id: number;
  /** The filled part; may be a view of WebAssembly memory. */
  readonly bytes: Uint8Array;
  /** Commands that *end* in these bytes; 0 in the middle of a command longer than a region. */
  readonly commands: number;
}

export interface PipelineEvents {
  /** A reply that is not +OK to the command `index` (from 0) of the region, whose bytes are still as they were sent. A throw fails the pipeline. */
  onReply(region: Region, index: number, reply: RespReply): void;
  /** Written and answered, and so were all before it: the buffer may be reused. */
  onReleased(region: Region): void;
}

export interface PipelineOptions {
  /** When it aborts: nothing more is sent, what was sent may still be answered for `graceMs`, then the pipeline fails with its reason. */
  signal?: AbortSignal;
  graceMs?: number;
}

interface SentRegion {
  readonly region: Region;
  unanswered: number;
  written: boolean;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

const DEFAULT_GRACE_MS = 3_000;
/** With more commands than this in flight a server is busy for longer than answers gather (1.5 µs a command at best), so it does not run dry. */
const MANY_IN_FLIGHT = 4096;

/** Owns its connection from construction until it failed or `detach`. */
export class Pipeline {
  /** Replies read, errors included. */
  acknowledged = 0;
  /** Commands sent whole and not answered. */
  inFlight = 0;
  /** Bytes of regions handed to the socket. */
  bytesSent = 0;
  /** Why nothing goes any more: a RedferryError, the signal's reason, or what `onReply` threw. */
  error: unknown = null;
  readonly #connection: RespConnection;
  readonly #events: PipelineEvents;
  readonly #reader: ReplyReader;
  readonly #graceMs: number;
  /** Sent and not released, oldest first. */
  readonly #sent: SentRegion[] = [];
  #stopping = false;
  #releaseWaiters: Waiter[] = [];
  #drainWaiters: Waiter[] = [];
  #settleWaiters: (() => void)[] = [];
  #unsubscribe: () => void = () => undefined;

  constructor(connection: RespConnection, events: PipelineEvents, options: PipelineOptions = {}) {
    this.#connection = connection;
    this.#events = events;
    this.#graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
    this.#reader = new ReplyReader({ oks: (count) => this.#answerOks(count), reply: (reply) => this.#answer(reply) });
    connection.attach(this);
    const { signal } = options;
    if (signal === undefined) return;
    const onAbort = (): void => this.stop(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#unsubscribe = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  }

  /** Whether an answer is owed (the connection's watch for silence asks). */
  get waiting(): boolean {
    return this.#sent.length > 0;
  }

  get unhurried(): boolean {
    return this.inFlight > MANY_IN_FLIGHT && this.error === null;
  }

  /** Hands a region to the socket. Throws where the pipeline failed or is stopping. */
  send(region: Region): void {
    if (this.error !== null) throw this.#failure();
    const entry: SentRegion = { region, unanswered: region.commands, written: false };
    this.#sent.push(entry);
    this.inFlight += region.commands;
    this.bytesSent += region.bytes.length;
    this.#connection.write(region.bytes, () => {
      entry.written = true;
      this.#guarded(() => this.#release());
    });
  }

  /** Resolves at the next release (so something must be in flight); rejects where the pipeline fails. */
  waitForRelease(): Promise<void> {
    return this.#wait(this.#releaseWaiters);
  }

  /** Resolves when every region is released; rejects where the pipeline fails. */
  drained(): Promise<void> {
    return this.#sent.length === 0 && this.error === null ? Promise.resolve() : this.#wait(this.#drainWaiters);
  }

  /** Resolves when the counters will not change any more: drained, or over. Never rejects. */
  settled(): Promise<void> {
    if (this.#sent.length === 0 || (this.error !== null && !this.#stopping)) return Promise.resolve();
    return new Promise((resolve) => this.#settleWaiters.push(resolve));
  }

  /** Sends no more; waits up to the grace for what was sent, then fails with `reason`. */
  stop(reason: unknown): void {
    if (this.error !== null) return;
    this.error = reason;
    this.#stopping = true;
    if (this.inFlight === 0) this.#fail(reason);
    else setTimeout(() => this.#fail(reason), this.#graceMs).unref();
  }

  /** Gives a drained connection back for calls. */
  detach(): void {
    if (this.#sent.length > 0) throw new Error('the pipeline is not drained');
    this.#unsubscribe();
    this.#connection.detach(this);
  }

  /** How far it got, as a sentence for errors. */
  progress(): string {
    const open = this.inFlight === 0 ? 'none was' : `${this.inFlight} ${this.inFlight === 1 ? 'was' : 'were'}`;
    return `${this.acknowledged} commands were answered; ${open} sent without an answer, and may or may not have been carried out.`;
  }

  onBytes(chunk: Buffer, length: number): void {
    this.#guarded(() => this.#reader.read(chunk, length));
  }

  onClosed(error: Error): void {
    const lost = error instanceof RetryableError ? new RetryableError(error.message, { cause: error, hint: error.hint, progress: this.progress() }) : error;
    this.#fail(this.error ?? lost);
  }

  /** What a handler throws ends the pipeline as it is; what is no RESP is the connection's to explain. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      this.#fail(error);
    }
  }

  #answerOks(count: number): void {
    let left = count;
    for (const entry of this.#sent) {
      if (left === 0) break;
      const taken = Math.min(left, entry.unanswered);
      entry.unanswered -= taken;
      left -= taken;
    }
    if (left > 0) throw unaskedReplyError(this.#connection.where, { kind: 'status', text: 'OK' }, this.progress());
    this.acknowledged += count;
    this.inFlight -= count;
    this.#release();
  }

  #answer(reply: RespReply): void {
    const entry = this.#sent.find(({ unanswered }) => unanswered > 0);
    if (entry === undefined) throw unaskedReplyError(this.#connection.where, reply, this.progress());
    const index = entry.region.commands - entry.unanswered;
    entry.unanswered -= 1;
    this.acknowledged += 1;
    this.inFlight -= 1;
    this.#events.onReply(entry.region, index, reply);
    this.#release();
  }

  #release(): void {
    let released = false;
    for (let first = this.#sent[0]; first !== undefined && first.written && first.unanswered === 0; first = this.#sent[0]) {
      this.#sent.shift();
      released = true;
      this.#events.onReleased(first.region);
    }
    if (this.#stopping) {
      if (this.inFlight === 0) this.#fail(this.error);
      return;
    }
    if (released) for (const waiter of this.#releaseWaiters.splice(0)) waiter.resolve();
    if (this.#sent.length === 0) {
      for (const waiter of this.#drainWaiters.splice(0)) waiter.resolve();
      for (const settle of this.#settleWaiters.splice(0)) settle();
    }
  }

  #wait(waiters: Waiter[]): Promise<void> {
    if (this.error !== null && !this.#stopping) return Promise.reject(this.#failure());
    return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
  }

  #fail(error: unknown): void {
    if (this.error !== null && !this.#stopping) return;
    this.error = error;
    this.#stopping = false;
    this.#unsubscribe();
    this.#connection.destroy(error);
    const waiters = [...this.#releaseWaiters.splice(0), ...this.#drainWaiters.splice(0)];
    for (const waiter of waiters) waiter.reject(this.#failure());
    for (const settle of this.#settleWaiters.splice(0)) settle();
  }

  /** What is thrown is an Error, whatever a signal's reason was. */
  #failure(): Error {
    return this.error instanceof Error ? this.error : new Error('the pipeline was stopped', { cause: this.error });
  }
}
