/** What is to be done with an entry: TypeScript's write plan and selection, applied to one key. */
import { MODULES, PLAN } from "./memory";
import { moduleId } from "./types/module";

/** The target cannot take it by set or restore. */
export const UNSUPPORTED: u32 = 0;
/** RESTORE, bytes as they are. */
export const RESTORE: u32 = 1;
/** SET, for strings. */
export const SET: u32 = 2;
/** Only walked over. */
export const PASS: u32 = 3;
/** A record for TypeScript; see entry-record.ts. */
export const RECORD: u32 = 4;
/** Decoded, and RESTOREd in an older encoding; see rebuild.ts. */
export const REBUILD: u32 = 5;
/** Decoded, and written by native commands; see commands.ts. */
export const COMMANDS: u32 = 6;
/** A line of JSON; see json.ts. */
export const JSON_LINE: u32 = 7;
/** The entry and its value, decoded, for TypeScript; see values.ts. */
export const VALUES: u32 = 8;

export const CONFLICT_REPLACE: u32 = 1;

/** Databases of the file that are not selected. */
export let dbSelected: bool = true;
/** One bit per kind; 0: all. */
export let kindMask: u32 = 0;
export let minimumTtl: i64 = 0;
export let skipExpired: bool = false;
export let now: i64 = 0;
/** Commands replace what exists. */
export let replace: bool = false;
/** Expiry as absolute time: ABSTTL, PXAT. */
export let absoluteRestore: bool = true;
export let absoluteSet: bool = true;
/** Idle time and frequency are carried over. */
export let carryIdle: bool = false;
export let carryFrequency: bool = false;
/** Largest bulk string of the target. */
export let largestBulk: u64 = 512 << 20;
/** The target keeps KEY_META. */
export let carryMeta: bool = false;
/** Nothing vouches for the file: look inside packed values before they are sent. */
export let lookInside: bool = false;
/** What becomes of field expiries at a target without them; see rebuild.ts. */
export let fieldTtlPolicy: u32 = 0;
/** Native commands may be used: the target has those that are needed, and the user did not ask for RESTORE alone. */
export let commandsAllowed: bool = false;
/** … and those of streams. */
export let streamsAllowed: bool = false;
/** HSET takes more than one field. */
export let hsetManyFields: bool = true;
/** Most arguments of one command. */
export let largestArguments: u32 = 1000;
/** Values of more bytes are written by commands. */
export let bigValue: u64 = 256 << 20;
/** Only walk: count and check, write nothing. */
export let walkOnly: bool = true;

export function configure(
  newKindMask: u32, newMinimumTtl: i64, newSkipExpired: bool, newReplace: bool, newAbsoluteRestore: bool, newAbsoluteSet: bool,
  newCarryIdle: bool, newCarryFrequency: bool, newLargestBulk: u64, newCarryMeta: bool, newLookInside: bool, newWalkOnly: bool,
): void {
  kindMask = newKindMask;
  minimumTtl = newMinimumTtl;
  skipExpired = newSkipExpired;
  replace = newReplace;
  absoluteRestore = newAbsoluteRestore;
  absoluteSet = newAbsoluteSet;
  carryIdle = newCarryIdle;
  carryFrequency = newCarryFrequency;
  largestBulk = newLargestBulk;
  carryMeta = newCarryMeta;
  lookInside = newLookInside;
  walkOnly = newWalkOnly;
}

export function configureRebuild(newFieldTtlPolicy: u32, newCommandsAllowed: bool, newHsetManyFields: bool, newLargestArguments: u32, newBigValue: u64): void {
  hsetManyFields = newHsetManyFields;
  commandsAllowed = newCommandsAllowed;
  fieldTtlPolicy = newFieldTtlPolicy;
  largestArguments = newLargestArguments;
  bigValue = newBigValue;
}

export function allowStreams(allowed: bool): void {
  streamsAllowed = allowed;
}

export function setClock(newNow: i64): void {
  now = newNow;
}

export function selectDb(selected: bool): void {
  dbSelected = selected;
}

// @ts-ignore: decorator
@inline
export function plannedAction(type: u32): u32 {
  return load<u8>(PLAN + (type << 3));
}

// @ts-ignore: decorator
@inline
export function kindOf(type: u32): u32 {
  return load<u8>(PLAN + (type << 3), 1);
}

// @ts-ignore: decorator
@inline
export function footerOf(type: u32): u32 {
  return load<u16>(PLAN + (type << 3), 2);
}

/** Type byte of the older encoding, for REBUILD. */
// @ts-ignore: decorator
@inline
export function formOf(type: u32): u32 {
  return load<u8>(PLAN + (type << 3), 4);
}

/** Kinds that commands.ts builds: list, set, zset, hash, stream, in the order of KINDS in src/rdb/engine-setup.ts. */
export function mayUseCommands(type: u32): bool {
  const kind = kindOf(type);
  return commandsAllowed && kind >= 1 && (kind <= 4 || (kind == 5 && streamsAllowed));
}

let moduleCount: u32 = 0;

/** Tells what to do with values of a module; at most MODULE_SLOTS of them. */
export function setModules(count: u32): void {
  moduleCount = count;
}

export function moduleAction(id: u64): u32 {
  for (let i: u32 = 0; i < moduleCount; i++) {
    const at = MODULES + (i << 4);
    // the low ten bits are the version of the encoding: another one is the module's own business
    if (load<u64>(at) >> 10 == id >> 10) return load<u32>(at, 8);
  }
  return UNSUPPORTED;
}
