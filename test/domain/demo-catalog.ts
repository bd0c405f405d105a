// The demo shop's six products, as tests weigh, see and price them.
import type { Basket, Catalog, Product } from '@tapcase/domain';

export function product(sku: string, massGrams: number, priceMinor: number, toleranceGrams = 5): Product {
  return { sku, name: { en: sku, es: sku }, priceMinor, massGrams, toleranceGrams, labels: [sku], picture: '' };
}

export const DEMO: Catalog = {
  currency: 'usd',
  products: [
    product('cola', 355, 200),
    product('soda', 350, 180),
    product('water', 510, 120, 6),
    product('chips', 70, 150, 4),
    product('juice', 260, 220),
    product('candy', 50, 100, 3),
  ],
};

/** Mass of `{ cola: 2 }` when every piece weighs what the catalog says. */
export function massOf(counts: Readonly<Record<string, number>>, { products }: Catalog = DEMO): number {
  return products.reduce((sum, { sku, massGrams }) => sum + massGrams * (counts[sku] ?? 0), 0);
}

/** `{ cola: 2 }` as basket lines in the catalog's order. */
export function linesOf(counts: Readonly<Record<string, number>>, { products }: Catalog = DEMO) {
  return products.flatMap(({ sku }) => ((counts[sku] ?? 0) > 0 ? [{ sku, count: counts[sku]! }] : []));
}

/** A basket as weight-reconcile makes it. */
export function basketOf(lines: Basket['lines'], verdict: Basket['verdict'] = 'agreed'): Basket {
  return {
    lines,
    verdict,
    probability: 0.99,
    candidates: [{ lines, probability: 0.99 }],
    evidence: [],
    reason: { en: 'because', es: 'porque sí' },
    scale: null,
    zones: [],
    cameras: null,
    work: { tried: 1, limited: false },
  };
}
