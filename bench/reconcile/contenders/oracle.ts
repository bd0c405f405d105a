// The limit: the same posterior with the true parameters of the visit: how well each product is seen, which camera is
// fogged, how noisy the scale is and what sells. It is not told the scenario. Exact up to what the search leaves out (a
// factor of 22,000) and the rare changes that undo one another; test/domain holds it against counting simulated visits.
import { DEFAULT_MODEL, type ReconcileModel, reconcile } from '@tapcase/domain';
import type { ContenderMaker } from '../contender.ts';
import type { TruthParameters } from '../visit.ts';

export const oracle: ContenderMaker = {
  name: 'oracle',
  create: () => ({
    name: oracle.name,
    decide(input, truth) {
      const { candidates, probability, lines, verdict } = reconcile({ ...input, model: trueModel(truth) });
      return { best: candidates[0]?.lines ?? [], probability, charged: lines, review: verdict === 'disputed' };
    },
  }),
};

function trueModel({ rates, skus, popularity, cameras, scaleSigmaGrams, shares }: TruthParameters): ReconcileModel {
  const share = (...names: (keyof typeof shares)[]) => names.reduce((sum, name) => sum + shares[name] / 100, 0);
  const views = Object.entries(cameras).map(([camera, state]) => [
    camera,
    state === 'fogged'
      ? { missRate: rates.foggedMiss, flickerRate: rates.foggedFlicker }
      : { missRate: 0, flickerRate: rates.flicker },
  ]);
  const products = Object.entries(skus).map(([sku, { hidden, miss, confused }]) => [
    sku,
    { hiddenRate: hidden, missRate: miss, confusionRate: confused },
  ]);
  return {
    scale: {
      ...DEFAULT_MODEL.scale,
      sigmaGrams: scaleSigmaGrams,
      unsteadyRate: share('leaning-hand', 'drift'),
      unsteadyGrams: rates.leaningSigmaGrams,
      foreignRate: share('foreign-left', 'foreign-swap'),
      foreignGrams: rates.foreignGramsMax,
      movedRate: share('put-back-elsewhere', 'two-shoppers'),
    },
    camera: {
      ...DEFAULT_MODEL.camera,
      movedRate: rates.bumped,
      flickerRate: rates.flicker,
      falseRate: rates.falseBoxes * (1 - rates.falsePersists),
      ghostRate: rates.falseBoxes,
      views: Object.fromEntries(views),
    },
    basket: {
      ...DEFAULT_MODEL.basket,
      putBackRate: share('put-back', 'put-back-elsewhere', 'several-one-back', 'two-shoppers'),
      againRate: rates.repeat,
      popularity: { ...popularity },
    },
    products: Object.fromEntries(products),
    temperature: 1,
  };
}
