/** How a step of the engine ended, and what TypeScript is told about an error. */

export const OK: i32 = 0;
/** The window ends inside the unit: give more input and call again. */
export const NEED: i32 = 1;
/** The input is wrong; see the error fields below. */
export const FAIL: i32 = 2;

/** The items area is full; see items.ts. */
export const ROOM: i32 = 3;
/** Status of the step under way; every reader of input checks it after each primitive. */
export let status: i32 = OK;
/** With NEED: bytes that must stand in the window, counted from `keep`; 0 where any more will do. */
export let needed: u64 = 0;

/** Error codes; `src/rdb/engine-errors.ts` has the sentence for each (a test keeps the two equal). */
export const E_MAGIC: i32 = 1;
export const E_VERSION: i32 = 2;
export const E_LENGTH: i32 = 3;
export const E_LENGTH_ENCODED: i32 = 4;
export const E_STRING_ENCODING: i32 = 5;
export const E_BEYOND_END: i32 = 6;
export const E_TYPE: i32 = 8;
export const E_OPCODE: i32 = 9;
export const E_MODULE_V1: i32 = 10;
export const E_MODULE_OPCODE: i32 = 11;
export const E_LZF: i32 = 12;
export const E_LISTPACK_SIZE: i32 = 13;
export const E_LISTPACK_ENTRY: i32 = 14;
export const E_LISTPACK_COUNT: i32 = 15;
export const E_ZIPLIST_SIZE: i32 = 16;
export const E_ZIPLIST_ENTRY: i32 = 17;
export const E_ZIPLIST_COUNT: i32 = 18;
export const E_ZIPMAP: i32 = 19;
export const E_INTSET: i32 = 20;
export const E_PAIRS: i32 = 21;
export const E_CONTAINER: i32 = 22;
export const E_STREAM: i32 = 23;
export const E_STREAM_ID: i32 = 24;
export const E_SCORE: i32 = 25;
export const E_EXPIRY: i32 = 26;
export const E_FUNCTION_PRE_GA: i32 = 27;
export const E_TOO_LARGE: i32 = 28;
export const E_META: i32 = 30;
export const E_TEMPLATE: i32 = 31;
export const E_ARRAY: i32 = 32;
export const E_DB: i32 = 33;
export const E_RESP: i32 = 35;
/** A consumer has pending what its group has not. */
export const E_PENDING: i32 = 36;
export const E_INTERNAL: i32 = 99;

export let errorCode: i32 = 0;
/** Window address at which the error was seen. */
export let errorAt: u32 = 0;
export let errorExpected: u64 = 0;
export let errorFound: u64 = 0;

/** Records an error seen at window address `at`. The first one of a step wins. */
export function fail(code: i32, at: u32, expected: u64 = 0, found: u64 = 0): void {
  if (status == FAIL) return;
  status = FAIL;
  errorCode = code;
  errorAt = at;
  errorExpected = expected;
  errorFound = found;
}

/** The window ends here; `bytes`, counted from `keep`, would do (0: any more). */
export function need(bytes: u64 = 0): void {
  if (status != OK) return;
  status = NEED;
  needed = bytes;
}

/** What is decoded must be used before more of it is taken. */
export function room(): void {
  if (status == OK) status = ROOM;
}

/** Starts a step. */
export function clearStatus(): void {
  status = OK;
  needed = 0;
}
