// Cameras alone, but counting: for each label the larger camera's count before minus after.
import { believed, type Contender, type ContenderMaker, type Past } from '../contender.ts';
import { mergedCounts, skuByLabel } from './seen.ts';

export const cameraCounts: ContenderMaker = { name: 'camera counts', create };

function create({ catalog, history }: Past): Contender {
  const skuOf = skuByLabel(catalog, history);
  return {
    name: cameraCounts.name,
    decide({ cameras }) {
      const { before, after } = mergedCounts(cameras ?? []);
      const best = [...before].flatMap(([label, count]) => {
        const [sku, gone] = [skuOf.get(label), count - (after.get(label) ?? 0)];
        return sku !== undefined && gone > 0 ? [{ sku, count: gone }] : [];
      });
      return believed(best);
    },
  };
}
