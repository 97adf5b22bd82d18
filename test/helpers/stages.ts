/** Stages called in this process: options with the defaults of the command line, and a reporter that keeps what it is told. */
import type { Reporter, StageContext } from '../../src/context.js';
import type { Endpoint } from '../../src/resp/endpoint.js';
import type { CheckOptions, ImportOptions, SelectionOptions, WriteOptions } from '../../src/stages/options.js';
import type { RedisServer } from './redis-server.js';

export interface KeptContext extends StageContext {
  readonly lines: string[];
}

export function stageContext(signal: AbortSignal = new AbortController().signal): KeptContext {
  const lines: string[] = [];
  const report: Reporter = {
    log: (level, message) => void lines.push(`${level}: ${message}`),
    warn: (id, message) => void lines.push(`warn ${id}: ${message}`),
    progress: () => undefined,
  };
  return { signal, report, lines };
}

export function endpointOf(server: RedisServer): Endpoint {
  return { kind: 'unix', path: server.socketPath, db: 0, connectTimeoutMs: 5000 };
}

export function selection(changes: Partial<SelectionOptions> = {}): SelectionOptions {
  return { dbMap: new Map(), match: [], exclude: [], expired: 'skip', ...changes };
}

export function writing(changes: Partial<WriteOptions> = {}): WriteOptions {
  return { onConflict: 'fail', write: 'auto', saveBandwidth: false, bigValue: 256 << 20, fieldTtl: 'fail', functions: 'replace', scripts: 'load', onUnsupported: 'fail', maxInflight: 64 << 20, ...changes };
}

export function checkOptions(inputs: string[], server?: RedisServer, changes: Partial<CheckOptions> = {}): CheckOptions {
  const target = server === undefined ? {} : { target: endpointOf(server), targetName: server.url };
  return { inputs, ...target, selection: selection(), write: writing(), accept: [], ...changes };
}

export function importOptions(inputs: string[], server: RedisServer, changes: Partial<ImportOptions> = {}): ImportOptions {
  return { inputs, target: endpointOf(server), targetName: server.url, selection: selection(), write: writing(), ...changes };
}
