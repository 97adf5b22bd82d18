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
    let control: u32 = load<u8>(from);
    if (control < 32) {
      const run = control + 1;
      if (run >= fromEnd - from || run > toEnd - to) return false;
      v128.store(to, v128.load(from, 1));
      v128.store(to, v128.load(from, 17), 16);
      from += run + 1;
      to += run;
      if (from >= fromEnd) break;
      // nearly always a match follows: going on here spares a guess that would often be wrong
      control = load<u8>(from);
      if (control < 32) continue;
    }
    // that a length byte follows is as likely as not, so no branch is made of it
    const isLong = (control + 32) >> 8;
    const run = (control >> 5) + 2 + (load<u8>(from, 1) & (0 - isLong));
    const distance = (((control & 31) << 8) | load<u8>(from + isLong, 1)) + 1;
    from += isLong + 2;
    if (from > fromEnd || run > toEnd - to || distance > to - start) return false;
    copyMatch(to, distance, run);
    to += run;
  }
  return to == toEnd;
}

/** Copies `run` bytes from `distance` before `to`, which may overlap: bytes written are read again. Writes up to 15 bytes past the end. */
// @ts-ignore: decorator
@inline
export function copyMatch(to: u32, distance: u32, run: u32): void {
  const source = to - distance;
  if (distance < 16) return copyNear(to, source, run);
  v128.store(to, v128.load(source));
  for (let i: u32 = 16; i < run; i += 16) v128.store(to + i, v128.load(source + i));
}

function copyNear(to: u32, source: u32, run: u32): void {
  if (to - source >= 8) {
    for (let i: u32 = 0; i < run; i += 8) store<u64>(to + i, load<u64>(source + i));
  } else {
    for (let i: u32 = 0; i < run; i++) store<u8>(to + i, load<u8>(source + i));
  }
}

/** What a control byte says: stored bytes of its token | bytes it makes << 8 | mask of the length byte << 24. */
const TOKENS = memory.data(1024);
for (let control: u32 = 0; control < 256; control++) {
  const isLong = (control + 32) >> 8;
  const token = control < 32 ? (control + 2) | ((control + 1) << 8) : (2 + isLong) | (((control >> 5) + 2) << 8) | ((0 - isLong) << 24);
  store<u32>(TOKENS + (control << 2), token);
}

// @ts-ignore: decorator
@inline
function tokenAt(at: u32): u32 {
  return load<u32>(TOKENS + (<u32>load<u8>(at) << 2));
}

// @ts-ignore: decorator
@inline
function storedOf(token: u32): u32 {
  return token & 0xff;
}

// @ts-ignore: decorator
@inline
function madeBy(token: u32, at: u32): u32 {
  return ((token >> 8) & 0xff) + (load<u8>(at, 1) & (token >> 24));
}

/** From here on four parts are walked at once. A quarter of it makes MAX_DISTANCE bytes at least: a token makes half of its own size or more. */
const SPLIT_MINIMUM: u32 = 65536;
const MAX_DISTANCE: u32 = 8192;

/** Checks the control bytes alone: every run lies inside, every match points back into what was made, the sum is `length`. May read 33 bytes past the end. */
export function lzfValid(from: u32, stored: u32, length: u32): bool {
  if (stored >= SPLIT_MINIMUM) return validInParts(from, stored, length);
  const fromEnd = from + stored;
  let made: u32 = 0;
  while (from < fromEnd) {
    const control: u32 = load<u8>(from);
    if (control < 32) {
      from += control + 2;
      made += control + 1;
    } else {
      const isLong = (control + 32) >> 8;
      const distance = (((control & 31) << 8) | load<u8>(from + isLong, 1)) + 1;
      if (distance > made) return false;
      made += (control >> 5) + 2 + (load<u8>(from, 1) & (0 - isLong));
      from += isLong + 2;
    }
    if (made > length) return false;
  }
  return from == fromEnd && made == length;
}

/** Where `walkTokens` or `join` ended: after the last token that begins before its `stop`. */
let walkedTo: u32 = 0;

/** Returns the bytes made by the tokens from `at` on. */
function walkTokens(at: u32, stop: u32): u32 {
  let made: u32 = 0;
  while (at < stop) {
    const token = tokenAt(at);
    made += madeBy(token, at);
    at += storedOf(token);
  }
  walkedTo = at;
  return made;
}

/**
 * Where a token begins is known only from the one before, so one walk waits for each byte it loads. Four at a time hide
 * that: the later three begin in the middle of nowhere, and what they found counts from the first token on that the
 * walk before them reaches too. They soon agree, and from there on they are the same walk; if not, it goes on alone.
 */
function validInParts(from: u32, stored: u32, length: u32): bool {
  const end0 = from + (stored >> 2), end1 = end0 + (stored >> 2), end2 = end1 + (stored >> 2), end3 = from + stored;
  let at0 = from, at1 = end0, at2 = end1, at3 = end2;
  let made0: u32 = 0, made1: u32 = 0, made2: u32 = 0, made3: u32 = 0;
  // once so much is made, no match can point before the start
  while (made0 < MAX_DISTANCE && at0 < end0) {
    const control: u32 = load<u8>(at0);
    const token = tokenAt(at0);
    if (control >= 32 && (((control & 31) << 8) | load<u8>(at0 + storedOf(token) - 1)) + 1 > made0) return false;
    made0 += madeBy(token, at0);
    at0 += storedOf(token);
  }
  while (at0 < end0 && at1 < end1 && at2 < end2 && at3 < end3) {
    const token0 = tokenAt(at0), token1 = tokenAt(at1), token2 = tokenAt(at2), token3 = tokenAt(at3);
    made0 += madeBy(token0, at0);
    made1 += madeBy(token1, at1);
    made2 += madeBy(token2, at2);
    made3 += madeBy(token3, at3);
    at0 += storedOf(token0);
    at1 += storedOf(token1);
    at2 += storedOf(token2);
    at3 += storedOf(token3);
  }
  made1 += walkTokens(at1, end1);
  at1 = walkedTo;
  made2 += walkTokens(at2, end2);
  at2 = walkedTo;
  made3 += walkTokens(at3, end3);
  at3 = walkedTo;
  let made: u64 = made0 + walkTokens(at0, end0);
  made += join(end0, end1, made1, at1);
  made += join(end1, end2, made2, at2);
  made += join(end2, end3, made3, at3);
  return walkedTo == end3 && made == length;
}

/**
 * Bytes made from `walkedTo` to `stop`, and `walkedTo` moved there. Another walk that began at `guess` made
 * `guessMade` bytes and came to `guessEnd`.
 */
function join(guess: u32, stop: u32, guessMade: u32, guessEnd: u32): u32 {
  let at = walkedTo;
  let made: u32 = 0;
  while (at != guess) {
    if (at >= stop || guess >= stop) return made + walkTokens(at, stop);
    if (at < guess) {
      const token = tokenAt(at);
      made += madeBy(token, at);
      at += storedOf(token);
    } else {
      const token = tokenAt(guess);
      guessMade -= madeBy(token, guess);
      guess += storedOf(token);
    }
  }
  walkedTo = guessEnd;
  return made + guessMade;
}
