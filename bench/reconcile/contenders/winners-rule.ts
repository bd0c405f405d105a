// The rule of the AutoCheckout 2020 winner, as published: each change of mass is an event; every product gets
// 0.8 x arrangement + 0.2 x weight, the best one is picked, and the mass says how many; a change below 0.4 of its mass is
// no event; what comes back is the piece in the receipt nearest in mass, if the change is at least 0.75 of that.
//
// How it is read here. There, arrangement is a product's share of the mass that left its plate, and events come apart in
// time. A case sees only before and after, so arrangement is a product's share of what the cameras saw go, and every
// shelf that has a plate of its own, else the whole case, is taken piece by piece: the best product, then what is left.
// That is kinder than one event a visit, which could never name two products.
import type { BasketLine, CameraView, Product } from '@tapcase/domain';
import { believed, type Contender, type ContenderMaker, type Past } from '../contender.ts';
import type { CaseInput } from '../visit.ts';
import { mergedCounts, skuByLabel } from './seen.ts';

const ARRANGEMENT_PART = 0.8;
const WEIGHT_PART = 0.2;
/** Grams, of the event and of the product. */
const SIGMA_GRAMS = 10;
const PICK_MASS_PART = 0.4;
const PUT_BACK_MASS_PART = 0.75;
/** A bound; no visit of the benchmark takes more. */
const PIECES_MAX = 20;

export const winnersRule: ContenderMaker = { name: 'AutoCheckout winner', create };

type Counts = Map<string, number>;

function create({ catalog, history }: Past): Contender {
  const skuOf = skuByLabel(catalog, history);
  return {
    name: winnersRule.name,
    decide(input) {
      const taken: Counts = new Map();
      const gone = seenGoing(input.cameras ?? [], skuOf);
      for (const { products, removedGrams } of eventsOf(input, catalog.products)) {
        if (removedGrams > 0) pickPieces(products, removedGrams, gone, taken);
        else putBack(catalog.products, -removedGrams, taken);
      }
      return believed(linesOf(taken, catalog.products));
    },
  };
}

interface Event {
  readonly products: readonly Product[];
  readonly removedGrams: number;
}

/** Shelves that lost mass first: what comes back must have been taken. */
function eventsOf({ scale, zones }: CaseInput, products: readonly Product[]): Event[] {
  if (zones.length === 0) return scale === null ? [] : [{ products, removedGrams: scale.removedGrams }];
  return zones
    .map(({ zone, removedGrams }) => ({ products: products.filter((product) => product.zone === zone), removedGrams }))
    .sort((a, b) => b.removedGrams - a.removedGrams);
}

function seenGoing(cameras: readonly CameraView[], skuOf: ReadonlyMap<string, string>): Counts {
  const { before, after } = mergedCounts(cameras);
  const gone: Counts = new Map();
  for (const [label, count] of before) {
    const [sku, less] = [skuOf.get(label), count - (after.get(label) ?? 0)];
    if (sku !== undefined && less > 0) gone.set(sku, less);
  }
  return gone;
}

function pickPieces(products: readonly Product[], removedGrams: number, gone: Counts, taken: Counts): void {
  let leftGrams = removedGrams;
  for (let piece = 0; piece < PIECES_MAX && products.length > 0; ) {
    const seen = products.reduce((sum, { sku }) => sum + (gone.get(sku) ?? 0), 0);
    const score = ({ sku, massGrams }: Product) =>
      ARRANGEMENT_PART * (seen === 0 ? 1 / products.length : (gone.get(sku) ?? 0) / seen) +
      WEIGHT_PART * overlap(leftGrams, massGrams);
    const { sku, massGrams } = products.reduce((best, other) => (score(other) > score(best) ? other : best));
    if (leftGrams < PICK_MASS_PART * massGrams) return;
    // What no camera saw go has only its mass to say how many.
    const inSight = gone.get(sku) ?? 0;
    const count = inSight > 0 ? 1 : Math.max(1, Math.round(leftGrams / massGrams));
    taken.set(sku, (taken.get(sku) ?? 0) + count);
    gone.set(sku, Math.max(0, inSight - count));
    leftGrams -= count * massGrams;
    piece += count;
  }
}

function putBack(products: readonly Product[], addedGrams: number, taken: Counts): void {
  const candidates = products.flatMap(({ sku, massGrams }) =>
    Array.from({ length: taken.get(sku) ?? 0 }, (_, at) => ({ sku, count: at + 1, grams: (at + 1) * massGrams })),
  );
  const [nearest] = candidates.sort((a, b) => Math.abs(a.grams - addedGrams) - Math.abs(b.grams - addedGrams));
  if (nearest === undefined || addedGrams < PUT_BACK_MASS_PART * (nearest.grams / nearest.count)) return;
  taken.set(nearest.sku, taken.get(nearest.sku)! - nearest.count);
}

/** Area that two Gaussians of the same sigma share: 1 at the same mean, falling to 0. */
function overlap(aGrams: number, bGrams: number): number {
  return erfc(Math.abs(aGrams - bGrams) / (2 * Math.SQRT2 * SIGMA_GRAMS));
}

/** Abramowitz and Stegun 7.1.26, for x from 0 on; absolute error below 2e-7. */
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const [a, b, c, d, e] = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  return t * (a + t * (b + t * (c + t * (d + t * e)))) * Math.exp(-x * x);
}

function linesOf(taken: Counts, products: readonly Product[]): BasketLine[] {
  return products.flatMap(({ sku }) => ((taken.get(sku) ?? 0) > 0 ? [{ sku, count: taken.get(sku)! }] : []));
}
