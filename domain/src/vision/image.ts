// What a picture is to the detector: raw RGB with its size, checked before a byte of it is read.
import { Fault } from '../fault.ts';

/** Raw pixels: R, G, B of 8 bits each, row by row, no padding. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Longest edge taken: four times a 1080p frame's, and 200 MB of RGB at the most. */
export const IMAGE_EDGE_MAX = 8192;

/** The image, or `image.malformed` (no size, too large, or a byte count that does not fit the size). */
export function parseImage(value: unknown): RgbImage | Fault {
  if (typeof value !== 'object' || value === null) return new Fault('image.malformed', 'no image');
  const { width, height, rgb } = value as Partial<Record<keyof RgbImage, unknown>>;
  if (!isEdge(width) || !isEdge(height)) {
    return new Fault('image.malformed', `width and height must be 1 to ${IMAGE_EDGE_MAX}`);
  }
  if (!(rgb instanceof Uint8Array) || rgb.length !== width * height * 3) {
    return new Fault('image.malformed', `${width} x ${height} RGB takes ${width * height * 3} bytes`, {
      width,
      height,
    });
  }
  return { width, height, rgb };
}

function isEdge(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= IMAGE_EDGE_MAX;
}
