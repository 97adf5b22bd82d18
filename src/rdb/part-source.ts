/** One file of a backup as bytes: what every store yields and every stage reads. */

export type Compression = 'none' | 'gzip' | 'zstd';

export interface PartSource {
  /** Safe to show: "dump.rdb", "stdin". */
  readonly name: string;
  /** Bytes of the stored object (compressed, where it is); null when unknown. */
  readonly size: number | null;
  /** Whether `open` may be called again for the same bytes: a file can, stdin cannot. */
  readonly rereadable: boolean;
  /** Throws UsageError (2) or the errors of bad input (8). */
  open(): Promise<PartStream>;
}

export interface PartStream {
  /**
   * Reads up to `length` decoded bytes into `target` from `offset` on; resolves to how many, 0 only at the end. May return
   * short. `target` may be a view of WebAssembly memory: a plain file is read straight into it. One read at a time.
   */
  read(target: Uint8Array, offset: number, length: number): Promise<number>;
  /** Stored bytes consumed so far (compressed, where the part is), for progress. */
  readonly storedPosition: number;
  /** As `read`, from any position of the decoded bytes and without moving on; null where only plain files could. */
  readonly readAt: null | ((target: Uint8Array, offset: number, length: number, position: number) => Promise<number>);
  readonly compression: Compression;
  /** Releases everything; a read under way fails or ends. Safe to call twice. */
  close(): Promise<void>;
}
