/** Which RDB version is written, and to which files. */

import { readFile } from 'node:fs/promises';

import { UsageError } from '../errors.js';
import { BadNodes, divideSlots, parseClusterNodes, type SlotOwner } from '../rdb/cluster-slots.js';
import { FIRST_VALKEY_VERSION, LAST_SHARED_VERSION, NEWEST_REDIS_VERSION, NEWEST_VALKEY_VERSION, type RdbTarget } from '../rdb/older-forms.js';
import type { PartSource } from '../rdb/part-source.js';
import type { ConvertOptions } from './options.js';

/** The wish of the user; what it leaves open follows from the inputs. Throws UsageError. */
export function rdbTarget({ dialect, rdbVersion }: Pick<ConvertOptions, 'dialect' | 'rdbVersion'>, inputs: readonly RdbTarget[]): RdbTarget {
  if (rdbVersion !== undefined) {
    const own = dialect ?? (rdbVersion >= FIRST_VALKEY_VERSION ? 'valkey' : inputs.every((input) => input.dialect === 'valkey') && rdbVersion <= LAST_SHARED_VERSION ? 'valkey' : 'redis');
    return checked({ dialect: own, version: rdbVersion });
  }
  const dialects = [...new Set(inputs.map((input) => input.dialect))];
  const own = dialect ?? dialects[0] ?? 'redis';
  if (dialect === undefined && dialects.length > 1) {
    throw new UsageError('The inputs are of Redis and of Valkey: expected to be told which of them the output is for.', { hint: 'Pass --dialect redis or --dialect valkey, or --rdb-version.' });
  }
  const newest = Math.max(0, ...inputs.filter((input) => input.dialect === own).map(({ version }) => version));
  if (own === 'redis') return { dialect: own, version: Math.min(newest === 0 ? NEWEST_REDIS_VERSION : newest, NEWEST_REDIS_VERSION) };
  return { dialect: own, version: Math.max(newest, FIRST_VALKEY_VERSION) };
}

function checked(target: RdbTarget): RdbTarget {
  const { dialect, version } = target;
  const valkey = version >= FIRST_VALKEY_VERSION && version <= NEWEST_VALKEY_VERSION;
  if (version < 1 || (version > NEWEST_REDIS_VERSION && !valkey)) {
    throw new UsageError(`--rdb-version ${version}: expected 1 to ${NEWEST_REDIS_VERSION} (Redis), or ${FIRST_VALKEY_VERSION} to ${NEWEST_VALKEY_VERSION} (Valkey).`);
  }
  if (dialect === 'redis' && valkey) throw new UsageError(`--rdb-version ${version} and --dialect redis contradict each other: ${FIRST_VALKEY_VERSION} and above are Valkey's.`);
  if (dialect === 'valkey' && !valkey && version > LAST_SHARED_VERSION) {
    throw new UsageError(`--rdb-version ${version} and --dialect valkey contradict each other: Valkey reads RDB up to ${LAST_SHARED_VERSION}, and ${FIRST_VALKEY_VERSION} to ${NEWEST_VALKEY_VERSION}.`);
  }
  return target;
}

/** Version and dialect of a file that can be read again; null where it is none: who walks it says why. */
export async function peekHeader(source: PartSource): Promise<RdbTarget | null> {
  const stream = await source.open();
  try {
    const bytes = Buffer.alloc(9);
    let length = 0;
    for (let got = 1; got > 0 && length < bytes.length; length += got) got = await stream.read(bytes, length, bytes.length - length);
    const [, magic, digits] = /^(REDIS|VALKEY)(\d+)$/.exec(bytes.toString('latin1', 0, length)) ?? [];
    return magic === undefined ? null : { dialect: magic === 'REDIS' ? 'redis' : 'valkey', version: Number(digits) };
  } finally {
    await stream.close();
  }
}

/** Files that the keys are divided among. */
export interface Division {
  readonly owners: readonly SlotOwner[];
  readonly paths: readonly string[];
}

/** null: one file takes all. Throws UsageError for a list of nodes that cannot be used, and for names that are not distinct. */
export async function divisionOf({ output, split }: Pick<ConvertOptions, 'output' | 'split'>): Promise<Division | null> {
  if (split === null) return null;
  const owners = 'count' in split ? divideSlots(split.count) : await ownersIn(split.nodes);
  const paths = owners.map((owner, i) => fileName(output, owner, i + 1));
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) throw new UsageError(`${output}: gives the name ${twice} to more than one file.`, { hint: 'Put {n} or {id} into it.' });
  return { owners, paths };
}

async function ownersIn(path: string): Promise<SlotOwner[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path}: the list of nodes cannot be read: ${(error as Error).message}.`, { cause: error });
  });
  try {
    return parseClusterNodes(text);
  } catch (error) {
    if (!(error instanceof BadNodes)) throw error;
    throw new UsageError(`${path}: ${error.message}.`, { cause: error, hint: 'Give the output of CLUSTER NODES, or a nodes.conf.' });
  }
}

/** {n} number from 1, {id}, {host}, {port}, {slots}; a name without any of them gets -{n} before its extension. */
function fileName(pattern: string, { id, host, port, ranges }: SlotOwner, n: number): string {
  const slots = ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join('_');
  const words: Readonly<Record<string, string>> = { n: String(n), id, host: host.replace(/[^\w.-]/g, '_'), port, slots };
  const whole = /\{(n|id|host|port|slots)\}/.test(pattern) ? pattern : pattern.replace(/(\.[^./]*)?$/, (extension) => `-{n}${extension}`);
  return whole.replace(/\{(n|id|host|port|slots)\}/g, (_, word: string) => words[word] ?? '');
}
