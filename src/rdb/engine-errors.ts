/** The engine's error codes (src/engine/status.ts, a test keeps the numbers equal) as sentences: what was read, expected, found. */

export interface EngineErrorText {
  what: string;
  expected: string;
  found: string;
}

type Sentence = (expected: bigint, found: bigint) => EngineErrorText;

const hex = (n: bigint): string => `0x${n.toString(16).padStart(2, '0')}`;
const text = (what: string, expected: string, found: string): EngineErrorText => ({ what, expected, found });
const bytes = (n: bigint): string => `${n} ${n === 1n ? 'byte' : 'bytes'}`;

/** By code. */
export const ENGINE_ERRORS: Readonly<Record<number, Sentence>> = {
  1: () => text('header', 'REDIS and a version of four digits, or VALKEY and one of three', 'other bytes'),
  2: (newest, found) => text('header', `RDB version ${newest === 81n ? '80 to 81' : `1 to ${newest}`}`, `version ${found}`),
  3: (_, found) => text('length', 'a length encoding', `byte ${hex(found)}`),
  4: (_, found) => text('length', 'a plain length', `byte ${hex(found)} of a specially encoded string`),
  5: (_, found) => text('string', 'string encoding 0 to 3', `encoding ${found}`),
  6: (room, found) => text('length', `at most ${room}, which is all that the file still holds`, `${found}`),
  8: (_, found) => text('type', 'a type byte of this RDB version', `byte ${found}`),
  9: (_, found) => text('opcode', 'an opcode of this RDB version', `byte ${found}`),
  10: () => text('type', 'a value whose end can be found', 'type 6, module data of a Redis 4.0 release candidate, which only its module can read'),
  11: (expected, found) => text('module data', `a module opcode up to ${expected}`, `opcode ${found}`),
  12: (length, found) => text('compressed string', `LZF data that makes ${bytes(length)}`, `data of ${bytes(found)} that does not`),
  13: (size, found) => text('listpack', `a total of ${bytes(size)}`, `${found}`),
  14: (expected, found) => text('listpack', `a well-formed element (${expected})`, `${found}`),
  15: (declared, found) => text('listpack', `${declared} elements as its header says`, `${found}`),
  16: (size, found) => text('ziplist', `header value ${size}`, `${found}`),
  17: (expected, found) => text('ziplist', `a well-formed entry after one of ${bytes(expected)}`, `${found}`),
  18: (declared, found) => text('ziplist', `${declared} entries as its header says`, `${found}`),
  19: (expected, found) => text('zipmap', `a well-formed pair (${expected})`, `${found}`),
  20: (expected, found) => text('intset', `ascending numbers of 2, 4 or 8 bytes (${expected})`, `${found}`),
  21: (multiple, found) => text('packed value', `elements in groups of ${multiple}`, `${found}`),
  22: (_, found) => text('quicklist node', 'container 1 (plain) or 2 (packed)', `${found}`),
  23: (expected, found) => text('stream', `a well-formed node or section (${expected})`, `${found}`),
  24: (size, found) => text('stream node key', `an id of ${bytes(size)}`, bytes(found)),
  25: (_, found) => text('score', 'a number', `${hex(found)}, which is none`),
  26: (latest, found) => text('field expiry', latest === 0n ? 'a time, or -1 for none' : `at most ${latest}`, `${BigInt.asIntN(64, found)}`),
  27: () => text('opcode', 'a function library as Redis 7.0 and later write it', 'one of a 7.0 release candidate (opcode 246)'),
  28: (limit, found) => text('size', `at most ${limit}, to be held whole`, `${found}`),
  30: (limit, found) => text('key metadata', `at most ${limit}`, `${found}`),
  31: (expected, found) => text('hash template', `a template that fits (${expected})`, `${found}`),
  32: (expected, found) => text('array', `at most ${expected}, and no empty array`, `${found}`),
  33: (limit, found) => text('database number', `at most ${limit}`, `${found}`),
  35: (expected, found) => text('inline command', `RESP (${hex(expected)})`, hex(found)),
  36: (ascending, found) => ascending === 1n
    ? text('pending entries of a stream group', 'ascending ids', `id ${found}-… out of order`)
    : text('stream consumer', 'only entries that its group has pending', `another one (id ${found}-…)`),
  99: (expected, found) => text('engine', `state ${expected}`, `state ${found} (a bug in redferry: please report it)`),
};

/** Codes that mean "nothing public says what this is", not "this is damaged". */
export const UNSUPPORTED_CODES: ReadonlySet<number> = new Set([2, 8, 9, 10, 27, 28]);
