// What Stripe answered: the step is marked, the payment's facts are kept, and what follows from them happens at once.
import {
  type Debt,
  debtReason,
  Fault,
  type IntentFacts,
  isPending,
  nextDebtMove,
  nextTryAtMs,
  retryAfterMs,
  type Visit,
} from '@tapcase/domain';
import { closeDebt, end, GAVE_UP, moveOf } from './money-end.ts';
import { factsOf, lockVisit, PAGE_GRACE_MS, readBook, saveIntent, setDue, sumMoney, updateStep } from './money-rows.ts';
import { putEffect } from './outbox.ts';
import type { Answered, Effect, Ends, MoneyAnswer, MoneyBook, MoneyStep, StepParams, StepRef } from './port.ts';
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
  if ((answer.kind === 'done' || answer.kind === 'refused') && answer.intent !== undefined) {
    await saveIntent(tx, visit.id, answer.intent, atMs);
  }
  // The slower of two calls under one key may still say that it does not know: what is final stays.
  if (isPending(step)) await markStep(tx, visit, step, answer, atMs);
  const book = await readBook(tx, visit.id);
  await sumMoney(tx, visit.id, book);
  const now = (await lockVisit(tx, visit.id)) ?? visit;
  if (now.phase === 'requested' && answer.kind === 'refused') return refuseEntry(tx, now, answer.code, atMs);
  if (book.steps.some(isPending)) return { kind: 'rest', visit: now };
  if (now.phase === 'done') return afterwards(tx, now, book, step, atMs);
  if (now.phase !== 'settling') return { kind: 'rest', visit: now };
  const move = moveOf(now, book);
  if (move.kind === 'step') return { kind: 'more', visit: now };
  return { kind: 'ended', visit: await end(tx, now, book, move, { atMs, ends }) };
}

/** The hold was declined: the door stays shut, the case is free again. */
async function refuseEntry(tx: Db, visit: Visit, code: string, atMs: number): Promise<Answered> {
  const set = { outcome: 'refused' } as const;
  const refused = await applyChange(tx, visit, { event: 'hold_refused', atMs, visionWaitMs: 0, set, note: { code } });
  if (refused instanceof Fault) throw refused;
  return { kind: 'ended', visit: refused };
}

async function markStep(tx: Db, visit: Visit, step: MoneyStep, answer: MoneyAnswer, atMs: number): Promise<void> {
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
      await updateStep(tx, step, { state: 'sent', code: null, params: JSON.stringify(params) });
      return setDue(tx, visit.id, (step.params.expiresAtMs ?? atMs) + PAGE_GRACE_MS);
    }
    case 'unknown':
      return markUnknown(tx, visit, step, answer.code, atMs);
  }
}

async function markUnknown(tx: Db, visit: Visit, step: MoneyStep, code: string, atMs: number): Promise<void> {
  if (step.tries >= TRIES_MAX) {
    return updateStep(tx, step, { state: 'failed', answered_at_ms: atMs, code: GAVE_UP });
  }
  const dueAtMs = atMs + retryAfterMs(step.tries, code);
  await updateStep(tx, step, { state: 'unknown', code, leased_until_ms: dueAtMs });
  // Nobody was let in: the case is free again, and the sweep asks what became of the hold.
  if (visit.phase === 'requested') {
    const change = { event: 'hold_unknown', atMs, visionWaitMs: 0, dueAtMs, note: { code } } as const;
    await applyChange(tx, visit, change);
    return;
  }
  await writeEvent(tx, visit.id, 'step_unanswered', visit.phase, atMs, { step: step.kind, code, tries: step.tries });
  await setDue(tx, visit.id, dueAtMs);
}

/** An answer that came after the visit's end: a debt is paid or refused again, a refund is made. */
async function afterwards(tx: Db, visit: Visit, book: MoneyBook, step: MoneyStep, atMs: number): Promise<Answered> {
  const { debt } = book;
  const answered = book.steps.find(({ kind, attempt }) => kind === step.kind && attempt === step.attempt) ?? step;
  await writeEvent(tx, visit.id, `${step.kind}_${answered.state}`, 'done', atMs, {
    amountMinor: step.amountMinor,
    ...(answered.code === null ? {} : { code: answered.code }),
  });
  let dueAtMs: number | null = null;
  if (debt?.state === 'open') {
    const move = nextDebtMove(factsOf(visit, book), debt, atMs);
    if (move.kind === 'paid') await closeDebt(tx, visit, atMs);
    else dueAtMs = await asksAgain(tx, debt, answered, atMs);
  }
  await setDue(tx, visit.id, dueAtMs);
  return { kind: 'changed', visit };
}

async function asksAgain(tx: Db, debt: Debt, { kind, state, ...refused }: MoneyStep, atMs: number) {
  if (kind !== 'charge' || state !== 'failed') return debt.nextTryAtMs;
  const { code, declineCode, adviceCode } = refused;
  const next_try_at_ms = nextTryAtMs(refused, debt.tries, atMs);
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
    if (visit.phase !== 'done') await setDue(tx, visitId, atMs);
    return held;
  }
  const unlocking = await applyChange(tx, held, { event: 'unlock_sent', atMs, visionWaitMs });
  for (const effect of effects) await putEffect(tx, effect, atMs);
  return unlocking;
}
