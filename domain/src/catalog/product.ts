// What a case sells, and how unknown JSON (the editor's table) becomes a catalog or a Fault.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { stepMinor } from '../payment/currency.ts';

/** Travels in frames and Stripe metadata: short, lower case. */
const sku = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,23}$/, 'a SKU is 1 to 24 of a-z, 0-9 and dash'));
const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(60));

export const PRODUCTS_MAX = 200;

const productSchema = v.object({
  sku,
  name: v.object({ en: text, es: text }),
  /** Minor units of the catalog's currency. */
  priceMinor: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1_000_000)),
  /** Mean mass of one piece. */
  massGrams: v.pipe(v.number(), v.finite(), v.minValue(1), v.maxValue(50_000)),
  /** One standard deviation of a piece's mass, as the maker's tolerance gives it. */
  toleranceGrams: v.pipe(v.number(), v.finite(), v.minValue(0.1), v.maxValue(5_000)),
  /** The detector's labels that this product may be seen as. */
  labels: v.pipe(v.array(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40))), v.maxLength(10)),
  /** The shelf or plate that it stands on, as the controller names it; absent where the case weighs only as a whole. */
  zone: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(12))),
  /** Products with the same word here look so alike that a detector takes one for the other. */
  alike: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(24))),
  /** URL path of a picture, or empty. */
  picture: v.pipe(v.string(), v.maxLength(200)),
});

const catalogSchema = v.object({
  currency: v.pipe(v.string(), v.regex(/^[a-z]{3}$/, 'a currency is three lower-case letters')),
  products: v.pipe(v.array(productSchema), v.minLength(1, 'a catalog needs a product'), v.maxLength(PRODUCTS_MAX)),
});

export type Product = Readonly<v.InferOutput<typeof productSchema>>;
export interface Catalog {
  readonly currency: string;
  readonly products: readonly Product[];
}

/** A catalog, or `catalog.invalid` naming the row and field, or `catalog.duplicate-sku`. */
export function parseCatalog(value: unknown): Catalog | Fault {
  const result = v.safeParse(catalogSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? '(whole)';
    return new Fault('catalog.invalid', `${where}: ${issue.message}`, { where });
  }
  const seen = new Set<string>();
  for (const product of result.output.products) {
    if (seen.has(product.sku)) {
      return new Fault('catalog.duplicate-sku', `SKU ${product.sku} stands twice`, { sku: product.sku });
    }
    seen.add(product.sku);
  }
  return payable(result.output);
}

/** A price that Stripe would not take could never be paid: it would be let go at every visit. */
function payable(catalog: Catalog): Catalog | Fault {
  const step = stepMinor(catalog.currency);
  const at = catalog.products.findIndex(({ priceMinor }) => priceMinor % step !== 0);
  if (at < 0) return catalog;
  const where = `products.${at}.priceMinor`;
  return new Fault('catalog.invalid', `${where}: a price in ${catalog.currency} is a multiple of ${step}`, { where });
}

export function productBySku(catalog: Catalog, wanted: string): Product | undefined {
  return catalog.products.find((product) => product.sku === wanted);
}
