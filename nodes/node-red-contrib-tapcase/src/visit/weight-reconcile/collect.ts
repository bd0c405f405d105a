// Whether all there is to know about a visit is in: door and cameras, or the wait for the cameras is over. With it comes what
// the case has learned.
import { type CaseLearning, Fault, type Phase, type Visit } from '@tapcase/domain';
import type { Evidence, Ledger } from '@tapcase/ledger';

/** Past these the basket is decided, or there is none to decide: what is left is money. */
const DECIDED: readonly Phase[] = ['reconciled', 'settling', 'done'];

export interface Collected {
  /** As the ledger has it now. */
  readonly visit: Visit;
  readonly evidence: Evidence;
  readonly learned: CaseLearning | null;
}

/**
 * undefined while something is still to come; the sweep brings the visit back when its time is up. `overdue`: the sweep found
 * its deadline passed, and nothing more is waited for. Throws `visit.unknown`.
 */
export async function collect(
  ledger: Ledger,
  { visitId, overdue }: { readonly visitId: string; readonly overdue: boolean },
  nowMs: number,
): Promise<Collected | undefined> {
  // Read again: the message may be older than what another report has changed meanwhile.
  const visit = await ledger.visit(visitId);
  if (visit === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  const evidence = await ledger.evidence(visitId);
  if (!isReady(visit, evidence, overdue || isPast(visit, nowMs))) return undefined;
  return { visit, evidence, learned: await ledger.learning(visit.caseId) };
}

function isReady({ phase }: Visit, { vision }: Evidence, waitIsOver: boolean): boolean {
  if (DECIDED.includes(phase)) return true;
  return phase === 'closed' && (vision !== null || waitIsOver);
}

/** Whoever took an overdue visit up has put its deadline off, so the sweep's own word counts too. */
function isPast({ dueAtMs }: Visit, nowMs: number): boolean {
  return dueAtMs !== null && nowMs >= dueAtMs;
}
