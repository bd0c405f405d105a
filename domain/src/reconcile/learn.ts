// What past visits teach: which products sell.
import type { BasketLine } from './basket.ts';

/** Visits' worth of equal popularity that every product starts with, so that nothing is ruled out. */
const PRIOR_PIECES = 0.5;

/** Relative popularity by SKU: different products count once a visit. */
export function popularityOf(
  skus: readonly string[],
  baskets: readonly (readonly BasketLine[])[],
): Record<string, number> {
  const counts = new Map(skus.map((sku) => [sku, PRIOR_PIECES]));
  for (const lines of baskets) {
    for (const { sku } of lines) if (counts.has(sku)) counts.set(sku, counts.get(sku)! + 1);
  }
  return Object.fromEntries(counts);
}
