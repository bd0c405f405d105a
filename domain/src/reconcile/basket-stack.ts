// The basket on the way through the search: which pieces it has, and what they weigh, as a whole and by zone.
import type { Catalog } from '../catalog/product.ts';
import { type Load, pieceVariance } from './scale-model.ts';

export interface Pick {
  /** Index into the catalog's products. */
  readonly product: number;
  /** Below zero: put in. */
  readonly count: number;
}

/** The pieces of the basket on the way, and what they weigh. */
export class BasketStack {
  readonly load: Load;
  private readonly stack: Pick[] = [];
  private readonly products: readonly {
    readonly massGrams: number;
    readonly variance: number;
    readonly zone: number;
  }[];

  constructor(catalog: Catalog, zones: readonly string[]) {
    this.products = catalog.products.map((product) => ({
      massGrams: product.massGrams,
      variance: pieceVariance(product),
      zone: product.zone === undefined ? -1 : zones.indexOf(product.zone),
    }));
    this.load = { massGrams: 0, variance: 0, zoneGrams: zones.map(() => 0), zoneVariance: zones.map(() => 0) };
  }

  massGrams(product: number): number {
    return this.products[product]!.massGrams;
  }

  widestVariance(picks: readonly Pick[]): number {
    return picks.reduce(
      (most, { product, count }) => Math.max(most, Math.abs(count) * this.products[product]!.variance),
      0,
    );
  }

  has(product: number): boolean {
    return this.stack.some((pick) => pick.product === product);
  }

  picks(): Pick[] {
    return this.stack.map(({ product, count }) => ({ product, count }));
  }

  push(pick: Pick): void {
    this.stack.push(pick);
    this.weigh(pick, 1);
  }

  pop(): void {
    this.weigh(this.stack.pop()!, -1);
  }

  private weigh({ product, count }: Pick, direction: 1 | -1): void {
    const { massGrams, variance, zone } = this.products[product]!;
    const grams = direction * count * massGrams;
    const spread = direction * Math.abs(count) * variance;
    this.load.massGrams += grams;
    this.load.variance += spread;
    if (zone < 0) return;
    this.load.zoneGrams[zone]! += grams;
    this.load.zoneVariance[zone]! += spread;
  }
}
