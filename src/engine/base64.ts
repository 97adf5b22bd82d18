/** Base64 (RFC 4648 section 4) with padding, twelve bytes at a time. */

const ALPHABET = memory.data<u8>([
  65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, // A-Z
  97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, // a-z
  48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 43, 47, // 0-9 + /
]);

/** Characters that n bytes become. */
// @ts-ignore: decorator
@inline
export function base64Length(n: u64): u64 {
  return ((n + 2) / 3) << 2;
}

/** Sixteen characters for the twelve bytes at `from`; reads sixteen. */
// @ts-ignore: decorator
@inline
function encodeTwelve(from: u32): v128 {
  // each lane becomes the number that its three bytes make, first byte highest
  const bytes = i8x16.shuffle(
    v128.load(from), v128.splat<i8>(0), 2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16,
  );
  const sixes = v128.or(
    v128.or(v128.shr<u32>(bytes, 18), v128.and(v128.shr<u32>(bytes, 4), v128.splat<i32>(0x3f00))),
    v128.or(v128.and(v128.shl<i32>(bytes, 10), v128.splat<i32>(0x3f0000)), v128.and(v128.shl<i32>(bytes, 24), v128.splat<i32>(0x3f000000))),
  );
  // what is to be added to a number depends on its range: 0-25 → lane 13, 26-51 → 0, 52-61 → 1 to 10, 62 → 11, 63 → 12
  const range = v128.or(
    v128.sub_sat<u8>(sixes, v128.splat<i8>(51)),
    v128.and(v128.lt<i8>(sixes, v128.splat<i8>(26)), v128.splat<i8>(13)),
  );
  const shifts = i8x16(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
  return v128.add<i8>(sixes, v128.swizzle(shifts, range));
}

/** Writes n bytes at `from` as text at `at`; returns the address after it. May write 16 bytes more, and read 16 past the end. */
export function putBase64(at: u32, from: u32, n: u32): u32 {
  const whole = n / 3;
  const end = at + (whole << 2);
  for (let to = at, q = from; to < end; to += 16, q += 12) v128.store(to, encodeTwelve(q));
  const rest = n - whole * 3;
  if (rest == 0) return end;
  const q = from + whole * 3;
  const first: u32 = load<u8>(q);
  const second: u32 = rest == 2 ? load<u8>(q, 1) : 0;
  store<u8>(end, load<u8>(<u32>ALPHABET + (first >> 2)));
  store<u8>(end, load<u8>(<u32>ALPHABET + (((first & 3) << 4) | (second >> 4))), 1);
  store<u8>(end, rest == 2 ? load<u8>(<u32>ALPHABET + ((second & 15) << 2)) : 61, 2);
  store<u8>(end, 61, 3);
  return end + 4;
}
