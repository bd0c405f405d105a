// How well the cameras' counts explain a basket, in nats above an exact count. Products that look alike count together.
import type { Catalog, Product } from '../catalog/product.ts';

/** [label, count, mean score]. */
export type SeenRemoval = readonly [label: string, count: number, score: number];

// Starting values, for a detector that counts 95 % of scenes exactly, from two cameras. Measured rates replace them.

/** One more piece of a kind that was seen going: it stood behind its own kind, and the front one hid it. */
const MISS_AGAIN_RATE = 0.05;
/** A kind that went and was not seen going at all, in either view. */
const MISS_KIND_RATE = 0.001;
/** Per visit, over all kinds: something seen going that is still there. */
const FALSE_RATE = 0.01;
/** The same where the detector itself was unsure. */
const FALSE_RATE_FAINT = 0.2;
/** Below this mean score a count is faint. Scores are no probabilities; a step promises no more than we know. */
const SCORE_FAINT = 0.9;

/** Products that share a label, directly or through a third: the cameras cannot tell them apart, only count them. */
export interface Kind {
  readonly products: readonly Product[];
  /** Net pieces that the cameras saw go; null where they cannot see this kind. */
  readonly seen: number | null;
  readonly falseCost: number;
}

export const MISS_AGAIN_COST = -Math.log(MISS_AGAIN_RATE);
const MISS_KIND_COST = -Math.log(MISS_KIND_RATE);

/** Every product of the catalog in exactly one kind. Labels that no product lists (a hand, a bag) say nothing. */
export function kindsOf(catalog: Catalog, cameras: readonly SeenRemoval[] | null): Kind[] {
  const groups = groupByLabel(catalog.products);
  const visible = groups.filter(({ labels }) => labels.size > 0).length;
  return groups.map(({ products, labels }) => {
    const sightings = (cameras ?? []).filter(([label]) => labels.has(label));
    const isFaint = sightings.some(([, , score]) => score < SCORE_FAINT);
    return {
      products,
      seen: cameras === null || labels.size === 0 ? null : sightings.reduce((sum, [, count]) => sum + count, 0),
      // Spread over the kinds: a cabinet with more kinds has no more false sightings, only more names for them.
      falseCost: -Math.log((isFaint ? FALSE_RATE_FAINT : FALSE_RATE) / Math.max(1, visible)),
    };
  });
}

/** Nats for `taken` pieces of a kind (below zero: put in), relative to the cameras counting exactly that. */
export function kindCost({ seen, falseCost }: Kind, taken: number): number {
  if (seen === null || seen === taken) return 0;
  if (taken === 0) return falseCost * Math.abs(seen);
  if (seen === 0) return MISS_KIND_COST + MISS_AGAIN_COST * (Math.abs(taken) - 1);
  if (Math.sign(seen) !== Math.sign(taken)) return falseCost * Math.abs(seen) + MISS_KIND_COST;
  const missed = Math.abs(taken) - Math.abs(seen);
  return missed > 0 ? MISS_AGAIN_COST * missed : falseCost * -missed;
}

interface Group {
  readonly products: readonly Product[];
  readonly labels: ReadonlySet<string>;
}

function groupByLabel(products: readonly Product[]): Group[] {
  let groups: Group[] = [];
  for (const product of products) {
    const alike = groups.filter((group) => product.labels.some((label) => group.labels.has(label)));
    const merged = {
      products: [...alike.flatMap((group) => group.products), product],
      labels: new Set([...alike.flatMap((group) => [...group.labels]), ...product.labels]),
    };
    groups = [...groups.filter((group) => !alike.includes(group)), merged];
  }
  return groups;
}
