import { describe, expect, it } from 'vitest';
import { importRows, spread } from '../../bench/rows.js';
import type { Run } from '../../bench/runs.js';
import { plainTable } from '../../bench/table.js';

function run(wall: number, cpu: number, serverCpu: number): Run {
  return { wall, cpu, serverCpu, rssMb: 60, foreignCores: 0 };
}

describe('rows of the bench', () => {
  it('takes the median, between two middle values when there are two', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(spread([])).toBeNull();
  });

  it('divides pair by pair, so that a slow minute hits both sides of a ratio', () => {
    const runs = { redferry: [run(1, 1, 1), run(10, 1, 1), run(3, 1, 1)], peer: [run(2, 1, 1), run(20, 1, 1), run(4, 1, 1)] };
    expect(importRows('S', runs, null)[0]?.ratio).toEqual({ median: 0.5, min: 0.5, max: 0.75 });
  });

  it('says by how much a budget is missed', () => {
    const budget = { importWallRatio: 1, importCpuRatio: 0.2, checkSeconds: 1, checkPeerSeconds: 1, inspectSeconds: 1, rssMb: 50 };
    const rows = importRows('S', { redferry: [run(2, 0.5, 2)], peer: [run(2, 1, 2)] }, budget);
    const verdicts = Object.fromEntries(rows.map((row) => [row.figure, row.verdict]));
    expect(verdicts).toMatchObject({ 'import wall': { met: true }, 'import tool CPU / server CPU': { met: false }, 'import peak RSS': { met: false } });
    expect(plainTable(rows)).toMatch(/≤ 50 MB +missed by 20 %/);
    expect(plainTable(rows)).toMatch(/≤ 0.2 +missed by 25 %/);
  });
});
