/** The element of a packed blob that was decoded last: text in memory, or a number. */

export let elementIsInteger: bool = false;
export let elementInteger: i64 = 0;
export let elementAt: u32 = 0;
export let elementLength: u32 = 0;

// @ts-ignore: decorator
@inline
export function setInteger(value: i64): void {
  elementIsInteger = true;
  elementInteger = value;
}

// @ts-ignore: decorator
@inline
export function setText(at: u32, length: u32): void {
  elementIsInteger = false;
  elementAt = at;
  elementLength = length;
}
