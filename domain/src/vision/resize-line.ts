// Resizes one line of a picture to three lines of bytes, one for each colour.
import { HALF, isPairs, PRECISION_BITS, type Taps } from './taps.ts';

/** Reads a line of RGB at `at`, writes its reds, greens and blues at `to`, `to + width` and `to + 2 * width`. */
export type ResizeLine = (rgb: Uint8Array, at: number, out: Uint8Array, to: number) => void;

export function lineResizer(taps: Taps): ResizeLine {
  return isPairs(taps) ? pairs(taps) : many(taps);
}

/** The way of a camera's frame (1280 to 1333): two inputs each, the second with a weight of 0 where there is but one. */
function pairs({ first, count, weights, stride }: Taps): ResizeLine {
  const width = first.length;
  const left = Int32Array.from(first, (at) => at * 3);
  const right = Int32Array.from(first, (at, out) => (at + Math.max(1, count[out]!) - 1) * 3);
  const near = Int32Array.from(first, (_, out) => weights[out * stride]!);
  const far = Int32Array.from(first, (_, out) => (count[out] === 2 ? weights[out * stride + 1]! : 0));
  return (rgb, at, out, to) => {
    for (let x = 0; x < width; x += 1) {
      const a = at + left[x]!;
      const b = at + right[x]!;
      const near_ = near[x]!;
      const far_ = far[x]!;
      out[to + x] = (Math.imul(rgb[a]!, near_) + Math.imul(rgb[b]!, far_) + HALF) >> PRECISION_BITS;
      out[to + width + x] = (Math.imul(rgb[a + 1]!, near_) + Math.imul(rgb[b + 1]!, far_) + HALF) >> PRECISION_BITS;
      out[to + 2 * width + x] = (Math.imul(rgb[a + 2]!, near_) + Math.imul(rgb[b + 2]!, far_) + HALF) >> PRECISION_BITS;
    }
  };
}

/** Weights are never negative and sum to one within rounding, so the result is a byte without being clamped. */
function many({ first, count, weights, stride }: Taps): ResizeLine {
  const width = first.length;
  return (rgb, at, out, to) => {
    for (let x = 0; x < width; x += 1) {
      let source = at + first[x]! * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const end = x * stride + count[x]!;
      for (let i = x * stride; i < end; i += 1) {
        const weight = weights[i]!;
        red += Math.imul(rgb[source]!, weight);
        green += Math.imul(rgb[source + 1]!, weight);
        blue += Math.imul(rgb[source + 2]!, weight);
        source += 3;
      }
      out[to + x] = red >> PRECISION_BITS;
      out[to + width + x] = green >> PRECISION_BITS;
      out[to + 2 * width + x] = blue >> PRECISION_BITS;
    }
  };
}
