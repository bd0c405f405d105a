// Words a money step as the order that a Stripe node reads. The same step always gives the same order.
import type { StripeAct, Visit } from '@tapcase/domain';
import type { MoneyAsk, MoneyNext, MoneyStep } from '@tapcase/ledger';
import { holdRequest } from './hold-request.ts';
import type { OrderedStep } from './ordered-step.ts';

interface Order {
  readonly act: StripeAct;
  readonly add: Readonly<Record<string, unknown>>;
}

/** Answers of earlier steps go, so that nobody takes one for this step's. */
const NO_ANSWERS = {
  stripe: undefined,
  settled: undefined,
  charged: undefined,
  refunded: undefined,
  looked: undefined,
  paid: undefined,
  doubted: undefined,
};

export function orderFor(next: Extract<MoneyNext, MoneyAsk>): Order {
  const order = next.kind === 'look' ? lookOrder(next) : sendOrder(next);
  return { act: order.act, add: { ...NO_ANSWERS, visit: next.visit, ...order.add } };
}

function sendOrder({ visit, step, sinceMs }: MoneyAsk): Order {
  const { kind, attempt, amountMinor, intent, params } = step;
  const { id, caseId, catalog } = visit;
  const { currency } = catalog;
  const fence = { sinceMs, marks: marksOf(step), createdAfterMs: madeAfterMs(visit, sinceMs) };
  switch (kind) {
    case 'hold':
      // It was sent when the visit was opened: who asks again does not know what became of it.
      return { act: 'hold', add: { step: ordered(step, 'stripe'), hold: { ...holdRequest(visit), fence } } };
    case 'capture':
    case 'cancel':
    case 'increment':
      return {
        act: 'settle',
        add: { step: ordered(step, 'settled'), settle: { id, kind, intent, amountMinor, attempt } },
      };
    case 'charge': {
      const { customer, paymentMethod } = params;
      const metadata = { visit: id, case: caseId, ...metadataOf(step) };
      const charge = { id, attempt, amountMinor, currency, customer, paymentMethod, metadata, fence };
      return { act: 'charge', add: { step: ordered(step, 'charged'), charge } };
    }
    case 'refund': {
      const metadata = { visit: id, case: caseId, ...metadataOf(step) };
      const given = { id, attempt, intent, amountMinor, reason: 'requested_by_customer', metadata };
      const refund = { ...given, lookFirst: true, sinceMs };
      return { act: 'refund', add: { step: ordered(step, 'refunded'), refund } };
    }
    case 'pay':
      // The customer opens the page, nobody else; what is left here is to see whether Stripe knows of one.
      return lookOrder({ visit, step, sinceMs });
  }
}

function lookOrder(ask: MoneyAsk): Order {
  const { visit, step, sinceMs } = ask;
  const { kind, params, intent } = step;
  const customer = params.customer ?? visit.card.stripeCustomer;
  if (kind === 'pay' && params.session !== undefined) {
    const payPage = { session: params.session, customer };
    return { act: 'look-page', add: { step: ordered(step, 'paid'), payPage } };
  }
  if (kind === 'refund') {
    // What Stripe has answered for good is answered so again, so a look must come first.
    return sendOrder({ ...ask, sinceMs: null });
  }
  const isNew = kind === 'hold' || kind === 'charge' || kind === 'pay';
  const look = isNew ? { customer, metadata: marksOf(step), createdAfterMs: madeAfterMs(visit, sinceMs) } : { intent };
  return { act: 'look', add: { step: ordered(step, 'looked'), look } };
}

/** Nothing of Stripe's is dated before what came before it; this much is for its servers' differences. */
const STRIPE_SLACK_MS = 60_000;
/** Our clock was wrong by no more when the visit began: with more, TLS would have met no certificate that is valid. */
const OUR_SLACK_MS = 31 * 86_400_000;

/** Since when a payment of the visit may have been made: by Stripe's clock where it is known. */
function madeAfterMs({ createdAtMs }: Visit, sinceMs: number | null): number {
  return Math.max(0, sinceMs === null ? createdAtMs - OUR_SLACK_MS : sinceMs - STRIPE_SLACK_MS);
}

function marksOf(step: MoneyStep): Readonly<Record<string, string>> {
  return { visit: step.visitId, ...metadataOf(step) };
}

/** By this a payment is found again when its answer was lost. */
export function metadataOf({ kind, attempt }: Pick<MoneyStep, 'kind' | 'attempt'>): Readonly<Record<string, string>> {
  return { step: kind, attempt: String(attempt) };
}

function ordered(step: MoneyStep, answer: OrderedStep['answer']): OrderedStep {
  const { visitId, kind, attempt, amountMinor } = step;
  return { visitId, kind, attempt, amountMinor, answer };
}
