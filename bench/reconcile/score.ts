// Holds decisions against the truth with the score that `npm run reconcile` uses too.
import type { Score, ScoreResult } from '@tapcase/domain';
import type { Decision } from './contender.ts';
import type { VisitCase } from './visit.ts';

/** A contender that states no probability is entered with 0; its calibration then says nothing and is not shown. */
export function addDecision(score: Score, decision: Decision, { truth }: Pick<VisitCase, 'truth'>): void {
  const { best, probability, charged, review } = decision;
  const stated = { lines: best, probability: probability ?? 0 };
  score.add(
    {
      verdict: review ? 'disputed' : 'agreed',
      probability: stated.probability,
      candidates: [stated],
      work: { tried: 0, limited: false },
    },
    truth,
    charged,
  );
}

/** Where nothing was taken and nothing named, all of it was right. */
export function f1Of({ items: { named, taken, f1 } }: ScoreResult): number {
  return named + taken === 0 ? 1 : (f1 ?? 0);
}
