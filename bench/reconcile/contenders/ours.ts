// The domain's reconcile as a shop runs it: default parameters, and what the case has learned from its own past visits,
// whose truth nobody told it.
import { applyLearning, DEFAULT_MODEL, learnCase, type PastBasket, reconcile, type Verdict } from '@tapcase/domain';
import type { Contender, ContenderMaker, Past } from '../contender.ts';

export const ours: ContenderMaker = { name: 'Tapcase', create };

/** A case that has been in use for some weeks. */
const PAST_VISITS = 500;
const MINUTE_MS = 60_000;
/** As the ledger hands past visits to the lesson, without any that a person has decided. */
const TEACHES: Readonly<Record<Verdict, PastBasket['by'] | null>> = {
  agreed: 'agreed',
  vision_decided: 'cameras',
  weight_decided: null,
  disputed: null,
};

function create({ catalog, training }: Past): Contender {
  const past = training(PAST_VISITS).flatMap((visit, at): PastBasket[] => {
    const { verdict, lines } = reconcile({ ...visit, model: DEFAULT_MODEL });
    const by = TEACHES[verdict];
    return by === null ? [] : [{ visitId: visit.id, atMs: at * MINUTE_MS, by, lines, scale: visit.scale }];
  });
  const learning = learnCase(catalog, past, PAST_VISITS * MINUTE_MS);
  const known = applyLearning(catalog, DEFAULT_MODEL, learning);
  return {
    name: ours.name,
    decide(input) {
      const { candidates, probability, lines, verdict } = reconcile({ ...input, ...known });
      return { best: candidates[0]?.lines ?? [], probability, charged: lines, review: verdict === 'disputed' };
    },
  };
}
