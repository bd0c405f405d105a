// The ledger's visits and their money: opened once, moved by the domain's table, every step written down.
import { deadlineMs, Fault, nextPhase, occupiesCase, type Phase, type Visit } from '@tapcase/domain';
import type { Kysely, Updateable } from 'kysely';
import { putEffect } from './outbox.ts';
import type { MoneyStep, MoneyStepState, Opened, VisitChange, VisitEventRow, VisitOpening } from './port.ts';
import { type Db, toStep, toVisit } from './rows.ts';
import type { Tables } from './tables.ts';

/** How many of a visit's events are shown; a door held open for a day repeats itself a few thousand times. */
const EVENTS_MAX = 500;

export function visits(db: Kysely<Tables>) {
  return {
    openVisit: (opening: VisitOpening): Promise<Opened> => db.transaction().execute((tx) => open(tx, opening)),
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
      db.transaction().execute((tx) => advance(tx, id, change)),
    async visitEvents(id: string): Promise<readonly VisitEventRow[]> {
      const rows = await db
        .selectFrom('visit_events')
        .selectAll()
        .where('visit_id', '=', id)
        .orderBy('id')
        .limit(EVENTS_MAX)
        .execute();
      return rows.map(({ event, at_ms, phase, note }) => ({
        event,
        atMs: at_ms,
        phase,
        note: note === null ? null : (JSON.parse(note) as Record<string, unknown>),
      }));
    },
    async dueVisits(nowMs: number, limit: number): Promise<readonly Visit[]> {
      const rows = await db
        .selectFrom('visits')
        .selectAll()
        .where('due_at_ms', '<=', nowMs)
        .orderBy('due_at_ms')
        .limit(limit)
        .execute();
      return rows.map(toVisit);
    },
    planStep: (
      step: Pick<MoneyStep, 'visitId' | 'kind' | 'attempt' | 'idempotencyKey' | 'amountMinor'>,
    ): Promise<MoneyStep> =>
      db.transaction().execute(async (tx) => {
        await tx
          .insertInto('money_steps')
          .values({
            visit_id: step.visitId,
            kind: step.kind,
            attempt: step.attempt,
            idempotency_key: step.idempotencyKey,
            amount_minor: step.amountMinor,
            state: 'planned',
            sent_at_ms: null,
            intent: null,
            result: null,
          })
          .onConflict((conflict) => conflict.columns(['visit_id', 'kind', 'attempt']).doNothing())
          .execute();
        return toStep(await stepOf(tx, step).selectAll().executeTakeFirstOrThrow());
      }),
    async markStep(
      step: Pick<MoneyStep, 'visitId' | 'kind' | 'attempt'>,
      mark: { state: MoneyStepState; atMs: number; intent?: string; result?: Readonly<Record<string, unknown>> },
    ): Promise<void> {
      const set: Updateable<Tables['money_steps']> = { state: mark.state };
      if (mark.intent !== undefined) set.intent = mark.intent;
      if (mark.result !== undefined) set.result = JSON.stringify(mark.result);
      await db.transaction().execute(async (tx) => {
        const row = await stepOf(tx, step).selectAll().forUpdate().executeTakeFirst();
        // Done stays done: of two calls under one key the slower one may still say that it does not know.
        if (row === undefined || row.state === 'done') return;
        // The first time it was sent is what Stripe's memory of the key counts from.
        if (mark.state === 'sent' && row.sent_at_ms === null) set.sent_at_ms = mark.atMs;
        await tx
          .updateTable('money_steps')
          .set(set)
          .where('visit_id', '=', step.visitId)
          .where('kind', '=', step.kind)
          .where('attempt', '=', step.attempt)
          .execute();
      });
    },
    async moneySteps(visitId: string): Promise<readonly MoneyStep[]> {
      const rows = await db
        .selectFrom('money_steps')
        .selectAll()
        .where('visit_id', '=', visitId)
        .orderBy('attempt')
        .execute();
      return rows.map(toStep);
    },
  };
}

async function open(tx: Db, opening: VisitOpening): Promise<Opened> {
  const before = await tx
    .selectFrom('visits')
    .selectAll()
    .where('customer_id', '=', opening.customerId)
    .where('request_id', '=', opening.requestId)
    .executeTakeFirst();
  if (before !== undefined) return { kind: 'repeated', visit: toVisit(before) };
  if (await occupant(tx, opening.caseId)) return { kind: 'busy' };
  await tx
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
      ended_at_ms: null,
    })
    .execute();
  await writeEvent(tx, opening.id, 'requested', 'requested', opening.atMs, undefined);
  return { kind: 'opened', visit: (await find(tx, opening.id))! };
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
  const before = await tx.selectFrom('visits').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  const visit = before && toVisit(before);
  if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id });
  const phase = nextPhase(visit.phase, change.event);
  if (phase instanceof Fault) return phase;
  const { set = {} } = change;
  const row: Updateable<Tables['visits']> = { phase, occupies_case: occupiesCase(phase) ? 1 : 0 };
  // A settling that is started again gets its full time again, so a Stripe that is away is asked rarely.
  if (phase !== visit.phase || change.event === 'settle_started') {
    row.entered_at_ms = change.atMs;
    row.due_at_ms = dueAt(phase, change.atMs, change.visionWaitMs);
  }
  if (phase === 'done' && visit.endedAtMs === null) row.ended_at_ms = change.atMs;
  if (set.intent !== undefined) row.intent = set.intent;
  if (set.basket !== undefined) row.basket = JSON.stringify(set.basket);
  if (set.totalMinor !== undefined) row.total_minor = set.totalMinor;
  if (set.chargedMinor !== undefined) row.charged_minor = set.chargedMinor;
  if (set.outcome !== undefined) row.outcome = set.outcome;
  if (set.flagged !== undefined) row.flagged = set.flagged ? 1 : 0;
  if (set.openTooLong !== undefined) row.open_too_long = set.openTooLong ? 1 : 0;
  await tx.updateTable('visits').set(row).where('id', '=', id).execute();
  await writeEvent(tx, id, change.event, phase, change.atMs, change.note);
  for (const effect of change.effects ?? []) await putEffect(tx, effect, change.atMs);
  return (await find(tx, id))!;
}

async function writeEvent(
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

function stepOf(db: Db, { visitId, kind, attempt }: Pick<MoneyStep, 'visitId' | 'kind' | 'attempt'>) {
  return db
    .selectFrom('money_steps')
    .where('visit_id', '=', visitId)
    .where('kind', '=', kind)
    .where('attempt', '=', attempt);
}
