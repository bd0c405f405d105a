// Turns a picture into the tensor that a model takes: resized as Pillow does bit for bit, rescaled, normalised, channel
// by channel, in one pass over the picture. Nothing of the picture's size is made in between.
import { Fault } from '../fault.ts';
import type { RawImage } from './image.ts';
import type { Preprocessing } from './model-facts.ts';
import { resizedSize, type Size } from './resize.ts';
import { lineResizer } from './resize-line.ts';
import { rgbLines } from './rgb-lines.ts';
import { HALF, PRECISION_BITS, type Taps, tapsOf } from './taps.ts';

export interface PixelValues extends Size {
  /** [1, 3, height, width]: all reds, all greens, all blues. */
  readonly data: Float32Array;
}

/** 200 MB as floats; the largest export of the family takes a tenth. */
const TENSOR_PIXELS_MAX = 4096 * 4096;

/** Turns pictures into tensors, one after the other: the numbers are good until the next picture. */
export type Preprocessor = (image: RawImage) => PixelValues | Fault;

/** `image.too-large` where the size rule makes more of a picture than a model could take. */
export function createPreprocessor(how: Preprocessing): Preprocessor {
  const tables = ([0, 1, 2] as const).map((channel) => tableOf(how, channel));
  let buffer = new Float32Array(0);
  let plan: Plan | undefined;
  return (image) => {
    const to = resizedSize(image, how.size);
    const values = 3 * to.width * to.height;
    if (values > 3 * TENSOR_PIXELS_MAX) {
      return new Fault('image.too-large', `the model would see ${to.width} x ${to.height}`);
    }
    if (values > buffer.length) buffer = new Float32Array(values);
    if (plan === undefined || !fits(plan, image, to)) plan = makePlan(image, to);
    const data = buffer.subarray(0, values);
    resizeInto(image, plan, tables, data);
    return { ...to, data };
  };
}

/** One picture, with numbers of its own. */
export function preprocess(image: RawImage, how: Preprocessing): PixelValues {
  const values = createPreprocessor(how)(image);
  if (values instanceof Fault) throw values;
  return values;
}

/** What is the same for all pictures of a size. */
interface Plan {
  readonly from: Size;
  readonly to: Size;
  readonly rows: Taps;
  readonly resizeLine: ReturnType<typeof lineResizer>;
  /** The resized lines that an output row may still need: three planes of bytes each. */
  readonly ring: Uint8Array;
  readonly ringLines: number;
  readonly sums: Int32Array;
}

function makePlan({ width, height }: Size, to: Size): Plan {
  const rows = tapsOf(height, to.height);
  const ringLines = Math.max(...rows.count);
  return {
    from: { width, height },
    to,
    rows,
    resizeLine: lineResizer(tapsOf(width, to.width)),
    ring: new Uint8Array(ringLines * 3 * to.width),
    ringLines,
    sums: new Int32Array(3 * to.width),
  };
}

function fits({ from, to }: Plan, image: Size, size: Size): boolean {
  return (
    from.width === image.width && from.height === image.height && to.width === size.width && to.height === size.height
  );
}

function resizeInto(image: RawImage, plan: Plan, tables: readonly Float32Array[], data: Float32Array): void {
  const { to, rows, ring, ringLines, resizeLine } = plan;
  const lines = rgbLines(image);
  const lineBytes = 3 * to.width;
  let made = 0;
  for (let y = 0; y < to.height; y += 1) {
    const first = rows.first[y]!;
    const end = first + rows.count[y]!;
    for (; made < end; made += 1) {
      const { rgb, at } = lines(made);
      resizeLine(rgb, at, ring, (made % ringLines) * lineBytes);
    }
    if (end - first > 2) {
      mixMany(plan, y, tables, data);
      continue;
    }
    const near = rows.weights[y * rows.stride]!;
    const far = end - first === 2 ? rows.weights[y * rows.stride + 1]! : 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const plane = channel * to.width;
      const a = (first % ringLines) * lineBytes + plane;
      const b = ((end - 1) % ringLines) * lineBytes + plane;
      mixTwo(ring, a, b, near, far, tables[channel]!, data, (channel * to.height + y) * to.width, to.width);
    }
  }
}

/** Apart and with plain arguments, so that the compiler makes a tight loop of it: most of the time is spent here. */
function mixTwo(
  ring: Uint8Array,
  a: number,
  b: number,
  near: number,
  far: number,
  table: Float32Array,
  data: Float32Array,
  to: number,
  width: number,
): void {
  for (let x = 0; x < width; x += 1) {
    data[to + x] = table[(Math.imul(ring[a + x]!, near) + Math.imul(ring[b + x]!, far) + HALF) >> PRECISION_BITS]!;
  }
}

function mixMany(
  { to, rows, ring, ringLines, sums }: Plan,
  y: number,
  tables: readonly Float32Array[],
  data: Float32Array,
) {
  const lineBytes = 3 * to.width;
  sums.fill(HALF);
  for (let i = 0; i < rows.count[y]!; i += 1) {
    const weight = rows.weights[y * rows.stride + i]!;
    if (weight === 0) continue;
    const line = ((rows.first[y]! + i) % ringLines) * lineBytes;
    for (let x = 0; x < lineBytes; x += 1) sums[x] = sums[x]! + Math.imul(ring[line + x]!, weight);
  }
  for (const [channel, table] of tables.entries()) {
    const out = (channel * to.height + y) * to.width;
    const plane = channel * to.width;
    for (let x = 0; x < to.width; x += 1) data[out + x] = table[sums[plane + x]! >> PRECISION_BITS]!;
  }
}

/** A byte has 256 values: a table per channel does rescale and normalise for all of them at once. */
function tableOf({ factor, mean, std }: Preprocessing, channel: 0 | 1 | 2): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte * factor - mean[channel]) / std[channel]);
}
