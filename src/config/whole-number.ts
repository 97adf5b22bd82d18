import { BadValue, single, type ValueKind } from './value-kinds.js';

export function wholeNumber({ min, max }: { min: number; max: number }): ValueKind<number> {
  return single({
    placeholder: 'N',
    allowed: `a whole number from ${min} to ${max}`,
    parseOne(digits) {
      const value = Number(digits);
      if (!/^\d+$/.test(digits) || value < min || value > max) throw new BadValue();
      return value;
    },
  });
}
