// Gives the lines of a raw picture as RGB: as they are, or made from I420 the way libjpeg does it.
import { evenUp, type I420Image, type RawImage } from './image.ts';

/** Line `y` as RGB bytes: in which array, and from where. Good until the next call. */
export type RgbLines = (y: number) => { readonly rgb: Uint8Array; readonly at: number };

export function rgbLines(image: RawImage): RgbLines {
  return 'rgb' in image ? (y) => ({ rgb: image.rgb, at: y * image.width * 3 }) : i420Lines(image);
}

function i420Lines({ width, height, i420, stride = evenUp(width), range = 'full' }: I420Image): RgbLines {
  const { luma, red, greenU, greenV, blue } = range === 'full' ? FULL : LIMITED;
  const chroma = stride / 2;
  const uPlane = stride * height;
  const vPlane = uPlane + chroma * Math.ceil(height / 2);
  const line = new Uint8ClampedArray(width * 3);
  const rgb = new Uint8Array(line.buffer);
  return (y) => {
    const row = y * stride;
    const u = uPlane + (y >> 1) * chroma;
    const v = vPlane + (y >> 1) * chroma;
    for (let x = 0, to = 0; x < width; x += 1, to += 3) {
      const light = luma[i420[row + x]!]!;
      const [du, dv] = [i420[u + (x >> 1)]!, i420[v + (x >> 1)]!];
      line[to] = (light + red[dv]!) >> SHIFT;
      line[to + 1] = (light + greenU[du]! + greenV[dv]!) >> SHIFT;
      line[to + 2] = (light + blue[du]!) >> SHIFT;
    }
    return { rgb, at: 0 };
  };
}

/** Fixed point with 16 bits behind the point, as libjpeg's jdcolor.c. */
const SHIFT = 16;
const POINT = 1 << SHIFT;
/** JFIF 1.02: full range BT.601. */
const FULL = tables(0, 1, 1);
/** ITU-R BT.601: luma 16..235, chroma 16..240. */
const LIMITED = tables(16, 255 / 219, 255 / 224);

function tables(black: number, lumaScale: number, chromaScale: number) {
  const table = (factor: number, zero: number, half = 0) =>
    Int32Array.from({ length: 256 }, (_, byte) => Math.round((byte - zero) * factor * POINT) + half);
  return {
    // Half a level more, so that the shift rounds.
    luma: table(lumaScale, black, POINT / 2),
    red: table(1.402 * chromaScale, 128),
    greenU: table(-0.344136 * chromaScale, 128),
    greenV: table(-0.714136 * chromaScale, 128),
    blue: table(1.772 * chromaScale, 128),
  };
}
