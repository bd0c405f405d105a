// The original documents' rule: the set of labels before minus the set after, each once, charged as it is; where the
// scale does not agree within the products' tolerances, the video is flagged for a person.
import { believed, type Contender, type ContenderMaker, type Past } from '../contender.ts';
import { mergedCounts, skuByLabel } from './seen.ts';

/** Grams: the documents' own tolerance for a cola; also what an empty basket may weigh. */
const TOLERANCE_GRAMS = 5;

export const documentsRule: ContenderMaker = { name: "documents' rule", create };

function create({ catalog, history }: Past): Contender {
  const skuOf = skuByLabel(catalog, history);
  const massOf = new Map(catalog.products.map(({ sku, massGrams }) => [sku, massGrams]));
  return {
    name: documentsRule.name,
    decide({ scale, cameras }) {
      const { before, after } = mergedCounts(cameras ?? []);
      const gone = [...before.keys()].filter((label) => !after.has(label)).flatMap((label) => skuOf.get(label) ?? []);
      const best = [...new Set(gone)].sort().map((sku) => ({ sku, count: 1 }));
      const grams = best.reduce((sum, { sku }) => sum + massOf.get(sku)!, 0);
      const allowedGrams = TOLERANCE_GRAMS * Math.max(1, best.length);
      return believed(best, scale !== null && Math.abs(scale.removedGrams - grams) > allowedGrams);
    },
  };
}
