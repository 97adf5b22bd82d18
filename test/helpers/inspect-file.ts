/** inspect called in this process, with a copy of each key's record. */
import { inspectStage } from '../../src/stages/inspect.js';
import type { InspectOptions } from '../../src/stages/options.js';
import type { InspectResult } from '../../src/stages/results.js';
import { sampleFile } from './sample-files.js';
import { selection, stageContext } from './stages.js';

export interface InspectedRow {
  db: number;
  /** As Latin-1: one character per byte. */
  key: string;
  type: string;
  encoding: string;
  bytes: number;
  memory: number;
  elements: number;
  payload: number;
  largest: number | null;
  expiresAtMs: number | null;
}

export async function inspectFiles(inputs: string[], changes: Partial<InspectOptions> = {}): Promise<{ result: InspectResult; rows: InspectedRow[] }> {
  const rows: InspectedRow[] = [];
  const keys: InspectOptions['keys'] = {
    take(records) {
      while (records.next()) {
        const { db, key, type, bytes, memory, elements, payload, largest, expiresAtMs } = records;
        rows.push({ db, key: Buffer.from(key).toString('latin1'), type: type?.kind ?? '', encoding: type?.name ?? '', bytes, memory, elements, payload, largest, expiresAtMs });
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const result = await inspectStage({ inputs, selection: selection({ expired: 'keep' }), top: 20, delimiter: ':', keys, ...changes }, stageContext());
  return { result, rows };
}

export function inspectBytes(bytes: Uint8Array, changes: Partial<InspectOptions> = {}): ReturnType<typeof inspectFiles> {
  return inspectFiles([sampleFile('inspect', bytes)], changes);
}
