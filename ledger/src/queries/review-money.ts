// What a decided review does to the visit's money: a debt that is due now, a debt let go, or refunds. Inside the decision's
// transaction, by the rules and rows that every debt and refund has.
import {
  type Debt,
  Fault,
  isAsking,
  isTooSmall,
  nextTryAtMs,
  type ReviewPlan,
  receivedMinor,
  TOO_SMALL_NOTE,
  type Visit,
} from '@tapcase/domain';
import type { AdjustmentOrder, MoneyBook } from '../port.ts';
import { waive } from './debts.ts';
import { putDebt } from './money-end.ts';
import { setDue } from './money-rows.ts';
import { checkRefund, insertAdjustment, planRefund } from './refunds.ts';
import type { Db } from './rows.ts';

/** A Fault means that nothing was written. */
export async function applyPlan(
  tx: Db,
  order: AdjustmentOrder,
  visit: Visit,
  book: MoneyBook,
  plan: ReviewPlan,
): Promise<Fault | undefined> {
  const { raiseMinor, forgiveMinor, refundMinor } = plan;
  if (raiseMinor === 0 && forgiveMinor === 0 && refundMinor === 0) return undefined;
  const parts = refundMinor > 0 ? checkRefund(book, refundMinor) : [];
  const blocked = isMoving(book) ?? (parts instanceof Fault ? parts : undefined);
  if (blocked !== undefined) return blocked;
  if (raiseMinor > 0) {
    await raise(tx, order, visit, book, plan);
    if (refundMinor > 0) await planRefund(tx, order, visit, book, refundMinor);
    await insertAdjustment(tx, order, 'raise_total', raiseMinor);
    return undefined;
  }
  const busy = forgiveMinor > 0 ? await waive(tx, order, visit, book, forgiveMinor) : undefined;
  if (busy !== undefined) return busy;
  if (refundMinor > 0) await planRefund(tx, order, visit, book, refundMinor);
  await insertAdjustment(tx, order, 'lower_total', forgiveMinor + refundMinor);
  return undefined;
}

/** A charge or a page that is under way could take what is being changed; a refund that is under way is counted. */
function isMoving({ steps }: MoneyBook): Fault | undefined {
  if (!steps.some(isAsking)) return undefined;
  return new Fault('debt.busy', 'the customer is paying, or the card is being asked; try again later');
}

async function raise(
  tx: Db,
  { atMs }: AdjustmentOrder,
  visit: Visit,
  book: MoneyBook,
  { raiseMinor, owedMinor }: ReviewPlan,
): Promise<void> {
  const { debt } = book;
  if (debt === null && owedMinor === 0) return;
  const raised = raisedDebt(visit, book, visit.totalMinor + raiseMinor - receivedMinor(book), owedMinor, atMs);
  await putDebt(tx, raised, raised.state === 'open' && debt?.state !== 'open');
  await setDue(tx, visit.id, atMs, atMs);
}

/** There is one debt for each visit: an open one grows, a closed one opens again for the difference. */
function raisedDebt(visit: Visit, { debt }: MoneyBook, amountMinor: number, owedMinor: number, atMs: number): Debt {
  const { currency } = visit.catalog;
  const waivedMinor = debt?.waivedMinor ?? 0;
  if (isTooSmall(owedMinor, currency)) {
    const closed = {
      state: 'waived',
      nextTryAtMs: null,
      closedAtMs: atMs,
      closedBy: 'policy',
      closingNote: TOO_SMALL_NOTE,
    } as const;
    return { ...(debt ?? fresh(visit, atMs)), amountMinor, waivedMinor: waivedMinor + owedMinor, ...closed };
  }
  if (debt?.state === 'open') return { ...debt, amountMinor };
  return { ...fresh(visit, atMs), amountMinor, waivedMinor, nextTryAtMs: firstTryAtMs(debt, atMs) };
}

function fresh({ id, customerId, catalog }: Visit, atMs: number): Debt {
  return {
    visitId: id,
    customerId,
    amountMinor: 0,
    waivedMinor: 0,
    currency: catalog.currency,
    state: 'open',
    reason: 'review',
    code: null,
    declineCode: null,
    adviceCode: null,
    nextTryAtMs: atMs,
    tries: 0,
    openedAtMs: atMs,
    closedAtMs: null,
    closedBy: null,
    closingNote: null,
  };
}

/** Now, except where the bank has refused this card for this visit: its word still counts. */
function firstTryAtMs(debt: Debt | null, atMs: number): number | null {
  return debt === null || debt.state === 'paid' || debt.code === null ? atMs : nextTryAtMs(debt, debt.tries, atMs);
}
