// The ledger's debts: who owes what, the page on which it is paid, and what staff let go.
import {
  type Debt,
  Fault,
  formatMinor,
  isAsking,
  isTooSmall,
  isUnclear,
  nextAttempt,
  nextDebtMove,
  outstandingMinor,
  planAdjustment,
  SEND_LEASE_MS,
  TOO_SMALL_NOTE,
  type Visit,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { AdjustmentOrder, MoneyBook, MoneyStep, PayPage } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { unflag } from './flags.ts';
import { isStopped } from './guard.ts';
import { closeDebt, closeTooSmall } from './money-end.ts';
import {
  dueBeside,
  factsOf,
  insertStep,
  lockVisit,
  PAGE_GRACE_MS,
  readBook,
  setDue,
  updateStep,
} from './money-rows.ts';
import { adjustmentExists, givenMinor, insertAdjustment, planRefund } from './refunds.ts';
import { type Db, toDebt } from './rows.ts';
import { writeAct } from './staff-acts.ts';
import { writeEvent } from './visits.ts';

/** A customer with more open debts than this shows no more of them. */
const DEBTS_MAX = 50;

export function debts(db: Kysely<Tables>) {
  return {
    async openDebts(customerId: string): Promise<readonly Debt[]> {
      const rows = await db
        .selectFrom('debts')
        .selectAll()
        .where('customer_id', '=', customerId)
        .where('state', '=', 'open')
        .orderBy('opened_at_ms')
        .limit(DEBTS_MAX)
        .execute();
      return rows.map(toDebt);
    },
    async debts({ state, limit }: { state: Debt['state']; limit: number }): Promise<readonly Debt[]> {
      const rows = await db
        .selectFrom('debts')
        .selectAll()
        .where('state', '=', state)
        .orderBy('opened_at_ms')
        .limit(limit)
        .execute();
      return rows.map(toDebt);
    },
    payDebt: (visitId: string, ask: { atMs: number; expiresAtMs: number }): Promise<PayPage> =>
      transact(db, (tx) => payPage(tx, visitId, ask)),
    waiveDebt: (order: AdjustmentOrder & { amountMinor?: number | undefined }): Promise<Visit | Fault> =>
      transact(db, (tx) => settled(tx, order, (visit, book) => letGo(tx, order, visit, book))),
    lowerTotal: (order: AdjustmentOrder & { newTotalMinor: number }): Promise<Visit | Fault> =>
      transact(db, (tx) => settled(tx, order, (visit, book) => lower(tx, order, visit, book))),
  };
}

/** There is never more than one page open for a visit: two could both be paid. */
async function payPage(
  tx: Db,
  visitId: string,
  { atMs, expiresAtMs }: { atMs: number; expiresAtMs: number },
): Promise<PayPage> {
  const visit = await lockVisit(tx, visitId);
  if (visit === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  const book = await readBook(tx, visitId);
  const { debt } = book;
  if (debt?.state !== 'open') return { kind: 'none', visit };
  const asking = book.steps.find(isAsking);
  if (asking !== undefined) return pendingPage(tx, visit, asking, atMs);
  const move = nextDebtMove(factsOf(visit, book), debt, atMs);
  if (move.kind === 'paid' || move.kind === 'too_small') {
    if (move.kind === 'paid') await closeDebt(tx, visit, atMs);
    else await closeTooSmall(tx, visit, debt, move.restMinor, atMs);
    await setDue(tx, visitId, dueBeside(book.steps, null, atMs), atMs);
    return { kind: 'none', visit };
  }
  // It may have been paid already, and a person finds that out.
  if (isUnclear(book.steps) || (await isStopped(tx))) return { kind: 'busy', visit };
  const amountMinor = outstandingMinor(factsOf(visit, book), debt);
  const step = await insertStep(
    tx,
    {
      visitId,
      kind: 'pay',
      attempt: nextAttempt(book.steps, 'pay'),
      amountMinor,
      intent: null,
      params: { customer: visit.card.stripeCustomer, expiresAtMs },
    },
    book.steps.length + 1,
    { atMs, leaseMs: SEND_LEASE_MS },
  );
  await setDue(tx, visitId, dueBeside(book.steps, expiresAtMs + PAGE_GRACE_MS, atMs), atMs);
  return { kind: 'send', visit, step };
}

async function pendingPage(tx: Db, visit: Visit, step: MoneyStep, atMs: number): Promise<PayPage> {
  if (step.kind !== 'pay') return { kind: 'busy', visit };
  const { session, url, expiresAtMs = 0 } = step.params;
  // The page may just have been paid in another window, so Stripe is asked before the customer is sent there again.
  if (session !== undefined) return { kind: 'look', visit, step };
  if (url !== undefined && atMs < expiresAtMs) return { kind: 'open', visit, url };
  const sent = { tries: step.tries + 1, leased_until_ms: atMs + SEND_LEASE_MS, last_sent_at_ms: atMs };
  await updateStep(tx, step, { state: 'sent', ...sent });
  return { kind: 'send', visit, step };
}

/** Runs once per order, on a visit that has ended and whose money is not moving in this moment. */
async function settled(
  tx: Db,
  order: AdjustmentOrder,
  change: (visit: Visit, book: MoneyBook) => Promise<Fault | undefined>,
): Promise<Visit | Fault> {
  const visit = await lockVisit(tx, order.visitId);
  if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id: order.visitId });
  if (await adjustmentExists(tx, order)) return visit;
  if (visit.phase !== 'done') return new Fault('refund.not-ended', 'the visit is still running', { id: visit.id });
  const fault = await change(visit, await readBook(tx, visit.id));
  if (fault !== undefined) return fault;
  if (order.act !== undefined) await writeAct(tx, order.act);
  return (await lockVisit(tx, visit.id)) ?? visit;
}

async function letGo(
  tx: Db,
  order: AdjustmentOrder & { readonly amountMinor?: number | undefined },
  visit: Visit,
  book: MoneyBook,
): Promise<Fault | undefined> {
  const { debt } = book;
  const { id } = visit;
  if (debt?.state !== 'open') return new Fault('debt.none', 'nothing is owed for this visit', { id });
  const owedMinor = outstandingMinor(factsOf(visit, book), debt);
  const { amountMinor = owedMinor } = order;
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 1 || amountMinor > owedMinor) {
    const owed = formatMinor(owedMinor, debt.currency);
    return new Fault('debt.bad-amount', `${owed} is owed for this visit: no more can be let go`, { id, amountMinor });
  }
  const fault = await waive(tx, order, visit, book, amountMinor);
  if (fault === undefined) await insertAdjustment(tx, order, 'waive', amountMinor);
  return fault;
}

/** A page or a charge that is under way could still take what is being forgiven. */
export async function waive(
  tx: Db,
  { by, reason, atMs }: AdjustmentOrder,
  visit: Visit,
  { debt, steps, ...book }: MoneyBook,
  amountMinor: number,
): Promise<Fault | undefined> {
  if (debt === null) return undefined;
  if (steps.some(isAsking)) {
    return new Fault('debt.busy', 'the customer is paying, or the card is being asked; try again later', {
      id: visit.id,
    });
  }
  const restMinor = outstandingMinor(factsOf(visit, { debt, steps, ...book }), debt) - amountMinor;
  const waived = { ...debt, waivedMinor: debt.waivedMinor + amountMinor };
  await tx.updateTable('debts').set({ waived_minor: waived.waivedMinor }).where('visit_id', '=', visit.id).execute();
  await writeEvent(tx, visit.id, 'debt_waived', 'done', atMs, { amountMinor, by, reason });
  if (restMinor > 0 && !isTooSmall(restMinor, debt.currency, steps)) return undefined;
  // Nobody could pay what is left, so it would keep its customer out for ever.
  if (restMinor > 0) await closeTooSmall(tx, visit, waived, restMinor, atMs);
  const closing_note = restMinor > 0 ? `${reason}; the rest was ${TOO_SMALL_NOTE}` : reason;
  const closed = { state: 'waived', closed_at_ms: atMs, closed_by: by, closing_note, next_try_at_ms: null };
  await tx.updateTable('debts').set(closed).where('visit_id', '=', visit.id).execute();
  await unflag(tx, visit);
  await setDue(tx, visit.id, dueBeside(steps, null, atMs), atMs);
  return undefined;
}

async function lower(
  tx: Db,
  order: AdjustmentOrder & { readonly newTotalMinor: number },
  visit: Visit,
  book: MoneyBook,
): Promise<Fault | undefined> {
  const { newTotalMinor } = order;
  const { debt } = book;
  const owedMinor = debt?.state === 'open' ? outstandingMinor(factsOf(visit, book), debt) : 0;
  const waivedMinor = debt?.waivedMinor ?? 0;
  const totalMinor = factsOf(visit, book).totalMinor - givenMinor(book) - waivedMinor;
  const plan = planAdjustment({ totalMinor, newTotalMinor, owedMinor });
  if (plan instanceof Fault) return plan;
  const fault = plan.debtMinor > 0 ? await waive(tx, order, visit, book, plan.debtMinor) : undefined;
  if (fault !== undefined) return fault;
  if (plan.refundMinor > 0) {
    const refused = await planRefund(tx, order, visit, book, plan.refundMinor);
    if (refused !== undefined) throw refused;
  }
  await insertAdjustment(tx, order, 'lower_total', plan.debtMinor + plan.refundMinor);
  return undefined;
}
