// What Stripe answered: the step is marked, the payment's facts are kept, and what follows from them happens at once.
import {
  type Debt,
  debtReason,
  Fault,
  GAVE_UP,
  type IntentFacts,
  isAsking,
  isBanksNo,
  isPending,
  nextDebtMove,
  nextTryAtMs,
  retryAfterMs,
  type Visit,
} from '@tapcase/domain';
import type { Answered, Effect, Ends, MoneyAnswer, MoneyBook, MoneyStep, StepParams, StepRef } from '../port.ts';
import { tellEvent } from './events.ts';
import { flag } from './flags.ts';
import { closeDebt, closeTooSmall, end, moveOf } from './money-end.ts';
import {
  dueBeside,
  factsOf,
  lockVisit,
  newestCard,
  PAGE_GRACE_MS,
  readBook,
  saveIntent,
  setDue,
  sumMoney,
  updateStep,
  withNews,
} from './money-rows.ts';
import { putEffect } from './outbox.ts';
import type { Db } from './rows.ts';
import { applyChange, writeEvent } from './visits.ts';

/** Ten days of quarter hours without an answer are a person's business. */
const TRIES_MAX = 1_000;

export async function answered(
  tx: Db,
  visit: Visit,
  ref: StepRef,
  answer: MoneyAnswer,
  { atMs, ends }: { atMs: number; ends: Ends },
): Promise<Answered> {
  const before = await readBook(tx, visit.id);
  const step = before.steps.find(({ kind, attempt }) => kind === ref.kind && attempt === ref.attempt);
  if (step === undefined) throw new Fault('money.unknown-step', 'no such step was planned', { ...ref });
  const told = answer.kind === 'done' || answer.kind === 'refused' ? answer.intent : undefined;
  const intent = told === undefined ? undefined : await saveIntent(tx, visit.id, told, atMs);
  // The slower of two calls under one key may still say that it does not know: what is final stays.
  const isNews = isPending(step);
  const marked = isNews ? await markStep(tx, visit, step, answer, atMs) : undefined;
  const book = withNews(before, marked, intent);
  const now = await sumMoney(tx, visit.id, book);
  if (now.phase === 'requested' && answer.kind === 'refused') return refuseEntry(tx, now, answer.code, atMs);
  if (now.phase === 'done') return isNews ? afterwards(tx, now, book, step, atMs) : { kind: 'changed', visit: now };
  if (book.steps.some(isPending)) return { kind: 'rest', visit: now };
  if (now.phase !== 'settling') return { kind: 'rest', visit: now };
  const move = moveOf(now, book);
  if (move.kind === 'step') return { kind: 'more', visit: now };
  return { kind: 'ended', visit: await end(tx, now, book, move, { atMs, ends }) };
}

/** No hold: the door stays shut, the case is free again. Only where the bank said no is the card called declined. */
async function refuseEntry(tx: Db, visit: Visit, code: string, atMs: number): Promise<Answered> {
  const set = { outcome: isBanksNo(code) ? 'refused' : 'unused' } as const;
  const refused = await applyChange(tx, visit, { event: 'hold_refused', atMs, visionWaitMs: 0, set, note: { code } });
  if (refused instanceof Fault) throw refused;
  return { kind: 'ended', visit: refused };
}

/** The step as it then is. */
async function markStep(tx: Db, visit: Visit, step: MoneyStep, answer: MoneyAnswer, atMs: number) {
  switch (answer.kind) {
    case 'done': {
      const intent = answer.intent?.intent ?? step.intent;
      const refund = answer.refund ?? null;
      return updateStep(tx, step, { state: 'done', answered_at_ms: atMs, intent, refund, code: null });
    }
    case 'refused': {
      const { code, declineCode, adviceCode, intent } = answer;
      return updateStep(tx, step, {
        state: 'failed',
        answered_at_ms: atMs,
        code,
        decline_code: declineCode,
        advice_code: adviceCode,
        intent: intent?.intent ?? step.intent,
      });
    }
    case 'page_open': {
      const { session, url } = answer;
      const params: StepParams = { ...step.params, session, ...(url === null ? {} : { url }) };
      return updateStep(tx, step, { state: 'sent', code: null, params: JSON.stringify(params) });
    }
    case 'unknown':
      return markUnknown(tx, visit, step, answer.code, atMs);
  }
}

async function markUnknown(tx: Db, visit: Visit, step: MoneyStep, code: string, atMs: number) {
  if (step.tries >= TRIES_MAX) {
    const given = await updateStep(tx, step, { state: 'failed', answered_at_ms: atMs, code: GAVE_UP });
    const note = { step: step.kind, amountMinor: step.amountMinor, code, tries: step.tries };
    await flag(tx, visit, 'step_given_up', note, atMs);
    return given;
  }
  const dueAtMs = atMs + retryAfterMs(step.tries, code);
  const marked = await updateStep(tx, step, { state: 'unknown', code, leased_until_ms: dueAtMs });
  // Nobody was let in: the case is free again, and the sweep asks what became of the hold.
  if (visit.phase === 'requested') {
    const change = { event: 'hold_unknown', atMs, visionWaitMs: 0, dueAtMs, note: { code } } as const;
    await applyChange(tx, visit, change);
    return marked;
  }
  await writeEvent(tx, visit.id, 'step_unanswered', visit.phase, atMs, { step: step.kind, code, tries: step.tries });
  await setDue(tx, visit.id, dueAtMs, atMs);
  return marked;
}

/** An answer that came after the visit's end: a debt is paid or refused again, a refund is made or refused. */
async function afterwards(tx: Db, visit: Visit, book: MoneyBook, asked: MoneyStep, atMs: number): Promise<Answered> {
  const isAsked = ({ kind, attempt }: MoneyStep) => kind === asked.kind && attempt === asked.attempt;
  const step = book.steps.find(isAsked) ?? asked;
  const others = book.steps.filter((each) => !isAsked(each));
  if (isPending(step)) {
    if (step.state === 'sent') await setDue(tx, visit.id, dueBeside(others, pageDueAtMs(step, atMs), atMs), atMs);
    return { kind: 'rest', visit };
  }
  await tell(tx, visit, step, atMs);
  const dueAtMs = others.some(isAsking) ? null : await debtAfter(tx, visit, book, step, atMs);
  await setDue(tx, visit.id, dueBeside(others, dueAtMs, atMs), atMs);
  return { kind: 'changed', visit };
}

/** A page that is open is looked at when it has closed by itself. */
function pageDueAtMs({ params }: MoneyStep, atMs: number): number {
  return (params.expiresAtMs ?? atMs) + PAGE_GRACE_MS;
}

/** Staff were told that a refund takes effect: where it does not, they hear of it. */
async function tell(tx: Db, visit: Visit, { kind, state, amountMinor, code }: MoneyStep, atMs: number): Promise<void> {
  const note = { amountMinor, ...(code === null ? {} : { code }) };
  // Told already, with the step that it was.
  if (code === GAVE_UP) return;
  if (kind === 'refund' && state === 'failed') return flag(tx, visit, 'refund_failed', note, atMs);
  if (kind === 'refund' && state === 'done') {
    const refund = { visitId: visit.id, amountMinor, currency: visit.catalog.currency };
    await tellEvent(tx, 'refund-made', atMs, { refund });
  }
  return writeEvent(tx, visit.id, `${kind}_${state}`, 'done', atMs, note);
}

/** What the answer does to the debt, and when that is asked for again. */
async function debtAfter(tx: Db, visit: Visit, book: MoneyBook, step: MoneyStep, atMs: number): Promise<number | null> {
  const { debt } = book;
  if (debt?.state !== 'open') return null;
  const move = nextDebtMove(factsOf(visit, book), debt, atMs);
  switch (move.kind) {
    case 'paid':
      await closeDebt(tx, visit, atMs);
      return null;
    case 'too_small':
      await closeTooSmall(tx, visit, debt, move.restMinor, atMs);
      return null;
    case 'step':
    case 'rest':
      return asksAgain(tx, debt, step, atMs);
  }
}

async function asksAgain(tx: Db, debt: Debt, { kind, state, params, ...refused }: MoneyStep, atMs: number) {
  if (kind !== 'charge' || state !== 'failed') return debt.nextTryAtMs;
  const { code, declineCode, adviceCode } = refused;
  const newest = await newestCard(tx, debt.customerId);
  // Added while this one was being asked: the old card's refusal says nothing about it.
  const isOther = newest !== undefined && newest.payment_method !== params.paymentMethod;
  const next_try_at_ms = isOther ? atMs : nextTryAtMs(refused, debt.tries, atMs);
  const set = { next_try_at_ms, code, decline_code: declineCode, advice_code: adviceCode, reason: debtReason(refused) };
  await tx.updateTable('debts').set(set).where('visit_id', '=', debt.visitId).execute();
  return next_try_at_ms;
}

/** Written down in any case: a hold that came too late for its visit is then known, and let go. */
export async function holdMade(
  tx: Db,
  visitId: string,
  intent: IntentFacts,
  at: { readonly atMs: number; readonly visionWaitMs: number; readonly effects: readonly Effect[] },
): Promise<Visit | Fault> {
  const { atMs, visionWaitMs, effects } = at;
  const visit = await lockVisit(tx, visitId);
  if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  await saveIntent(tx, visitId, intent, atMs);
  const hold = { visitId, kind: 'hold', attempt: 1 } as const;
  await updateStep(tx, hold, { state: 'done', answered_at_ms: atMs, intent: intent.intent, code: null });
  const set = { intent: intent.intent };
  const held = await applyChange(tx, visit, { event: 'hold_made', atMs, visionWaitMs, set });
  if (held instanceof Fault) {
    if (visit.phase !== 'done') await setDue(tx, visitId, atMs, atMs);
    return held;
  }
  const unlocking = await applyChange(tx, held, { event: 'unlock_sent', atMs, visionWaitMs });
  for (const effect of effects) await putEffect(tx, effect, atMs);
  return unlocking;
}
