// Opens the review of a visit, once, in the transaction that found the doubt, and asks for its pictures.
import type { ReviewCause, Visit } from '@tapcase/domain';
import { askPictures } from './outbox.ts';
import type { Db } from './rows.ts';
import { writeEvent } from './visits.ts';

/** A second cause adds nothing: the first review is the visit's only one. */
export async function openReview(tx: Db, visit: Visit, cause: ReviewCause, atMs: number): Promise<void> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('reviews')
    .values({
      visit_id: visit.id,
      case_id: visit.caseId,
      cause,
      state: 'open',
      opened_at_ms: atMs,
      decision: null,
      gives_back: 0,
      lines: null,
      total_minor: null,
      raised_minor: 0,
      decided_by: null,
      note: null,
      decided_at_ms: null,
    })
    .onConflict((conflict) => conflict.column('visit_id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return;
  await askPictures(tx, visit, atMs);
  await writeEvent(tx, visit.id, 'review_opened', visit.phase, atMs, { cause });
}
