/**
 * The engine's exports. TypeScript (src/rdb/engine.ts) gives it windows of the file and regions for output and calls
 * `scan` again and again; each return says why (events.ts) and makes the state block current.
 */
import { crc64, initCrc64 } from "./crc64";
import * as input from "./input";
import { clearStatus, E_INTERNAL, E_OPCODE, E_TYPE, FAIL, fail, NEED, needed, OK, status } from "./status";
import * as entry from "./entry";
import * as state from "./state";
import * as big from "./stream-out";
import { forgetOkSteps } from "./pieces";
import * as output from "./output";
import { AT_OPCODE, stage } from "./entry-stages";
import { beginEntry, continueEntry, holdsWindow, keyInWindow, resetEntries, rewindEntry } from "./entries";
import {
  NO_EVENT, OPCODE_EOF, OPCODE_META_OR_SLOT_IMPORT, OPCODE_MODULE_AUX, OPCODE_UPDATE_OR_TEMPLATE, readHeader, readOpcode,
} from "./opcodes";
import {
  CHECKSUM_ABSENT, CHECKSUM_DISABLED, CHECKSUM_MISMATCH, CHECKSUM_OK, EVENT_END, EVENT_ERROR, EVENT_INPUT, EVENT_MODULE_AUX,
} from "./events";
import { forgetDeferred, putDeferred as writeDeferred } from "./deferred";
import { beginsString, takePlainStrings } from "./plain-strings";
import { clearStats } from "./stats";
import { forgetTemplates, walkTemplate } from "./types/hash-template";
import { moduleWhen, walkKeyMeta, walkModuleAux } from "./types/module";
import { REDIS, typeKnown, VALKEY } from "./types/table";
import { Check, DONE, phase, startWalk } from "./walk";
import { rdbOutput } from "./rdb-out";
import { initCrc16 } from "./key-slot";

export { deferredEnd } from "./deferred";
export { settled } from "./commands";
export { configure, configureRebuild, selectDb, setClock, setModules } from "./plan";
export { configureRdb, setHashSeed, setOutputDb, setSkips, skippedKeys } from "./rdb-out";
export { keySlot } from "./key-slot";
export { hashBytes, hashHigh, hashLow } from "./key-hash";
export { configureStreams } from "./stream-commands";
export { setGlobs, globMatches } from "./glob";
export { setLineDb } from "./json-head";
export { clearStats } from "./stats";
export { clearMeasures, configureInspect, setCandidates } from "./inspect";
export { prefixCount, prefixDropped } from "./prefixes";
export { lzfDecompress, lzfValid } from "./lzf";

initCrc64();
initCrc16();

const HEADER: i32 = 0;
const OPCODES: i32 = 1;
const ENTRY: i32 = 2;
const MODULE_AUX: i32 = 3;
const META: i32 = 4;
const TEMPLATE: i32 = 5;
const TRAILER: i32 = 6;
const ENDED: i32 = 7;

/** First version whose file ends with a CRC64 (redis 7.4 src/rdb.c rdbLoadRioWithLoadingCtx "if (rdbver >= 5)"). */
const FIRST_WITH_CHECKSUM: i32 = 5;
const FIRST_WITH_META: i32 = 13;
const FIRST_WITH_TEMPLATES: i32 = 15;

let place: i32 = HEADER;
/** An attribute of the next key was read. */
let attributed: bool = false;
/** CRC64 of all bytes that came in, of those before the last chunk, and where that chunk is. */
let fileCrc: u64 = 0;
let crcBeforeChunk: u64 = 0;
let chunkAt: u32 = 0;
/** Offset in the file up to which bytes are in fileCrc. */
let crcOffset: u64 = 0;
/** The same of crcBeforeChunk. */
let crcBeforeOffset: u64 = 0;

/** Starts a file of `size` bytes (unknown: anything from 2^62 on). */
export function open(size: f64): void {
  place = HEADER;
  attributed = false;
  fileCrc = 0;
  crcOffset = 0;
  resetEntries();
  forgetDeferred();
  state.resetCounters();
  clearStats();
  forgetTemplates();
  input.openWindow(0, 0, 0, <u64>size);
  chunkAt = 0;
}

/** The window is now [from, to): the bytes that had to be kept are at `from`, new ones follow. */
export function moveWindow(from: u32, to: u32): void {
  const delta = from - input.keep;
  const inWindow = keyInWindow();
  chunkAt = input.end + delta;
  input.move(delta, to);
  entry.moveEntry(delta, inWindow);
  addToCrc(to);
  // cursor and keep are addresses, which have changed
  state.publish();
}

/** The chunk up to `to` is new, but for what was read before a rewind. */
function addToCrc(to: u32): void {
  const offset = input.offsetOf(chunkAt);
  if (crcOffset > offset) chunkAt += <u32>min<u64>(crcOffset - offset, to - chunkAt);
  crcBeforeChunk = fileCrc;
  crcBeforeOffset = crcOffset;
  fileCrc = crc64(fileCrc, chunkAt, to - chunkAt);
  crcOffset = max(crcOffset, input.offsetOf(to));
}

/** After EVENT_REWIND: the window is empty, and what comes next is the value's first byte. The last chunk will come again. */
export function rewind(): void {
  fileCrc = crcBeforeChunk;
  crcOffset = crcBeforeOffset;
  // of the last chunk, what stands before the value does not come again
  if (entry.valueOffset > crcOffset) {
    fileCrc = crc64(fileCrc, chunkAt, <u32>(entry.valueOffset - crcOffset));
    crcOffset = entry.valueOffset;
  }
  input.openWindow(0, 0, entry.valueOffset, input.fileSize);
  chunkAt = 0;
  rewindEntry();
}

/** Before bytes of the window are moved: the key of a value that is walked without holding the window is kept, for messages. */
export function prepareMove(): void {
  if (place == ENTRY && !holdsWindow()) big.saveKey();
}

export function openRegion(from: u32, size: u32, indexAt: u32, slots: u32): void {
  forgetOkSteps();
  output.openRegion(from, size, indexAt, slots);
}

/** Works until something is to be done outside; see events.ts. */
export function scan(): i32 {
  clearStatus();
  let event = NO_EVENT;
  while (event == NO_EVENT && status == OK) event = step();
  if (status == NEED) {
    input.p = input.committed;
    release();
    event = EVENT_INPUT;
  } else if (status == FAIL) event = EVENT_ERROR;
  else {
    if (!holdsWindow()) input.commit();
    release();
  }
  state.inEntry = place == ENTRY;
  state.publish();
  return event;
}

/** Lets go of what lies before the cursor, unless an entry is still to be written from there. */
function release(): void {
  if (holdsWindow() || place == META || (place == MODULE_AUX && rdbOutput) || (place == OPCODES && entry.metaLength != 0)) return;
  const freed = <u64>(input.p - input.keep);
  input.keep = input.p;
  needed = needed > freed ? needed - freed : 0;
}

function step(): i32 {
  switch (place) {
    case OPCODES: return atOpcode();
    case ENTRY: {
      const event = continueEntry();
      if (stage == AT_OPCODE) place = OPCODES;
      return event;
    }
    case HEADER: {
      const event = readHeader();
      if (status == OK) place = OPCODES;
      input.keep = input.p;
      return event;
    }
    case MODULE_AUX: {
      if (!walked()) return NO_EVENT;
      place = OPCODES;
      // as it stands in the file, where it goes to another
      state.stringA = input.keep;
      state.stringALength = rdbOutput ? input.p - input.keep : 0;
      state.numberA = <f64>moduleWhen;
      return EVENT_MODULE_AUX;
    }
    case META: {
      if (!walked()) return NO_EVENT;
      entry.metaLength = input.p - entry.metaAt;
      place = OPCODES;
      return NO_EVENT;
    }
    case TEMPLATE: {
      if (walked()) place = OPCODES;
      return NO_EVENT;
    }
    case TRAILER: return readTrailer();
    default: {
      fail(E_INTERNAL, input.p, ENDED, place);
      return NO_EVENT;
    }
  }
}

/** Walks on what stands around the keys; true where it is done. */
function walked(): bool {
  if (input.pending != 0 && !input.drainPending()) return false;
  if (phase != DONE) {
    if (place == MODULE_AUX) walkModuleAux<Check>();
    else if (place == META) walkKeyMeta<Check>();
    else walkTemplate<Check>();
    if (status == OK && input.pending != 0) input.drainPending();
  }
  return status == OK && phase == DONE;
}

function atOpcode(): i32 {
  const at = input.p;
  const metaRead = entry.metaLength != 0;
  input.commit();
  if (!metaRead) input.keep = at;
  if (at >= input.end) {
    input.takeBytes(1);
    return NO_EVENT;
  }
  if (!attributed && beginsString(at) && takePlainStrings()) return NO_EVENT;
  const opcode: u32 = load<u8>(at);
  if (!attributed) entry.entryOffset = input.offsetOf(at);
  if (opcode < OPCODE_UPDATE_OR_TEMPLATE) {
    if (!typeKnown(state.dialect, state.version, opcode)) {
      fail(E_TYPE, at, 0, opcode);
      return NO_EVENT;
    }
    const event = beginEntry(opcode);
    if (status == OK) {
      attributed = false;
      place = ENTRY;
    }
    return event;
  }
  if (opcode == OPCODE_EOF) {
    input.p = at + 1;
    // chunkAt is where the last chunk begins; the end of file can only be seen in it
    state.crcFound = crc64(crcBeforeChunk, chunkAt, input.p - chunkAt);
    input.commit();
    place = TRAILER;
    return NO_EVENT;
  }
  if (opcode == OPCODE_MODULE_AUX) return enter(MODULE_AUX, at);
  const redis = state.dialect == REDIS;
  if (opcode == OPCODE_META_OR_SLOT_IMPORT && redis && state.version >= FIRST_WITH_META) {
    entry.metaAt = at;
    attributed = true;
    return enter(META, at);
  }
  if (opcode == OPCODE_UPDATE_OR_TEMPLATE && redis && state.version >= FIRST_WITH_TEMPLATES) return enter(TEMPLATE, at);
  if (opcode <= OPCODE_META_OR_SLOT_IMPORT && (redis || state.version < (opcode == OPCODE_UPDATE_OR_TEMPLATE ? 81 : 80))) {
    fail(E_OPCODE, at, 0, opcode);
    return NO_EVENT;
  }
  const event = readOpcode(opcode);
  if (status == OK && event == NO_EVENT) attributed = true;
  return event;
}

function enter(next: i32, at: u32): i32 {
  place = next;
  startWalk();
  input.p = at + 1;
  input.commit();
  return NO_EVENT;
}

function readTrailer(): i32 {
  let result = CHECKSUM_ABSENT;
  if (state.dialect == VALKEY || state.version >= FIRST_WITH_CHECKSUM) {
    const at = input.takeBytes(8);
    if (status != OK) return NO_EVENT;
    state.crcWritten = load<u64>(at);
    result = state.crcWritten == 0 ? CHECKSUM_DISABLED : state.crcWritten == state.crcFound ? CHECKSUM_OK : CHECKSUM_MISMATCH;
  }
  place = ENDED;
  state.numberA = result;
  return EVENT_END;
}

/** Writes what of the measured command does not come from the file. 0: value bytes are wanted, 1: the region is full, 2: done. */
export function pumpBig(): i32 {
  const room = big.pumpPieces();
  state.publish();
  return big.stage == big.FINISHED ? 2 : room ? (output.out == output.outEnd ? 1 : 0) : 1;
}

/** TypeScript put n value bytes where the region's next byte goes. */
export function acceptBig(n: u32): void {
  big.acceptValue(n);
  state.publish();
}

/** Writes the end of an entry that was built by commands, or removes its staging key. Returns false where the region is full. */
export function putDeferred(record: u32, broken: bool): bool {
  const written = writeDeferred(record, broken);
  state.publish();
  return written;
}

/** "SELECT db"; the index remembers it as type 254. Returns false where the region is full. */
export function putSelect(db: u32): bool {
  if (!output.fits(64)) return false;
  let at = output.out;
  at = output.putText(at, SELECT_HEAD, 16);
  at = output.putNumber(at, db);
  output.advance(at - output.out);
  output.finishCommand(db, 254);
  state.publish();
  return true;
}

const SELECT_HEAD = memory.data<u8>([42, 50, 13, 10, 36, 54, 13, 10, 83, 69, 76, 69, 67, 84, 13, 10]); // *2\r\n$6\r\nSELECT\r\n

/** CRC64 of bytes in memory, continuing from the value at `crcAt`, which is replaced. For tests and other readers. */
export function updateCrc(crcAt: u32, from: u32, length: u32): void {
  store<u64>(crcAt, crc64(load<u64>(crcAt), from, length));
}
