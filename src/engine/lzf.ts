/**
 * LZF decompression (redis 7.4 src/lzf_d.c). A control byte below 32 starts a literal run of control + 1 bytes; any
 * other is a match: its upper three bits are the length minus 2 (7: one more byte adds to it), its lower five and the
 * next byte the distance minus 1, at most 8192.
 */

/** Whole string: `stored` bytes at `from` to exactly `length` bytes at `to`. Returns false where the input is wrong. Writes and reads up to 32 bytes past the ends. */
export function lzfDecompress(from: u32, stored: u32, to: u32, length: u32): bool {
  const fromEnd = from + stored;
  const toEnd = to + length;
  const start = to;
  while (from < fromEnd) {
    const control: u32 = load<u8>(from++);
    if (control < 32) {
      const run = control + 1;
      if (run > fromEnd - from || run > toEnd - to) return false;
      v128.store(to, v128.load(from));
      if (run > 16) v128.store(to, v128.load(from, 16), 16);
      from += run;
      to += run;
      continue;
    }
    let run = control >> 5;
    if (run == 7) {
      if (from >= fromEnd) return false;
      run += load<u8>(from++);
    }
    if (from >= fromEnd) return false;
    const distance = (((control & 31) << 8) | load<u8>(from++)) + 1;
    run += 2;
    if (distance > to - start || run > toEnd - to) return false;
    copyMatch(to, distance, run);
    to += run;
  }
  return to == toEnd;
}

/** Copies `run` bytes from `distance` before `to`, which may overlap: bytes written are read again. */
export function copyMatch(to: u32, distance: u32, run: u32): void {
  let source = to - distance;
  const stop = to + run;
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(source));
      to += 16;
      source += 16;
    } while (to < stop);
  } else if (distance >= 8) {
    do {
      store<u64>(to, load<u64>(source));
      to += 8;
      source += 8;
    } while (to < stop);
  } else {
    do {
      store<u8>(to++, load<u8>(source++));
    } while (to < stop);
  }
}

/**
 * Checks the control bytes alone: every run lies inside, every match points back into what was made, the sum is
 * `length`. Without branches on the data, which no predictor guesses; may read 33 bytes past the end.
 */
export function lzfValid(from: u32, stored: u32, length: u32): bool {
  const fromEnd = from + stored;
  let made: u32 = 0;
  let wrong: u32 = 0;
  while (from < fromEnd) {
    const control: u32 = load<u8>(from);
    const isMatch: u32 = <u32>(control >= 32);
    const isLong: u32 = <u32>(control >= 224);
    const size = select<u32>(2 + isLong, control + 2, isMatch);
    const run = select<u32>((control >> 5) + 2 + (load<u8>(from, 1) & (0 - isLong)), control + 1, isMatch);
    const distance = (((control & 31) << 8) | load<u8>(from + size - 1)) + 1;
    wrong |= isMatch & <u32>(distance > made);
    made += run;
    wrong |= <u32>(made > length);
    from += size;
    if (wrong) return false;
  }
  return from == fromEnd && made == length;
}
