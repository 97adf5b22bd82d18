/** Bytes that come once, front to back, into the caller's buffer: what files, pipes and decompressors have in common. */

export interface ByteReader {
  /** Up to `length` bytes into `target` at `offset`; 0 only at the end. One read at a time. */
  read(target: Uint8Array, offset: number, length: number): Promise<number>;
  /** Gives bytes back that were read, to be read again first. */
  unread(bytes: Uint8Array): void;
  /** Bytes read, those given back not counted. */
  readonly position: number;
  /** Releases everything; a read under way fails or ends. Safe to call twice. */
  close(): Promise<void>;
}

/** Reads until `length` bytes are there or the end comes; returns how many. */
export async function readFully(reader: ByteReader, target: Uint8Array, offset: number, length: number): Promise<number> {
  let done = 0;
  while (done < length) {
    const count = await reader.read(target, offset + done, length - done);
    if (count === 0) break;
    done += count;
  }
  return done;
}
