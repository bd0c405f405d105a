// Resizes as DETR was trained to see: the reference's size rule, and Pillow's bilinear filter bit for bit.
import type { RgbImage } from './image.ts';
import type { SizeRule } from './model-config.ts';

export interface Size {
  readonly height: number;
  readonly width: number;
}

/**
 * The size the model sees. Follows `get_size_with_aspect_ratio` of huggingface/transformers, image_transforms.py:
 * 720 x 1280 becomes 750 x 1333. Where the reference would make an edge of zero, one pixel is kept.
 */
export function resizedSize({ height, width }: Size, rule: SizeRule | null): Size {
  if (rule === null) return { height, width };
  if (rule.kind === 'exact') return { height: rule.height, width: rule.width };
  const shorter = Math.min(height, width);
  const longer = Math.max(height, width);
  let size = rule.shortest;
  // Kept unrounded for the longer edge, so that 1280 x 720 gives 1333 and not 1332.
  let exact = size;
  if (rule.longest !== null && (longer / shorter) * size > rule.longest) {
    exact = (rule.longest * shorter) / longer;
    size = roundHalfToEven(exact);
  }
  size = Math.max(1, size);
  if (shorter === size) return { height, width };
  const other = (edge: number, of: number) => Math.max(1, Math.trunc((exact * edge) / of));
  return width < height ? { height: other(height, width), width: size } : { height: size, width: other(width, height) };
}

/**
 * Pillow's `Image.resize(BILINEAR)`: a triangle filter whose support widens when shrinking (so nothing aliases), applied
 * to rows, then to columns, in 22-bit fixed point with a byte between the two (src/libImaging/Resample.c).
 */
export function resizeBilinear(image: RgbImage, to: Size): RgbImage {
  const { width, height } = image;
  const columns = width === to.width ? image.rgb : resizeRows(image, tapsOf(width, to.width));
  const rgb = height === to.height ? columns : resizeColumns(columns, to.width * 3, tapsOf(height, to.height));
  return { width: to.width, height: to.height, rgb };
}

/** For each output pixel: where its inputs begin, how many there are, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights an output pixel, in units of 2^-22. */
  readonly weights: Int32Array;
  readonly stride: number;
}

const PRECISION_BITS = 22;
const ONE = 1 << PRECISION_BITS;
const HALF = 1 << (PRECISION_BITS - 1);

function tapsOf(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const stride = Math.ceil(support) * 2 + 1;
  const taps = { first: new Int32Array(to), count: new Int32Array(to), weights: new Int32Array(to * stride), stride };
  for (let out = 0; out < to; out += 1) {
    const center = (out + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(from, Math.trunc(center + support + 0.5)) - first;
    const narrowing = 1 / support;
    const weight = (i: number) => Math.max(0, 1 - Math.abs((i + first - center + 0.5) * narrowing));
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += weight(i);
    for (let i = 0; i < count; i += 1) taps.weights[out * stride + i] = Math.trunc((weight(i) / sum) * ONE + 0.5);
    taps.first[out] = first;
    taps.count[out] = count;
  }
  return taps;
}

function resizeRows({ width, height, rgb }: RgbImage, { first, count, weights, stride }: Taps): Uint8Array {
  const outWidth = first.length;
  const result = new Uint8Array(outWidth * height * 3);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    const row = y * width * 3;
    for (let x = 0; x < outWidth; x += 1) {
      let source = row + first[x]! * 3;
      const weight = x * stride;
      const end = weight + count[x]!;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let i = weight; i < end; i += 1) {
        const w = weights[i]!;
        red += rgb[source]! * w;
        green += rgb[source + 1]! * w;
        blue += rgb[source + 2]! * w;
        source += 3;
      }
      // Weights are never negative and sum to one within rounding, so only the top needs a clamp.
      result[at] = Math.min(255, red >> PRECISION_BITS);
      result[at + 1] = Math.min(255, green >> PRECISION_BITS);
      result[at + 2] = Math.min(255, blue >> PRECISION_BITS);
      at += 3;
    }
  }
  return result;
}

function resizeColumns(rgb: Uint8Array, rowBytes: number, { first, count, weights, stride }: Taps): Uint8Array {
  const outHeight = first.length;
  const result = new Uint8Array(rowBytes * outHeight);
  // One output row's sums: whole input rows are added one after the other, which the CPU does several times faster.
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < outHeight; y += 1) {
    sums.fill(HALF);
    for (let i = 0; i < count[y]!; i += 1) {
      const w = weights[y * stride + i]!;
      if (w === 0) continue;
      const row = (first[y]! + i) * rowBytes;
      for (let x = 0; x < rowBytes; x += 1) sums[x] = sums[x]! + rgb[row + x]! * w;
    }
    const row = y * rowBytes;
    for (let x = 0; x < rowBytes; x += 1) result[row + x] = Math.min(255, sums[x]! >> PRECISION_BITS);
  }
  return result;
}

/** Python's `round`. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
