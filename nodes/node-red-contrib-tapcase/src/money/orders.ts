// Words a money step as the order that a Stripe node reads. The same step always gives the same order.
import type { StripeAct, Visit } from '@tapcase/domain';
import type { MoneyNext, MoneyStep } from '@tapcase/ledger';
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
};

export function orderFor({ kind, visit, step }: Extract<MoneyNext, { readonly step: MoneyStep }>): Order {
  const order = kind === 'look' ? lookOrder(visit, step) : sendOrder(visit, step);
  return { act: order.act, add: { ...NO_ANSWERS, visit, ...order.add } };
}

function sendOrder(visit: Visit, step: MoneyStep): Order {
  const { kind, attempt, amountMinor, intent, params } = step;
  const { id, caseId, catalog } = visit;
  const { currency } = catalog;
  switch (kind) {
    case 'hold':
      return { act: 'hold', add: { step: ordered(step, 'stripe'), hold: holdRequest(visit) } };
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
      const charge = { id, attempt, amountMinor, currency, customer, paymentMethod, metadata };
      return { act: 'charge', add: { step: ordered(step, 'charged'), charge } };
    }
    case 'refund': {
      const metadata = { visit: id, case: caseId, ...metadataOf(step) };
      const refund = { id, attempt, intent, amountMinor, reason: 'requested_by_customer', metadata };
      return { act: 'refund', add: { step: ordered(step, 'refunded'), refund } };
    }
    case 'pay':
      // The customer opens the page, nobody else; what is left here is to see whether Stripe knows of one.
      return lookOrder(visit, step);
  }
}

function lookOrder(visit: Visit, step: MoneyStep): Order {
  const { kind, params, intent } = step;
  const customer = params.customer ?? visit.card.stripeCustomer;
  if (kind === 'pay' && params.session !== undefined) {
    const payPage = { session: params.session, customer };
    return { act: 'look-page', add: { step: ordered(step, 'paid'), payPage } };
  }
  if (kind === 'refund') {
    const order = sendOrder(visit, step);
    return { ...order, add: { ...order.add, refund: { ...(order.add.refund as object), lookFirst: true } } };
  }
  const isNew = kind === 'hold' || kind === 'charge' || kind === 'pay';
  const look = isNew
    ? { customer, metadata: { visit: visit.id, ...metadataOf(step) }, createdAfterMs: visit.createdAtMs - SKEW_MS }
    : { intent };
  return { act: 'look', add: { step: ordered(step, 'looked'), look } };
}

/** Stripe's clock and ours may differ. */
const SKEW_MS = 300_000;

/** By this a payment is found again when its answer was lost. */
export function metadataOf({ kind, attempt }: Pick<MoneyStep, 'kind' | 'attempt'>): Readonly<Record<string, string>> {
  return { step: kind, attempt: String(attempt) };
}

function ordered(step: MoneyStep, answer: OrderedStep['answer']): OrderedStep {
  const { visitId, kind, attempt, amountMinor } = step;
  return { visitId, kind, attempt, amountMinor, answer };
}
