// Refunds: of a payment or a charge, whole or in parts, never above what is left.
import type Stripe from 'stripe';
import { checkStep } from './amounts.ts';
import { idOf, put, type Standin, touch } from './books.ts';
import { cardOf } from './customers.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import { newRefund } from './objects/refund.ts';
import { mergeMetadata, type Params } from './params.ts';
import { chargeOf, findPaymentIntent } from './payment-intents.ts';
import { badRequest, missing, missingParam } from './refusal.ts';

export function createRefund(standin: Standin, params: Params): Stripe.Refund {
  const asked = params.integer('amount');
  const intentId = params.text('payment_intent');
  const chargeId = params.text('charge');
  const reason = params.oneOf('reason', ['duplicate', 'fraudulent', 'requested_by_customer']) ?? null;
  const metadata = mergeMetadata({}, params.metadata());
  if (asked !== undefined && asked < 1) {
    const message = asked === 0 ? 'This value must be greater than or equal to 1.' : 'Invalid positive integer';
    throw badRequest(message, { code: 'parameter_invalid_integer', param: 'amount' });
  }
  params.end();
  const charge = refundable(standin, intentId, chargeId);
  const amount = refundableAmount(standin, charge, asked);
  checkStep(amount, charge.currency, 'amount');
  const how = cardOf(standin, standin.books.paymentMethods.get(charge.payment_method!)!).refund;
  const status = how === 'pending' ? 'pending' : 'succeeded';
  const refund = newRefund({ charge, amount, reason, metadata, status }, standin.nowS());
  put(standin.books.refunds, refund);
  give(standin, charge, amount);
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
  const charge = chargeId === undefined ? chargeOfIntent(standin, intentId!) : standin.books.charges.get(chargeId);
  if (charge === undefined && chargeId !== undefined) throw missingParam('charge', chargeId, 'charge');
  if (charge === undefined || !charge.captured || charge.status !== 'succeeded') {
    const whose = intentId ?? idOf(charge?.payment_intent);
    throw badRequest(`This PaymentIntent (${whose}) does not have a successful charge to refund.`, {
      param: intentId === undefined ? 'charge' : 'payment_intent',
    });
  }
  if (charge.disputed) {
    const code = 'charge_disputed';
    throw badRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code });
  }
  return charge;
}

function chargeOfIntent(standin: Standin, id: string): Stripe.Charge | undefined {
  return chargeOf(standin, findPaymentIntent(standin, id, 'payment_intent'));
}

/** What of a charge was received and not given back; a part of the hold that was never taken is neither. */
function leftOf({ books }: Standin, charge: Stripe.Charge): number {
  return charge.amount_captured - (charge.amount_refunded - (books.releases.get(charge.id) ?? 0));
}

function refundableAmount(standin: Standin, charge: Stripe.Charge, asked: number | undefined): number {
  const left = leftOf(standin, charge);
  if (left <= 0) {
    throw badRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  // Stripe gives this one no code.
  if (asked !== undefined && asked > left) {
    const message = `Refund amount (${asked}) is greater than unrefunded amount on charge (${left})`;
    throw badRequest(message, { param: 'amount' });
  }
  return asked ?? left;
}

function give(standin: Standin, charge: Stripe.Charge, amount: number): void {
  charge.amount_refunded += amount;
  charge.refunded = leftOf(standin, charge) === 0;
}

/** The card's account is closed: the money comes back to the merchant, and only an event tells. */
function fail(standin: Standin, refund: Stripe.Refund, charge: Stripe.Charge): void {
  Object.assign(refund, { status: 'failed', failure_reason: 'lost_or_stolen_card' });
  give(standin, charge, -refund.amount);
  touch(standin.books, charge);
  standin.emit('refund.updated', refund);
  standin.emit('refund.failed', refund);
}

/** The bank has done it; only an event tells. */
export function finish(standin: Standin, refund: Stripe.Refund): void {
  if (refund.status !== 'pending') return;
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
  const matches = (refund: Stripe.Refund) => charge === undefined || idOf(refund.charge) === charge;
  return listPage(books.refunds, { name: intent ?? charge, matches }, query, '/v1/refunds');
}
