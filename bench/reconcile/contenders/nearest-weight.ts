// The scale alone: the smallest basket whose mass lies within the scale's noise, of those the nearest; if there is none
// of up to four pieces, the nearest of all. (The nearest without regard to size would always be one of four pieces:
// of 200 products there are so many that one hits any mass.)
import type { BasketLine, Product } from '@tapcase/domain';
import { believed, type Contender, type ContenderMaker, type Past } from '../contender.ts';
import type { CaseInput } from '../visit.ts';

const PIECES_MAX = 4;
/** Sigmas of the stated noise and of the pieces' own spread. */
const NOISE_SIGMAS = 3;
/** Above this many products, pairs of pairs are left out: half a million pairs, and as many products' worth of time. */
const QUADRUPLE_PRODUCTS_MAX = 200;

export const nearestWeight: ContenderMaker = { name: 'nearest weight', create };

/** Some pieces by their place in the products, and their mass. */
interface Group {
  readonly pieces: readonly number[];
  readonly grams: number;
}

interface Found extends Group {
  readonly errorGrams: number;
}

function create({ catalog: { products } }: Past): Contender {
  const none: Group[] = [{ pieces: [], grams: 0 }];
  const singles = byMass(products.map(({ massGrams }, at) => ({ pieces: [at], grams: massGrams })));
  const pairs = byMass(
    products.flatMap((first, a) =>
      products.slice(a).map((second, b) => ({ pieces: [a, a + b], grams: first.massGrams + second.massGrams })),
    ),
  );
  const ways: (readonly [readonly Group[], readonly Group[]])[] = [
    [none, none],
    [none, singles],
    [none, pairs],
    [singles, pairs],
    ...(products.length <= QUADRUPLE_PRODUCTS_MAX ? [[pairs, pairs] as const] : []),
  ].slice(0, PIECES_MAX + 1) as [Group[], Group[]][];
  return {
    name: nearestWeight.name,
    decide({ scale, stock }) {
      if (scale === null) return believed([]);
      let nearest: Found | undefined;
      for (const [some, others] of ways) {
        const found = nearestSum(some, others, scale.removedGrams, (pieces) => isInStock(pieces, products, stock));
        if (found === undefined) continue;
        if (found.errorGrams <= noiseGrams(found.pieces, products, scale.sigmaGrams)) {
          return believed(linesOf(found.pieces, products));
        }
        if (nearest === undefined || found.errorGrams < nearest.errorGrams) nearest = found;
      }
      return believed(linesOf(nearest?.pieces ?? [], products));
    },
  };
}

/** One of each list with the sum nearest to `grams`: up one list and down the other. */
function nearestSum(
  some: readonly Group[],
  others: readonly Group[],
  grams: number,
  isAllowed: (pieces: readonly number[]) => boolean,
): Found | undefined {
  let best: Found | undefined;
  let low = 0;
  let high = others.length - 1;
  while (low < some.length && high >= 0) {
    const [a, b] = [some[low]!, others[high]!];
    const overGrams = a.grams + b.grams - grams;
    const errorGrams = Math.abs(overGrams);
    if (best === undefined || errorGrams < best.errorGrams) {
      const pieces = [...a.pieces, ...b.pieces];
      if (isAllowed(pieces)) best = { pieces, grams: a.grams + b.grams, errorGrams };
    }
    if (overGrams > 0) high -= 1;
    else low += 1;
  }
  return best;
}

function isInStock(pieces: readonly number[], products: readonly Product[], stock: CaseInput['stock']): boolean {
  return pieces.every((at) => pieces.filter((other) => other === at).length <= (stock[products[at]!.sku] ?? 0));
}

function noiseGrams(pieces: readonly number[], products: readonly Product[], sigmaGrams: number): number {
  const variance = pieces.reduce((sum, at) => sum + products[at]!.toleranceGrams ** 2, sigmaGrams ** 2);
  return NOISE_SIGMAS * Math.sqrt(variance);
}

function linesOf(pieces: readonly number[], products: readonly Product[]): BasketLine[] {
  return products.flatMap(({ sku }, at) => {
    const count = pieces.filter((piece) => piece === at).length;
    return count > 0 ? [{ sku, count }] : [];
  });
}

function byMass(groups: Group[]): Group[] {
  return groups.sort((a, b) => a.grams - b.grams);
}
