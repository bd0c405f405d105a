// The ledger's visits: opened once, moved by the domain's table, every change written down.
import {
  CLOCK_SLACK_MS,
  deadlineMs,
  Fault,
  nextPhase,
  occupiesCase,
  type Phase,
  SEND_LEASE_MS,
  type Visit,
  type VisitEvent,
} from '@tapcase/domain';
import type { Kysely, Updateable } from 'kysely';
import type { Opened, VisitChange, VisitEventRow, VisitOpening } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { tellVisit } from './events.ts';
import { insertStep, lockVisit } from './money-rows.ts';
import { askPictures, putEffect } from './outbox.ts';
import { type Db, toEvent, toVisit } from './rows.ts';

/** How many of a visit's events are shown; a door held open for a day repeats itself a few thousand times. */
const EVENTS_MAX = 500;

/** More than any rule allows in the time that it looks at. */
const UNOPENED_MAX = 50;
/** Of a visit whose end is not settled yet: its door was unlocked, or is about to be. */
const LET_IN: readonly Phase[] = ['unlocking', 'unlocked', 'reconciled', 'settling'];

/** Past visits that are looked through for those of one case: a few milliseconds of SQLite. */
export const LOOKED_THROUGH_MAX = 2_000;

export function visits(db: Kysely<Tables>) {
  return {
    openVisit: (opening: VisitOpening): Promise<Opened> => transact(db, (tx) => open(tx, opening)),
    async visit(id: string): Promise<Visit | undefined> {
      return find(db, id);
    },
    async openVisitOf(customerId: string): Promise<Visit | undefined> {
      const row = await db
        .selectFrom('visits')
        .selectAll()
        .where('customer_id', '=', customerId)
        .where('ended_at_ms', 'is', null)
        .orderBy('created_at_ms', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toVisit(row);
    },
    advanceVisit: (id: string, change: VisitChange): Promise<Visit | Fault> =>
      transact(db, (tx) => advance(tx, id, change)),
    async visitEvents(id: string): Promise<readonly VisitEventRow[]> {
      const rows = await db
        .selectFrom('visit_events')
        .selectAll()
        .where('visit_id', '=', id)
        .orderBy('id')
        .limit(EVENTS_MAX)
        .execute();
      return rows.map(toEvent);
    },
    claimDueVisits: (nowMs: number, leaseMs: number, limit: number): Promise<readonly Visit[]> =>
      transact(db, async (tx) => {
        const rows = await tx
          .selectFrom('visits')
          .selectAll()
          .where('due_at_ms', 'is not', null)
          .where((eb) => eb.or([eb('due_at_ms', '<=', nowMs), eb('due_set_at_ms', '>', nowMs + CLOCK_SLACK_MS)]))
          .orderBy('due_at_ms')
          .limit(limit)
          .forUpdate()
          .skipLocked()
          .execute();
        const isEarly = ({ due_at_ms, phase }: (typeof rows)[number]) =>
          Number(due_at_ms) > nowMs && WAITS_FOR_CASE.includes(phase as Phase);
        const due = rows.filter((row) => !isEarly(row));
        await postpone(tx, due, nowMs + leaseMs, nowMs);
        // Their clock was ahead, and the case may still speak: it has its time from now on.
        for (const row of rows.filter(isEarly)) {
          await postpone(tx, [row], dueAt(row.phase as Phase, nowMs, 0) ?? nowMs, nowMs);
        }
        return due.map(toVisit);
      }),
    async unopenedVisits(customerId: string, sinceMs: number) {
      const rows = await unopenedSince(db, sinceMs).where('customer_id', '=', customerId).execute();
      return rows.map(toUnopened);
    },
    async unopenedVisitsByCard(fingerprint: string, exceptOf: string, sinceMs: number) {
      const rows = await unopenedSince(db, sinceMs)
        .where('card_fingerprint', '=', fingerprint)
        .where('customer_id', '!=', exceptOf)
        .execute();
      return rows.map(toUnopened);
    },
    async visitsOf(customerId: string, limit: number): Promise<readonly Visit[]> {
      const rows = await db
        .selectFrom('visits')
        .selectAll()
        .where('customer_id', '=', customerId)
        .orderBy('created_at_ms', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toVisit);
    },
    async latestVisits({ flagged, limit }: { flagged: boolean; limit: number }): Promise<readonly Visit[]> {
      const all = db.selectFrom('visits').selectAll().orderBy('created_at_ms', 'desc').limit(limit);
      const rows = await (flagged ? all.where('flagged', '=', 1) : all).execute();
      return rows.map(toVisit);
    },
    async decidedVisits({ caseId, limit }: { caseId: string | null; limit: number }): Promise<readonly string[]> {
      const oldest = db
        .selectFrom('visits')
        .select('created_at_ms')
        .orderBy('created_at_ms', 'desc')
        .limit(1)
        .offset(LOOKED_THROUGH_MAX - 1);
      const decided = db
        .selectFrom('visits')
        .select('id')
        .where((eb) => eb('created_at_ms', '>=', eb.fn.coalesce(oldest, eb.val(0))))
        .where('phase', '=', 'done')
        .where('basket', 'is not', null)
        .orderBy('created_at_ms', 'desc')
        .limit(limit);
      const rows = await (caseId === null ? decided : decided.where('case_id', '=', caseId)).execute();
      return rows.map(({ id }) => id);
    },
  };
}

/** Phases in which nothing but the case can say what happened. */
const WAITS_FOR_CASE: readonly Phase[] = ['requested', 'held', 'unlocking', 'unlocked', 'open'];

async function postpone(
  tx: Db,
  rows: readonly { readonly id: string }[],
  dueAtMs: number,
  nowMs: number,
): Promise<void> {
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return;
  await tx.updateTable('visits').set({ due_at_ms: dueAtMs, due_set_at_ms: nowMs }).where('id', 'in', ids).execute();
}

function unopenedSince(db: Db, sinceMs: number) {
  return (
    db
      .selectFrom('visits')
      .select(['case_id', 'request_id', 'created_at_ms'])
      .where('created_at_ms', '>', sinceMs)
      .where('opened', '=', 0)
      // Whom the case turned away has not left a door shut.
      .where('turned_away', 'is', null)
      .where((eb) => eb.or([eb('outcome', '=', 'unused'), eb('outcome', 'is', null).and('phase', 'in', LET_IN)]))
      .orderBy('created_at_ms', 'desc')
      .limit(UNOPENED_MAX)
  );
}

const toUnopened = (row: { case_id: string; request_id: string; created_at_ms: number }) => ({
  caseId: row.case_id,
  requestId: row.request_id,
  atMs: row.created_at_ms,
});

async function open(tx: Db, opening: VisitOpening): Promise<Opened> {
  const before = await tx
    .selectFrom('visits')
    .selectAll()
    .where('customer_id', '=', opening.customerId)
    .where('request_id', '=', opening.requestId)
    .executeTakeFirst();
  if (before !== undefined) return { kind: 'repeated', visit: toVisit(before) };
  if (await occupant(tx, opening.caseId)) return { kind: 'busy' };
  const owed = await tx
    .selectFrom('debts')
    .select('visit_id')
    .where('customer_id', '=', opening.customerId)
    .where('state', '=', 'open')
    .limit(1)
    .executeTakeFirst();
  if (owed !== undefined) return { kind: 'owes' };
  const row = await tx
    .insertInto('visits')
    .values({
      id: opening.id,
      case_id: opening.caseId,
      customer_id: opening.customerId,
      request_id: opening.requestId,
      language: opening.language,
      phase: 'requested',
      outcome: null,
      catalog: JSON.stringify(opening.catalog),
      card: JSON.stringify(opening.card),
      card_fingerprint: opening.card.fingerprint ?? null,
      hold_minor: opening.holdMinor,
      intent: null,
      open_too_long: 0,
      basket: null,
      total_minor: 0,
      charged_minor: 0,
      flagged: 0,
      occupies_case: 1,
      created_at_ms: opening.atMs,
      entered_at_ms: opening.atMs,
      due_at_ms: dueAt('requested', opening.atMs, 0),
      due_set_at_ms: opening.atMs,
      ended_at_ms: null,
      opened: 0,
      review: 0,
      refunded_minor: 0,
      turned_away: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await writeEvent(tx, opening.id, 'requested', 'requested', opening.atMs, undefined);
  // Before the call: whatever happens next, the sweep knows that there may be a hold.
  const hold = { visitId: opening.id, kind: 'hold', attempt: 1, amountMinor: opening.holdMinor } as const;
  await insertStep(tx, { ...hold, intent: null, params: {} }, 1, { atMs: opening.atMs, leaseMs: SEND_LEASE_MS });
  const visit = toVisit(row);
  await tellVisit(tx, 'visit-opened', visit, opening.atMs);
  return { kind: 'opened', visit };
}

/** The id of the visit that has the case to itself. */
export async function occupant(db: Db, caseId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('visits')
    .select('id')
    .where('case_id', '=', caseId)
    .where('occupies_case', '=', 1)
    .executeTakeFirst();
  return row?.id;
}

export async function find(db: Db, id: string): Promise<Visit | undefined> {
  const row = await db.selectFrom('visits').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toVisit(row);
}

/** Phase, columns, event and effects together, or nothing and a Fault. */
export async function advance(tx: Db, id: string, change: VisitChange): Promise<Visit | Fault> {
  const visit = await lockVisit(tx, id);
  if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id });
  const changed = await applyChange(tx, visit, change);
  if (changed instanceof Fault) return changed;
  for (const effect of change.effects ?? []) await putEffect(tx, effect, change.atMs);
  return changed;
}

/** Events that tell that the door was open. */
const OPENING: ReadonlySet<VisitEvent> = new Set(['door_opened', 'door_open_too_long', 'door_closed']);

/** The change on a visit that this transaction has locked; its effects are the caller's. */
export async function applyChange(tx: Db, visit: Visit, change: VisitChange): Promise<Visit | Fault> {
  const phase = nextPhase(visit.phase, change.event);
  if (phase instanceof Fault) return phase;
  const row = rowOf(visit, phase, change);
  const changed = await tx
    .updateTable('visits')
    .set(row)
    .where('id', '=', visit.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (change.set?.flagged === true) await askPictures(tx, { ...visit, phase }, change.atMs);
  await writeEvent(tx, visit.id, change.event, phase, change.atMs, change.note);
  const after = toVisit(changed);
  if (after.flagged && !visit.flagged) await tellVisit(tx, 'visit-flagged', after, change.atMs);
  if (after.phase === 'done' && visit.phase !== 'done') await tellVisit(tx, 'visit-ended', after, change.atMs);
  return after;
}

function rowOf(visit: Visit, phase: Phase, change: VisitChange): Updateable<Tables['visits']> {
  const { atMs, dueAtMs, event, set = {}, visionWaitMs } = change;
  const row: Updateable<Tables['visits']> = { phase, occupies_case: occupiesCase(phase) ? 1 : 0 };
  if (phase !== visit.phase) {
    row.entered_at_ms = atMs;
    row.due_at_ms = dueAt(phase, atMs, visionWaitMs);
  }
  if (dueAtMs !== undefined) row.due_at_ms = dueAtMs;
  if (row.due_at_ms !== undefined) row.due_set_at_ms = atMs;
  if (phase === 'done' && visit.endedAtMs === null) row.ended_at_ms = atMs;
  if (OPENING.has(event)) row.opened = 1;
  if (event === 'door_unlocked' || OPENING.has(event)) row.turned_away = null;
  if (set.intent !== undefined) row.intent = set.intent;
  if (set.basket !== undefined) row.basket = JSON.stringify(set.basket);
  if (set.totalMinor !== undefined) row.total_minor = set.totalMinor;
  if (set.outcome !== undefined) row.outcome = set.outcome;
  if (set.flagged !== undefined) row.flagged = set.flagged ? 1 : 0;
  if (set.review !== undefined) row.review = set.review ? 1 : 0;
  if (set.openTooLong !== undefined) row.open_too_long = set.openTooLong ? 1 : 0;
  if (set.turnedAway !== undefined) row.turned_away = set.turnedAway;
  return row;
}

export async function writeEvent(
  tx: Db,
  visitId: string,
  event: string,
  phase: Phase,
  atMs: number,
  note: VisitChange['note'],
): Promise<void> {
  await tx
    .insertInto('visit_events')
    .values({
      visit_id: visitId,
      event,
      phase,
      note: note === undefined ? null : JSON.stringify(note),
      at_ms: atMs,
    })
    .execute();
}

function dueAt(phase: Phase, atMs: number, visionWaitMs: number): number | null {
  const after = deadlineMs(phase, visionWaitMs);
  return after === null ? null : atMs + after;
}
