/** What redferry promises, and the seconds its peers took where the promise was made. */
import type { SetName } from './sets.js';

/** What is left out was not promised for that set. */
export interface Budget {
  /** redferry's wall over that of `redis-cli --pipe`. */
  importWallRatio?: number;
  /** The tool's CPU over the server's. */
  importCpuRatio?: number;
  checkSeconds?: number;
  inspectSeconds?: number;
  rssMb: number;
  /** redis-check-rdb on the machine that the seconds above are from: makes a ratio of them that holds on any machine. */
  checkPeerSeconds?: number;
}

export const BUDGETS: Readonly<Record<SetName, Budget>> = {
  S: { importWallRatio: 1.0, importCpuRatio: 0.15, checkSeconds: 0.2, inspectSeconds: 0.7, rssMb: 120, checkPeerSeconds: 0.45 },
  M: { importWallRatio: 1.0, importCpuRatio: 0.25, checkSeconds: 0.4, inspectSeconds: 1.2, rssMb: 120, checkPeerSeconds: 1.56 },
  L: { importWallRatio: 0.55, importCpuRatio: 0.9, checkSeconds: 0.4, inspectSeconds: 1, rssMb: 150, checkPeerSeconds: 1.31 },
  B: { importWallRatio: 1.1, importCpuRatio: 0.4, checkSeconds: 0.4, inspectSeconds: 1, rssMb: 150, checkPeerSeconds: 2.76 },
  H: { rssMb: 150 },
};
