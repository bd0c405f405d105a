// The pieces that a basket can be built from, in the order in which the search adds them, and what a size costs.
import type { Product } from '../catalog/product.ts';
import type { Kind } from './camera-model.ts';
import { pieceReachGrams, pieceSigmaGrams } from './scale-model.ts';

/** More than anybody carries out of a cabinet at once; also the depth of the recursion. */
export const PIECES_MAX = 60;
/** Chance of one piece more: baskets of any one size are equally likely, sizes halve (a median of one piece a visit). */
const ANOTHER_PIECE_COST = Math.log(2);
/**
 * Something of the catalog was brought in from outside. Far below a detector that takes one kind for another,
 * because that shows the same picture: one kind gone, another come.
 */
export const PUT_IN_COST = -Math.log(1e-6);

/** One piece that a basket may get: taken, or (mass below zero) put in. */
export interface Step {
  readonly product: Product;
  readonly kind: number;
  readonly direction: 1 | -1;
  readonly massGrams: number;
  readonly variance: number;
  /** The furthest that one piece of this step or a later one can bring the mass. */
  readonly reachGrams: number;
  /** The last step of its kind: what follows leaves the kind's count as it is. */
  readonly closesKind: boolean;
}

/** First everything that the cameras may have seen come, then everything that may have gone, kind by kind. */
export function stepsOf(kinds: readonly Kind[]): Step[] {
  const directed = [-1 as const, 1 as const].flatMap((direction) =>
    kinds.flatMap((kind, index) =>
      direction === -1 && (kind.seen ?? 0) >= 0
        ? []
        : kind.products.map((product, at) => ({ direction, index, product, at, of: kind.products.length })),
    ),
  );
  let reachGrams = 0;
  return directed
    .reverse()
    .map(({ direction, index, product, at, of }): Step => {
      reachGrams = Math.max(reachGrams, pieceReachGrams(product));
      return {
        product,
        kind: index,
        direction,
        massGrams: direction * product.massGrams,
        variance: pieceSigmaGrams(product) ** 2,
        reachGrams,
        closesKind: direction === 1 && at === of - 1,
      };
    })
    .reverse();
}

/** Nats for the size of a basket of 0, 1, 2, ... pieces out of `products` kinds of product. */
export function sizeCosts(products: number): number[] {
  const costs = [0];
  for (let size = 1; size <= PIECES_MAX; size += 1) {
    costs.push(costs[size - 1]! + ANOTHER_PIECE_COST + Math.log((products + size - 1) / size));
  }
  return costs;
}

export function countsOf(path: readonly Step[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { product, direction } of path) {
    counts.set(product.sku, (counts.get(product.sku) ?? 0) + direction);
  }
  return counts;
}
