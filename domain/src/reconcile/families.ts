// Sorts a catalog by what cameras can tell apart: kinds share a label, families hold kinds that look alike.

import type { Catalog } from '../catalog/product.ts';
import { groupBy } from '../group.ts';

/** Products that share a label, directly or through a third: a camera cannot tell them apart, only count them. */
export interface Kind {
  readonly labels: readonly string[];
  /** Indices into the catalog's products. */
  readonly products: readonly number[];
}

/** Kinds that a camera may take for one another, and nothing else. */
export interface Family {
  readonly kinds: readonly Kind[];
  /** False where no product has a label: the cameras say nothing about them. */
  readonly isVisible: boolean;
}

/** More look-alikes than this are taken each by itself: the ways to take one for another grow with their square. */
const ALIKE_MAX = 6;

const cache = new WeakMap<Catalog, readonly Family[]>();

/** Every product in exactly one kind of exactly one family. Labels that no product lists (a hand, a bag) say nothing. */
export function familiesOf(catalog: Catalog): readonly Family[] {
  const known = cache.get(catalog);
  if (known !== undefined) return known;
  const kinds = joined(catalog.products, ({ sku, labels }) => (labels.length === 0 ? [`sku ${sku}`] : labels)).map(
    (products): Kind => ({
      products,
      labels: [...new Set(products.flatMap((index) => catalog.products[index]!.labels))],
    }),
  );
  const alikeOf = ({ products }: Kind) => products.flatMap((index) => catalog.products[index]!.alike || []);
  const families = joined(kinds, (kind) => {
    const words = kind.labels.length === 0 ? [] : alikeOf(kind);
    return words.length === 0 ? [`kind ${kind.products[0]}`] : words.map((word) => `alike ${word}`);
  })
    .flatMap((members) => (members.length > ALIKE_MAX ? members.map((index) => [index]) : [members]))
    .map((members): Family => {
      const own = members.map((index) => kinds[index]!);
      return { kinds: own, isVisible: own.every(({ labels }) => labels.length > 0) };
    });
  cache.set(catalog, families);
  return families;
}

/** Groups of indices of things that share a key, directly or through others, in the order of their first member. */
function joined<T>(things: readonly T[], keysOf: (thing: T) => readonly string[]): number[][] {
  const parent = things.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) at = parent[at]!;
    return at;
  };
  const first = new Map<string, number>();
  things.forEach((thing, index) => {
    for (const key of keysOf(thing)) {
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else parent[Math.max(root(index), root(other))] = Math.min(root(index), root(other));
    }
  });
  return [...groupBy(parent.keys(), root).values()];
}
