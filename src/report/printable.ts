/** Bytes and texts of others, made safe for a terminal. The only place where a key becomes text. */

/** Control characters, direction marks and lone surrogates could redraw the terminal or lie about what stands there. */
// eslint-disable-next-line no-control-regex -- finding control characters is what it is for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** A text that came from a file or a server, with what could harm a terminal escaped like \x1b. */
export function printableText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** A key as text in quotes: UTF-8 where it is that, each other byte as \xNN. */
export function printableKey(key: Uint8Array): string {
  let text: string;
  try {
    text = printableText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key).replace(/["\\]/g, '\\$&'));
  } catch {
    text = Array.from(key, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte).replace(/["\\]/, '\\$&') : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
  return `"${text}"`;
}
