/** Which of the words on the command line are the backup, and which is the target. */

import { UsageError } from '../errors.js';
import { parseLocation, redactLocation, type Location, type ServerLocation } from './locations.js';

export interface Locations {
  /** Paths as src/stores opens them, or `-`. */
  inputs: string[];
  target: ServerLocation | null;
}

/**
 * `target`: whether the last word must, may or must not be a server.
 * Throws UsageError.
 */
export function readLocations(words: readonly string[], target: 'required' | 'allowed' | 'none'): Locations {
  const locations = words.map(parseLocation);
  const last = locations.at(-1);
  const server = target !== 'none' && last?.kind === 'server' ? last : null;
  if (target === 'required' && server === null && words.length > 1) throw notAServer(words.at(-1) ?? '');
  const inputs = (server === null ? locations : locations.slice(0, -1)).map((location, index) =>
    inputPath(location, words[index] ?? ''),
  );
  if (inputs.length === 0) {
    throw new UsageError('No backup named: expected the path of an RDB file, or - for stdin.');
  }
  if (target === 'required' && server === null) {
    throw new UsageError('No target named: expected a server as the last word, like redis://127.0.0.1:6379.');
  }
  return { inputs, target: server };
}

function inputPath(location: Location, word: string): string {
  if (location.kind === 'stdin') return '-';
  if (location.kind === 'server') {
    throw new UsageError(
      `${redactLocation(word)}: expected a backup here (a path or -), got a server. The target comes last; reading from a server is not supported yet.`,
    );
  }
  // A path that would be read as something else again keeps its meaning.
  return location.path === '-' || /^file:/i.test(location.path) ? `./${location.path}` : location.path;
}

function notAServer(word: string): UsageError {
  const [, scheme, rest] = /^(rediss?):\/?([^/].*)$/i.exec(word) ?? [];
  const looksLikeHost = /^(localhost|[\w-]+(\.[\w-]+)+|[\w.-]+:\d+)$/.test(word) && !/\.(rdb|aof|gz|zst)$/i.test(word);
  const url = looksLikeHost ? `redis://${word}` : scheme !== undefined && rest !== undefined ? `${scheme}://${rest}` : null;
  const meant = url === null ? '' : ` Did you mean ${redactLocation(url)}?`;
  return new UsageError(
    `${redactLocation(word)}: expected a server as the last word, like redis://127.0.0.1:6379, rediss://host or unix:/path, got a path.${meant}`,
  );
}
