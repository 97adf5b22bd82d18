/** The first pass of an RDB output: are the inputs sound, what can be written, how many keys go where, which keys collide. */

import { randomBytes } from 'node:crypto';

import { UnsupportedInputError } from '../errors.js';
import { Engine } from '../rdb/engine.js';
import type { KeyReader } from '../rdb/key-records.js';
import { INDEX_SLOTS } from '../rdb/memory-map.js';
import type { RdbTarget } from '../rdb/older-forms.js';
import type { DbSize } from '../rdb/rdb-file.js';
import { planRdb } from '../rdb/rdb-plan.js';
import type { DbFollower, PartSurvey } from '../rdb/survey.js';
import { rdbType } from '../rdb/types.js';
import type { ConvertJob } from './convert-formats.js';
import { KeyLedger, type LedgerResult } from './key-ledger.js';
import { LISTED_FAILURES } from '../target/load-tally.js';
import { requireIntegrity, surveyInputs } from './survey-inputs.js';

export interface RdbSurvey {
  readonly parts: readonly PartSurvey[];
  /** For each output the keys of each of its databases. */
  readonly sizes: readonly ReadonlyMap<number, DbSize>[];
  /** Keys that are left to another input; null where none could be. */
  readonly ledger: LedgerResult | null;
}

/** Throws CorruptInputError or UnsupportedInputError for inputs that cannot be converted as asked. */
export async function surveyForRdb(job: ConvertJob, target: RdbTarget, table: Uint16Array | null, outputs: number, collide: boolean): Promise<RdbSurvey> {
  const { sources, options, selection, now, ctx, warnings } = job;
  const engine = await Engine.create(1);
  if (table !== null) engine.setSlotPartitions(table);
  engine.calls.configureRdb(target.version, outputs, collide ? 1 : 0);
  const plan = (dialect: RdbTarget['dialect']) => planRdb(target, { dialect, version: engine.version }, options.fieldTtl).engine;
  const sizes = new Sizes(outputs, options.selection.dbMap);
  const notes = collide ? new Notes() : null;
  try {
    const walk = { selection, plan, now, stage: 'convert' } as const;
    let parts = await surveyInputs(sources, { ...walk, lookInside: false, dbs: sizes, ...(notes !== null && { keys: notes }) }, ctx, engine);
    parts.forEach(requireIntegrity);
    if (parts.some(({ checksum }) => checksum !== 'ok')) {
      // nothing vouches for the bytes: servers do not look into packed values, and a broken one would crash them later
      engine.calls.configureRdb(target.version, outputs, 0);
      parts = await surveyInputs(sources, { ...walk, lookInside: true }, ctx, engine);
    }
    for (const part of parts) warnings.ofPart({ ...part, moduleAux: [], scripts: 0 });
    if (options.onUnsupported === 'fail') refuseUnsupported(parts, target, options.fieldTtl);
    const ledger = await notes?.ledger.resolve(parts.map(({ read }) => read), options.onConflict === 'replace') ?? null;
    if (ledger !== null) handleConflicts(job, parts, ledger);
    return { parts, sizes: sizes.without(ledger), ledger };
  } finally {
    notes?.ledger.close();
  }
}

/** Counts by output and database, as the engine has them when a database ends. */
class Sizes implements DbFollower {
  readonly #sizes: Map<number, { keys: number; expiring: number }>[];
  readonly #dbMap: ReadonlyMap<number, number>;
  #db = 0;

  constructor(outputs: number, dbMap: ReadonlyMap<number, number>) {
    this.#sizes = Array.from({ length: outputs }, () => new Map<number, { keys: number; expiring: number }>());
    this.#dbMap = dbMap;
  }

  enter(engine: Engine, db: number): void {
    this.leave(engine);
    this.#db = this.#dbMap.get(db) ?? db;
    engine.calls.setOutputDb(this.#db);
  }

  leave(engine: Engine): void {
    engine.takePartitionCounts(this.#sizes.length).forEach(({ keys, expiring }, i) => {
      if (keys === 0) return;
      const size = this.#sizes[i]?.get(this.#db) ?? { keys: 0, expiring: 0 };
      this.#sizes[i]?.set(this.#db, { keys: size.keys + keys, expiring: size.expiring + expiring });
    });
  }

  without(ledger: LedgerResult | null): Map<number, DbSize>[] {
    for (const { partition, db, keys, expiring } of ledger?.losers ?? []) {
      const size = this.#sizes[partition]?.get(db);
      if (size !== undefined) this.#sizes[partition]?.set(db, { keys: size.keys - keys, expiring: size.expiring - expiring });
    }
    return this.#sizes;
  }
}

/** Hands the notes of keys to the ledger. */
class Notes implements KeyReader {
  readonly ledger = new KeyLedger();
  readonly #seed = randomBytes(16);

  start(engine: Engine): void {
    engine.calls.setHashSeed(this.#seed.readBigInt64LE(0), this.#seed.readBigInt64LE(8));
    this.ledger.startPart();
    this.#open(engine);
  }

  take(engine: Engine): Promise<void> {
    const at = engine.map.regions[0]?.at ?? 0;
    this.ledger.add(engine.bytes.subarray(at, engine.out));
    this.#open(engine);
    return Promise.resolve();
  }

  #open(engine: Engine): void {
    const region = engine.map.regions[0];
    if (region !== undefined) engine.calls.openRegion(region.at, engine.map.regionSize, region.index, INDEX_SLOTS);
  }
}

function refuseUnsupported(parts: readonly PartSurvey[], target: RdbTarget, fieldTtl: 'fail' | 'drop' | 'expire-key'): void {
  const rows = parts.flatMap((part) => {
    const { types } = planRdb(target, { dialect: part.dialect, version: part.rdbVersion }, fieldTtl);
    return [...part.byType.values()].filter(({ unsupported }) => unsupported > 0).map(({ byte, unsupported, firstOffset }) => ({
      part: part.name, offset: firstOffset, count: unsupported, name: rdbType(part.dialect, byte)?.kind ?? 'key', byte,
      reason: knownReason(types.get(byte)?.reason) ?? 'fields that expire (see --field-ttl), or metadata of a module, which this version does not keep',
    }));
  });
  const [first] = rows;
  if (first === undefined) return;
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const byType = rows.map(({ count, name, byte, part }) => `${count} × ${name} (type ${byte}) in ${part}`).join(', ');
  throw new UnsupportedInputError(
    { source: first.part, offset: first.offset },
    `${total} keys cannot be written to RDB ${target.version} of ${target.dialect}: ${byType}. ${[...new Set(rows.map(({ reason }) => reason))].join('; ')}.`,
    { hint: 'Choose another --rdb-version or --dialect, leave the types out with --type, or go on without such keys with --on-unsupported skip.' },
  );
}

/** An empty one is none. */
function knownReason(reason: string | undefined): string | undefined {
  return reason === '' ? undefined : reason;
}

function handleConflicts(job: ConvertJob, parts: readonly PartSurvey[], { conflicts, examples }: LedgerResult): void {
  const { options, counts, warnings } = job;
  if (conflicts === 0) return;
  if (options.onConflict !== 'fail') {
    warnings.add('convert.conflicts', `Keys that stand more than once in the inputs: ${options.onConflict === 'skip' ? 'the first' : 'the last'} is taken.`, conflicts);
    return;
  }
  counts.keys.failed = conflicts;
  const names = parts.map(({ name }) => name);
  // two files of one name are told apart by their paths
  const distinct = new Set(names).size === names.length ? names : options.inputs;
  const name = (part: number): string => distinct[part] ?? '?';
  for (const { winner, loser, db } of examples.slice(0, LISTED_FAILURES)) {
    counts.failures.push({
      part: name(loser.part), offset: loser.offset, db, keyHash: '', type: '', error: `the same key is in ${name(winner.part)} at offset ${winner.offset}`,
    });
  }
  const [example] = examples;
  throw new UnsupportedInputError(
    { source: name(example?.loser.part ?? 0), offset: example?.loser.offset ?? null },
    `${conflicts} keys stand more than once in the inputs; this one is also in ${name(example?.winner.part ?? 0)} at offset ${example?.winner.offset ?? 0}.`,
    { hint: 'Say which is taken: --on-conflict skip for the first, --on-conflict replace for the last.' },
  );
}
