// Which visits a person must look at, and why: the flag and the event that says what happened are written together.
import type { Kysely } from 'kysely';
import { lockVisit } from './money-rows.ts';
import type { FlaggedVisit, VisitEventRow } from './port.ts';
import { type Db, toEvent } from './rows.ts';
import type { Tables } from './tables.ts';
import { writeEvent } from './visits.ts';

/** Events after which somebody must look, whatever was taken. */
const FLAG_EVENTS = ['disputed_at_bank', 'refund_failed', 'step_given_up'] as const;

export type FlagEvent = (typeof FLAG_EVENTS)[number];

export async function flag(
  tx: Db,
  { id, phase }: FlaggedVisit,
  event: FlagEvent,
  note: VisitEventRow['note'] & object,
  atMs: number,
): Promise<void> {
  await tx.updateTable('visits').set({ flagged: 1 }).where('id', '=', id).execute();
  await writeEvent(tx, id, event, phase, atMs, note);
}

/** Whether something other than the basket wants a person. */
export async function hasFlagEvent(tx: Db, visitId: string): Promise<boolean> {
  const event = await tx
    .selectFrom('visit_events')
    .select('id')
    .where('visit_id', '=', visitId)
    .where('event', 'in', FLAG_EVENTS)
    .limit(1)
    .executeTakeFirst();
  return event !== undefined;
}

export function flags(db: Kysely<Tables>) {
  return {
    flagVisit: (visitId: string, event: FlagEvent, note: Readonly<Record<string, unknown>>, atMs: number) =>
      db.transaction().execute(async (tx) => {
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
