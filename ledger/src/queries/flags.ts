// Which visits a person must look at, and why: the flag and the event that says what happened are written together.
import { chargeable, GAVE_UP, HELD, type Visit } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { FlaggedVisit, VisitEventRow } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { tellVisit } from './events.ts';
import { lockVisit, readBook } from './money-rows.ts';
import { askPictures } from './outbox.ts';
import { type Db, toEvent, toVisit } from './rows.ts';
import { writeEvent } from './visits.ts';

/** Events after which somebody must look, whatever was taken. */
const FLAG_EVENTS = [
  'disputed_at_bank',
  'refund_failed',
  'step_given_up',
  'report_kept_aside',
  'moved_at_stripe',
] as const;

export type FlagEvent = (typeof FLAG_EVENTS)[number];

/** Whoever looks at it wants its pictures. */
export async function flag(
  tx: Db,
  { id, caseId, phase }: FlaggedVisit,
  event: FlagEvent,
  note: VisitEventRow['note'] & object,
  atMs: number,
): Promise<void> {
  const fresh = await tx
    .updateTable('visits')
    .set({ flagged: 1 })
    .where('id', '=', id)
    .where('flagged', '=', 0)
    .returningAll()
    .executeTakeFirst();
  await askPictures(tx, { id, caseId, phase }, atMs);
  await writeEvent(tx, id, event, phase, atMs, note);
  if (fresh !== undefined) await tellVisit(tx, 'visit-flagged', toVisit(fresh), atMs);
}

/** Whether somebody must still look: at the basket, a refused debt, a hold that is left, or what was written down. */
export async function needsPerson(tx: Db, { id, basket }: Pick<Visit, 'id' | 'basket'>): Promise<boolean> {
  const { debt, intents, steps, review } = await readBook(tx, id);
  if (review === null ? basket !== null && chargeable(basket).flagged : review.state === 'open') return true;
  if (steps.some(({ code }) => code === GAVE_UP)) return true;
  if (debt?.state === 'open' && debt.reason !== 'review') return true;
  if (intents.some(({ status }) => status === HELD)) return true;
  const event = await tx
    .selectFrom('visit_events')
    .select('id')
    .where('visit_id', '=', id)
    .where('event', 'in', FLAG_EVENTS)
    .limit(1)
    .executeTakeFirst();
  return event !== undefined;
}

/** The flag of a debt goes with the debt, where nothing else wants a person. */
export async function unflag(tx: Db, visit: Visit): Promise<void> {
  if (!visit.flagged || (await needsPerson(tx, visit))) return;
  await tx.updateTable('visits').set({ flagged: 0 }).where('id', '=', visit.id).execute();
}

export function flags(db: Kysely<Tables>) {
  return {
    flagVisit: (visitId: string, event: FlagEvent, note: Readonly<Record<string, unknown>>, atMs: number) =>
      transact(db, async (tx) => {
        const visit = await lockVisit(tx, visitId);
        if (visit === undefined) return false;
        await flag(tx, visit, event, note, atMs);
        return true;
      }),
    async flagReasons(visitIds: readonly string[]): Promise<ReadonlyMap<string, readonly VisitEventRow[]>> {
      if (visitIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('visit_events')
        .selectAll()
        .where('visit_id', 'in', visitIds)
        .where('event', 'in', FLAG_EVENTS)
        .orderBy('id')
        .execute();
      const byVisit = Map.groupBy(rows, ({ visit_id }) => visit_id);
      return new Map([...byVisit].map(([id, events]) => [id, events.map(toEvent)]));
    },
  };
}
