/** Commands as RESP arrays of bulk strings, for the control plane; the engine writes its own on the data path. */

export type CommandArgument = string | number | bigint | Uint8Array;

const CRLF = Buffer.from('\r\n');

/** `*<count>\r\n$<length>\r\n<bytes>\r\n…`. Text is sent as UTF-8, numbers as decimal text. */
export function encodeCommand(args: readonly CommandArgument[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? arg : Buffer.from(String(arg));
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(pieces);
}
