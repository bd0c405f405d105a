// A decided review as one line of training data: what `npm run reconcile -- --cases` reads and scores.
import type { BasketLine, CaseEvidence, Catalog, ReviewDecision } from '@tapcase/domain';
import type { ReviewedVisit } from '@tapcase/ledger';

export interface TrainingLine {
  readonly id: string;
  /** When the visit began, ISO 8601. */
  readonly at: string;
  readonly catalog: Catalog;
  readonly scale: CaseEvidence['scale'];
  readonly zones: CaseEvidence['zones'];
  readonly cameras: CaseEvidence['cameras'];
  /** Absent where nobody could tell. */
  readonly truth?: readonly BasketLine[];
  readonly decision: ReviewDecision;
}

/** undefined where neither scale nor cameras said anything: there is nothing to learn from. */
export function trainingLine({ review, visit }: ReviewedVisit, evidence: CaseEvidence): TrainingLine | undefined {
  const { scale, zones, cameras } = evidence;
  const { decision, lines } = review;
  if (decision === null || (scale === null && cameras === null)) return undefined;
  const { id, catalog, createdAtMs } = visit;
  const at = new Date(createdAtMs).toISOString();
  return { id, at, catalog, scale, zones, cameras, ...(lines === null ? {} : { truth: lines }), decision };
}
