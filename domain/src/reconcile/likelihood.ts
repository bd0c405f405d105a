// How well a basket explains what the scale and the cameras said. All in natural logarithms.
import type { Product } from '../catalog/product.ts';

export interface ScaleReading {
  /** Above zero: mass left the case. */
  readonly removedGrams: number;
  /** One standard deviation of the difference of two weighings. */
  readonly sigmaGrams: number;
}

/** What one camera view or the merged views saw go: label, pieces (negative: put in), mean score. */
export type SeenRemoval = readonly [label: string, count: number, score: number];

/** Four HX711 cells, before minus after: about 5.7 g when each is good to 2 g (datasheet noise plus creep). A scale
 * that claims to be better than this is not believed. */
export const SIGMA_GRAMS_MIN = 3;

/** Beyond this many standard deviations the scale says something else happened, however unlikely that is: without it
 * a hand that leans on the shelf would out-vote two cameras by any margin. */
const SIGMA_COUNT_MAX = 6;

/** A piece that was there and is not seen, or is seen and was not there, once in two hundred pieces: what a detector that
 * counts 95 % of full shelves exactly comes to. */
const MISCOUNT_PROBABILITY = 0.005;

/** Each further piece in a basket makes it a third as likely: most people take one or two. */
const FURTHER_PIECE_PROBABILITY = 1 / 3;

/** Gaussian; variance of the scale and of every piece that moved. */
export function scaleLogLikelihood(
  counts: readonly number[],
  products: readonly Product[],
  { removedGrams, sigmaGrams }: ScaleReading,
): number {
  let mass = 0;
  let variance = Math.max(sigmaGrams, SIGMA_GRAMS_MIN) ** 2;
  for (const [i, count] of counts.entries()) {
    const product = products[i]!;
    mass += count * product.massGrams;
    variance += Math.abs(count) * product.toleranceGrams ** 2;
  }
  const sigmas = Math.min(Math.abs(removedGrams - mass) / Math.sqrt(variance), SIGMA_COUNT_MAX);
  return -0.5 * sigmas ** 2 - 0.5 * Math.log(variance);
}

/** Per label: each piece that the cameras counted and the basket lacks, or the other way round, is one miscount. */
export function camerasLogLikelihood(
  counts: readonly number[],
  products: readonly Product[],
  seen: readonly SeenRemoval[],
): number {
  const known = new Set(products.flatMap(({ labels }) => labels));
  let log = 0;
  const expected = new Map<string, number>();
  for (const [i, count] of counts.entries()) {
    // A product that the detector has no word for cannot be seen, and its absence says nothing.
    const [label] = products[i]!.labels;
    if (label !== undefined) expected.set(label, (expected.get(label) ?? 0) + count);
  }
  const observed = new Map<string, number>();
  for (const [label, count] of seen) {
    // A hand, a bag, a label of nobody's product: no evidence about any of them.
    if (!known.has(label)) continue;
    const name = primaryLabel(label, products);
    observed.set(name, (observed.get(name) ?? 0) + count);
  }
  for (const label of new Set([...expected.keys(), ...observed.keys()])) {
    const miscounts = Math.abs((expected.get(label) ?? 0) - (observed.get(label) ?? 0));
    log += miscounts * Math.log(MISCOUNT_PROBABILITY);
  }
  return log;
}

/** Geometric in the number of pieces that moved; a put-back counts like a piece taken. */
export function priorLog(counts: readonly number[]): number {
  const pieces = counts.reduce((sum, count) => sum + Math.abs(count), 0);
  return pieces * Math.log(FURTHER_PIECE_PROBABILITY);
}

/** A SKU may appear under several labels; they are counted together under the first. */
function primaryLabel(label: string, products: readonly Product[]): string {
  return products.find(({ labels }) => labels.includes(label))?.labels[0] ?? label;
}
