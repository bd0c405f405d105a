// What became of a visit, for the sentence "what we did".
import type { EvidenceView, WhyView } from '@tapcase/domain/protocol';

export type Done = 'running' | 'review' | 'nothingTaken' | 'part' | 'whole';

export function doneWith({ outcome, lines }: WhyView, { verdict }: EvidenceView): Done {
  if (outcome === null) return 'running';
  if (outcome === 'in_review') return 'review';
  if (lines.length === 0) return 'nothingTaken';
  return verdict === 'disputed' ? 'part' : 'whole';
}

/** Which candidate the visit was settled by; none while a person looks, or where only a part was certain. */
export function wentBy({ outcome, lines }: WhyView, { candidates, verdict }: EvidenceView): number {
  if (outcome === null || outcome === 'in_review' || verdict === 'disputed') return -1;
  const wanted = keyOf(lines);
  return candidates.findIndex((candidate) => keyOf(candidate.lines) === wanted);
}

function keyOf(lines: readonly { readonly sku: string; readonly count: number }[]): string {
  return JSON.stringify(lines.map(({ sku, count }) => [sku, count]).sort());
}
