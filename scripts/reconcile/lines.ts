// Cuts a stream of bytes into lines and never holds more than one of them, however long a line is.
import { Fault } from '@tapcase/domain';

/**
 * Bytes of a line, and of a catalog file. The longest honest line brings its own catalog: a thousand products with every
 * text at its longest are 1.2 MB.
 */
export const LINE_BYTES_MAX = 4 * 1024 * 1024;

export interface Line {
  /** From 1, blank lines counted, as an editor shows it. */
  readonly number: number;
  readonly text: string | Fault;
}

const NEWLINE = 0x0a;
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** A byte order mark is dropped; a carriage return is left, because JSON takes it for a blank. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 1;
  let bytes = 0;
  let parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    for (let from = 0; from <= chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, from);
      const end = newline < 0 ? chunk.length : newline;
      bytes += end - from;
      if (bytes <= LINE_BYTES_MAX) parts.push(chunk.subarray(from, end));
      else parts = [];
      if (newline < 0) break;
      yield { number, text: textOf(parts, bytes) };
      from = newline + 1;
      number += 1;
      bytes = 0;
      parts = [];
    }
  }
  if (bytes > 0) yield { number, text: textOf(parts, bytes) };
}

function textOf(parts: readonly Uint8Array[], bytes: number): string | Fault {
  if (bytes > LINE_BYTES_MAX) {
    return new Fault('cases.too-long', `${bytes} bytes, and a line has at most ${LINE_BYTES_MAX}`, { bytes });
  }
  try {
    return UTF_8.decode(Buffer.concat(parts));
  } catch {
    return new Fault('cases.not-json', 'not UTF-8');
  }
}
