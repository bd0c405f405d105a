// Turns a picture into the tensor that a DETR model takes: resized, rescaled, normalised, channel by channel.
import type { RgbImage } from './image.ts';
import type { Preprocessing } from './model-config.ts';
import { resizeBilinear, resizedSize, type Size } from './resize.ts';

export interface PixelValues extends Size {
  /** [1, 3, height, width]: all reds, all greens, all blues. */
  readonly data: Float32Array;
}

export function preprocess(image: RgbImage, how: Preprocessing): PixelValues {
  const { width, height, rgb } = resizeBilinear(image, resizedSize(image, how.size));
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  // A byte has 256 values: a table per channel does rescale and normalise for all of them at once.
  const [reds, greens, blues] = ([0, 1, 2] as const).map((channel) => tableOf(how, channel)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let i = 0, source = 0; i < plane; i += 1, source += 3) {
    data[i] = reds[rgb[source]!]!;
    data[plane + i] = greens[rgb[source + 1]!]!;
    data[2 * plane + i] = blues[rgb[source + 2]!]!;
  }
  return { width, height, data };
}

function tableOf({ factor, mean, std }: Preprocessing, channel: 0 | 1 | 2): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte * factor - mean[channel]) / std[channel]);
}
