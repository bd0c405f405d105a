// What past visits of a case teach about it, and how far it is believed: which products sell, how quiet the scale is,
// what a piece really weighs.
import type { Catalog } from '../catalog/product.ts';
import type { BasketLine } from '../reconcile/basket.ts';
import type { ReconcileModel } from '../reconcile/model.ts';

/** What was learned of one case. */
export interface CaseLearning {
  /** Agreed visits that it was learned from. */
  readonly visits: number;
  readonly learnedAtMs: number;
  /** Grams, one standard deviation of a door session; null while too few visits tell. */
  readonly sigmaGrams: number | null;
  /** By SKU. */
  readonly masses: Readonly<Record<string, LearnedMass>>;
  /** Relative popularity by SKU. */
  readonly popularity: Readonly<Record<string, number>>;
}

export interface LearnedMass {
  readonly massGrams: number;
  /** Pieces that were weighed. */
  readonly pieces: number;
  /** One standard deviation of `massGrams` itself. */
  readonly errorGrams: number;
}

/** A scale quieter than this is not believed, nor one that is noisier: then it is broken. Grams. */
export const LEARNED_SIGMA_GRAMS = { min: 1, max: 30 } as const;
/** A learned mass further from the catalog's than this part of it is shown and not used: somebody must correct the catalog. */
export const LEARNED_MASS_SHARE_MAX = 0.15;

/** Pieces of equal popularity that every product starts with, so that nothing is ruled out. */
const PRIOR_PIECES = 0.5;

/** Relative popularity by SKU: a product counts once a visit. */
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

/** The catalog and the model as they are believed to be at this case. */
export function applyLearning(
  catalog: Catalog,
  model: ReconcileModel,
  { sigmaGrams, masses, popularity }: CaseLearning,
): { readonly catalog: Catalog; readonly model: ReconcileModel } {
  const products = catalog.products.map((product) => {
    const learned = Object.hasOwn(masses, product.sku) ? masses[product.sku] : undefined;
    return learned !== undefined && isBelieved(product.massGrams, learned.massGrams)
      ? { ...product, massGrams: learned.massGrams }
      : product;
  });
  const { min, max } = LEARNED_SIGMA_GRAMS;
  const sigma = sigmaGrams === null ? model.scale.sigmaGrams : Math.min(max, Math.max(min, sigmaGrams));
  return {
    catalog: { ...catalog, products },
    model: {
      ...model,
      scale: { ...model.scale, sigmaGrams: sigma },
      basket: { ...model.basket, popularity: { ...model.basket.popularity, ...popularity } },
    },
  };
}

/** What is left when an operator has one product's mass forgotten. */
export function withoutMass(learning: CaseLearning, sku: string): CaseLearning {
  return { ...learning, masses: Object.fromEntries(Object.entries(learning.masses).filter(([each]) => each !== sku)) };
}

export function isBelieved(catalogGrams: number, learnedGrams: number): boolean {
  return Math.abs(learnedGrams - catalogGrams) <= LEARNED_MASS_SHARE_MAX * catalogGrams;
}
