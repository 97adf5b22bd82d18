/** Imports parts that a test made up, as the import stage does what it cannot read twice: probe, plan, load. */
import { Engine } from '../../src/rdb/engine.js';
import type { PartSource } from '../../src/rdb/part-source.js';
import { connect } from '../../src/resp/connection.js';
import { plannerFor } from '../../src/stages/preflight.js';
import { selectionOf } from '../../src/stages/selection.js';
import { Loader } from '../../src/target/loader.js';
import type { LoadTally } from '../../src/target/load-tally.js';
import { probeTarget } from '../../src/target/probe.js';
import type { TargetProfile } from '../../src/target/profile.js';
import type { RedisServer } from './redis-server.js';
import { endpointOf, selection, stageContext, writing } from './stages.js';

const REGIONS = 4;

export interface PartLoader {
  readonly profile: TargetProfile;
  load(source: PartSource): Promise<LoadTally>;
}

/** One engine and one profile for many parts: a matrix of tests would spend its time on them. */
export async function partLoader(server: RedisServer): Promise<PartLoader> {
  const ctx = stageContext();
  const endpoint = endpointOf(server);
  const profile = await probeTarget(endpoint, ctx);
  const planner = plannerFor(profile, writing());
  const engine = await Engine.create(REGIONS);
  return {
    profile,
    async load(source) {
      const connection = await connect(endpoint, { signal: ctx.signal, name: 'redferry-test' });
      const { onConflict, onUnsupported, functions } = writing();
      const loader = new Loader(
        engine,
        connection,
        {
          selection: selectionOf(selection()),
          plan: (dialect) => planner(dialect).engine,
          dbMap: new Map(),
          onConflict,
          onUnsupported,
          functions,
          scripts: 'load', lookInside: true,
          now: () => Date.now() + profile.clockOffsetMs,
        },
        ctx,
      );
      try {
        await loader.load(source);
        return loader.tally;
      } finally {
        connection.destroy();
      }
    },
  };
}
