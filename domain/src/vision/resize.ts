// Says how large a model sees a picture: the reference's size rule.
import type { SizeRule } from './model-facts.ts';

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

/** Python's `round`. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
