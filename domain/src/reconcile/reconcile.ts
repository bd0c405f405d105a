// Decides what was taken: the most probable basket given scale, cameras and catalog, and what of it may be charged.
import type { Catalog } from '../catalog/product.ts';
import type { Basket, BasketLine, Verdict } from './basket.ts';
import { candidates } from './candidates.ts';
import {
  camerasLogLikelihood,
  priorLog,
  type ScaleReading,
  type SeenRemoval,
  scaleLogLikelihood,
} from './likelihood.ts';

export interface ReconcileInput {
  readonly catalog: Catalog;
  /** null where the scale reported nothing. */
  readonly scale: ScaleReading | null;
  /** What the cameras saw go; null where no camera reported. */
  readonly cameras: readonly SeenRemoval[] | null;
}

/** Below this posterior we do not charge the whole basket: one wrong bill in fifty would be too many already. */
export const CHARGE_PROBABILITY_MIN = 0.95;

interface Explanation {
  readonly counts: readonly number[];
  readonly lines: readonly BasketLine[];
  readonly probability: number;
}

/** Deterministic, bounded (CANDIDATES_MAX), total: any reading gives a basket, if need be an empty, disputed one. */
export function reconcile({ catalog, scale, cameras }: ReconcileInput): Basket {
  const { products } = catalog;
  const { baskets, complete } = candidates({ products, scale, seen: cameras });
  const scored = baskets.map((counts) => ({
    counts,
    log:
      priorLog(counts) +
      (scale === null ? 0 : scaleLogLikelihood(counts, products, scale)) +
      (cameras === null ? 0 : camerasLogLikelihood(counts, products, cameras)),
  }));
  const explanations = posterior(
    scored,
    products.map(({ sku }) => sku),
  );
  const [best, second] = explanations as [Explanation, Explanation?];
  const basket = {
    runnerUp: second === undefined ? null : { lines: second.lines, probability: round(second.probability) },
    scale,
    cameras: cameras === null ? null : cameras.map(([label, count]) => ({ label, count })),
  };
  const { verdict, reason } = judge(best, { catalog, scale, cameras }, complete);
  const certain = verdict !== 'disputed' && best.probability >= CHARGE_PROBABILITY_MIN;
  return {
    ...basket,
    // In doubt the customer wins: only what every likely explanation has in common is charged.
    lines: certain ? best.lines : common(explanations),
    probability: round(best.probability),
    verdict: certain ? verdict : 'disputed',
    reason: certain || verdict === 'disputed' ? reason : `${reason}; but only ${percent(best.probability)} sure`,
  };
}

/** Normalised, most probable first; ties in a fixed order, so that the same evidence always makes the same bill. */
function posterior(
  scored: readonly { readonly counts: readonly number[]; readonly log: number }[],
  skus: readonly string[],
): Explanation[] {
  const highest = Math.max(...scored.map(({ log }) => log));
  const weights = scored.map(({ log }) => Math.exp(log - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return scored
    .map(({ counts }, i) => ({ counts, lines: toLines(counts, skus), probability: weights[i]! / sum }))
    .sort((a, b) => b.probability - a.probability || compare(a.counts.join(','), b.counts.join(',')));
}

/** A piece put in is not for sale back: it never lowers the bill below nothing. */
function toLines(counts: readonly number[], skus: readonly string[]): BasketLine[] {
  return counts.flatMap((count, i) => (count > 0 ? [{ sku: skus[i]!, count }] : []));
}

/** The pieces in all of the explanations that together reach the threshold. */
function common(explanations: readonly Explanation[]): BasketLine[] {
  let reached = 0;
  let lines: readonly BasketLine[] | undefined;
  for (const explanation of explanations) {
    lines = lines === undefined ? explanation.lines : intersect(lines, explanation.lines);
    reached += explanation.probability;
    if (reached >= CHARGE_PROBABILITY_MIN) break;
  }
  return [...(lines ?? [])];
}

function intersect(a: readonly BasketLine[], b: readonly BasketLine[]): BasketLine[] {
  return a.flatMap(({ sku, count }) => {
    const other = b.find((line) => line.sku === sku)?.count ?? 0;
    const both = Math.min(count, other);
    return both > 0 ? [{ sku, count: both }] : [];
  });
}

/** The scale fits when the mass is within this many standard deviations. */
const FIT_SIGMAS = 3;

function judge(
  best: Explanation,
  { catalog, scale, cameras }: ReconcileInput,
  complete: boolean,
): { readonly verdict: Verdict; readonly reason: string } {
  if (!complete) return { verdict: 'disputed', reason: 'too many baskets would explain this mass' };
  if (scale === null && cameras === null) return { verdict: 'disputed', reason: 'neither scale nor cameras reported' };
  const weighs = scale === null ? null : fitsScale(best.counts, catalog, scale);
  const seen = cameras === null ? null : camerasLogLikelihood(best.counts, catalog.products, cameras) === 0;
  if (weighs === false && seen !== true)
    return { verdict: 'disputed', reason: 'no basket explains what the scale says' };
  if (weighs === true && seen === true) return { verdict: 'agreed', reason: 'scale and cameras say the same' };
  if (weighs === true) {
    const why = seen === null ? 'the cameras reported nothing' : 'the cameras counted differently';
    return { verdict: 'weight_decided', reason: `the scale decided: ${why}` };
  }
  if (weighs === null && seen === false) return { verdict: 'disputed', reason: 'the cameras contradict themselves' };
  const why = weighs === null ? 'the scale reported nothing' : 'the scale says something else';
  // Two independent witnesses that contradict each other are no ground to charge on.
  return weighs === null
    ? { verdict: 'vision_decided', reason: `the cameras decided: ${why}` }
    : { verdict: 'disputed', reason: `cameras and scale disagree: ${why}` };
}

function fitsScale(
  counts: readonly number[],
  { products }: Catalog,
  { removedGrams, sigmaGrams }: ScaleReading,
): boolean {
  const mass = counts.reduce((sum, count, i) => sum + count * products[i]!.massGrams, 0);
  const variance = counts.reduce(
    (sum, count, i) => sum + Math.abs(count) * products[i]!.toleranceGrams ** 2,
    Math.max(sigmaGrams, 1) ** 2,
  );
  return Math.abs(removedGrams - mass) <= FIT_SIGMAS * Math.sqrt(variance);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Six digits tell all that a reader needs, and compare equal on every machine. */
function round(probability: number): number {
  return Math.round(probability * 1e6) / 1e6;
}

function percent(probability: number): string {
  return `${Math.floor(probability * 100)} %`;
}
