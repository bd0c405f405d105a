// What a picture is to the detector: RGB, I420 or a whole JPEG or PNG, checked before a byte of it is read.
import { Fault } from '../fault.ts';

/** Raw pixels: R, G, B of 8 bits each, row by row, no padding. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * A camera's YUV 4:2:0: the luma plane, then U, then V, each of half the size, rounded up. Colours are those of
 * ITU-R BT.601, as in a JPEG.
 */
export interface I420Image {
  readonly width: number;
  readonly height: number;
  readonly i420: Uint8Array;
  /** Bytes of a row of luma; rows of U and V have half as many. Even; without it the width, rounded up to even. */
  readonly stride?: number;
  /** `full`: 0..255, as JPEG and rpicam's yuv420; `limited`: 16..235, as video. Without it `full`. */
  readonly range?: 'full' | 'limited';
}

/** A whole JPEG or PNG. */
export interface EncodedImage {
  readonly encoded: Uint8Array;
}

export type RawImage = RgbImage | I420Image;
export type Picture = RawImage | EncodedImage;

/** Longest edge taken: four times a 1080p frame's, and 200 MB of RGB at the most. */
export const IMAGE_EDGE_MAX = 8192;
/** A 4K PNG stays below this. */
export const ENCODED_BYTES_MAX = 20_000_000;
/** A row in a camera's buffer is padded to 64 or 128 bytes, never to twice the longest edge. */
const STRIDE_MAX = 2 * IMAGE_EDGE_MAX;

type Fields = Readonly<Record<string, unknown>>;

/**
 * `msg.image` as one of the three. `image.malformed` when it has no size, or bytes that do not fit the size;
 * `image.too-large` above the limits.
 */
export function parsePicture(value: unknown): Picture | Fault {
  if (typeof value !== 'object' || value === null) return new Fault('image.malformed', 'no image');
  const fields = value as Fields;
  if (fields.encoded !== undefined) return parseEncoded(fields.encoded);
  if (fields.i420 !== undefined) return parseI420(fields);
  return parseImage(value);
}

/** The RGB image, or `image.malformed` or `image.too-large`. */
export function parseImage(value: unknown): RgbImage | Fault {
  if (typeof value !== 'object' || value === null) return new Fault('image.malformed', 'no image');
  const { rgb, ...rest } = value as Fields;
  const size = parseSize(rest);
  if (size instanceof Fault) return size;
  const { width, height } = size;
  if (!(rgb instanceof Uint8Array)) return new Fault('image.malformed', 'neither encoded, rgb nor i420 has bytes');
  const misfit = misfitOf(rgb.length, width * height);
  return misfit === undefined ? { width, height, rgb } : new Fault('image.malformed', misfit, { width, height });
}

function parseI420(fields: Fields): I420Image | Fault {
  const size = parseSize(fields);
  if (size instanceof Fault) return size;
  const { i420, stride = evenUp(size.width), range = 'full' } = fields;
  if (!(i420 instanceof Uint8Array)) return new Fault('image.malformed', 'i420 wants bytes');
  if (range !== 'full' && range !== 'limited') return new Fault('image.malformed', 'range is full or limited');
  if (!isBetween(stride, size.width, STRIDE_MAX) || stride % 2 !== 0) {
    return new Fault('image.malformed', `stride must be even, ${size.width} to ${STRIDE_MAX}`);
  }
  const bytes = i420Bytes(size.height, stride);
  if (i420.length !== bytes) {
    return new Fault('image.malformed', `${size.width} x ${size.height} I420 takes ${bytes} bytes, not ${i420.length}`);
  }
  return { ...size, i420, stride, range };
}

function parseEncoded(encoded: unknown): EncodedImage | Fault {
  if (!(encoded instanceof Uint8Array) || encoded.length === 0) {
    return new Fault('image.malformed', 'encoded wants the bytes of a JPEG or PNG');
  }
  if (encoded.length <= ENCODED_BYTES_MAX) return { encoded };
  return new Fault('image.too-large', `a JPEG or PNG of ${encoded.length} bytes, limit ${ENCODED_BYTES_MAX}`);
}

function parseSize({ width, height }: Fields): { readonly width: number; readonly height: number } | Fault {
  if (isBetween(width, 1, IMAGE_EDGE_MAX) && isBetween(height, 1, IMAGE_EDGE_MAX)) return { width, height };
  const tooLarge = isBetween(width, 1, Number.MAX_SAFE_INTEGER) && isBetween(height, 1, Number.MAX_SAFE_INTEGER);
  const message = `width and height must be 1 to ${IMAGE_EDGE_MAX}`;
  return new Fault(tooLarge ? 'image.too-large' : 'image.malformed', message);
}

/** The bytes of an I420 picture; U and V have a row for every two of luma. */
export function i420Bytes(height: number, stride: number): number {
  return stride * height + 2 * (stride / 2) * Math.ceil(height / 2);
}

export function evenUp(edge: number): number {
  return edge + (edge % 2);
}

/** Says which layout the bytes look like, for that is the usual mistake. */
function misfitOf(bytes: number, pixels: number): string | undefined {
  if (bytes === pixels * 3) return undefined;
  const seems =
    bytes === pixels ? ': grey?' : bytes === pixels * 4 ? ': RGBA?' : bytes === pixels * 1.5 ? ': I420?' : '';
  return `RGB of this size takes ${pixels * 3} bytes, not ${bytes}${seems}`;
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
