// Cuts a stream of JPEGs into pictures, whatever the stream holds: garbage is skipped, a picture without end is given up.

/** A 4K JPEG of the best quality stays below this. */
const PICTURE_BYTES_MAX = 8_000_000;
const FIRST_BYTES = 256 * 1024;
const START = Buffer.from([0xff, 0xd8, 0xff]);
const END = Buffer.from([0xff, 0xd9]);

export interface JpegSplitter {
  /** The pictures that `chunk` completed, each a copy of its own. */
  push(chunk: Uint8Array): Buffer[];
  /** Bytes held, for tests: never over the limit. */
  heldBytes(): number;
}

export function jpegSplitter({ bytesMax = PICTURE_BYTES_MAX } = {}): JpegSplitter {
  let buffer = Buffer.alloc(Math.min(FIRST_BYTES, bytesMax));
  let length = 0;
  /** Up to here there is no end of a picture. */
  let searched = 0;

  const append = (chunk: Uint8Array) => {
    if (length + chunk.length > buffer.length) {
      const larger = Buffer.alloc(Math.min(bytesMax, Math.max(buffer.length * 2, length + chunk.length)));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    buffer.set(chunk, length);
    length += chunk.length;
  };
  const drop = (bytes: number) => {
    buffer.copy(buffer, 0, bytes, length);
    length -= bytes;
    searched = 0;
  };
  /** The next whole picture; undefined when more bytes are needed. */
  const next = (): Buffer | undefined => {
    const held = buffer.subarray(0, length);
    const start = held.indexOf(START);
    // The beginning of a start may be the last thing that has come.
    if (start !== 0) drop(start > 0 ? start : Math.max(0, length - (START.length - 1)));
    if (start < 0) return undefined;
    const picture = buffer.subarray(0, length);
    const end = picture.indexOf(END, Math.max(START.length, searched));
    searched = Math.max(0, length - 1);
    if (end < 0) return undefined;
    const whole = Buffer.from(picture.subarray(0, end + END.length));
    drop(whole.length);
    return whole;
  };

  return {
    push: (chunk) => {
      const pictures: Buffer[] = [];
      for (let at = 0; at < chunk.length; ) {
        // Full, and still no end: what has come is no picture.
        if (length >= bytesMax) drop(length);
        const piece = chunk.subarray(at, at + bytesMax - length);
        append(piece);
        at += piece.length;
        for (let picture = next(); picture !== undefined; picture = next()) pictures.push(picture);
      }
      return pictures;
    },
    heldBytes: () => length,
  };
}
