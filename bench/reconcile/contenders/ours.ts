// The domain's reconcile as a shop runs it: default parameters, and what the case's past visits say about what sells.
import { DEFAULT_MODEL, popularityOf, reconcile } from '@tapcase/domain';
import type { Contender, ContenderMaker, Past } from '../contender.ts';

export const ours: ContenderMaker = { name: 'Tapcase', create };

function create({ catalog, history }: Past): Contender {
  const skus = catalog.products.map(({ sku }) => sku);
  const basket = { ...DEFAULT_MODEL.basket, popularity: popularityOf(skus, history) };
  const model = { ...DEFAULT_MODEL, basket };
  return {
    name: ours.name,
    decide(input) {
      const { candidates, probability, lines, verdict } = reconcile({ ...input, model });
      return { best: candidates[0]?.lines ?? [], probability, charged: lines, review: verdict === 'disputed' };
    },
  };
}
