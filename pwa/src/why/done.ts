// What became of a visit: what was counted, what a person has to do with it, and by which explanation it went in the end.
import type { EvidenceView, WhyView } from '@tapcase/domain/protocol';

export type Done = 'running' | 'notCertain' | 'nothingTaken' | 'part' | 'whole';
export type Person = 'open' | 'confirm' | 'correct' | 'waive';

export function doneWith({ outcome, lines }: WhyView, { verdict }: EvidenceView): Done {
  if (outcome === null) return 'running';
  if (outcome === 'in_review') return 'notCertain';
  if (lines.length === 0) return 'nothingTaken';
  return verdict === 'disputed' ? 'part' : 'whole';
}

/** null where nobody has to look. */
export function personIn({ outcome, review }: WhyView): Person | null {
  if (review !== null) return review.decision ?? 'open';
  return outcome === 'in_review' ? 'open' : null;
}

/** Its place among the candidates; -1 while a person looks, where only a part was certain, and for a basket of its own. */
export function wentBy(visit: WhyView, { candidates, verdict }: EvidenceView): number {
  const person = personIn(visit);
  const isDecided = person === 'confirm' || person === 'correct';
  if (visit.outcome === null || (!isDecided && (person !== null || verdict === 'disputed'))) return -1;
  const wanted = keyOf(person === 'correct' ? visit.review!.lines : visit.lines);
  return candidates.findIndex(({ lines }) => keyOf(lines) === wanted);
}

function keyOf(lines: readonly { readonly sku: string; readonly count: number }[]): string {
  return JSON.stringify(lines.map(({ sku, count }) => [sku, count]).sort());
}
