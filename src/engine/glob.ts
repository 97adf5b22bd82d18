/**
 * Redis globs over key bytes: ? * [abc] [^a] [a-z] \x, as KEYS and SCAN MATCH read them (redis 7.4 src/util.c
 * stringmatchlen). The patterns lie packed at GLOBS: {u32 length, bytes} of each, first those to match, then those to
 * exclude.
 */
import { GLOBS } from "./memory";

let matches: u32 = 0;
let excludes: u32 = 0;

export function setGlobs(matchCount: u32, excludeCount: u32): void {
  matches = matchCount;
  excludes = excludeCount;
}

/** Whether keys are selected by their names. */
export function filters(): bool {
  return matches + excludes != 0;
}

/** Whether a key is selected: it matches one pattern, if there are any, and none of those to exclude. */
export function keySelected(key: u32, length: u32): bool {
  let at = GLOBS;
  let selected = matches == 0;
  for (let i: u32 = 0; i < matches + excludes; i++) {
    const size = load<u32>(at);
    const pattern = at + 4;
    at = pattern + size;
    if (i < matches) {
      if (!selected) selected = globMatches(pattern, at, key, key + length);
    } else if (globMatches(pattern, at, key, key + length)) return false;
  }
  return selected;
}

/** A star that failed to match before the end of the text makes longer matches of the stars before it useless. */
let hopeless: bool = false;

export function globMatches(pattern: u32, patternEnd: u32, text: u32, textEnd: u32): bool {
  hopeless = false;
  return matchFrom(pattern, patternEnd, text, textEnd);
}

function matchFrom(q: u32, qEnd: u32, t: u32, tEnd: u32): bool {
  while (q < qEnd && t < tEnd) {
    const c = load<u8>(q);
    if (c == 42) {
      while (q + 1 < qEnd && load<u8>(q, 1) == 42) q++;
      if (q + 1 == qEnd) return true;
      while (t < tEnd) {
        if (matchFrom(q + 1, qEnd, t, tEnd)) return true;
        if (hopeless) return false;
        t++;
      }
      hopeless = true;
      return false;
    }
    if (c == 91) {
      q = matchClass(q + 1, qEnd, load<u8>(t));
      if (q == 0) return false;
      t++;
      continue;
    }
    if (c == 92 && qEnd - q >= 2) q++;
    else if (c == 63) {
      q++;
      t++;
      continue;
    }
    if (load<u8>(q) != load<u8>(t)) return false;
    q++;
    t++;
  }
  if (t == tEnd) while (q < qEnd && load<u8>(q) == 42) q++;
  return q == qEnd && t == tEnd;
}

/** Matches one byte against the class that starts at q, after the bracket; returns the address after the class, 0 for no match. */
function matchClass(q: u32, qEnd: u32, c: u8): u32 {
  let negated = false;
  if (q < qEnd && load<u8>(q) == 94) {
    negated = true;
    q++;
  }
  let found = false;
  // a class that is never closed ends with the pattern
  while (q < qEnd && load<u8>(q) != 93) {
    if (load<u8>(q) == 92 && qEnd - q >= 2) {
      q++;
      if (load<u8>(q) == c) found = true;
    } else if (qEnd - q >= 3 && load<u8>(q, 1) == 45) {
      const a = load<u8>(q), b = load<u8>(q, 2);
      if (c >= min(a, b) && c <= max(a, b)) found = true;
      q += 2;
    } else if (load<u8>(q) == c) found = true;
    q++;
  }
  if (found == negated) return 0;
  return q < qEnd ? q + 1 : q;
}
