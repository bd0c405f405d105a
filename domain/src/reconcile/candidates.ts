// Lists the baskets worth weighing: all that the scale or the cameras could mean, within a bound on the work.
import type { Product } from '../catalog/product.ts';
import type { ScaleReading, SeenRemoval } from './likelihood.ts';

/** Baskets looked at before we give up: about 50 ms on a small cloud machine. Past it the verdict is "disputed". */
export const CANDIDATES_MAX = 20_000;

/** No customer carries more pieces of a kind out of one cabinet in one visit. */
export const PIECES_MAX = 12;

/** Both sides of the reading that are searched, in standard deviations of scale and pieces together. */
const SEARCH_SIGMAS = 5;

export interface Candidates {
  /** Counts in the order of `products`; negative is put in. The first is the empty basket. */
  readonly baskets: readonly (readonly number[])[];
  /** False when the bound was reached: there may be better explanations than those listed. */
  readonly complete: boolean;
}

export interface CandidateInput {
  readonly products: readonly Product[];
  readonly scale: ScaleReading | null;
  readonly seen: readonly SeenRemoval[] | null;
}

/**
 * The empty basket, what the cameras counted with up to one piece more or less of each kind, and every basket of taken
 * pieces whose mass lies within the search band.
 */
export function candidates({ products, scale, seen }: CandidateInput): Candidates {
  const found = new Map<string, readonly number[]>();
  const add = (counts: readonly number[]) => {
    if (found.size < CANDIDATES_MAX) found.set(counts.join(','), [...counts]);
  };
  add(products.map(() => 0));
  const counted = seen === null ? null : countsSeen(products, seen);
  if (counted !== null) for (const basket of nearby(counted)) add(basket);
  const complete = scale === null || byMass(products, scale, add, () => found.size >= CANDIDATES_MAX);
  return { baskets: [...found.values()], complete: complete && found.size < CANDIDATES_MAX };
}

/** Depth first over the products, heaviest first, so that a branch that is too heavy is cut early. */
function byMass(
  products: readonly Product[],
  { removedGrams, sigmaGrams }: ScaleReading,
  add: (counts: readonly number[]) => void,
  full: () => boolean,
): boolean {
  const order = products
    .map((product, i) => ({ product, i }))
    .sort((a, b) => b.product.massGrams - a.product.massGrams);
  const counts = products.map(() => 0);
  let visits = 0;
  let cut = false;
  const walk = (depth: number, mass: number, variance: number, pieces: number): void => {
    visits += 1;
    // A step costs less than a basket, yet a catalog of crumbs could make endlessly many.
    if (full() || visits > CANDIDATES_MAX * 10) {
      cut = true;
      return;
    }
    const reach = SEARCH_SIGMAS * Math.sqrt(sigmaGrams ** 2 + variance);
    if (Math.abs(removedGrams - mass) <= reach) add(counts);
    if (mass > removedGrams + reach || pieces >= PIECES_MAX) return;
    for (let next = depth; next < order.length; next += 1) {
      const { product, i } = order[next]!;
      counts[i]! += 1;
      walk(next, mass + product.massGrams, variance + product.toleranceGrams ** 2, pieces + 1);
      counts[i]! -= 1;
    }
  };
  walk(0, 0, 0, 0);
  return !cut;
}

/** The cameras' own counts, each kind also one more and one less: what a single miscount would make of it. */
function nearby(counted: readonly number[]): number[][] {
  const baskets = [[...counted]];
  for (const i of counted.keys()) {
    for (const step of [-1, 1]) {
      const basket = [...counted];
      basket[i]! += step;
      baskets.push(basket);
    }
    // Taken one kind for another: one less of this, one more of that.
    for (const j of counted.keys()) {
      if (i === j) continue;
      const basket = [...counted];
      basket[i]! -= 1;
      basket[j]! += 1;
      baskets.push(basket);
    }
  }
  return baskets;
}

/** Removals by label as counts of the first product that wears the label; products that share one get it in turn later. */
function countsSeen(products: readonly Product[], seen: readonly SeenRemoval[]): number[] {
  const counts = products.map(() => 0);
  for (const [label, count] of seen) {
    const i = products.findIndex(({ labels }) => labels.includes(label));
    if (i >= 0) counts[i]! += clamp(count);
  }
  return counts;
}

function clamp(count: number): number {
  return Math.max(-PIECES_MAX, Math.min(PIECES_MAX, count));
}
