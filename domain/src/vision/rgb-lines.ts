// Gives the lines of a raw picture as RGB: as they are, or made from I420 the way libjpeg does it.
import { evenUp, type I420Image, type RawImage } from './image.ts';

/** Line `y` as RGB bytes: in which array, and from where. Good until the next call. */
export type RgbLines = (y: number) => { readonly rgb: Uint8Array; readonly at: number };

export function rgbLines(image: RawImage): RgbLines {
  return 'rgb' in image ? (y) => ({ rgb: image.rgb, at: y * image.width * 3 }) : i420Lines(image);
}

function i420Lines({ width, height, i420, stride = evenUp(width), range = 'full' }: I420Image): RgbLines {
  const colours = range === 'full' ? FULL : LIMITED;
  const chroma = stride / 2;
  const uPlane = stride * height;
  const vPlane = uPlane + chroma * Math.ceil(height / 2);
  const rgb = new Uint8Array(width * 3);
  return (y) => {
    const below = (y >> 1) * chroma;
    convert(i420, y * stride, uPlane + below, vPlane + below, colours, rgb);
    return { rgb, at: 0 };
  };
}

/** Apart and with plain arguments, so that the compiler makes a tight loop of it. */
function convert(i420: Uint8Array, luma: number, u: number, v: number, colours: Colours, line: Uint8Array): void {
  const { light, red, greenU, greenV, blue } = colours;
  for (let x = 0, to = 0; to < line.length; x += 1, to += 3) {
    const bright = light[i420[luma + x]!]!;
    const du = i420[u + (x >> 1)]!;
    const dv = i420[v + (x >> 1)]!;
    line[to] = CLAMP[((bright + red[dv]!) >> SHIFT) + BELOW]!;
    line[to + 1] = CLAMP[((bright + greenU[du]! + greenV[dv]!) >> SHIFT) + BELOW]!;
    line[to + 2] = CLAMP[((bright + blue[du]!) >> SHIFT) + BELOW]!;
  }
}

/** Y, U and V may say more than RGB can show, from -278 to 535: a table is quicker than asking twice. */
const BELOW = 384;
const CLAMP = Uint8Array.from({ length: 1024 }, (_, i) => Math.min(255, Math.max(0, i - BELOW)));

/** Fixed point with 16 bits behind the point, as libjpeg's jdcolor.c. */
const SHIFT = 16;
const POINT = 1 << SHIFT;
/** JFIF 1.02: full range BT.601. */
const FULL = tables(0, 1, 1);
/** ITU-R BT.601: luma 16..235, chroma 16..240. */
const LIMITED = tables(16, 255 / 219, 255 / 224);

type Colours = ReturnType<typeof tables>;

function tables(black: number, lumaScale: number, chromaScale: number) {
  const table = (factor: number, zero: number, half = 0) =>
    Int32Array.from({ length: 256 }, (_, byte) => Math.round((byte - zero) * factor * POINT) + half);
  return {
    // Half a level more, so that the shift rounds.
    light: table(lumaScale, black, POINT / 2),
    red: table(1.402 * chromaScale, 128),
    greenU: table(-0.344136 * chromaScale, 128),
    greenV: table(-0.714136 * chromaScale, 128),
    blue: table(1.772 * chromaScale, 128),
  };
}
