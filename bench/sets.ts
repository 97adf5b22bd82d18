/**
 * The data sets, each a generator of Redis commands. Content depends on the set's name and the
 * scale only. (Bytes of the RDB differ a little from one making to the next: the order of keys in it
 * follows the server's random hash seed.)
 */
import { compressibleText, createRandom, incompressibleText, slice, type Random } from './random.js';

/** Expiries lie in the year 2100, so a cached set never loses a key. */
const FAR_FUTURE_MS = 4_102_444_800_000;
const YEAR_MS = 365 * 86_400_000;
const MIB = 1 << 20;

export type SetName = 'S' | 'M' | 'L' | 'B' | 'H';

export interface SetDefinition {
  name: SetName;
  /** One line for people. */
  content: string;
  /** How many keys one SCAN step asks for while the peer's input is made. */
  scanCount: number;
  keys(scale: number): number;
  commands(scale: number): Generator<string[]>;
}

const scaled = (full: number, scale: number): number => Math.max(1, Math.round(full * scale));
const expiry = (random: Random): string => String(FAR_FUTURE_MS + random.below(YEAR_MS));

/** S: many small strings. */
function* smallStrings(scale: number): Generator<string[]> {
  const random = createRandom('S1');
  const pool = incompressibleText(random, 4 * MIB);
  const count = scaled(2_000_000, scale);
  for (let i = 0; i < count; i++) {
    const key = `user:${String(i).padStart(9, '0')}:session:${slice(random, pool, 9)}`;
    const value = random.chance(0.1) ? String(random.u32() | 0) : slice(random, pool, random.between(20, 60));
    yield random.chance(0.2) ? ['SET', key, value, 'PXAT', expiry(random)] : ['SET', key, value];
  }
}

/** M: every type, 5 to 200 elements. */
function* mixed(scale: number): Generator<string[]> {
  const random = createRandom('M1');
  const pool = incompressibleText(random, 4 * MIB);
  const text = compressibleText(random, 4 * MIB);
  const count = scaled(300_000, scale);
  for (let i = 0; i < count; i++) yield* mixedKey(random, pool, text, String(i).padStart(7, '0'));
}

function* mixedKey(random: Random, pool: string, text: string, id: string): Generator<string[]> {
  const dice = random.below(100);
  const elements = random.skewed(5, 200);
  const word = (): string => slice(random, pool, random.between(8, 26));
  /** A command whose arguments after the key are `elements` times what `element` gives. */
  const repeated = (name: string, key: string, element: (n: number) => string[]): string[] => {
    const command = [name, key];
    for (let n = 0; n < elements; n++) command.push(...element(n));
    return command;
  };
  let key: string;
  if (dice < 15) {
    key = `string:${id}`;
    const value = dice < 3 ? String(random.u32()) : dice < 9 ? word() : slice(random, text, random.between(100, 2000));
    yield ['SET', key, value];
  } else if (dice < 40) {
    key = `hash:${id}`;
    // One hash in ten holds values above hash-max-listpack-value, so it is a hash table however short.
    const wide = random.chance(0.1);
    yield repeated('HSET', key, (n) => [`field:${n}`, wide ? slice(random, pool, random.between(65, 120)) : word()]);
  } else if (dice < 60) {
    key = `list:${id}`;
    yield repeated('RPUSH', key, () => [random.chance(0.1) ? String(random.u32()) : word()]);
  } else if (dice < 67) {
    key = `intset:${id}`;
    const range = random.chance(0.5) ? 30_000 : 0xffff_ffff;
    yield repeated('SADD', key, () => [String(random.below(range))]);
  } else if (dice < 75) {
    key = `set:${id}`;
    yield repeated('SADD', key, () => [word()]);
  } else if (dice < 92) {
    key = `zset:${id}`;
    yield repeated('ZADD', key, () => [random.chance(0.5) ? String(random.below(100_000)) : (random.u32() / 1000).toFixed(3), word()]);
  } else {
    key = `stream:${id}`;
    for (let n = 1; n <= elements; n++) yield ['XADD', key, `1700000000000-${n}`, 'kind', slice(random, text, 8), 'payload', word()];
    if (random.chance(0.3)) {
      yield ['XGROUP', 'CREATE', key, 'workers', '0'];
      yield ['XREADGROUP', 'GROUP', 'workers', 'worker-1', 'COUNT', '4', 'STREAMS', key, '>'];
      yield ['XDEL', key, '1700000000000-5'];
    }
  }
  if (random.chance(0.2)) yield ['PEXPIREAT', key, expiry(random)];
}

/** L: large strings, every second one compressible. */
function* largeStrings(scale: number): Generator<string[]> {
  const random = createRandom('L1');
  const pool = incompressibleText(random, 8 * MIB);
  const text = compressibleText(random, 8 * MIB);
  const count = scaled(2_000, scale);
  for (let i = 0; i < count; i++) {
    yield ['SET', `blob:${String(i).padStart(6, '0')}`, slice(random, i % 2 === 0 ? pool : text, random.between(100_000, 1_000_000))];
  }
}

/** B: three keys of two million elements each. */
function* bigCollections(scale: number): Generator<string[]> {
  const random = createRandom('B1');
  const pool = incompressibleText(random, 4 * MIB);
  const count = scaled(2_000_000, scale);
  const batch = 500;
  for (let from = 0; from < count; from += batch) {
    const hash = ['HSET', 'big:hash'];
    const zset = ['ZADD', 'big:zset'];
    const list = ['RPUSH', 'big:list'];
    for (let i = from; i < Math.min(count, from + batch); i++) {
      hash.push(`field:${i}`, slice(random, pool, random.between(14, 28)));
      zset.push((random.u32() / 1000).toFixed(3), `member:${i}:${slice(random, pool, 9)}`);
      list.push(slice(random, pool, random.between(18, 50)));
    }
    yield hash;
    yield zset;
    yield list;
  }
}

/** H: what must not cost memory, however large. Below 512 MB each, which is what a server takes as one argument. */
function* hugeValues(scale: number): Generator<string[]> {
  const random = createRandom('H1');
  const pool = incompressibleText(random, 8 * MIB);
  for (let left = scaled(500_000_000, scale); left > 0; left -= 4_000_000) {
    yield ['APPEND', 'huge:string', slice(random, pool, Math.min(left, 4_000_000))];
  }
  const count = scaled(20_000_000, scale);
  for (let from = 0; from < count; from += 1000) {
    const hash = ['HSET', 'huge:hash'];
    for (let i = from; i < Math.min(count, from + 1000); i++) hash.push(`f${i}`, slice(random, pool, 8));
    yield hash;
  }
}

export const SETS: readonly SetDefinition[] = [
  {
    name: 'S',
    content: '2 M strings of 20–60 B, 10 % integers, 20 % with an expiry',
    scanCount: 1000,
    keys: (scale) => scaled(2_000_000, scale),
    commands: smallStrings,
  },
  {
    name: 'M',
    content: '300 k keys of all types, 5–200 elements, 20 % with an expiry',
    scanCount: 200,
    keys: (scale) => scaled(300_000, scale),
    commands: mixed,
  },
  {
    name: 'L',
    content: '2 000 strings of 100 KB–1 MB, half of them compressible',
    scanCount: 8,
    keys: (scale) => scaled(2_000, scale),
    commands: largeStrings,
  },
  {
    name: 'B',
    content: 'one hash, one zset, one list of 2 M elements each',
    scanCount: 1,
    keys: () => 3,
    commands: bigCollections,
  },
  {
    name: 'H',
    content: 'one string of 500 MB, one hash of 20 M fields: for the memory, not for the time',
    scanCount: 1,
    keys: () => 2,
    commands: hugeValues,
  },
];
