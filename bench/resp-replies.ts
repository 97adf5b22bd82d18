/** Cuts the bytes a server sends into RESP2 replies. */

const CRLF = Buffer.from('\r\n');

export type Reply = string | number | null | Buffer | Error | Reply[];

export class ReplyReader {
  #chunks: Buffer[] = [];
  #held = 0;
  /** No complete reply can be there before this many bytes are held. */
  #needed = 1;

  /** The replies that this chunk completes. */
  push(chunk: Buffer): Reply[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    // A 70 MB bulk is joined once, when all of it is there.
    if (this.#held < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held);
    const replies: Reply[] = [];
    let start = 0;
    this.#needed = 0;
    for (;;) {
      const parsed = this.#parse(bytes, start);
      if (parsed === undefined) break;
      replies.push(parsed.reply);
      start = parsed.end;
    }
    const rest = bytes.subarray(start);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    this.#needed = Math.max(this.#needed - start, this.#held + 1);
    return replies;
  }

  /** The reply at `start`; undefined when more bytes are needed. */
  #parse(bytes: Buffer, start: number): { reply: Reply; end: number } | undefined {
    const lineEnd = bytes.indexOf(CRLF, start);
    if (lineEnd < 0) return undefined;
    const kind = String.fromCharCode(bytes[start]!);
    const line = bytes.toString('latin1', start + 1, lineEnd);
    const next = lineEnd + 2;
    switch (kind) {
      case '+':
        return { reply: line, end: next };
      case '-':
        return { reply: new Error(line), end: next };
      case ':':
        return { reply: Number(line), end: next };
      case '$':
        return this.#bulk(bytes, next, Number(line));
      case '*':
        return this.#array(bytes, next, Number(line));
      default:
        throw new Error(`the server sent ${JSON.stringify(kind)} where a reply should start`);
    }
  }

  #bulk(bytes: Buffer, start: number, length: number): { reply: Reply; end: number } | undefined {
    if (length < 0) return { reply: null, end: start };
    const end = start + length + 2;
    if (end <= bytes.length) return { reply: bytes.subarray(start, start + length), end };
    this.#needed = Math.max(this.#needed, end);
    return undefined;
  }

  #array(bytes: Buffer, start: number, count: number): { reply: Reply; end: number } | undefined {
    const items: Reply[] = [];
    let end = start;
    for (let i = 0; i < count; i++) {
      const item = this.#parse(bytes, end);
      if (item === undefined) return undefined;
      items.push(item.reply);
      end = item.end;
    }
    return { reply: items, end };
  }
}
