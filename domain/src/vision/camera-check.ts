// Judges a camera by its pictures alone: one that shows the same again and again, one that sees nothing, one that hangs in
// another's place. Small pictures are enough, and goods that come and go must not matter.

/** A picture made small: one byte of luminance a cell, row by row. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

/** Boards and walls are a few cells wide at this size, and a judgement takes less than a millisecond on a Pi. */
export const THUMBNAIL_WIDTH = 64;
export const THUMBNAIL_HEIGHT = 48;

/**
 * A live picture scatters: of two shots of the same rendered shelf at least 45 % of the cells differ, even after strong
 * noise reduction and a video encoder at 60 kbit/s (measured). Of a frozen one, key frames coded anew may differ in a few.
 */
export const FROZEN_CELLS_SHARE_MAX = 0.02;
/** Cameras that serve a picture they renew every few seconds give the same one twice. */
export const FROZEN_PICTURES = 3;
export const FROZEN_MS = 8_000;

/**
 * Standard deviation of the cells, of 255. The emptiest rendered shelf has 39, half of that with a weak lamp; a lens cap, a
 * coat or a blinding lamp leaves next to none.
 */
export const COVERED_DEVIATION_MAX = 6;

/**
 * How much more a picture must resemble another camera's reference than its own. Over 2,000 pairs of random shelves and the
 * two nearly mirrored cameras of the simulated case, a camera in its place resembled its own by at least 0.24 more.
 */
export const SWAPPED_MARGIN = 0.13;
/** Somebody who reaches in may hide the shelf from one picture. */
export const SWAPPED_PICTURES = 2;

/** How a run of alike pictures stands. */
export interface Stillness {
  readonly thumbnail: Thumbnail;
  /** When the first of the alike pictures came, Unix milliseconds. */
  readonly sinceMs: number;
  readonly pictures: number;
}

export function nextStillness(last: Stillness | undefined, thumbnail: Thumbnail, atMs: number): Stillness {
  if (last === undefined || changedShare(last.thumbnail, thumbnail) > FROZEN_CELLS_SHARE_MAX) {
    return { thumbnail, sinceMs: atMs, pictures: 1 };
  }
  // Compared with the first of the run, so that a slow drift is a change in the end.
  return { ...last, pictures: last.pictures + 1 };
}

export function isFrozen({ sinceMs, pictures }: Stillness, atMs: number): boolean {
  return pictures >= FROZEN_PICTURES && atMs - sinceMs >= FROZEN_MS;
}

/** Dark, white or flat: nothing of a shelf is to be seen. */
export function isCovered({ luma }: Thumbnail): boolean {
  const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
  const variance = luma.reduce((sum, value) => sum + (value - mean) ** 2, 0) / luma.length;
  return variance < COVERED_DEVIATION_MAX ** 2;
}

/** How strongly the luminance changes at each cell. Edges of boards and walls stay where they are, whatever is sold. */
export function edgesOf({ width, height, luma }: Thumbnail): Float32Array {
  const edges = new Float32Array(width * height);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      edges[at] = Math.hypot(luma[at + 1]! - luma[at - 1]!, luma[at + width]! - luma[at - width]!);
    }
  }
  return edges;
}

/** Normalised cross-correlation, -1 to 1; 0 where one of them is flat. Light and contrast do not matter. */
export function likeness(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length || a.length === 0) return 0;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [both, powerA, powerB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    both += da * db;
    powerA += da * da;
    powerB += db * db;
  }
  return powerA === 0 || powerB === 0 ? 0 : both / Math.sqrt(powerA * powerB);
}

/** Camera name to the edges of its reference. */
export type ReferenceEdges = ReadonlyMap<string, Float32Array>;

/** The camera whose place `camera` seems to have; undefined where it is in its own or nothing can be said. */
export function seenInstead(edges: Float32Array, camera: string, references: ReferenceEdges): string | undefined {
  const own = references.get(camera);
  if (own === undefined) return undefined;
  const ownLikeness = likeness(edges, own);
  const [best] = [...references]
    .filter(([name]) => name !== camera)
    .map(([name, other]) => ({ name, more: likeness(edges, other) - ownLikeness }))
    .sort((a, b) => b.more - a.more);
  return best !== undefined && best.more > SWAPPED_MARGIN ? best.name : undefined;
}

/** The mean of pictures of the same view: what stays remains, what comes and goes blurs. All of one size. */
export function meanThumbnail(thumbnails: readonly [Thumbnail, ...Thumbnail[]]): Thumbnail {
  const [{ width, height }] = thumbnails;
  const luma = Uint8Array.from({ length: width * height }, (_, i) =>
    Math.round(thumbnails.reduce((sum, thumbnail) => sum + thumbnail.luma[i]!, 0) / thumbnails.length),
  );
  return { width, height, luma };
}

function changedShare(a: Thumbnail, b: Thumbnail): number {
  if (a.luma.length !== b.luma.length) return 1;
  let changed = 0;
  for (let i = 0; i < a.luma.length; i += 1) if (a.luma[i] !== b.luma[i]) changed += 1;
  return changed / a.luma.length;
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
