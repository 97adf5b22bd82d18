/** What TypeScript reads after each call, at STATE; and counters of the whole file. Numbers are f64, exact to 2^53. */
import { STATE } from "./memory";
import { committed, end, keep, offsetOf, p } from "./input";
import { errorAt, errorCode, errorExpected, errorFound, needed } from "./status";
import { commands, out } from "./output";
import * as entry from "./entry";
import { unchecked } from "./walk";
import { moduleId } from "./types/module";
import { wholeAt, wholeLength } from "./input";
import { droppedExpiries } from "./rebuild";
import { okSteps } from "./pieces";
import { lines, nullLines, unsortedLines } from "./json";

export let version: i32 = 0;
export let dialect: i32 = 0;
export let stringA: u32 = 0;
export let stringALength: u32 = 0;
export let stringB: u32 = 0;
export let stringBLength: u32 = 0;
export let numberA: f64 = 0;
export let numberB: f64 = 0;
export let numberC: f64 = 0;

/** The cursor is inside an entry: its key and type are known. */
export let inEntry: bool = false;

export let keysRead: u64 = 0;
export let keysFiltered: u64 = 0;
export let keysExpired: u64 = 0;
export let keysEmpty: u64 = 0;
export let keysSet: u64 = 0;
export let keysRestored: u64 = 0;
export let keysUnsupported: u64 = 0;
export let keysRebuilt: u64 = 0;
export let keysCommands: u64 = 0;
export let keysTooLarge: u64 = 0;
export let firstTooLarge: u64 = 0;
/** CRC64 of the file up to its EOF opcode, and the one written there. */
export let crcFound: u64 = 0;
export let crcWritten: u64 = 0;

export function resetCounters(): void {
  keysRead = keysFiltered = keysExpired = keysEmpty = keysSet = keysRestored = keysUnsupported = keysRebuilt = keysCommands = keysTooLarge = firstTooLarge = 0;
  crcFound = crcWritten = 0;
  unchecked = 0;
}

/** Makes STATE current. */
export function publish(): void {
  store<u32>(STATE, p, 0);
  store<u32>(STATE, keep, 4);
  store<u32>(STATE, out, 8);
  store<u32>(STATE, commands, 12);
  store<i32>(STATE, errorCode, 16);
  store<i32>(STATE, version, 20);
  store<i32>(STATE, dialect, 24);
  store<u32>(STATE, entry.type, 28);
  store<u32>(STATE, stringA, 32);
  store<u32>(STATE, stringALength, 36);
  store<u32>(STATE, stringB, 40);
  store<u32>(STATE, stringBLength, 44);
  store<u32>(STATE, entry.keyAt, 48);
  store<u32>(STATE, entry.keyLength, 52);
  store<i32>(STATE, entry.db, 56);
  store<u32>(STATE, unchecked, 60);
  store<f64>(STATE, numberA, 64);
  store<f64>(STATE, numberB, 72);
  store<f64>(STATE, numberC, 80);
  store<f64>(STATE, <f64>needed, 88);
  store<f64>(STATE, <f64>entry.entryOffset, 96);
  store<f64>(STATE, <f64>entry.valueOffset, 104);
  store<f64>(STATE, <f64>offsetOf(p), 112);
  store<u32>(STATE, entry.valueAt, 120);
  store<u32>(STATE, inEntry ? 1 : 0, 124);
  store<u64>(STATE, moduleId, 128);
  store<u64>(STATE, errorExpected, 136);
  store<u64>(STATE, errorFound, 144);
  store<u64>(STATE, crcFound, 152);
  store<u64>(STATE, crcWritten, 160);
  store<f64>(STATE, <f64>keysRead, 168);
  store<f64>(STATE, <f64>keysFiltered, 176);
  store<f64>(STATE, <f64>keysExpired, 184);
  store<f64>(STATE, <f64>keysEmpty, 192);
  store<f64>(STATE, <f64>keysSet, 200);
  store<f64>(STATE, <f64>keysRestored, 208);
  store<f64>(STATE, <f64>keysUnsupported, 216);
  store<f64>(STATE, <f64>keysTooLarge, 224);
  store<f64>(STATE, <f64>firstTooLarge, 232);
  store<f64>(STATE, <f64>keysRebuilt, 256);
  store<f64>(STATE, <f64>keysCommands, 264);
  store<f64>(STATE, <f64>droppedExpiries, 272);
  store<u32>(STATE, okSteps, 280);
  store<f64>(STATE, <f64>unsortedLines, 400);
  store<f64>(STATE, <f64>nullLines, 408);
  store<f64>(STATE, <f64>lines, 416);
  publishError();
}

/** An error seen in the decoded copy of a blob is placed at the blob, with the offset inside of it. */
function publishError(): void {
  const inside = errorAt < keep || errorAt > end;
  store<f64>(STATE, <f64>offsetOf(inside ? p : errorAt), 240);
  store<f64>(STATE, inside ? <f64>(errorAt - wholeAt) : -1, 248);
}
