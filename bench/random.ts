/**
 * Deterministic random numbers: the same seed gives the same data set on every machine.
 * mulberry32, 32 bits of state: good enough for test data, and needs no dependency.
 */

const PRINTABLE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export interface Random {
  /** An unsigned 32-bit number. */
  u32(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** An integer in [low, high]. */
  between(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** An integer in [low, high], small ones more often: as many in 5–10 as in 100–200. */
  skewed(low: number, high: number): number;
}

export function createRandom(seed: string): Random {
  let state = 0x9e3779b9;
  for (const char of seed) state = Math.imul(state ^ char.charCodeAt(0), 0x85ebca6b) ^ (state >>> 13);

  const u32 = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (bound: number): number => Math.floor((u32() / 0x1_0000_0000) * bound);
  return {
    u32,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => u32() < probability * 0x1_0000_0000,
    skewed: (low, high) => Math.min(high, Math.floor(low * Math.exp((u32() / 0x1_0000_0000) * Math.log((high + 1) / low)))),
  };
}

/**
 * A pool of random printable text; values are slices of it. LZF looks back 8 KB only, so a slice is
 * as incompressible as fresh random text, and costs nothing to make.
 */
export function incompressibleText(random: Random, bytes: number): string {
  const text = Buffer.allocUnsafe(bytes);
  for (let i = 0; i < bytes; i++) text[i] = PRINTABLE.charCodeAt(random.u32() & 63);
  return text.toString('latin1');
}

/** A pool of log-like text in which words come back often: LZF makes about 38 % of it. */
export function compressibleText(random: Random, bytes: number): string {
  const words = Array.from({ length: 96 }, () => {
    const length = random.between(4, 14);
    return Array.from({ length }, () => PRINTABLE.charAt(random.below(52))).join('');
  });
  const parts: string[] = [];
  for (let length = 0; length < bytes; ) {
    const word = random.chance(0.155) ? String(random.u32()) : words[random.below(words.length)]!;
    parts.push(word);
    length += word.length + 1;
  }
  return parts.join(' ').slice(0, bytes);
}

/** A slice of `pool` of this length, at a random place. */
export function slice(random: Random, pool: string, length: number): string {
  const start = random.below(pool.length - length);
  return pool.slice(start, start + length);
}
