// The executor's half of the ledger: which step is next, written down before Stripe hears of it.
import {
  type Again,
  again,
  CLOCK_SLACK_MS,
  Fault,
  type IntentFacts,
  isPending,
  nextDebtMove,
  SEND_LEASE_MS,
  type Visit,
  WAIT_MS_MAX,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type {
  Answered,
  BasketDecision,
  Effect,
  Ends,
  MoneyAnswer,
  MoneyBook,
  MoneyNext,
  MoneyStep,
  StepRef,
  StripeHint,
} from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { doubt } from './doubts.ts';
import { isStopped, STOPPED_WAIT_MS } from './guard.ts';
import { answered, holdMade } from './money-answer.ts';
import { closeDebt, closeTooSmall, end, moveOf } from './money-end.ts';
import {
  factsOf,
  insertStep,
  lockVisit,
  newestCard,
  PAGE_GRACE_MS,
  readBook,
  setDue,
  updateStep,
} from './money-rows.ts';
import { openReview } from './review-open.ts';
import type { Db } from './rows.ts';
import { applyChange, writeEvent } from './visits.ts';

interface Ask {
  readonly atMs: number;
  readonly ends: Ends;
  readonly decision?: BasketDecision | undefined;
}

export function money(db: Kysely<Tables>) {
  return {
    nextMoney: (visitId: string, ask: Ask): Promise<MoneyNext> =>
      transact(db, async (tx) => next(tx, orUnknown(await lockVisit(tx, visitId), visitId), ask)),
    answerMoney: (step: StepRef, answer: MoneyAnswer, at: { atMs: number; ends: Ends }): Promise<Answered> =>
      transact(db, async (tx) => {
        const visit = orUnknown(await lockVisit(tx, step.visitId), step.visitId);
        return answered(tx, visit, step, answer, at);
      }),
    holdMade: (
      visitId: string,
      intent: IntentFacts,
      at: { atMs: number; visionWaitMs: number; effects: readonly Effect[] },
    ): Promise<Visit | Fault> => transact(db, (tx) => holdMade(tx, visitId, intent, at)),
    money: (visitId: string): Promise<MoneyBook> => readBook(db, visitId),
    wakeMoney: (visitId: string, atMs: number, hint?: StripeHint): Promise<boolean> =>
      transact(db, (tx) => wake(tx, visitId, atMs, hint)),
    async visitOfIntent(intent: string): Promise<string | undefined> {
      const row = await db.selectFrom('intents').select('visit_id').where('id', '=', intent).executeTakeFirst();
      return row?.visit_id;
    },
  };
}

function orUnknown(visit: Visit | undefined, id: string): Visit {
  if (visit === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id });
  return visit;
}

async function next(tx: Db, locked: Visit, { atMs, ends, decision }: Ask): Promise<MoneyNext> {
  const visit = decision === undefined ? locked : await decide(tx, locked, decision, atMs);
  if (visit.phase !== 'reconciled' && visit.phase !== 'settling' && visit.phase !== 'done') {
    return { kind: 'rest', visit };
  }
  const book = await readBook(tx, visit.id);
  const [intent] = book.doubted;
  if (intent !== undefined) return { kind: 'doubt', visit, intent };
  const pending = book.steps.filter(isPending);
  if (pending.length > 0) return resumeFirst(tx, visit, book, pending, atMs);
  return visit.phase === 'done' ? nextOfDebt(tx, visit, book, atMs) : nextOfVisit(tx, visit, book, { atMs, ends });
}

/** Decided once: whoever comes second finds the visit past `closed` and changes nothing. */
async function decide(tx: Db, visit: Visit, decision: BasketDecision, atMs: number): Promise<Visit> {
  if (visit.phase !== 'closed') return visit;
  const { basket, totalMinor, flagged, review } = decision;
  const { verdict, probability, reason } = basket;
  const decided = await applyChange(tx, visit, {
    event: 'basket_decided',
    atMs,
    visionWaitMs: 0,
    set: { basket, totalMinor, review, flagged: visit.flagged || flagged },
    note: { verdict, probability, reason },
  });
  if (decided instanceof Fault) throw decided;
  if (review || verdict === 'disputed') await openReview(tx, decided, 'disputed', atMs);
  else if (decision.asksPerson === true) await openReview(tx, decided, 'asked', atMs);
  return decided;
}

/** A page that is open for an hour does not keep a refund waiting. */
async function resumeFirst(
  tx: Db,
  visit: Visit,
  book: MoneyBook,
  pending: readonly MoneyStep[],
  atMs: number,
): Promise<MoneyNext> {
  let dueAtMs = Number.MAX_SAFE_INTEGER;
  for (const step of pending) {
    const how = howToResume(step, atMs);
    if (how === 'send' && MOVES_MORE.has(step.kind) && (await isStopped(tx))) {
      dueAtMs = Math.min(dueAtMs, atMs + STOPPED_WAIT_MS);
      continue;
    }
    if (typeof how !== 'object') return { ...(await resume(tx, visit, step, how, atMs)), sinceMs: heldSinceMs(book) };
    dueAtMs = Math.min(dueAtMs, how.waitUntilMs);
  }
  return rest(tx, visit, dueAtMs, atMs);
}

/** What takes more than was reserved, or gives back: not while the ledger may have forgotten what it did. */
const MOVES_MORE: ReadonlySet<MoneyStep['kind']> = new Set<MoneyStep['kind']>(['charge', 'refund']);

function howToResume(step: MoneyStep, atMs: number): Again {
  const { expiresAtMs = 0, session } = step.params;
  const isPage = step.kind === 'pay' && session !== undefined;
  const isOpen = isPage && step.state === 'sent';
  const waitUntilMs = isOpen ? expiresAtMs + PAGE_GRACE_MS : step.leasedUntilMs;
  if (atMs < waitUntilMs && !isFromAhead(step, waitUntilMs - atMs, isOpen ? PAGE_MS_MAX : WAIT_MS_MAX, atMs)) {
    return { waitUntilMs };
  }
  return isPage ? 'look' : again(step, atMs);
}

/** Stripe opens no page for longer. */
const PAGE_MS_MAX = 24 * 3_600_000 + PAGE_GRACE_MS;

/**
 * Written by a clock that was ahead: the step was sent in the future, or waits longer than anything does. Waited for, it would keep
 * a visit and its hold for as long as that clock was wrong; sent while its sender still lives, it is the same call under the same key.
 */
function isFromAhead({ lastSentAtMs }: MoneyStep, waitsMs: number, waitsMsMax: number, atMs: number): boolean {
  return waitsMs > waitsMsMax + CLOCK_SLACK_MS || (lastSentAtMs !== null && lastSentAtMs > atMs + CLOCK_SLACK_MS);
}

/** A hold is made once; whatever else this visit has asked of Stripe came after it, in this ledger's life or in another. */
function heldSinceMs({ intents }: MoneyBook): number | null {
  return intents.find(({ purpose }) => purpose === 'hold')?.madeAtMs ?? null;
}

async function resume(tx: Db, visit: Visit, step: MoneyStep, how: 'send' | 'look', atMs: number) {
  const leasedUntilMs = atMs + SEND_LEASE_MS;
  const resumed: MoneyStep = { ...step, tries: step.tries + 1, leasedUntilMs };
  const set = { tries: resumed.tries, leased_until_ms: leasedUntilMs };
  if (how === 'look') await updateStep(tx, step, set);
  else {
    const sent_at_ms = step.firstSentAtMs ?? atMs;
    await updateStep(tx, step, { ...set, state: 'sent', sent_at_ms, last_sent_at_ms: atMs });
  }
  await setDue(tx, visit.id, leasedUntilMs, atMs);
  return { kind: how, visit, step: resumed };
}

async function nextOfVisit(tx: Db, visit: Visit, book: MoneyBook, { atMs, ends }: Ask): Promise<MoneyNext> {
  const move = moveOf(visit, book);
  if (move.kind === 'end') return { kind: 'ended', visit: await end(tx, visit, book, move, { atMs, ends }) };
  const { kind, attempt, amountMinor } = move.step;
  if (kind === 'charge' && (await isStopped(tx))) return rest(tx, visit, atMs + STOPPED_WAIT_MS, atMs);
  const started = await applyChange(tx, visit, {
    event: 'settle_started',
    atMs,
    visionWaitMs: 0,
    dueAtMs: atMs + SEND_LEASE_MS,
    note: { step: kind, attempt, amountMinor },
  });
  if (started instanceof Fault) throw started;
  const step = await insertStep(
    tx,
    { visitId: visit.id, ...move.step, ...target(visit, book, kind) },
    book.steps.length + 1,
    { atMs, leaseMs: SEND_LEASE_MS },
  );
  return { kind: 'send', visit: started, step, sinceMs: heldSinceMs(book) };
}

/** A charge goes to the card the visit began with; the others to the hold. */
function target(visit: Visit, { intents }: MoneyBook, kind: MoneyStep['kind']) {
  const { stripeCustomer: customer, paymentMethod } = visit.card;
  if (kind === 'charge') return { intent: null, params: { customer, paymentMethod } };
  const hold = intents.find(({ purpose }) => purpose === 'hold');
  return { intent: hold?.intent ?? visit.intent, params: {} };
}

async function nextOfDebt(tx: Db, visit: Visit, book: MoneyBook, atMs: number): Promise<MoneyNext> {
  const { debt } = book;
  if (debt?.state !== 'open') return rest(tx, visit, null, atMs);
  const move = nextDebtMove(factsOf(visit, book), debt, atMs);
  if (move.kind === 'rest') return rest(tx, visit, move.dueAtMs, atMs);
  if (move.kind === 'paid') {
    await closeDebt(tx, visit, atMs);
    return rest(tx, visit, null, atMs);
  }
  if (move.kind === 'too_small') {
    await closeTooSmall(tx, visit, debt, move.restMinor, atMs);
    return rest(tx, visit, null, atMs);
  }
  if (await isStopped(tx)) return rest(tx, visit, atMs + STOPPED_WAIT_MS, atMs);
  const card = await newestCard(tx, visit.customerId);
  const customer = card?.stripe_customer ?? visit.card.stripeCustomer;
  const paymentMethod = card?.payment_method ?? visit.card.paymentMethod;
  const planned = { visitId: visit.id, ...move.step, intent: null, params: { customer, paymentMethod } };
  const step = await insertStep(tx, planned, book.steps.length + 1, { atMs, leaseMs: SEND_LEASE_MS });
  const set = { tries: debt.tries + 1, next_try_at_ms: null };
  await tx.updateTable('debts').set(set).where('visit_id', '=', visit.id).execute();
  await writeEvent(tx, visit.id, 'debt_asked', 'done', atMs, { amountMinor: step.amountMinor, attempt: step.attempt });
  await setDue(tx, visit.id, atMs + SEND_LEASE_MS, atMs);
  return { kind: 'send', visit, step, sinceMs: heldSinceMs(book) };
}

async function rest(tx: Db, visit: Visit, dueAtMs: number | null, atMs: number): Promise<MoneyNext> {
  // Most often somebody else is at it already: nothing is written, and so nothing waits for the disk.
  if (dueAtMs !== visit.dueAtMs) await setDue(tx, visit.id, dueAtMs, atMs);
  return { kind: 'rest', visit };
}

/** What waits is looked at now: unanswered steps, and a page on which the customer may just have paid. */
async function wake(tx: Db, visitId: string, atMs: number, hint?: StripeHint): Promise<boolean> {
  const visit = await lockVisit(tx, visitId);
  if (visit === undefined) return false;
  const book = await readBook(tx, visitId);
  const { steps } = book;
  const waiting = steps.filter((step) => isPending(step) && !isUnderWay(step));
  for (const step of waiting) {
    // What was never sent stays so: it is sent, not looked for.
    const state = step.state === 'planned' ? 'planned' : 'unknown';
    await updateStep(tx, step, { state, leased_until_ms: 0 });
  }
  if (waiting.length > 0) await setDue(tx, visitId, atMs, atMs);
  if (hint !== undefined) await doubt(tx, visit, book, hint, atMs);
  return true;
}

/** A call that is under way is left alone: its answer is nearly here. An open page is no call. */
function isUnderWay({ kind, state, params }: MoneyStep): boolean {
  return state === 'sent' && !(kind === 'pay' && params.session !== undefined);
}
