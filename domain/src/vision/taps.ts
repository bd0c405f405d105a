// Which input pixels make an output pixel, and in what parts: Pillow's triangle filter (src/libImaging/Resample.c).

/** For each output pixel: where its inputs begin, how many there are, and their weights. */
export interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights an output pixel, in units of 2^-22; zeros after the last. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Pillow's fixed point for bytes: the sum of 256 x 2^22 still fits a signed 32-bit integer. */
export const PRECISION_BITS = 22;
export const HALF = 1 << (PRECISION_BITS - 1);
const ONE = 1 << PRECISION_BITS;

/** Of a line of `from` pixels resized to `to`: the support widens when shrinking, so that nothing aliases. */
export function tapsOf(from: number, to: number): Taps {
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

/** No output pixel has more than two inputs: so it is whenever nothing shrinks. */
export function isPairs({ count }: Taps): boolean {
  return count.every((inputs) => inputs <= 2);
}
