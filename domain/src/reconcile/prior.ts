// How probable baskets are before anybody looked: each product is taken or not, by its popularity at this case.
import type { Catalog } from '../catalog/product.ts';
import type { ReconcileModel } from './model.ts';
import type { Stock } from './stock.ts';

/** More pieces of one product than anybody carries out at once. */
export const COUNT_MAX = 30;
/** No product is so popular that it is taken in more than half of the visits. */
const SHARE_MAX = 0.5;
/** A product that was never sold counts as this part of the mean. */
const UNSOLD_SHARE = 0.1;

export interface Prior {
  /** Share of all pieces that are taken, 0..1. */
  share(product: number): number;
  /** Nats for `count` pieces of a product more (below zero: brought in) than for none. */
  cost(product: number, count: number): number;
}

export function priorOf(
  { products }: Catalog,
  stock: Stock | undefined,
  { kindsPerVisit, againRate, putInRate, stockWrongRate, popularity }: ReconcileModel['basket'],
): Prior {
  const named = products.flatMap(({ sku }) => (Object.hasOwn(popularity, sku) ? [popularity[sku]!] : []));
  const mean = named.length === 0 ? 1 : Math.max(1e-9, named.reduce((sum, value) => sum + value, 0) / named.length);
  const shares = products.map(({ sku }) =>
    Math.max(UNSOLD_SHARE, (Object.hasOwn(popularity, sku) ? popularity[sku]! : mean) / mean),
  );
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const first = shares.map((share) => {
    const taken = Math.min(SHARE_MAX, (kindsPerVisit * share) / whole);
    return -Math.log(taken / (1 - taken)) - Math.log(1 - againRate);
  });
  const again = -Math.log(againRate);
  const there = products.map(({ sku }) =>
    stock !== undefined && Object.hasOwn(stock, sku) ? stock[sku]! : Number.POSITIVE_INFINITY,
  );
  const wrong = -Math.log(stockWrongRate);
  const putIn = -Math.log(putInRate / products.length);
  return {
    share: (product) => shares[product]! / whole,
    cost: (product, count) => {
      if (count === 0) return 0;
      if (count < 0) return putIn - (count + 1) * again;
      // More than the books say there was.
      return first[product]! + (count - 1) * again + (count > there[product]! ? wrong : 0);
    },
  };
}
