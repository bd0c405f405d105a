// Draws what people take: how many pieces, which products, never more than there are.
import type { BasketLine, Catalog } from '@tapcase/domain';
import { chance, integer, pickWeighted, type Random } from './draw.ts';
import { SIZE_SHARES } from './standard-mix.ts';
import type { World } from './world.ts';

/** SKU to pieces. */
export type Pieces = Readonly<Record<string, number>>;

type Shelf = Pick<World, 'catalog' | 'popularity' | 'mix' | 'stockMax'>;

/** Pieces of every product at the start of a visit. */
export function drawStock(random: Random, { catalog, stockMax }: Shelf): Pieces {
  return Object.fromEntries(catalog.products.map(({ sku }) => [sku, integer(random, 1, stockMax)]));
}

export function drawSize(random: Random): number {
  const sizes = SIZE_SHARES.map((share, at) => ({ share, size: at + 1 }));
  return pickWeighted(random, sizes, ({ share }) => share)!.size;
}

/** A basket of `size` pieces that the stock allows; `first` is in it where the stock has it. */
export function drawBasket(
  random: Random,
  { popularity, mix, catalog }: Shelf,
  stock: Pieces,
  { size = drawSize(random), first }: { readonly size?: number; readonly first?: string } = {},
): Pieces {
  const taken: Record<string, number> = {};
  const left = (sku: string) => (stock[sku] ?? 0) - (taken[sku] ?? 0);
  const skus = catalog.products.map(({ sku }) => sku);
  const draw = (from: readonly string[]) => pickWeighted(random, from, (sku) => (left(sku) > 0 ? popularity[sku]! : 0));
  for (let piece = 0; piece < size; piece += 1) {
    const again = chance(random, mix.rates.repeat) ? draw(Object.keys(taken)) : undefined;
    const sku = (piece === 0 ? first : undefined) ?? again ?? draw(skus);
    if (sku === undefined) break;
    taken[sku] = (taken[sku] ?? 0) + 1;
  }
  return taken;
}

/** In the catalog's order; only what was taken. */
export function linesOf({ products }: Catalog, pieces: Pieces): BasketLine[] {
  return products.flatMap(({ sku }) => ((pieces[sku] ?? 0) > 0 ? [{ sku, count: pieces[sku]! }] : []));
}
