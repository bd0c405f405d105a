// Turns a visit into what the customer's phone shows: prices as frozen at unlock, its money, the evidence.
import { type Debt, outstandingMinor } from '../payment/debt.ts';
import { HELD, type IntentFacts, type StepFacts } from '../payment/facts.ts';
import { dueMinor, type Review } from '../payment/review.ts';
import type { DebtView, HoldView, MoneyEventView, VisitSummary, VisitView } from '../protocol/api.ts';
import type { Visit } from './visit.ts';
import { adjustmentViews, evidenceView, lineViews, reviewView } from './why-view.ts';

/** The controller locks again this long after unlocking when nobody opens the door (firmware's `config.py`). */
export const OPEN_WITHIN_MS = 10_000;

/** What the ledger has about a visit's money. */
export interface ShownMoney {
  readonly intents: readonly IntentFacts[];
  readonly steps: readonly (StepFacts & {
    readonly answeredAtMs: number | null;
    readonly declineCode: string | null;
  })[];
  readonly debt: Debt | null;
  readonly review: Review | null;
}

export function visitView(visit: Visit, caseName: string, money: ShownMoney): VisitView {
  return {
    id: visit.id,
    caseId: visit.caseId,
    caseName,
    phase: visit.phase,
    outcome: visit.outcome,
    currency: visit.catalog.currency,
    holdMinor: visit.holdMinor,
    openByMs: visit.phase === 'unlocked' ? visit.enteredAtMs + OPEN_WITHIN_MS : null,
    openTooLong: visit.openTooLong,
    turnedAway: visit.outcome === 'unused' ? visit.turnedAway : null,
    lines: lineViews(visit.basket?.lines ?? [], visit),
    adjustments: adjustmentViews(visit, money.review),
    totalMinor: visit.totalMinor,
    chargedMinor: visit.chargedMinor,
    refundedMinor: visit.refundedMinor,
    hold: holdView(money),
    debt: money.debt === null ? null : debtView(visit, money, money.debt),
    history: visit.phase === 'done' ? history(money) : [],
    card: { brand: visit.card.brand, last4: visit.card.last4 },
    review: reviewView(money.review, visit),
    evidence: evidenceView(visit),
    createdAtMs: visit.createdAtMs,
    endedAtMs: visit.endedAtMs,
  };
}

/** One line of the customer's own list. */
export function visitSummary(visit: Visit, caseName: string, owedMinor: number, review: Review | null): VisitSummary {
  const { id, outcome, catalog, chargedMinor, refundedMinor, basket, createdAtMs } = visit;
  const totalMinor = review?.totalMinor ?? visit.totalMinor;
  const items = (review?.lines ?? basket?.lines ?? []).reduce((sum, { count }) => sum + count, 0);
  const { currency } = catalog;
  return { id, caseName, outcome, currency, totalMinor, chargedMinor, refundedMinor, owedMinor, items, createdAtMs };
}

function holdView({ intents }: ShownMoney): HoldView {
  const hold = intents.find(({ purpose }) => purpose === 'hold');
  if (hold === undefined) return { state: 'none', expiresAtMs: null };
  if (hold.status === HELD) return { state: 'held', expiresAtMs: hold.captureBeforeMs };
  return { state: hold.receivedMinor > 0 ? 'captured' : 'released', expiresAtMs: null };
}

function debtView(visit: Visit, { intents, review }: ShownMoney, debt: Debt): DebtView {
  const { state, reason } = debt;
  const totalMinor = dueMinor(visit, review);
  const amountMinor = state === 'open' ? outstandingMinor({ totalMinor, intents }, debt) : debt.amountMinor;
  return { amountMinor, state, reason };
}

/** In the order it happened; what is still under way is not told. */
function history({ steps, debt }: ShownMoney): MoneyEventView[] {
  const held = steps.findLast(({ kind, state }) => (kind === 'hold' || kind === 'increment') && state === 'done');
  const events = steps.flatMap((step): MoneyEventView[] => {
    const { kind, state, answeredAtMs, declineCode } = step;
    if (answeredAtMs === null) return [];
    const amountMinor = kind === 'cancel' ? (held?.amountMinor ?? 0) : step.amountMinor;
    const told = TOLD[kind];
    if (state === 'done') return told === null ? [] : [{ kind: told, amountMinor, atMs: answeredAtMs }];
    const isDecline = kind === 'charge' && state === 'failed' && declineCode !== null;
    return isDecline ? [{ kind: 'declined', amountMinor, atMs: answeredAtMs }] : [];
  });
  if (debt !== null) events.push(...debtHistory(debt));
  return events.sort((a, b) => a.atMs - b.atMs);
}

const TOLD: Readonly<Record<StepFacts['kind'], MoneyEventView['kind'] | null>> = {
  hold: 'held',
  increment: 'held',
  capture: 'charged',
  charge: 'charged',
  cancel: 'released',
  pay: 'debt_paid',
  refund: 'refunded',
};

function debtHistory({ amountMinor, waivedMinor, openedAtMs, closedAtMs }: Debt): MoneyEventView[] {
  const owed: MoneyEventView = { kind: 'owed', amountMinor, atMs: openedAtMs };
  if (waivedMinor === 0) return [owed];
  return [owed, { kind: 'debt_waived', amountMinor: waivedMinor, atMs: closedAtMs ?? openedAtMs }];
}
