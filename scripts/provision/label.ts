// What is stuck on the door: the address as a QR code and as the bytes of an NFC tag.
import { Fault } from '@tapcase/domain';
import { renderSVG, renderUnicodeCompact } from 'uqr';

/** User memory of an NTAG215 (NXP NTAG213/215/216 data sheet, table 2). */
export const TAG_BYTES_MAX = 504;
/** NFC Forum URI record type definition: this byte stands for "https://". */
const HTTPS_PREFIX = 0x04;
/** TLV block types of a Type 2 tag: a message, and the end of all. */
const [NDEF_MESSAGE, TERMINATOR] = [0x03, 0xfe];
/** One record, message begins and ends with it, short form, well-known type. */
const RECORD_HEADER = 0xd1;
const SHORT_BYTES_MAX = 255;

export interface Label {
  readonly url: string;
  readonly svg: string;
  /** For a terminal. */
  readonly text: string;
  /** From page 4 of the tag on. */
  readonly tag: Uint8Array;
}

/** Throws `provision.label-too-long` for what fits no short record. */
export function makeLabel(shopUrl: string, caseId: string): Label {
  const url = `${shopUrl}/case/${encodeURIComponent(caseId)}`;
  // Level M survives a scratched sticker; a higher one makes the squares too small for a phone at arm's length.
  const code = { ecc: 'M', border: 4 } as const;
  return { url, svg: renderSVG(url, code), text: renderUnicodeCompact(url, code), tag: tagBytes(url) };
}

function tagBytes(url: string): Uint8Array {
  const rest = Buffer.from(url.slice('https://'.length));
  const payload = [HTTPS_PREFIX, ...rest];
  const record = [RECORD_HEADER, 1, payload.length, 'U'.charCodeAt(0), ...payload];
  if (payload.length > SHORT_BYTES_MAX || record.length >= SHORT_BYTES_MAX) {
    throw new Fault('provision.label-too-long', `the address has ${url.length} letters: too many for the tag`);
  }
  return Uint8Array.from([NDEF_MESSAGE, record.length, ...record, TERMINATOR]);
}
