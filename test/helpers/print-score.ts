/**
 * A score as servers since 7.2 print it, for the digests of long sorted sets that were taken over such text.
 *
 * Integers up to 2^62 in full (d2string of redis 7.2 src/util.c), the rest as deps/fpconv/fpconv_dtoa.c prints it: Grisu2,
 * whose digits are not always the shortest (one score in some thousands), so `String(score)` would not do.
 */
export function printScore(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? 'inf' : '-inf';
  if (Object.is(score, -0)) return '-0';
  if (Number.isInteger(score) && Math.abs(score) <= 2 ** 62) return BigInt(score).toString();
  const { digits, k } = grisu2(Math.abs(score));
  return (score < 0 ? '-' : '') + placeDigits(digits, k);
}

/** emit_digits: `digits` times ten to the power of `k`. */
function placeDigits(digits: string, k: number): string {
  const power = k + digits.length - 1; // of the first digit
  if (k >= 0 && Math.abs(power) < digits.length + 7) return digits + '0'.repeat(k);
  if (k < 0 && (k > -7 || Math.abs(power) < 4)) {
    const whole = digits.length + k;
    return whole <= 0 ? `0.${'0'.repeat(-whole)}${digits}` : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits[0]}${fraction}e${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

/** frac × 2^exp */
interface Binary {
  frac: bigint;
  exp: number;
}

const HIDDEN_BIT = 1n << 52n;

function grisu2(score: number): { digits: string; k: number } {
  const value = decompose(score);
  const upper = normalize({ frac: (value.frac << 1n) + 1n, exp: value.exp - 1 });
  const lowerShift = value.frac === HIDDEN_BIT ? 2 : 1;
  const lowerExp = value.exp - lowerShift;
  const lower = { frac: ((value.frac << BigInt(lowerShift)) - 1n) << BigInt(lowerExp - upper.exp), exp: upper.exp };
  const { power, k } = cachedPower(upper.exp);
  const w = multiply(normalize(value), power);
  const high = multiply(upper, power);
  const low = multiply(lower, power);
  high.frac -= 1n;
  low.frac += 1n;
  return generateDigits(w, high, low, -k);
}

function decompose(score: number): Binary {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, score);
  const raw = bits.getBigUint64(0);
  const exp = Number((raw >> 52n) & 0x7ffn);
  const frac = raw & (HIDDEN_BIT - 1n);
  return exp === 0 ? { frac, exp: 1 - 1075 } : { frac: frac + HIDDEN_BIT, exp: exp - 1075 };
}

/** Shifted so that bit 63 is the highest one set. */
function normalize({ frac, exp }: Binary): Binary {
  const shift = 64 - frac.toString(2).length;
  return { frac: frac << BigInt(shift), exp: exp - shift };
}

function multiply(a: Binary, b: Binary): Binary {
  return { frac: (a.frac * b.frac + (1n << 63n)) >> 64n, exp: a.exp + b.exp + 64 };
}

/** The power of ten, in steps of eight, that brings an exponent into -60…-32 (find_cachedpow10). */
function cachedPower(exp: number): { power: Binary; k: number } {
  const oneLogTen = 0.30102999566398114;
  let index = Math.trunc((Math.trunc(-(exp + 87) * oneLogTen) + 348) / 8);
  for (;;) {
    const k = -348 + index * 8;
    const power = powerOfTen(k);
    const sum = exp + power.exp + 64;
    if (sum < -60) index += 1;
    else if (sum > -32) index -= 1;
    else return { power, k };
  }
}

/** Ten to the power of k with 64 significant bits, rounded to the nearest. */
function powerOfTen(k: number): Binary {
  const extra = 1300;
  const exact = k >= 0 ? 10n ** BigInt(k) << BigInt(extra) : (1n << BigInt(extra)) / 10n ** BigInt(-k);
  const shift = exact.toString(2).length - 64;
  return { frac: (exact + (1n << BigInt(shift - 1))) >> BigInt(shift), exp: shift - extra };
}

function generateDigits(w: Binary, upper: Binary, lower: Binary, k0: number): { digits: string; k: number } {
  const wFrac = upper.frac - w.frac;
  let delta = upper.frac - lower.frac;
  const shift = BigInt(-upper.exp);
  const one = 1n << shift;
  let part1 = upper.frac >> shift;
  let part2 = upper.frac & (one - 1n);
  const digits: number[] = [];
  for (let kappa = 9; kappa >= 0; kappa -= 1) {
    const div = 10n ** BigInt(kappa);
    const digit = part1 / div;
    if (digit !== 0n || digits.length > 0) digits.push(Number(digit));
    part1 -= digit * div;
    const rest = (part1 << shift) + part2;
    if (rest <= delta) return { digits: roundDigit(digits, delta, rest, div << shift, wFrac), k: k0 + kappa };
  }
  for (let kappa = -1, unit = 10n; ; kappa -= 1, unit *= 10n) {
    part2 *= 10n;
    delta *= 10n;
    const digit = part2 >> shift;
    if (digit !== 0n || digits.length > 0) digits.push(Number(digit));
    part2 &= one - 1n;
    if (part2 < delta) return { digits: roundDigit(digits, delta, part2, one, wFrac * unit), k: k0 + kappa };
  }
}

function roundDigit(digits: number[], delta: bigint, rest: bigint, kappa: bigint, frac: bigint): string {
  let last = digits.pop() ?? 0;
  let rem = rest;
  while (rem < frac && delta - rem >= kappa && (rem + kappa < frac || frac - rem > rem + kappa - frac)) {
    last -= 1;
    rem += kappa;
  }
  return [...digits, last].join('');
}
