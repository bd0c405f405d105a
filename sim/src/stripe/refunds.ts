// Refunds: of a payment or a charge, whole or in parts, never above what is left.
import type Stripe from 'stripe';
import { idOf, put, type Standin } from './books.ts';
import { cardOf } from './customers.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import { newRefund } from './objects/refund.ts';
import { mergeMetadata, type Params } from './params.ts';
import { chargeOf, findPaymentIntent } from './payment-intents.ts';
import { badRequest, missing } from './refusal.ts';

export function createRefund(standin: Standin, params: Params): Stripe.Refund {
  const amount = params.integer('amount');
  const intentId = params.text('payment_intent');
  const chargeId = params.text('charge');
  const reason = params.oneOf('reason', ['duplicate', 'fraudulent', 'requested_by_customer']) ?? null;
  const metadata = mergeMetadata({}, params.metadata());
  params.end();
  const charge = refundable(standin, intentId, chargeId);
  // On accounts that book the uncaptured rest as a refund, that is no money of the customer's.
  const givenBack = sumOf(standin, charge);
  const left = charge.amount_captured - givenBack;
  const wanted = amount ?? left;
  if (left <= 0) {
    throw badRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  if (wanted < 1) {
    throw badRequest('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  }
  if (wanted > left) {
    throw badRequest(`Refund amount (${wanted}) is greater than unrefunded amount on charge (${left})`, {
      param: 'amount',
    });
  }
  const method = standin.books.paymentMethods.get(charge.payment_method ?? '');
  const { refund: how } = method === undefined ? {} : cardOf(standin, method);
  const status = how === 'pending' ? 'pending' : 'succeeded';
  const refund = put(
    standin.books.refunds,
    newRefund({ charge, amount: wanted, reason, metadata, status }, standin.nowS()),
  );
  charge.amount_refunded += wanted;
  charge.refunded = charge.amount_refunded >= charge.amount_captured;
  standin.emit('refund.created', refund);
  standin.emit('charge.refunded', charge);
  if (how === 'failed') standin.later(() => fail(standin, refund, charge));
  if (how === 'pending') standin.later(() => finish(standin, refund));
  return refund;
}

function refundable(standin: Standin, intentId: string | undefined, chargeId: string | undefined): Stripe.Charge {
  if ((intentId === undefined) === (chargeId === undefined)) {
    throw badRequest('Give a payment_intent or a charge.', { code: 'parameter_missing', param: 'payment_intent' });
  }
  const charge =
    intentId === undefined
      ? standin.books.charges.get(chargeId!)
      : chargeOf(standin, findPaymentIntent(standin, intentId));
  if (charge === undefined && chargeId !== undefined) throw missing('charge', chargeId, 'charge');
  if (charge === undefined || !charge.captured || charge.status !== 'succeeded') {
    throw badRequest('This payment has no successful charge to refund.', { code: 'charge_not_refundable' });
  }
  return charge;
}

function sumOf({ books }: Standin, charge: Stripe.Charge): number {
  let sum = 0;
  for (const refund of books.refunds.values()) {
    if (refund.charge === charge.id && refund.status !== 'failed' && refund.status !== 'canceled') sum += refund.amount;
  }
  return sum;
}

/** The card's account is closed: the money comes back to the merchant, and only an event tells. */
function fail(standin: Standin, refund: Stripe.Refund, charge: Stripe.Charge): void {
  Object.assign(refund, { status: 'failed', failure_reason: 'lost_or_stolen_card' });
  charge.amount_refunded -= refund.amount;
  charge.refunded = false;
  standin.emit('refund.updated', refund);
  standin.emit('refund.failed', refund);
}

function finish(standin: Standin, refund: Stripe.Refund): void {
  refund.status = 'succeeded';
  standin.emit('refund.updated', refund);
}

export function retrieveRefund({ books }: Standin, params: Params, { id }: { id: string }): Stripe.Refund {
  params.end();
  const refund = books.refunds.get(id);
  if (refund === undefined) throw missing('refund', id, 'refund');
  return refund;
}

export function listRefunds({ books }: Standin, params: Params): ListPage {
  const intent = params.text('payment_intent');
  const charge = params.text('charge');
  const query = readListQuery(params);
  params.end();
  const refunds = [...books.refunds.values()].filter(
    (refund) =>
      (intent === undefined || idOf(refund.payment_intent) === intent) &&
      (charge === undefined || idOf(refund.charge) === charge),
  );
  return listPage(refunds, query, '/v1/refunds');
}
