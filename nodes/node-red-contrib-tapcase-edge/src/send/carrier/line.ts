// The serial line's language, as docs/wire.md specifies it: one line per frame, a check sum before it, a receipt after it.
import { crc32 } from 'node:zlib';
import { Fault, FRAME_BYTES_MAX } from '@tapcase/domain';
import { type CarriedFrame, checkedFrame } from './frame.ts';

/** Who speaks: a line that only echoes gives back our own letter, and is not taken for the other side. */
export type Speaker = 'pi' | 'controller';
const LETTER: Readonly<Record<Speaker, string>> = { pi: 'p', controller: 'c' };

export type Heard =
  | { readonly kind: 'frame'; readonly frame: CarriedFrame; readonly crc: string }
  /** The other side has taken the frame with this check sum. */
  | { readonly kind: 'receipt'; readonly crc: string }
  /** A boot message, a broken line, our own echo. */
  | { readonly kind: 'noise' };

/** `case/<32 characters>/vision/cmd` */
const TOPIC_BYTES_MAX = 48;
const BODY_AT = '~p 00000000 '.length;
const RECEIPT_BYTES = '~p+ 00000000'.length;
export const LINE_BYTES_MAX = BODY_AT + TOPIC_BYTES_MAX + 1 + FRAME_BYTES_MAX;

const NOISE: Heard = { kind: 'noise' };
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** `~p <crc> <topic> <payload>`, between two line ends: what stood half-written before it ends there. */
export function frameLine(speaker: Speaker, { topic, payload }: CarriedFrame): { line: Buffer; crc: string } {
  const body = Buffer.concat([Buffer.from(`${topic} `), payload]);
  const crc = checkSum(body);
  return { line: Buffer.concat([Buffer.from(`\n~${LETTER[speaker]} ${crc} `), body, Buffer.from('\n')]), crc };
}

/** `~p+ <crc>` */
export function receiptLine(speaker: Speaker, crc: string): Buffer {
  return Buffer.from(`\n~${LETTER[speaker]}+ ${crc}\n`);
}

/** What `speaker` said with this line, which comes without its end. */
export function readLine(speaker: Speaker, line: Buffer): Heard {
  const head = line.subarray(0, BODY_AT).toString('latin1');
  const [, mark, crc] = /^~([a-z]\+?) ([0-9a-f]{8})(?: |$)/.exec(head) ?? [];
  if (mark === `${LETTER[speaker]}+` && line.length === RECEIPT_BYTES) return { kind: 'receipt', crc: crc! };
  if (mark !== LETTER[speaker]) return NOISE;
  const body = line.subarray(BODY_AT);
  const space = body.indexOf(SPACE);
  if (space < 0 || checkSum(body) !== crc) return NOISE;
  const frame = checkedFrame({
    topic: body.subarray(0, space).toString('latin1'),
    payload: Buffer.from(body.subarray(space + 1)),
  });
  return frame instanceof Fault ? NOISE : { kind: 'frame', frame, crc };
}

function checkSum(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

/**
 * Cuts a stream of bytes into lines, without their ends and without empty ones. A line that grows beyond the longest frame
 * is given up, told once as `undefined`, up to its end.
 */
export function lineCutter(onLine: (line: Buffer | undefined) => void): (chunk: Uint8Array) => void {
  let kept: Buffer = Buffer.alloc(0);
  let isGivenUp = false;
  return (chunk) => {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (;;) {
      const end = rest.indexOf(LINE_FEED);
      const part = end < 0 ? rest : rest.subarray(0, end);
      // A carriage return may follow before the end.
      if (!isGivenUp && kept.length + part.length > LINE_BYTES_MAX + 1) {
        isGivenUp = true;
        kept = Buffer.alloc(0);
        onLine(undefined);
      }
      if (!isGivenUp) kept = Buffer.concat([kept, part]);
      if (end < 0) return;
      const line = kept.at(-1) === CARRIAGE_RETURN ? kept.subarray(0, -1) : kept;
      if (!isGivenUp && line.length > 0) onLine(line);
      isGivenUp = false;
      kept = Buffer.alloc(0);
      rest = rest.subarray(end + 1);
    }
  };
}
