/** From runs to the rows of the table: medians, spreads, ratios and what the budget says of them. */
import type { Budget } from './budgets.js';
import type { Run, Runs } from './runs.js';

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export type Verdict = { met: true } | { met: false; missedByPercent: number };

export interface Row {
  set: string;
  figure: string;
  /** Of the two value columns. */
  unit: 's' | 'MB' | 'ratio' | 'cores';
  redferry: Spread | null;
  peer: Spread | null;
  /** redferry over peer, pair by pair: a pair ran within the same minute. */
  ratio: Spread | null;
  budget: { limit: number; of: 'redferry' | 'ratio' } | null;
  verdict: Verdict | null;
}

type Figure = (run: Run) => number | null;

/** @param budget null when the set is not at full scale: budgets speak of full sets */
export function importRows(set: string, runs: Runs, budget: Budget | null): Row[] {
  return [
    row(set, 'import wall', 's', runs, (run) => run.wall, limit(budget?.importWallRatio, 'ratio')),
    row(set, 'import tool CPU', 's', runs, (run) => run.cpu),
    row(set, 'import server CPU', 's', runs, (run) => run.serverCpu ?? null),
    row(set, 'import tool CPU / server CPU', 'ratio', runs, (run) => (run.serverCpu ? run.cpu / run.serverCpu : null), limit(budget?.importCpuRatio)),
    row(set, 'import peak RSS', 'MB', runs, (run) => run.rssMb, limit(budget?.rssMb)),
    row(set, 'import CPU of others', 'cores', runs, (run) => run.foreignCores),
  ];
}

export function checkRows(set: string, runs: Runs, budget: Budget | null): Row[] {
  const wall = (run: Run): number => run.wall;
  const checkRatio = budget?.checkSeconds && budget.checkPeerSeconds && budget.checkSeconds / budget.checkPeerSeconds;
  return [
    row(set, 'check wall', 's', runs, wall, limit(budget?.checkSeconds)),
    ...(checkRatio ? [row(set, 'check wall, as a ratio', 's', runs, wall, limit(checkRatio, 'ratio'))] : []),
    row(set, 'check CPU', 's', runs, (run) => run.cpu),
    row(set, 'check peak RSS', 'MB', runs, (run) => run.rssMb, limit(budget?.rssMb)),
    row(set, 'check CPU of others', 'cores', runs, (run) => run.foreignCores),
  ];
}

export function inspectRows(set: string, runs: Runs, budget: Budget | null): Row[] {
  return [
    row(set, 'inspect wall', 's', runs, (run) => run.wall, limit(budget?.inspectSeconds)),
    row(set, 'inspect peak RSS', 'MB', runs, (run) => run.rssMb, limit(budget?.rssMb)),
  ];
}

export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

function row(set: string, figure: string, unit: Row['unit'], runs: Runs, of: Figure, budget: Row['budget'] = null): Row {
  const redferry = spread(runs.redferry.map(of).filter(isNumber));
  const peer = spread(runs.peer.map(of).filter(isNumber));
  const ratio = unit === 's' ? spread(runs.redferry.map((run, i) => quotient(of(run), runs.peer[i] && of(runs.peer[i]))).filter(isNumber)) : null;
  return { set, figure, unit, redferry, peer, ratio, budget, verdict: judge(budget?.of === 'ratio' ? ratio : redferry, budget) };
}

function limit(value: number | undefined, of: 'redferry' | 'ratio' = 'redferry'): Row['budget'] {
  return value === undefined ? null : { limit: value, of };
}

function judge(found: Spread | null, budget: Row['budget']): Verdict | null {
  if (!budget || !found) return null;
  if (found.median <= budget.limit) return { met: true };
  return { met: false, missedByPercent: (found.median / budget.limit - 1) * 100 };
}

function quotient(above: number | null, below: number | null | undefined): number | null {
  return above === null || !below ? null : above / below;
}

function isNumber(value: number | null): value is number {
  return value !== null;
}
