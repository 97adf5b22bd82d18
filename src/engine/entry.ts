/** The entry under way: its attributes, key, and where its value is. */
import { META_SCRATCH } from "./memory";

export let db: i32 = 0;
export let hasExpiry: bool = false;
/** Absolute, ms since 1970. */
export let expiry: i64 = 0;
export let hasIdle: bool = false;
/** Seconds. */
export let idle: u64 = 0;
export let hasFrequency: bool = false;
export let frequency: u32 = 0;
export let type: u32 = 0;
/** Offset in the file of its first attribute, or of its type byte where it has none. */
export let entryOffset: u64 = 0;
/** Offset in the file of the first byte of the value. */
export let valueOffset: u64 = 0;
export let keyAt: u32 = 0;
export let keyLength: u32 = 0;
/** KEY_META as it stands in the window, opcode included. */
export let metaAt: u32 = 0;
export let metaLength: u32 = 0;
/** The value's first byte, while it is in the window. */
export let valueAt: u32 = 0;
export let action: u32 = 0;

/** Attributes belong to the next key only. */
export function resetAttributes(): void {
  hasExpiry = false;
  hasIdle = false;
  hasFrequency = false;
  metaLength = 0;
}

/** The window moved: addresses into it follow. */
export function moveEntry(delta: u32, keyInWindow: bool): void {
  if (keyInWindow) keyAt += delta;
  if (metaAt != META_SCRATCH) metaAt += delta;
  valueAt += delta;
}
