// The end of a visit's money: its outcome, the debt that is left, and what the customer is told.
import {
  type Debt,
  debtReason,
  type EventFacts,
  Fault,
  isTooSmall,
  isUnclear,
  type Move,
  nextMove,
  nextTryAtMs,
  type Refused,
  TOO_SMALL_NOTE,
  type Visit,
  visitFacts,
} from '@tapcase/domain';
import type { Ends, MoneyBook, MoneyStep } from '../port.ts';
import { tellEvent } from './events.ts';
import { unflag } from './flags.ts';
import { factsOf, newestCard } from './money-rows.ts';
import { putEffect } from './outbox.ts';
import { openReview } from './review-open.ts';
import { type Db, toDebt } from './rows.ts';
import { applyChange, writeEvent } from './visits.ts';

/** A step that was given up on leaves the money unclear: nothing more is asked, and a person looks. */
export function moveOf(visit: Visit, book: MoneyBook): Move {
  const facts = factsOf(visit, book);
  if (!isUnclear(book.steps)) return nextMove(facts);
  return { kind: 'end', outcome: 'in_review', debtMinor: 0, holdLeft: true };
}

export async function end(
  tx: Db,
  visit: Visit,
  book: MoneyBook,
  { outcome, debtMinor, holdLeft }: Extract<Move, { kind: 'end' }>,
  { atMs, ends }: { readonly atMs: number; readonly ends: Ends },
): Promise<Visit> {
  const debt = debtMinor > 0 ? await debtOf(tx, visit, book, debtMinor, atMs) : undefined;
  if (debt !== undefined) await insertDebt(tx, debt);
  const isLetGo = debt?.state === 'waived';
  if (isLetGo) await writeLetGo(tx, visit.id, debt.waivedMinor, atMs);
  const isOwed = debt?.state === 'open';
  const needsPerson = outcome === 'in_review' || isOwed || holdLeft;
  const ended = await applyChange(tx, visit, {
    event: 'settled',
    atMs,
    visionWaitMs: 0,
    dueAtMs: isOwed ? debt.nextTryAtMs : null,
    set: { outcome, ...(needsPerson ? { flagged: true } : {}) },
    note: { outcome, debtMinor, holdLeft },
  });
  if (ended instanceof Fault) throw ended;
  if (outcome === 'in_review' && !isUnclear(book.steps)) {
    await openReview(tx, ended, ended.basket === null ? 'not_weighed' : 'paid_too_much', atMs);
  }
  for (const effect of ends(ended, isLetGo)) await putEffect(tx, effect, atMs);
  if (outcome !== 'unused') await tellEvent(tx, 'receipt-made', atMs, { receipt: visitFacts(ended) });
  return ended;
}

async function debtOf(tx: Db, visit: Visit, { steps }: MoneyBook, amountMinor: number, atMs: number): Promise<Debt> {
  const { customerId, card } = visit;
  const { currency } = visit.catalog;
  const refused = lastRefusal(steps);
  const waived = isTooSmall(amountMinor, currency, steps);
  const newest = await newestCard(tx, customerId);
  // Added while the visit ran: its owner was told that it is asked.
  const isOther = newest !== undefined && newest.payment_method !== card.paymentMethod;
  return {
    visitId: visit.id,
    customerId: visit.customerId,
    amountMinor,
    waivedMinor: waived ? amountMinor : 0,
    currency,
    state: waived ? 'waived' : 'open',
    reason: debtReason(refused),
    ...refused,
    nextTryAtMs: waived ? null : isOther ? atMs : nextTryAtMs(refused, 0, atMs),
    tries: 0,
    openedAtMs: atMs,
    closedAtMs: waived ? atMs : null,
    closedBy: waived ? 'policy' : null,
    closingNote: waived ? TOO_SMALL_NOTE : null,
  };
}

function lastRefusal(steps: readonly MoneyStep[]): Refused {
  const refused = steps.filter(({ kind, state }) => state === 'failed' && (kind === 'charge' || kind === 'capture'));
  const { code = null, declineCode = null, adviceCode = null } = refused.at(-1) ?? {};
  return { code, declineCode, adviceCode };
}

export async function closeDebt(tx: Db, visit: Visit, atMs: number): Promise<void> {
  const set = { state: 'paid', closed_at_ms: atMs, next_try_at_ms: null };
  await tx.updateTable('debts').set(set).where('visit_id', '=', visit.id).execute();
  await writeEvent(tx, visit.id, 'debt_paid', 'done', atMs, undefined);
  const paid = await tx.selectFrom('debts').selectAll().where('visit_id', '=', visit.id).executeTakeFirst();
  if (paid !== undefined) await tellEvent(tx, 'debt-paid', atMs, { debt: debtFacts(toDebt(paid)) });
  await unflag(tx, visit);
}

/** What is left is let go: no charge can carry it. */
export async function closeTooSmall(tx: Db, visit: Visit, debt: Debt, restMinor: number, atMs: number): Promise<void> {
  const closed = { state: 'waived', closed_at_ms: atMs, closed_by: 'policy', closing_note: TOO_SMALL_NOTE } as const;
  await tx
    .updateTable('debts')
    .set({ ...closed, waived_minor: debt.waivedMinor + restMinor, next_try_at_ms: null })
    .where('visit_id', '=', visit.id)
    .execute();
  await writeLetGo(tx, visit.id, restMinor, atMs);
  await unflag(tx, visit);
}

/** Nothing is given away without a line that says so. */
async function writeLetGo(tx: Db, visitId: string, amountMinor: number, atMs: number): Promise<void> {
  const note = { amountMinor, by: 'policy', reason: TOO_SMALL_NOTE };
  await writeEvent(tx, visitId, 'debt_waived', 'done', atMs, note);
}

async function insertDebt(tx: Db, debt: Debt): Promise<void> {
  await tx
    .insertInto('debts')
    .values({ visit_id: debt.visitId, customer_id: debt.customerId, ...debtRow(debt) })
    .execute();
  if (debt.state === 'open') await tellEvent(tx, 'debt-opened', debt.openedAtMs, { debt: debtFacts(debt) });
}

function debtFacts({ visitId, customerId, amountMinor, currency, reason }: Debt): EventFacts<'debt-opened'>['debt'] {
  return { visitId, customerId, amountMinor, currency, reason };
}

/** The visit's debt as it now is, whether there was one or not. `opens`: it was not open before. */
export async function putDebt(tx: Db, debt: Debt, opens: boolean): Promise<void> {
  if (opens) await tellEvent(tx, 'debt-opened', debt.openedAtMs, { debt: debtFacts(debt) });
  const row = debtRow(debt);
  await tx
    .insertInto('debts')
    .values({ visit_id: debt.visitId, customer_id: debt.customerId, ...row })
    .onConflict((conflict) => conflict.column('visit_id').doUpdateSet(row))
    .execute();
}

function debtRow(debt: Debt) {
  return {
    amount_minor: debt.amountMinor,
    waived_minor: debt.waivedMinor,
    currency: debt.currency,
    state: debt.state,
    reason: debt.reason,
    code: debt.code,
    decline_code: debt.declineCode,
    advice_code: debt.adviceCode,
    next_try_at_ms: debt.nextTryAtMs,
    tries: debt.tries,
    opened_at_ms: debt.openedAtMs,
    closed_at_ms: debt.closedAtMs,
    closed_by: debt.closedBy,
    closing_note: debt.closingNote,
  };
}
