/** The N largest keys seen, by one measure. */

import type { KeyRecords } from '../rdb/key-records.js';
import type { InspectedKey } from './results.js';

export class LargestKeys {
  readonly #size: number;
  readonly #measure: (key: { memory: number; elements: number }) => number;
  /** Largest first; of equal ones the first in the file first. */
  readonly #keys: InspectedKey[] = [];

  constructor(size: number, measure: (key: { memory: number; elements: number }) => number) {
    this.#size = size;
    this.#measure = measure;
  }

  get list(): readonly InspectedKey[] {
    return this.#keys;
  }

  /** A key that is not larger than this does not get in. */
  get threshold(): number {
    const last = this.#keys[this.#size - 1];
    return last === undefined ? -1 : this.#measure(last);
  }

  offer(record: KeyRecords): void {
    const value = this.#measure(record);
    if (value <= this.threshold) return;
    let from = 0;
    for (let to = this.#keys.length; from < to; ) {
      const middle = (from + to) >> 1;
      const other = this.#keys[middle];
      if (other !== undefined && this.#measure(other) >= value) from = middle + 1;
      else to = middle;
    }
    this.#keys.splice(from, 0, copyOf(record));
    if (this.#keys.length > this.#size) this.#keys.pop();
  }
}

function copyOf(record: KeyRecords): InspectedKey {
  const { part, db, key, keyLength, type, rdbType, bytes, memory, elements, largest, expiresAtMs, offset } = record;
  return {
    part, db, key: key.slice(), keyLength, type: type?.kind ?? `type ${rdbType}`, encoding: type?.name ?? `type ${rdbType}`,
    bytes, memory, elements, largest, expiresAtMs, offset,
  };
}
