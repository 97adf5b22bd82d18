/**
 * Replies of a pipeline, where nearly all are `+OK`: a chunk that continues a run of them costs one memory compare, and only
 * what differs is decoded. Then it is back on the fast path, so that a flood of errors stays cheap too.
 */

import { ReplyDecoder, type RespReply } from './decode.js';

export interface ReplySink {
  /** So many replies `+OK` in a row. */
  oks(count: number): void;
  /** One reply that is anything else. */
  reply(reply: RespReply): void;
}

const OK_LINE = Buffer.from('+OK\r\n');
/** Longest chunk that is taken in one piece. */
export const MAX_CHUNK = 64 * 1024;
/** Long enough for a whole chunk from any of the five phases. */
const PATTERN = Buffer.alloc(MAX_CHUNK + 2 * OK_LINE.length, OK_LINE);

/** Position in the stream of replies. */
export class ReplyReader {
  readonly #sink: ReplySink;
  readonly #decoder = new ReplyDecoder();
  /** Bytes of `+OK\r\n` already seen of the reply that is coming. */
  #phase = 0;

  constructor(sink: ReplySink) {
    this.#sink = sink;
  }

  /** Takes chunk[0, length), length ≤ MAX_CHUNK; the chunk may be reused afterwards. Throws ProtocolError, and what the sink throws. */
  read(chunk: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      if (!this.#decoder.idle) at = this.#decode(chunk, at, length);
      else if (this.#onlyOks(chunk, at, length)) return;
      else {
        // What looked like the start of an OK goes to the decoder, which tells what it is.
        if (this.#phase > 0) this.#decoder.read(OK_LINE, 0, this.#phase);
        this.#phase = 0;
        at = this.#readMixed(chunk, at, length);
      }
    }
  }

  #onlyOks(chunk: Buffer, at: number, length: number): boolean {
    const phase = this.#phase;
    const bytes = length - at;
    if (chunk.compare(PATTERN, phase, phase + bytes, at, length) !== 0) return false;
    this.#phase = (phase + bytes) % OK_LINE.length;
    const count = (phase + bytes - this.#phase) / OK_LINE.length;
    if (count > 0) this.#sink.oks(count);
    return true;
  }

  /** One reply after the other up to the end of the chunk, runs of OKs counted together. */
  #readMixed(chunk: Buffer, start: number, length: number): number {
    let at = start;
    while (at < length) {
      const before = at;
      if (this.#decoder.idle) while (isOk(chunk, at, length)) at += OK_LINE.length;
      if (at > before) this.#sink.oks((at - before) / OK_LINE.length);
      if (at < length) at = this.#decode(chunk, at, length);
    }
    return at;
  }

  #decode(chunk: Buffer, at: number, length: number): number {
    const next = this.#decoder.read(chunk, at, length);
    const reply = this.#decoder.take();
    if (reply === null) return next;
    if (reply.kind === 'status' && reply.text === 'OK') this.#sink.oks(1);
    else this.#sink.reply(reply);
    return next;
  }
}

function isOk(chunk: Buffer, at: number, length: number): boolean {
  return length - at >= 5 && chunk[at] === 0x2b && chunk[at + 1] === 0x4f && chunk[at + 2] === 0x4b && chunk[at + 3] === 0x0d && chunk[at + 4] === 0x0a;
}
