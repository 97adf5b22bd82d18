/**
 * The little RESP2 the bench itself needs. It works outside every timed section, so it is written
 * for brevity; redferry's own connection is not used, because a bench must not lean on what it measures.
 */
import { createConnection, type NetConnectOpts, type Socket } from 'node:net';
import { ReplyReader, type Reply } from './resp-replies.js';

const CRLF = Buffer.from('\r\n');
const FLUSH_BYTES = 1 << 20;
/** Commands sent and not yet answered; keeps the server's output buffer small. */
const MAX_PENDING = 20_000;

export type Command = (string | Buffer)[];

/** Gathers commands into one growing block of RESP. */
export class CommandBuffer {
  #bytes = Buffer.allocUnsafe(FLUSH_BYTES * 2);
  #used = 0;

  get size(): number {
    return this.#used;
  }

  /** Text is written as latin1. */
  add(command: Command): void {
    let room = 32;
    for (const arg of command) room += arg.length + 32;
    this.#reserve(room);
    this.#text(`*${command.length}\r\n`);
    for (const arg of command) {
      this.#text(`$${arg.length}\r\n`);
      if (typeof arg === 'string') this.#text(arg);
      else this.#used += arg.copy(this.#bytes, this.#used);
      this.#used += CRLF.copy(this.#bytes, this.#used);
    }
  }

  /** The commands added since the last call; the caller owns the bytes. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#bytes = Buffer.allocUnsafe(FLUSH_BYTES * 2);
    this.#used = 0;
    return taken;
  }

  #text(text: string): void {
    this.#used += this.#bytes.write(text, this.#used, 'latin1');
  }

  #reserve(room: number): void {
    if (this.#used + room <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#used + room, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}

/** One connection; replies arrive in the order of the commands. */
export class RespClient {
  readonly #socket: Socket;
  readonly #replies = new ReplyReader();
  #waiting: ((reply: Reply) => void)[] = [];
  #answered = 0;
  #failure: Error | undefined;
  /** Called whenever something arrived or broke. */
  #onEvent: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#receive(chunk);
      this.#onEvent?.();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static connect(address: NetConnectOpts): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(address);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RespClient(socket));
      });
    });
  }

  /** One command, its reply; an error reply is thrown. */
  async call(...command: Command): Promise<Reply> {
    const [reply] = await this.callAll([command]);
    if (reply instanceof Error) throw new Error(`${String(command[0])}: ${reply.message}`);
    return reply ?? null;
  }

  /** Commands in one pipeline, their replies in order; error replies are returned. */
  callAll(commands: Command[]): Promise<Reply[]> {
    const buffer = new CommandBuffer();
    for (const command of commands) buffer.add(command);
    const replies: Reply[] = [];
    this.#waiting.push(...commands.map(() => (reply: Reply) => replies.push(reply)));
    this.#socket.write(buffer.take());
    return this.#until(() => replies.length === commands.length).then(() => replies);
  }

  /** Sends any number of commands; the first error reply ends it. */
  async load(commands: Iterable<Command>): Promise<void> {
    const buffer = new CommandBuffer();
    const onReply = (reply: Reply): void => {
      if (reply instanceof Error) this.#failure ??= new Error(`the server refused a command of the data set: ${reply.message}`);
    };
    for (const command of commands) {
      buffer.add(command);
      this.#waiting.push(onReply);
      if (buffer.size < FLUSH_BYTES) continue;
      this.#socket.write(buffer.take());
      await this.#until(() => this.#pending < MAX_PENDING && this.#socket.writableLength < 4 * FLUSH_BYTES);
    }
    this.#socket.write(buffer.take());
    await this.#until(() => this.#pending === 0);
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  get #pending(): number {
    return this.#waiting.length - this.#answered;
  }

  #receive(chunk: Buffer): void {
    try {
      for (const reply of this.#replies.push(chunk)) this.#waiting[this.#answered++]?.(reply);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    if (this.#answered < 4096) return;
    this.#waiting.splice(0, this.#answered);
    this.#answered = 0;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#onEvent?.();
  }

  /** Resolves when `condition`, looked at whenever something happens, holds; rejects when the connection failed. */
  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.#failure) reject(this.#failure);
        else if (condition()) resolve();
        else return;
        this.#socket.off('drain', look);
        this.#onEvent = undefined;
      };
      this.#onEvent = look;
      this.#socket.on('drain', look);
      look();
    });
  }
}
