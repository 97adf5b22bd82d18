/** JSON lines of an RDB held in memory, without stages or files. */
import { EVERYTHING } from '../../src/rdb/engine-setup.js';
import type { Engine } from '../../src/rdb/engine.js';
import { writeJsonLines, type JsonLinesOptions } from '../../src/rdb/json-lines.js';
import { Scanner } from '../../src/rdb/scanner.js';
import { chunkedStream } from './chunks.js';
import type { Row } from './corpus-rows.js';

export interface JsonLinesInput extends Partial<JsonLinesOptions> {
  /** Bytes per read; all at once when left out. */
  chunk?: number;
}

/** The text that is written. `engine`: of two regions. */
export async function jsonText(engine: Engine, bytes: Uint8Array, { chunk = Infinity, ...options }: JsonLinesInput = {}): Promise<string> {
  const scanner = new Scanner(engine, chunkedStream(bytes, chunk), 'memory.rdb', bytes.length, { onInput: () => undefined });
  const pieces: Buffer[] = [];
  const sink = {
    write(piece: Uint8Array): Promise<void> {
      pieces.push(Buffer.from(piece));
      return Promise.resolve();
    },
  };
  try {
    await writeJsonLines(scanner, sink, { selection: EVERYTHING, dbMap: new Map(), now: 0, ...options });
  } finally {
    await scanner.settle();
  }
  return Buffer.concat(pieces).toString('latin1');
}

/** Its lines, each parsed. */
export async function jsonRows(engine: Engine, bytes: Uint8Array, input: JsonLinesInput = {}): Promise<Row[]> {
  return (await jsonText(engine, bytes, input)).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}
