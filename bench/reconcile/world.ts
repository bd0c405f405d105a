// What a case of the benchmark is: its catalog, how well each product is seen and how it sells.
import type { BasketLine, Catalog } from '@tapcase/domain';
import type { Mix } from './standard-mix.ts';

/** How a good camera sees one product. */
export interface SkuRates {
  /** Chance that a piece is hidden from both cameras. */
  readonly hidden: number;
  /** Chance that one camera misses a piece that is not hidden. */
  readonly miss: number;
  /** Chance that a camera that sees a piece takes it for a look-alike; 0 without any. */
  readonly confused: number;
}

export interface World {
  readonly id: string;
  readonly catalog: Catalog;
  readonly mix: Mix;
  readonly skus: Readonly<Record<string, SkuRates>>;
  /** Sums to 1. */
  readonly popularity: Readonly<Record<string, number>>;
  /** SKU to the other SKUs of its family. */
  readonly alike: Readonly<Record<string, readonly string[]>>;
  /** Every label of the catalog, sorted: the order in which counts are written down. */
  readonly labels: readonly string[];
  /** Pieces of a product at the start of a visit: 1 to this. */
  readonly stockMax: number;
  /** True baskets of past visits, none of them among the test visits: what a contender may learn a prior from. */
  readonly history: readonly (readonly BasketLine[])[];
}
