// What a benchmark case sells, how well each product is seen and how it sells: one world per size and seed.
import type { BasketLine, Product } from '@tapcase/domain';
import { drawBasket, drawStock, linesOf } from './basket-draw.ts';
import { chance, integer, normal, pick, pickWeighted, type Random, randomOf, shuffled } from './draw.ts';
import { type Mix, type Rates, STANDARD_MIX, stockMax, ZONES } from './standard-mix.ts';
import type { SkuRates, World } from './world.ts';

export interface WorldOptions {
  readonly products: number;
  readonly seed: number | string;
  readonly mix?: Mix;
  /** Variant: the detector has one label for all of a family. */
  readonly sharedLabels?: boolean;
}

/** Visits that a case has behind it. */
export const HISTORY_VISITS = 500;

interface Category {
  readonly name: string;
  readonly es: string;
  readonly share: number;
  readonly massesGrams: readonly number[];
  readonly priceMinor: readonly [number, number];
  /** Which of the four shelves, from the top. */
  readonly zones: readonly number[];
}

/** Masses as printed on what such cases sell; `share` in percent of a catalog. */
const CATEGORIES: readonly Category[] = [
  category('can', 'Lata', 26, [250, 330, 330, 355, 355, 500], [120, 250], [0, 1]),
  category('bottle', 'Botella', 20, [250, 330, 500, 500, 750, 1_000, 1_500], [100, 350], [2, 3]),
  category('snack', 'Snack', 26, [20, 30, 35, 40, 45, 50, 50, 70, 100, 150], [80, 300], [0, 1, 2]),
  category('meal', 'Plato', 14, [150, 180, 200, 250, 300, 350, 450], [350, 900], [1, 2]),
  category('dairy', 'Lácteo', 14, [100, 115, 125, 125, 150, 200, 250], [90, 280], [0, 1]),
];
/** Sigma, grams: two products of the same printed mass differ by their packs. */
const PACK_SIGMA_GRAMS = 3;
/** Of all products, those that share a family with another. */
const FAMILY_SHARE = 0.4;
/** Family members of one size; the others come in another size of their category. */
const SAME_SIZE_SHARE = 0.6;
/** Products already drafted when each category gets one of its own. */
const SPREAD_FROM = 5;

export function createWorld({ products, seed, mix = STANDARD_MIX, sharedLabels = false }: WorldOptions): World {
  const id = `${sharedLabels ? 'shared' : 'standard'}-${products}-${seed}`;
  const random = randomOf('world', id);
  const drafts = draftsOf(random, products);
  const catalog = {
    currency: 'usd',
    products: drafts.map((draft, at) => productOf(random, draft, at + 1, { rates: mix.rates, sharedLabels })),
  };
  const popularity = popularityOf(random, catalog.products, mix.rates.zipf);
  const world = {
    id,
    catalog,
    mix,
    skus: Object.fromEntries(catalog.products.map((product) => [product.sku, ratesOf(random, product, mix.rates)])),
    popularity,
    alike: alikeOf(catalog.products),
    labels: [...new Set(catalog.products.flatMap(({ labels }) => labels))].sort(),
    stockMax: stockMax(products),
  };
  return { ...world, history: historyOf(world) };
}

/** What is known of a product before it is written down as one. */
interface Draft {
  readonly category: Category;
  readonly massGrams: number;
  readonly family: string | undefined;
}

/** The documents' own pair first: a cola of 355 g and a soda of 350 g; then families, then products that stand alone. */
function draftsOf(random: Random, products: number): Draft[] {
  const [can] = CATEGORIES as readonly [Category];
  const drafts: Draft[] = [
    { category: can, massGrams: 355, family: 'family-0' },
    { category: can, massGrams: 350, family: 'family-0' },
  ];
  const inFamilies = Math.round(products * FAMILY_SHARE);
  for (let n = 1; drafts.length + 1 < inFamilies; n += 1) {
    const size = Math.min(pick(random, [2, 2, 3, 4]), inFamilies - drafts.length);
    const kind = categoryOf(random, drafts.length);
    const massGrams = pick(random, kind.massesGrams);
    for (let member = 0; member < size; member += 1) {
      const printed = chance(random, SAME_SIZE_SHARE) ? massGrams : pick(random, kind.massesGrams);
      drafts.push({ category: kind, massGrams: packed(random, printed), family: `family-${n}` });
    }
  }
  while (drafts.length < products) {
    const kind = categoryOf(random, drafts.length);
    drafts.push({ category: kind, massGrams: packed(random, pick(random, kind.massesGrams)), family: undefined });
  }
  return drafts;
}

function packed(random: Random, printedGrams: number): number {
  return Math.max(15, Math.round(printedGrams + normal(random, PACK_SIGMA_GRAMS)));
}

/** Even ten products are of every category. */
function categoryOf(random: Random, drafted: number): Category {
  const first = drafted - SPREAD_FROM;
  if (first >= 0 && first < CATEGORIES.length) return CATEGORIES[first]!;
  return pickWeighted(random, CATEGORIES, ({ share }) => share)!;
}

function productOf(random: Random, draft: Draft, number: number, { rates, sharedLabels }: Making): Product {
  const { category, massGrams, family } = draft;
  const sku = `${category.name}-${massGrams}-${number}`;
  const [cheap, dear] = category.priceMinor;
  return {
    sku,
    name: { en: `${category.name} ${massGrams} g no. ${number}`, es: `${category.es} ${massGrams} g n.º ${number}` },
    priceMinor: 10 * integer(random, cheap / 10, dear / 10),
    massGrams,
    toleranceGrams: Math.max(rates.pieceSpreadGramsMin, Math.round(massGrams * rates.pieceSpread * 10) / 10),
    labels: [sharedLabels && family !== undefined ? family : sku],
    zone: ZONES[pick(random, category.zones)]!,
    ...(family === undefined ? {} : { alike: family }),
    picture: '',
  };
}

interface Making {
  readonly rates: Rates;
  readonly sharedLabels: boolean;
}

/** Each rate of a product on its own around the mean: hard to see is not the same as easily confused. */
function ratesOf(random: Random, product: Product, rates: Rates): SkuRates {
  const around = (mean: number) => {
    const factor = Math.exp(normal(random, rates.rateSpread) - rates.rateSpread ** 2 / 2);
    return Math.min(rates.rateMax, mean * factor);
  };
  return {
    hidden: around(rates.hidden),
    miss: around(rates.miss),
    confused: product.alike === undefined ? 0 : around(rates.confused),
  };
}

/** Zipf's law over the products in random order. */
function popularityOf(random: Random, products: readonly Product[], exponent: number): Record<string, number> {
  const ranked = shuffled(random, products).map(({ sku }, rank) => [sku, (rank + 1) ** -exponent] as const);
  const total = ranked.reduce((sum, [, weight]) => sum + weight, 0);
  const bySku = new Map(ranked.map(([sku, weight]) => [sku, weight / total]));
  return Object.fromEntries(products.map(({ sku }) => [sku, bySku.get(sku)!]));
}

function alikeOf(products: readonly Product[]): Record<string, readonly string[]> {
  const family = ({ sku, alike }: Product) =>
    alike === undefined ? [] : products.filter((other) => other.alike === alike && other.sku !== sku);
  return Object.fromEntries(products.map((product) => [product.sku, family(product).map(({ sku }) => sku)]));
}

function historyOf(world: Omit<World, 'history'>): BasketLine[][] {
  const random = randomOf('history', world.id);
  return Array.from({ length: HISTORY_VISITS }, () => {
    if (chance(random, world.mix.shares['nothing-taken'] / 100)) return [];
    return linesOf(world.catalog, drawBasket(random, world, drawStock(random, world)));
  });
}

function category(
  name: string,
  es: string,
  share: number,
  massesGrams: readonly number[],
  priceMinor: readonly [number, number],
  zones: readonly number[],
): Category {
  return { name, es, share, massesGrams, priceMinor, zones };
}
