/**
 * A key as text that can be turned back into its bytes: UTF-8 where it is that, but for a backslash, which is doubled,
 * and what could harm a terminal or is no UTF-8, which is \xNN for each byte.
 */

// eslint-disable-next-line no-control-regex -- finding control characters is what it is for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function keyText(key: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(key);
  } catch {
    return Array.from(key, (byte) => (byte === 0x5c ? '\\\\' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte))).join('');
  }
  return text.replaceAll('\\', '\\\\').replace(UNSAFE, (character) => Array.from(Buffer.from(character), hex).join(''));
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

const SHOWN = 60;

/** For a table: cut in the middle where it is long. */
export function shortKeyText(key: Uint8Array): string {
  const text = keyText(key.subarray(0, 1024));
  if (text.length <= SHOWN && key.length <= 1024) return text;
  return `${text.slice(0, SHOWN - 20)}…${keyText(key.subarray(-64)).slice(-19)}`;
}
