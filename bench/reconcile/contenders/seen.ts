// What simple rules read from the cameras: the counts of both together, and which product a label stands for.
import type { BasketLine, CameraView, Catalog } from '@tapcase/domain';

export interface Merged {
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
}

/** For each label the largest count that any camera gives: what one does not see, the other may. */
export function mergedCounts(views: readonly CameraView[]): Merged {
  const largest = (side: 'before' | 'after') => {
    const counts = new Map<string, number>();
    for (const view of views) {
      for (const [label, count] of Object.entries(view[side])) {
        counts.set(label, Math.max(count, counts.get(label) ?? 0));
      }
    }
    return counts;
  };
  return { before: largest('before'), after: largest('after') };
}

/** Label to SKU; of products that share a label, the one that sold best. */
export function skuByLabel(
  { products }: Catalog,
  history: readonly (readonly BasketLine[])[],
): ReadonlyMap<string, string> {
  const sold = new Map<string, number>();
  for (const { sku, count } of history.flat()) sold.set(sku, (sold.get(sku) ?? 0) + count);
  const best = new Map<string, string>();
  for (const { sku, labels } of products) {
    for (const label of labels) {
      const other = best.get(label);
      if (other === undefined || (sold.get(sku) ?? 0) > (sold.get(other) ?? 0)) best.set(label, sku);
    }
  }
  return best;
}
