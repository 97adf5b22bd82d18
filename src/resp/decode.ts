/**
 * RESP2 replies out of bytes that arrive in any pieces. Binary safe and bounded: nothing is allocated from a declared length
 * before its bytes are there, and lines, strings, item counts and nesting have limits.
 * Format: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP2 only: no HELLO is ever sent).
 */

export type RespReply =
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'bulk'; readonly bytes: Uint8Array }
  | { readonly kind: 'nil' }
  | { readonly kind: 'array'; readonly items: readonly RespReply[] };

/** What came is not RESP2, or is larger than any reply redferry asks for. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Longest status, error or length line. */
const MAX_LINE = 64 * 1024;
/** Largest bulk string: the longest answer asked for is INFO or FUNCTION LIST. */
const MAX_BULK = 64 * 1024 * 1024;
/** Items of one reply, those of nested arrays included. */
const MAX_ITEMS = 1 << 20;
const MAX_DEPTH = 16;

const CR = 0x0d;
const LF = 0x0a;
const NIL: RespReply = Object.freeze({ kind: 'nil' });
const OK: RespReply = Object.freeze({ kind: 'status', text: 'OK' });
const NOTHING = Buffer.alloc(0);

interface OpenArray {
  readonly items: RespReply[];
  left: number;
}

/** Position in a stream of replies. `read` until `take` gives a reply; bytes are copied, so the chunk may be reused. */
export class ReplyDecoder {
  #reply: RespReply | null = null;
  /** Bytes of a line whose end has not come. */
  #line: Buffer = NOTHING;
  /** Bytes of a bulk string still to come, its CRLF included; 0 outside of one. */
  #bulkLeft = 0;
  #bulkPieces: Buffer[] = [];
  #open: OpenArray[] = [];
  #items = 0;
  /** The last error with its CRLF: floods repeat one, and are told by comparing instead of decoding. */
  #lastError: Uint8Array = NOTHING;
  #lastErrorReply: RespReply = NIL;

  /** Between two replies: nothing of the next one was consumed. */
  get idle(): boolean {
    return this.#reply === null && this.#line.length === 0 && this.#bulkLeft === 0 && this.#open.length === 0;
  }

  /** The complete reply, once. */
  take(): RespReply | null {
    const reply = this.#reply;
    this.#reply = null;
    return reply;
  }

  /** Consumes chunk[at, end) up to the end of one reply. Returns where it stopped; `end` where more bytes are needed. */
  read(chunk: Buffer, at: number, end: number): number {
    let position = at;
    while (position < end && this.#reply === null) {
      if (this.#bulkLeft > 0) position = this.#readBulk(chunk, position, end);
      else if (this.#line.length === 0 && this.#open.length === 0 && isNil(chunk, position, end)) {
        this.#reply = NIL;
        position += 5;
      } else if (this.#line.length === 0 && this.#repeatsError(chunk, position, end)) position += this.#lastError.length;
      else position = this.#readLine(chunk, position, end);
    }
    return position;
  }

  #repeatsError(chunk: Buffer, at: number, end: number): boolean {
    const last = this.#lastError;
    if (last.length === 0 || this.#open.length > 0 || end - at < last.length) return false;
    for (let i = 0; i < last.length; i += 1) if (chunk[at + i] !== last[i]) return false;
    this.#reply = this.#lastErrorReply;
    return true;
  }

  #readLine(chunk: Buffer, at: number, end: number): number {
    if (this.#line.length === 0) checkMarker(chunk[at] ?? 0);
    let stop = at;
    while (stop < end && chunk[stop] !== LF) stop += 1;
    const next = stop === end ? end : stop + 1;
    const length = this.#line.length + next - at;
    if (length > MAX_LINE) throw new ProtocolError(`a line of more than ${MAX_LINE} bytes`);
    if (stop === end) {
      this.#line = Buffer.concat([this.#line, chunk.subarray(at, end)]);
      return end;
    }
    const whole = this.#line.length === 0 ? chunk.subarray(at, next) : Buffer.concat([this.#line, chunk.subarray(at, next)]);
    this.#line = NOTHING;
    if (whole.length < 3 || whole[whole.length - 2] !== CR) throw new ProtocolError('a line that does not end with CR LF');
    this.#endLine(whole);
    return next;
  }

  /** A whole line, CRLF included. */
  #endLine(line: Buffer): void {
    const text = line.toString('utf8', 1, line.length - 2);
    switch (line[0]) {
      case 0x2b: // +
        this.#complete(text === 'OK' ? OK : { kind: 'status', text });
        return;
      case 0x2d: // -
        this.#lastError = Uint8Array.from(line);
        this.#lastErrorReply = { kind: 'error', text };
        this.#complete(this.#lastErrorReply);
        return;
      case 0x3a: // :
        this.#complete({ kind: 'integer', value: parseInteger(text) });
        return;
      case 0x24: // $
        this.#beginBulk(parseCount(text, MAX_BULK, 'bytes in one string'));
        return;
      default: // *, as checkMarker lets nothing else pass
        this.#beginArray(parseCount(text, MAX_ITEMS, 'items in one array'));
    }
  }

  #beginBulk(length: number): void {
    if (length < 0) this.#complete(NIL);
    else this.#bulkLeft = length + 2;
  }

  #readBulk(chunk: Buffer, at: number, end: number): number {
    const next = Math.min(end, at + this.#bulkLeft);
    this.#bulkPieces.push(Buffer.from(chunk.subarray(at, next)));
    this.#bulkLeft -= next - at;
    if (this.#bulkLeft === 0) {
      const whole = this.#bulkPieces.length === 1 ? (this.#bulkPieces[0] ?? NOTHING) : Buffer.concat(this.#bulkPieces);
      this.#bulkPieces = [];
      if (whole[whole.length - 2] !== CR || whole[whole.length - 1] !== LF) throw new ProtocolError('a string that is longer than it says');
      this.#complete({ kind: 'bulk', bytes: whole.subarray(0, whole.length - 2) });
    }
    return next;
  }

  #beginArray(count: number): void {
    if (count <= 0) {
      this.#complete(count < 0 ? NIL : { kind: 'array', items: [] });
      return;
    }
    this.#items += count;
    if (this.#items > MAX_ITEMS) throw new ProtocolError(`more than ${MAX_ITEMS} items in one reply`);
    if (this.#open.length === MAX_DEPTH) throw new ProtocolError(`arrays nested more than ${MAX_DEPTH} deep`);
    this.#open.push({ items: [], left: count });
  }

  /** Puts a finished value where it belongs: into the innermost open array, or out. */
  #complete(value: RespReply): void {
    let finished = value;
    for (;;) {
      const array = this.#open.at(-1);
      if (array === undefined) break;
      array.items.push(finished);
      array.left -= 1;
      if (array.left > 0) return;
      this.#open.pop();
      finished = { kind: 'array', items: array.items };
    }
    this.#items = 0;
    this.#reply = finished;
  }
}

/** `$-1` and CRLF: the answer of SET NX to every key that exists. */
function isNil(chunk: Buffer, at: number, end: number): boolean {
  return end - at >= 5 && chunk[at] === 0x24 && chunk[at + 1] === 0x2d && chunk[at + 2] === 0x31 && chunk[at + 3] === CR && chunk[at + 4] === LF;
}

function checkMarker(byte: number): void {
  if (byte === 0x2b || byte === 0x2d || byte === 0x3a || byte === 0x24 || byte === 0x2a) return;
  const shown = byte > 0x20 && byte < 0x7f ? ` ("${String.fromCharCode(byte)}")` : '';
  throw new ProtocolError(`byte 0x${byte.toString(16).padStart(2, '0')}${shown} where a reply starts`);
}

function parseInteger(text: string): number | bigint {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw new ProtocolError('an integer that is none');
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function parseCount(text: string, most: number, what: string): number {
  const value = Number(parseInteger(text));
  if (value < -1 || value > most) throw new ProtocolError(`${value} ${what}, at most ${most} are possible`);
  return value;
}
