// The ledger's refunds: planned as steps beside the visit's other steps, so that they are resumed like them.
import {
  Fault,
  isGivenBack,
  nextAttempt,
  type Payment,
  type RefundPart,
  splitRefund,
  type Visit,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { AdjustmentOrder, AdjustmentRow, MoneyBook, MoneyStep } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { flag } from './flags.ts';
import { insertStep, lockVisit, readBook, setDue, sumMoney, updateStep } from './money-rows.ts';
import { type Db, toStep } from './rows.ts';
import { writeAct } from './staff-acts.ts';
import { writeEvent } from './visits.ts';

/** Each click is an order of its own; nobody gives the same back twice for one reason so quickly. */
const SECOND_CLICK_MS = 60_000;
/** Nobody gives one visit's money back in more pieces. */
const ADJUSTMENTS_MAX = 100;

export function refunds(db: Kysely<Tables>) {
  return {
    refund: (order: AdjustmentOrder & { amountMinor: number }): Promise<Visit | Fault> =>
      transact(db, async (tx) => {
        const visit = await lockVisit(tx, order.visitId);
        if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id: order.visitId });
        if (await adjustmentExists(tx, order)) return visit;
        if (visit.phase !== 'done')
          return new Fault('refund.not-ended', 'the visit is still running', { id: visit.id });
        const book = await readBook(tx, visit.id);
        if (await isSecondClick(tx, order, book)) return visit;
        const fault = await planRefund(tx, order, visit, book, order.amountMinor);
        if (fault !== undefined) return fault;
        await insertAdjustment(tx, order, 'refund', order.amountMinor);
        if (order.act !== undefined) await writeAct(tx, order.act);
        return visit;
      }),
    async adjustments(visitId: string): Promise<readonly AdjustmentRow[]> {
      const rows = await db
        .selectFrom('adjustments')
        .selectAll()
        .where('visit_id', '=', visitId)
        .orderBy('at_ms')
        .limit(ADJUSTMENTS_MAX)
        .execute();
      return rows.map(({ id, kind, amount_minor, reason, made_by, at_ms }) => ({
        id,
        visitId,
        kind: kind as AdjustmentRow['kind'],
        amountMinor: amount_minor,
        reason,
        by: made_by,
        atMs: at_ms,
      }));
    },
    refundFailed: (refund: string, code: string, atMs: number, key?: string): Promise<boolean> =>
      transact(db, (tx) => failed(tx, { refund, code, atMs, key })),
  };
}

/** Rows of what a refund consists of: one step for each payment it goes back to. */
export async function planRefund(
  tx: Db,
  order: AdjustmentOrder,
  visit: Visit,
  book: MoneyBook,
  amountMinor: number,
): Promise<Fault | undefined> {
  const parts = checkRefund(book, amountMinor);
  if (parts instanceof Fault) return parts;
  let steps = book.steps;
  for (const { intent, amountMinor: partMinor } of parts) {
    const attempt = nextAttempt(steps, 'refund');
    const step = { visitId: visit.id, kind: 'refund', attempt, amountMinor: partMinor, intent } as const;
    const params = { intent, adjustment: order.id };
    const planned = await insertStep(tx, { ...step, params }, steps.length + 1, { atMs: order.atMs, leaseMs: 0 });
    steps = [...steps, planned];
  }
  const { by, reason } = order;
  await writeEvent(tx, visit.id, 'refund_asked', 'done', order.atMs, { amountMinor, by, reason });
  await setDue(tx, visit.id, order.atMs, order.atMs);
  return undefined;
}

/** Whether so much can go back, and from which payments; `refund.too-many`, `refund.too-large`, `refund.bad-amount`. */
export function checkRefund(book: MoneyBook, amountMinor: number): readonly RefundPart[] | Fault {
  if (book.steps.length > ADJUSTMENTS_MAX) return new Fault('refund.too-many', 'too many refunds of one visit', {});
  return splitRefund(paymentsOf(book), amountMinor);
}

function paymentsOf({ intents, steps }: MoneyBook): Payment[] {
  const given = (intent: string) => steps.filter((step) => step.intent === intent && isGivenBack(step));
  return intents
    .filter(({ receivedMinor }) => receivedMinor > 0)
    .map(({ intent, receivedMinor }) => ({
      intent,
      receivedMinor,
      refundedMinor: given(intent).reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    }));
}

/** Given back, being given back, or perhaps given back, of all payments together. */
export function givenMinor({ steps }: MoneyBook): number {
  return steps.filter(isGivenBack).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

export async function adjustmentExists(tx: Db, { id }: AdjustmentOrder): Promise<boolean> {
  const row = await tx.selectFrom('adjustments').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}

/** Once the first has failed, the same again is meant. */
async function isSecondClick(
  tx: Db,
  { visitId, reason, by, atMs, amountMinor }: AdjustmentOrder & { readonly amountMinor: number },
  { steps }: MoneyBook,
): Promise<boolean> {
  const rows = await tx
    .selectFrom('adjustments')
    .select('id')
    .where('visit_id', '=', visitId)
    .where('kind', '=', 'refund')
    .where('amount_minor', '=', amountMinor)
    .where('made_by', '=', by)
    .where('reason', '=', reason)
    .where('at_ms', '>', atMs - SECOND_CLICK_MS)
    .execute();
  return rows.some(({ id }) => !steps.some(({ params, state }) => params.adjustment === id && state === 'failed'));
}

export async function insertAdjustment(
  tx: Db,
  { id, visitId, reason, by, atMs }: AdjustmentOrder,
  kind: AdjustmentRow['kind'],
  amountMinor: number,
): Promise<void> {
  const row = { id, visit_id: visitId, kind, amount_minor: amountMinor, reason, made_by: by, at_ms: atMs };
  await tx.insertInto('adjustments').values(row).execute();
}

interface Failed {
  readonly refund: string;
  readonly code: string;
  readonly atMs: number;
  readonly key: string | undefined;
}

async function failed(tx: Db, { refund, code, atMs, key }: Failed): Promise<boolean> {
  const found = await stepOf(tx, refund, key);
  const visit = found && (await lockVisit(tx, found.visitId));
  // Again, behind the lock: the same event may come twice at once.
  const step = visit && (await stepOf(tx, refund, key));
  if (visit === undefined || step === undefined || step.state === 'failed') return false;
  await updateStep(tx, step, { state: 'failed', code, refund, answered_at_ms: atMs });
  await sumMoney(tx, visit.id, await readBook(tx, visit.id));
  await flag(tx, visit, 'refund_failed', { amountMinor: step.amountMinor, code }, atMs);
  return true;
}

/** By Stripe's id; where its answer has not come yet, by our own key, which is written on it. */
async function stepOf(tx: Db, refund: string, key: string | undefined): Promise<MoneyStep | undefined> {
  const refunds = tx.selectFrom('money_steps').selectAll().where('kind', '=', 'refund');
  const named = await refunds.where('refund', '=', refund).executeTakeFirst();
  const row =
    named ?? (key === undefined ? undefined : await refunds.where('idempotency_key', '=', key).executeTakeFirst());
  return row === undefined ? undefined : toStep(row);
}
