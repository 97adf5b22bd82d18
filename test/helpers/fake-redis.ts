/** A server that answers a probe as an old, restricted or broken one would; knows just enough commands. */
import { startFakeServer, type FakeServer } from './fake-server.js';

export interface FakeRedisOptions {
  info?: string;
  footers: readonly number[];
  /** Type bytes that RESTORE takes. */
  types: readonly number[];
  /** Words RESTORE takes: REPLACE, ABSTTL … */
  restoreOptions: readonly string[];
  /** Words SET takes: NX, PX, PXAT. */
  setOptions: readonly string[];
  databases: number;
  /** Command → error it always gives. */
  refuses?: Readonly<Record<string, string>>;
  /** The value of every hash field. */
  field?: string;
}

export interface FakeRedis extends FakeServer {
  /** Every command it got, words of text only. */
  readonly commands: string[][];
  /** Keys that exist. */
  readonly keys: Set<string>;
}

/** What 2.8.24 to 5.0.14 take: src/rdb.h, restoreCommand and setCommand of each. */
export const OLD_SERVERS: Readonly<Record<string, FakeRedisOptions>> = {
  '2.8': { footers: [6], types: [0, 1, 2, 3, 4, 9, 10, 11, 12, 13], restoreOptions: [], setOptions: ['NX', 'PX'], databases: 16, refuses: { FUNCTION: "ERR unknown command 'FUNCTION'", MODULE: "ERR unknown command 'MODULE'" } },
  '3.2': { footers: [6, 7], types: [0, 1, 2, 3, 4, 9, 10, 11, 12, 13, 14], restoreOptions: ['REPLACE'], setOptions: ['NX', 'PX'], databases: 16, refuses: { FUNCTION: "ERR unknown command 'FUNCTION'", MODULE: "ERR unknown command 'MODULE'" } },
  '4.0': { footers: [6, 7, 8], types: [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14], restoreOptions: ['REPLACE'], setOptions: ['NX', 'PX'], databases: 16, refuses: { FUNCTION: "ERR unknown command 'FUNCTION'" } },
  '5.0': { footers: [6, 7, 8, 9], types: [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15], restoreOptions: ['REPLACE', 'ABSTTL', 'IDLETIME', 'FREQ'], setOptions: ['NX', 'PX'], databases: 16, refuses: { FUNCTION: 'ERR unknown command `FUNCTION`, with args beginning with: `LIST`, ' } },
};

export async function startFakeRedis(options: FakeRedisOptions): Promise<FakeRedis> {
  const keys = new Set<string>();
  const commands: string[][] = [];
  const server = await startFakeServer({
    onConnect: (socket) => {
      let pending = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        for (;;) {
          const parsed = parseCommand(pending);
          if (parsed === null) return;
          pending = pending.subarray(parsed.length);
          commands.push(parsed.args.map((arg) => arg.toString('latin1')));
          socket.write(answer(options, keys, parsed.args));
        }
      });
    },
  });
  return Object.assign(Object.create(server) as FakeServer, { commands, keys });
}

function answer(options: FakeRedisOptions, keys: Set<string>, args: Buffer[]): string {
  const words = args.map((arg) => arg.toString('latin1'));
  const command = words[0] ?? '';
  const key = words[1] ?? '';
  const refusal = options.refuses?.[command];
  if (refusal !== undefined) return `-${refusal}\r\n`;
  switch (command) {
    case 'INFO':
      return bulk(options.info ?? '# Server\r\nredis_version:0.0.0\r\nredis_mode:standalone\r\nrole:master\r\n');
    case 'TIME':
      return `*2\r\n${bulk(String(Math.floor(Date.now() / 1000) + 100))}${bulk('500000')}`;
    case 'CONFIG':
      return `*2\r\n${bulk(words[2] ?? '')}${bulk(words[2] === 'databases' ? String(options.databases) : '1000')}`;
    case 'SELECT':
      return Number(words[1]) < options.databases ? '+OK\r\n' : '-ERR invalid DB index\r\n';
    case 'RESTORE':
      return write(keys, key, words.includes('REPLACE'), restoreError(options, args[3] ?? Buffer.alloc(0), words.slice(4)));
    case 'SET': {
      const unknown = words.slice(3).find((word) => /^[A-Z]+$/.test(word) && !options.setOptions.includes(word));
      return write(keys, key, false, unknown === undefined ? null : 'ERR syntax error');
    }
    case 'HGET':
      return options.field === undefined ? '$-1\r\n' : bulk(options.field);
    case 'DEL':
      return `:${keys.delete(key) ? 1 : 0}\r\n`;
    case 'CLIENT':
      return '+OK\r\n';
    default:
      return '*0\r\n';
  }
}

function restoreError(options: FakeRedisOptions, payload: Buffer, words: string[]): string | null {
  if (words.some((word) => /^[A-Z]+$/.test(word) && !options.restoreOptions.includes(word))) return 'ERR syntax error';
  if (!options.footers.includes(payload.readUInt16LE(payload.length - 10))) return 'ERR DUMP payload version or checksum are wrong';
  return options.types.includes(payload[0] ?? -1) ? null : 'ERR Bad data format';
}

function write(keys: Set<string>, key: string, replace: boolean, error: string | null): string {
  if (error !== null) return `-${error}\r\n`;
  if (keys.has(key) && !replace) return '-BUSYKEY Target key name already exists.\r\n';
  keys.add(key);
  return '+OK\r\n';
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

function parseCommand(bytes: Buffer): { args: Buffer[]; length: number } | null {
  let at = 0;
  const line = (): string | null => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const text = bytes.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  const head = line();
  if (head === null) return null;
  const args: Buffer[] = [];
  for (let i = 0; i < Number(head.slice(1)); i += 1) {
    const length = line();
    if (length === null || at + Number(length.slice(1)) + 2 > bytes.length) return null;
    args.push(bytes.subarray(at, at + Number(length.slice(1))));
    at += Number(length.slice(1)) + 2;
  }
  return { args, length: at };
}
