import { UsageError } from '../../errors.js';
import { KEY_TYPES, type SelectionOptions } from '../../stages/options.js';
import { defineGroup, option, optional } from '../option.js';
import { originOf, readGroup, type OptionInput } from '../read-options.js';
import { choice, choices, dbNumbers, dbPairs, duration, globs, type DbPair } from '../value-kinds.js';

const filters = {
  db: optional(dbNumbers, 'only these dbs of the backup'),
  match: option(globs, [], 'only keys that match this Redis glob; with several, at least one of them (repeatable)'),
  exclude: option(globs, [], 'leave out keys that match this Redis glob (repeatable)'),
  type: optional(choices(KEY_TYPES, 'TYPE,…'), `only keys of these types: ${KEY_TYPES.join(', ')}`),
  'min-ttl': optional(duration, 'leave out keys that expire sooner than this'),
};

/** For a command that only looks: it shows what expired, and nothing has a new place. */
export const filterGroup = defineGroup('Which keys', filters);

const dbMapOption = option(
  dbPairs,
  [],
  'write the keys of db FROM into db TO; a db that is not named keeps its number (repeatable)',
);

/** For a command that writes a file: it holds what the backup holds, unless told otherwise. */
export const conversionGroup = defineGroup('Which keys', {
  ...filters,
  'db-map': dbMapOption,
  expired: option(choice(['keep', 'skip']), 'keep', 'keys whose time had passed: keep them, as the backup does, or leave them out'),
});

export const selectionGroup = defineGroup('Which keys', {
  ...filters,
  'db-map': dbMapOption,
  expired: option(
    choice(['skip', 'keep']),
    'skip',
    'keys whose time had passed: leave them out, or write them for the server to expire',
  ),
});

/** Throws UsageError on a bad value. */
export function readFilter(input: OptionInput): SelectionOptions {
  const { db, match, exclude, type, 'min-ttl': minTtlMs } = readGroup(filterGroup, input);
  return {
    dbMap: new Map(),
    match,
    exclude,
    expired: 'keep',
    ...(db === undefined ? {} : { dbs: db }),
    ...(type === undefined ? {} : { types: type }),
    ...(minTtlMs === undefined ? {} : { minTtlMs }),
  };
}

/**
 * The selection, with the db of the target's location (`redis://host/3`) worked in: like `redis-cli -u`,
 * the location says which db is worked on, so the one db that is read (db 0, or the one that --db names)
 * goes there.
 *
 * Throws UsageError on a bad value or a contradiction.
 */
export function readSelection(
  input: OptionInput,
  targetDb: number | null,
  group: typeof selectionGroup | typeof conversionGroup = selectionGroup,
): SelectionOptions {
  const values = readGroup(group, input);
  const dbMap = mapOf(values['db-map'], originOf('db-map', input) ?? '--db-map');
  const dbs = values.db;
  if (dbs !== undefined) {
    for (const from of dbMap.keys()) {
      if (!dbs.includes(from)) {
        throw new UsageError(
          `${originOf('db-map', input) ?? ''} ${from}:${dbMap.get(from) ?? ''} and ${originOf('db', input) ?? ''} ${dbs.join(',')} ` +
            `contradict each other: db ${from} is not read. Add it to --db, or leave the pair out.`,
        );
      }
    }
  }
  if (targetDb !== null && targetDb !== 0) mapTargetDb(dbMap, dbs, targetDb);
  const givenExpired = originOf('expired', input);
  if (values.expired === 'keep' && givenExpired !== null && values['min-ttl'] !== undefined) {
    throw new UsageError(
      `${givenExpired} keep and ${originOf('min-ttl', input) ?? ''} contradict each other: ` +
        'one keeps keys whose time has passed, the other leaves them out. Choose one.',
    );
  }
  // who asks for a least time to live does not ask for what has none left
  const expired = values['min-ttl'] === undefined ? values.expired : 'skip';
  return { ...readFilter(input), dbMap, expired };
}

function mapOf(pairs: readonly DbPair[], origin: string): Map<number, number> {
  const map = new Map<number, number>();
  for (const { from, to } of pairs) {
    const other = map.get(from);
    if (other !== undefined && other !== to) {
      throw new UsageError(`${origin}: db ${from} cannot go to both db ${other} and db ${to}. Name it once.`);
    }
    map.set(from, to);
  }
  return map;
}

function mapTargetDb(dbMap: Map<number, number>, dbs: readonly number[] | undefined, targetDb: number): void {
  if (dbs !== undefined && dbs.length > 1) {
    throw new UsageError(
      `The target's location names db ${targetDb}, and --db names ${dbs.length} dbs: it is not clear which one goes there. ` +
        `Leave /${targetDb} out of the location and say it with --db-map, e.g. --db-map ${dbs[0] ?? 0}:${targetDb}.`,
    );
  }
  const from = dbs?.[0] ?? 0;
  const mapped = dbMap.get(from);
  if (mapped !== undefined && mapped !== targetDb) {
    throw new UsageError(
      `--db-map ${from}:${mapped} and db ${targetDb} in the target's location contradict each other: ` +
        `the location sends db ${from} to db ${targetDb}. Leave one of them out.`,
    );
  }
  dbMap.set(from, targetDb);
}
