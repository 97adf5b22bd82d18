/** One socket to a server: tcp, unix or TLS, authenticated, in its db. Control calls, or a pipeline that takes over its bytes. */

import type { OnReadOpts, Socket } from 'node:net';
import { RetryableError, type RedferryError } from '../errors.js';
import { connectionError } from './connect-errors.js';
import { ReplyDecoder, type RespReply } from './decode.js';
import { encodeCommand, type CommandArgument } from './encode.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';
import { classifyError, errorForVerdict, unaskedReplyError } from './replies.js';
import { MAX_CHUNK } from './reply-reader.js';
import { openSocket } from './socket.js';

export interface ConnectOptions {
  /** Aborts connecting; afterwards the connection does not look at it. */
  signal: AbortSignal;
  /** Shown in the server's CLIENT LIST; left out, no CLIENT SETNAME is sent. */
  name?: string;
  /** With an answer owed, this long without a byte in either direction counts as a dead server. */
  stallTimeoutMs?: number;
}

/** Takes over the bytes of a connection while no call is pending. */
export interface ByteReceiver {
  /** `chunk` is reused after the return. A throw closes the connection. */
  onBytes(chunk: Buffer, length: number): void;
  onClosed(error: RedferryError): void;
  /** Whether an answer is owed, so that silence is a fault. */
  readonly waiting: boolean;
  /** So many answers are owed that nobody waits for the next one: they may gather for a moment and be read together. */
  readonly unhurried: boolean;
}

interface PendingCall {
  resolve(reply: RespReply): void;
  reject(error: unknown): void;
}

const DEFAULT_STALL_MS = 120_000;
/** How long answers gather. Most of what a small answer costs is the wake-up: 2 million took 9000 of them without this, 1400 with it. */
const GATHER_MS = 4;
/** A chunk of this many bytes has gathered well by itself. */
const GATHERED = 16 * 1024;

/**
 * Connects, sends AUTH where there is a password, CLIENT SETNAME where there is a name, SELECT where the endpoint names a db.
 * Errors: AuthError (wrong password, no permission), RetryableError (refused, DNS, timeout, TLS, LOADING), `signal.reason`.
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<RespConnection> {
  const { signal } = options;
  signal.throwIfAborted();
  const connection = new RespConnection(endpoint, options.stallTimeoutMs ?? DEFAULT_STALL_MS);
  const onAbort = (): void => connection.destroy(signal.reason);
  const timer = setTimeout(() => connection.destroy(connection.timeoutError()), endpoint.connectTimeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await connection.opened;
    await authenticate(connection, endpoint);
    if (options.name !== undefined) await nameConnection(connection, options.name);
    if (endpoint.db !== 0) await connection.callOk(['SELECT', endpoint.db]);
    return connection;
  } catch (error) {
    connection.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function authenticate(connection: RespConnection, endpoint: Endpoint): Promise<void> {
  if (endpoint.password === undefined) return;
  const user = endpoint.username === undefined ? [] : [endpoint.username];
  await connection.callOk(['AUTH', ...user, endpoint.password.reveal()]);
}

/** Only a label, so a user without permission for it goes on; what is wrong with the connection itself is not. */
async function nameConnection(connection: RespConnection, name: string): Promise<void> {
  const reply = await connection.call(['CLIENT', 'SETNAME', name]);
  if (reply.kind !== 'error' || reply.text.startsWith('NOPERM')) return;
  const verdict = classifyError(reply.text);
  if (verdict.outcome === 'auth' || verdict.outcome === 'retryable') throw errorForVerdict(verdict, connection.where);
}

export class RespConnection {
  /** "127.0.0.1:6379", for messages. */
  readonly where: string;
  /** Settles when the transport (TLS included) stands or failed. */
  readonly opened: Promise<void>;
  readonly #endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #decoder = new ReplyDecoder();
  readonly #calls: PendingCall[] = [];
  #receiver: ByteReceiver | null = null;
  /** The address answered, TLS or not. */
  #reached = false;
  #open = false;
  /** Why the connection is over. */
  #error: unknown = null;
  #closed = false;

  /** Use `connect`. */
  constructor(endpoint: Endpoint, stallTimeoutMs: number) {
    this.#endpoint = endpoint;
    this.where = describeEndpoint(endpoint);
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(MAX_CHUNK),
      callback: (length, buffer) => {
        this.#onBytes(buffer as Buffer, length);
        return !this.#gathers(length);
      },
    };
    let markOpen: () => void = () => undefined;
    let markFailed: (error: unknown) => void = () => undefined;
    this.opened = new Promise((resolve, reject) => {
      markOpen = resolve;
      markFailed = reject;
    });
    this.opened.catch(() => undefined); // also told to whoever awaits it
    this.#socket = openSocket(endpoint, onread, () => {
      this.#open = true;
      markOpen();
    });
    const socket = this.#socket;
    socket.on('connect', () => (this.#reached = true));
    socket.setTimeout(stallTimeoutMs);
    socket.on('timeout', () => this.#onSilence(stallTimeoutMs));
    socket.on('error', (error) => (this.#error ??= error));
    // The server is done: replies owed will not come, whatever else may be waiting to be written.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#onClose();
      markFailed(this.#error);
    });
  }

  /** False once the connection is over. */
  get alive(): boolean {
    return this.#error === null && !this.#closed;
  }

  /** Sends one command and resolves to its reply, an error reply included. Calls may overlap: replies come in order. */
  call(args: readonly CommandArgument[]): Promise<RespReply> {
    if (this.#receiver !== null) return Promise.reject(new Error('a pipeline has taken over this connection'));
    if (!this.alive) return Promise.reject(this.#closeError());
    return new Promise((resolve, reject) => {
      this.#calls.push({ resolve, reject });
      this.#socket.write(encodeCommand(args));
    });
  }

  /** As `call`, but an error reply is thrown, with the exit code its words deserve. */
  async callOk(args: readonly CommandArgument[]): Promise<RespReply> {
    const reply = await this.call(args);
    if (reply.kind !== 'error') return reply;
    throw errorForVerdict(classifyError(reply.text), `${this.where}: ${String(args[0])}`);
  }

  /** From now on all bytes go to `receiver`. Only while no call is pending. */
  attach(receiver: ByteReceiver): void {
    if (this.#calls.length > 0 || this.#receiver !== null) throw new Error('the connection is in use');
    this.#receiver = receiver;
    if (!this.alive) queueMicrotask(() => receiver.onClosed(this.#closeError()));
  }

  /** Back to calls; the receiver must be owed nothing. */
  detach(receiver: ByteReceiver): void {
    if (this.#receiver === receiver) this.#receiver = null;
  }

  /** One socket.write, no copy: `bytes` must stay as they are until `written` is called, which a dying connection never does. */
  write(bytes: Uint8Array, written: () => void): void {
    this.#socket.write(bytes, (error) => {
      if (error === null || error === undefined) written();
    });
  }

  /** Why connecting took too long, as far as one can tell. */
  timeoutError(): RetryableError {
    const within = `within ${this.#endpoint.connectTimeoutMs} ms`;
    if (this.#reached && !this.#open) {
      // A server without TLS waits for the end of what it takes for a command (networking.c, processInlineBuffer).
      return new RetryableError(`${this.where}: connected, but the TLS handshake was not answered ${within}.`, {
        hint: 'Is this the TLS port? For a connection without TLS say redis:// instead of rediss://.',
      });
    }
    const hint = 'Is the address right, and does a firewall stand between?';
    return new RetryableError(`${this.where}: no answer ${within}.`, { hint });
  }

  /** Ends the connection at once; what is owed fails with `reason`. Safe to call twice. */
  destroy(reason?: unknown): void {
    if (reason !== undefined) this.#error ??= reason;
    this.#socket.destroy();
  }

  #onBytes(chunk: Buffer, length: number): void {
    if (!this.alive) return;
    try {
      if (this.#receiver !== null) this.#receiver.onBytes(chunk, length);
      else this.#answerCalls(chunk, length);
    } catch (error) {
      this.destroy(error);
    }
  }

  /** Stops reading for a moment where that harms nobody; the socket's timeout for silence runs on. */
  #gathers(length: number): boolean {
    if (length >= GATHERED || this.#receiver?.unhurried !== true) return false;
    setTimeout(() => this.#socket.resume(), GATHER_MS);
    return true;
  }

  #answerCalls(chunk: Buffer, length: number): void {
    for (let at = 0; at < length; ) {
      at = this.#decoder.read(chunk, at, length);
      const reply = this.#decoder.take();
      if (reply === null) continue;
      const call = this.#calls.shift();
      if (call === undefined) throw unaskedReplyError(this.where, reply);
      call.resolve(reply);
    }
  }

  #onSilence(timeoutMs: number): void {
    const waiting = this.#receiver === null ? this.#calls.length > 0 : this.#receiver.waiting;
    if (!waiting) return;
    const seconds = Math.round(timeoutMs / 1000);
    const message = `${this.where}: the server took nothing and answered nothing for ${seconds} s.`;
    this.destroy(new RetryableError(message, { hint: 'Is it overloaded, or does the network drop packets? Then run the same command again.' }));
  }

  #onClose(): void {
    this.#closed = true;
    const error = this.#closeError();
    this.#error ??= error;
    for (const call of this.#calls.splice(0)) call.reject(error);
    this.#receiver?.onClosed(error);
  }

  #closeError(): RedferryError {
    const during = this.#open ? 'waiting for replies' : 'connecting';
    const cause = this.#error ?? Object.assign(new Error('closed by the server'), { code: 'ECONNRESET' });
    const error = connectionError(this.#endpoint, cause, during);
    this.#error = error;
    return error;
  }
}
