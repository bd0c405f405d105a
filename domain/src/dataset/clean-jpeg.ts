// Takes from a JPEG what is not picture (Exif with its places and times, comments, what hangs on behind) and says its size.
import { Fault } from '../fault.ts';

export interface CleanJpeg {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

// Markers by ITU-T T.81, table B.1.
const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const COMMENT = 0xfe;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
/** Frame headers are C0 to CF, but for these three: Huffman tables, reserved, arithmetic conditioning. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);
/** A progressive picture has some ten scans with tables between them; a file of nothing but markers stops here. */
const SEGMENTS_MAX = 1_000;

/** The same pixels and nothing else, or `dataset.bad-picture` for what is no whole JPEG. Reads each byte once. */
export function cleanJpeg(bytes: Uint8Array): CleanJpeg | Fault {
  if (bytes[0] !== 0xff || bytes[1] !== START) return bad('it does not begin as a JPEG does');
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  let size: { readonly width: number; readonly height: number } | undefined;
  let hasScan = false;
  let at = 2;
  for (let segments = 0; segments < SEGMENTS_MAX; segments += 1) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === undefined) return bad('it breaks off, or is damaged');
    if (marker === 0xff) {
      at += 1; // Any number of fill bytes may stand before a marker.
      continue;
    }
    if (marker === END) {
      if (size === undefined || !hasScan) return bad('no picture is in it');
      kept.push(bytes.subarray(at, at + 2));
      return { ...size, bytes: joined(kept) };
    }
    const end = endOf(bytes, at, marker);
    if (end === undefined) return bad('it breaks off, or is damaged');
    if (isFrame(marker)) {
      if (size !== undefined) return bad('two pictures are in it');
      size = sizeOf(bytes, at, end);
      if (size === undefined) return bad('it does not say its size');
    }
    hasScan ||= marker === SCAN;
    if (isPicture(bytes, at, marker)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return bad('it has too many segments');
}

/** Behind the segment; behind the pixels too where they follow. undefined: the file ends before. */
function endOf(bytes: Uint8Array, at: number, marker: number): number | undefined {
  const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
  const end = at + 2 + length;
  if (marker < 0xc0 || (marker >= 0xd0 && marker <= START) || length < 2 || end >= bytes.length) return undefined;
  return marker === SCAN ? endOfScan(bytes, end) : end;
}

/** In the pixels FF is followed by 00, or by a restart marker D0 to D7. */
function endOfScan(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) return undefined;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return undefined;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker);
}

function sizeOf(bytes: Uint8Array, at: number, end: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, end - at);
  if (view.byteLength < 10) return undefined;
  const [height, width] = [view.getUint16(5), view.getUint16(7)];
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** Of the application segments JFIF's and Adobe's, which say how colours are stored. */
function isPicture(bytes: Uint8Array, at: number, marker: number): boolean {
  if (marker === COMMENT) return false;
  if (marker < APP0 || marker > APP15 || marker === APP14) return true;
  return marker === APP0 && String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === 'JFIF';
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bad(message: string): Fault {
  return new Fault('dataset.bad-picture', message);
}
