// Sweeps what is due: a visit whose deadline has passed goes on to the settling, whoever forgot it.
import { type Emission, part, says } from '@tapcase/define-node';
import { Fault, type Phase, type Visit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { allOf } from './all-of.ts';
import type { JobConfig, Output } from './contract.ts';

/** Visits a tick takes up at most; the next tick takes the rest. */
const VISITS_MAX = 50;
/** Whoever takes a visit up has this long to move it on before somebody else may. */
const CLAIM_MS = 10_000;

/** Phases that wait for the case to speak; when it does not, the wait itself is what happened. */
const WAITS_FOR_CASE: readonly Phase[] = ['requested', 'held', 'unlocking', 'unlocked', 'open'];
/** In these the door was surely released, so goods may be gone: a person must look. */
const ENTERED: readonly Phase[] = ['unlocked', 'open'];

export const due = part<JobConfig, unknown, Output>({
  parseMessage: (raw) => raw,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sweep = async (): Promise<Emission<Output>[]> => {
      const emissions: Emission<Output>[] = [];
      for (const visit of await ledger.claimDueVisits(node.now(), CLAIM_MS, VISITS_MAX)) {
        const next = WAITS_FOR_CASE.includes(visit.phase) ? await giveUp(ledger, visit, node.now()) : visit;
        if (next instanceof Fault) continue;
        emissions.push({ to: 'settle', add: { visit: next, overdue: true }, status: says(visit.phase) });
      }
      return emissions;
    };
    // Told also when the sweep has failed: what else waits in the ledger is looked for by this.
    const swept = () => Promise.resolve([{ to: 'report' }] as const);
    return () => allOf(node, [sweep, swept]);
  },
});

/** A Fault means that the case spoke in this very moment: then there is nothing to give up. */
function giveUp(ledger: Ledger, visit: Visit, atMs: number): Promise<Visit | Fault> {
  // Somebody may have been in, and nothing was weighed.
  const wasIn = visit.opened || ENTERED.includes(visit.phase);
  // A controller that began anew has said that it knows nothing of it: its door stayed shut, and nobody need look.
  const isTold = visit.phase === 'unlocking' && visit.turnedAway !== null;
  return ledger.advanceVisit(visit.id, {
    event: 'case_silent',
    atMs,
    visionWaitMs: 0,
    set: isTold
      ? {}
      : { flagged: true, review: wasIn, ...(visit.phase === 'unlocking' ? { turnedAway: 'silent' } : {}) },
    note: { entered: ENTERED.includes(visit.phase), silentIn: visit.phase },
  });
}
