/** Elements of a listpack (redis 7.4 src/listpack.c lpGetWithSize) that the engine has checked. */

/** Texts are views into `blob`; numbers are as they are. */
export function* listpackElements(blob: Uint8Array): Generator<Uint8Array | bigint, void, void> {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  let at = 6;
  for (;;) {
    const first = view.getUint8(at);
    if (first === 0xff) return;
    let size = 1;
    let text = -1;
    let number = 0n;
    if (first < 0x80) number = BigInt(first);
    else if (first < 0xc0) text = first & 0x3f;
    else if (first < 0xe0) {
      size = 2;
      number = BigInt.asIntN(13, BigInt(((first & 0x1f) << 8) | view.getUint8(at + 1)));
    } else if (first < 0xf0) {
      size = 2;
      text = ((first & 0x0f) << 8) | view.getUint8(at + 1);
    } else if (first === 0xf0) {
      size = 5;
      text = view.getUint32(at + 1, true);
    } else {
      const width = first === 0xf1 ? 2 : first === 0xf2 ? 3 : first === 0xf3 ? 4 : 8;
      size = 1 + width;
      for (let i = width; i > 0; i--) number = (number << 8n) | BigInt(view.getUint8(at + i));
      number = BigInt.asIntN(width * 8, number);
    }
    if (text >= 0) {
      yield blob.subarray(at + size, at + size + text);
      size += text;
    } else yield number;
    at += size + backLength(size);
  }
}

/** Bytes in which an element's length is written after it (lpEncodeBacklen). */
function backLength(size: number): number {
  return size < 128 ? 1 : size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
}
