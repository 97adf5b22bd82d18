/** Which primary holds which slots: as `CLUSTER NODES` and nodes.conf tell, or as a new cluster would divide them. */

export const SLOTS = 16384;

export interface SlotOwner {
  /** Node id; empty where the slots were divided by count. */
  readonly id: string;
  readonly host: string;
  readonly port: string;
  /** First and last of each run of slots. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** As `redis-cli --cluster create` divides them (redis 7.4 src/redis-cli.c clusterManagerCommandCreate). */
export function divideSlots(count: number): SlotOwner[] {
  const share = SLOTS / count;
  let first = 0;
  return Array.from({ length: count }, (_, i) => {
    const last = i === count - 1 ? SLOTS - 1 : Math.round(i * share + share - 1);
    const range = [first, last] as const;
    first = last + 1;
    return { id: '', host: '', port: '', ranges: [range] };
  });
}

/** A list of nodes that leaves slots without a primary, gives one to two, or is none. */
export class BadNodes extends Error {}

/**
 * Primaries with slots, in the order of their first slot.
 *
 *     id ip:port@bus[,hostname] flags primary ping pong epoch state slot|first-last …   [slot->-id] and [slot-<-id] are moves under way
 *
 * (redis 7.4 src/cluster_legacy.c clusterGenNodeDescription; nodes.conf has a line `vars …` besides.) Throws BadNodes.
 */
export function parseClusterNodes(text: string): SlotOwner[] {
  const owners: SlotOwner[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('vars ')) return;
    const [id, address, flags, , , , , , ...slots] = line.trim().split(/\s+/);
    if (id === undefined || address === undefined || flags === undefined || !/^[0-9a-f]{40}$/.test(id)) {
      throw new BadNodes(`line ${i + 1}: expected a node as CLUSTER NODES prints it: an id of 40 hex digits, address, flags …, slots`);
    }
    if (!flags.split(',').includes('master')) return;
    const ranges = slots.filter((slot) => !slot.startsWith('[')).map((slot) => parseRange(slot, i + 1));
    if (ranges.length > 0) owners.push({ id, ...parseAddress(address), ranges });
  });
  checkCoverage(owners);
  return owners.sort((a, b) => (a.ranges[0]?.[0] ?? 0) - (b.ranges[0]?.[0] ?? 0));
}

/** For each slot the number of its owner. */
export function slotTable(owners: readonly SlotOwner[]): Uint16Array {
  const table = new Uint16Array(SLOTS);
  owners.forEach(({ ranges }, owner) => {
    for (const [first, last] of ranges) table.fill(owner, first, last + 1);
  });
  return table;
}

function parseRange(text: string, line: number): readonly [number, number] {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = [Number(first), Number(last ?? first)] as const;
  if (first === undefined || range[0] > range[1] || range[1] >= SLOTS) throw new BadNodes(`line ${line}: expected slots like 0-5460, found ${JSON.stringify(text)}`);
  return range;
}

/** "10.0.0.1:6379@16379,name" or "[::1]:6379". */
function parseAddress(address: string): { host: string; port: string } {
  const plain = address.split(/[@,]/, 1)[0] ?? '';
  const colon = plain.lastIndexOf(':');
  return colon < 0 ? { host: plain, port: '' } : { host: plain.slice(0, colon), port: plain.slice(colon + 1) };
}

function checkCoverage(owners: readonly SlotOwner[]): void {
  const seen = new Uint8Array(SLOTS);
  for (const { ranges } of owners) for (const [first, last] of ranges) for (let slot = first; slot <= last; slot++) seen[slot] = (seen[slot] ?? 0) + 1;
  const missing = seen.indexOf(0);
  if (missing >= 0) throw new BadNodes(`expected every slot from 0 to ${SLOTS - 1} at one primary, found none for slot ${missing}`);
  const twice = seen.findIndex((count) => count > 1);
  if (twice >= 0) throw new BadNodes(`expected every slot at one primary, found slot ${twice} at two`);
}
