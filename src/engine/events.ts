/** Why `scan` returned. `src/rdb/engine.ts` has the same numbers. */

/** The window is used up (or too short; see `needed`): give more, or say that there is no more. */
export const EVENT_INPUT: i32 = 0;
/** The region is full. */
export const EVENT_OUTPUT: i32 = 1;
export const EVENT_ERROR: i32 = 2;
/** Magic and version were read. */
export const EVENT_HEADER: i32 = 3;
/** stringA name, stringB value. */
export const EVENT_AUX: i32 = 4;
/** numberA database. */
export const EVENT_SELECT: i32 = 5;
/** numberA keys, numberB keys with expiry. */
export const EVENT_RESIZE: i32 = 6;
/** stringA source of a library. */
export const EVENT_FUNCTION: i32 = 7;
/** module, numberA when. */
export const EVENT_MODULE_AUX: i32 = 8;
/** numberA slot, numberB keys, numberC expiring keys. */
export const EVENT_SLOT_INFO: i32 = 9;
/** Valkey: slots that were being imported; stringA job. */
export const EVENT_SLOT_IMPORT: i32 = 10;
/** Valkey: a command inside the file. */
export const EVENT_UPDATE: i32 = 11;
/** An entry that cannot be sent; numberA reason. Calling again steps over it. */
export const EVENT_UNSUPPORTED: i32 = 12;
/** A value larger than a region begins: it is measured from here. */
export const EVENT_BIG_BEGIN: i32 = 13;
/** It was measured: numberA offset, numberB bytes. */
export const EVENT_BIG_READY: i32 = 14;
/** A measured value is too large for RESTORE and goes by commands: it is read again from offset numberA. */
export const EVENT_REWIND: i32 = 16;
/** The value that EVENT_BIG_BEGIN announced is over, and need not be kept any more. */
export const EVENT_BIG_OVER: i32 = 17;
/** The end: numberA what became of the checksum. */
export const EVENT_END: i32 = 15;

export const CHECKSUM_OK: i32 = 1;
export const CHECKSUM_DISABLED: i32 = 2;
export const CHECKSUM_ABSENT: i32 = 3;
export const CHECKSUM_MISMATCH: i32 = 4;

/** Reasons of EVENT_UNSUPPORTED. */
export const REASON_TYPE: i32 = 0;
export const REASON_META: i32 = 1;
export const REASON_SIZE: i32 = 2;
export const REASON_MODULE: i32 = 3;
export const REASON_FIELD_TTL: i32 = 4;
export const REASON_NACK: i32 = 5;
export const REASON_PENDING: i32 = 6;
/** Ends of entries wait for the answers to their steps: they are to be settled; see deferred.ts. */
export const EVENT_SETTLE: i32 = 18;
