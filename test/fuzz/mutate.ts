/** Damaged copies of RDB files: what disks, cut downloads and mean people make. */
import { bytes, len32, len64, sealed, type Bytes } from '../helpers/rdb-builder.js';
import { random, type Random } from '../helpers/random.js';

export interface Seed {
  name: string;
  file: Bytes;
}

export interface Mutant {
  /** "mutation 17 of fixtures/7.0.15/types" */
  name: string;
  file: Bytes;
  /** Its checksum was made right again, so that only its structure can give it away. */
  sealed: boolean;
}

/** Mutation `n` of a run: the same for the same seeds and run seed, whatever came before it. */
export function mutant(seeds: readonly Seed[], n: number, runSeed = 20261120): Mutant {
  const dice = random(runSeed + Math.imul(n, 2654435761));
  const seed = dice.pick(seeds);
  let file = seed.file;
  const times = 1 + (dice.below(4) === 0 ? dice.below(6) : 0);
  for (let i = 0; i < times; i += 1) file = dice.pick(MUTATIONS)(file, dice, seeds);
  const seal = file.length > 17 && dice.below(2) === 0;
  return { name: `mutation ${n} of ${seed.name}`, file: seal ? sealed(file) : file, sealed: seal };
}

type Mutation = (file: Bytes, dice: Random, seeds: readonly Seed[]) => Bytes;

/** Bytes that mean something: length forms, opcodes, type bytes, ends of packed values. */
const TELLING = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xc4, 0xe0, 0xf0, 0xf4, 242, 243, 244, 245, 247, 248, 249, 250, 251, 252, 253, 254, 255];
const LENGTHS = [len32(0xffffffff), len32(0x80000000), len64(1n << 62n), len64((1n << 64n) - 1n), len64(1n << 32n), bytes(0x7f, 0xff)];

const MUTATIONS: readonly Mutation[] = [flipBits, flipBits, flipBits, setByte, setByte, cut, splice, splice, insertLength, remove, repeat, swapType];

function flipBits(file: Bytes, dice: Random): Bytes {
  const out = Buffer.from(file);
  for (let i = dice.below(3); i >= 0; i -= 1) {
    const at = dice.below(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << dice.below(8));
  }
  return out;
}

function setByte(file: Bytes, dice: Random): Bytes {
  const out = Buffer.from(file);
  out[dice.below(out.length)] = dice.pick(TELLING);
  return out;
}

function cut(file: Bytes, dice: Random): Bytes {
  return file.subarray(0, dice.below(file.length));
}

/** Puts a piece of another file (or of this one) over, or between, bytes of this one. */
function splice(file: Bytes, dice: Random, seeds: readonly Seed[]): Bytes {
  const other = dice.pick(seeds).file;
  const from = dice.below(other.length);
  const piece = other.subarray(from, from + 1 + dice.below(200));
  const at = dice.below(file.length + 1);
  const over = dice.below(2) === 0 ? piece.length : 0;
  return bytes(file.subarray(0, at), piece, file.subarray(Math.min(file.length, at + over)));
}

function insertLength(file: Bytes, dice: Random): Bytes {
  const at = dice.below(file.length);
  return bytes(file.subarray(0, at), dice.pick(LENGTHS), file.subarray(at + dice.below(2)));
}

function remove(file: Bytes, dice: Random): Bytes {
  const at = dice.below(file.length);
  return bytes(file.subarray(0, at), file.subarray(at + 1 + dice.below(20)));
}

function repeat(file: Bytes, dice: Random): Bytes {
  const at = dice.below(file.length);
  const piece = file.subarray(at, at + 1 + dice.below(40));
  return bytes(file.subarray(0, at), piece, file.subarray(at));
}

/** Gives the value another type byte: the byte before a string that looks like a key. */
function swapType(file: Bytes, dice: Random): Bytes {
  const out = Buffer.from(file);
  const start = dice.below(out.length);
  for (let at = start; at < out.length; at += 1) {
    if ((out[at] ?? 255) < 34 && (out[at + 1] ?? 255) < 64 && (out[at + 2] ?? 0) >= 97) {
      out[at] = dice.below(34);
      break;
    }
  }
  return out;
}
