// Disputes: told of by an event, listed, read. Nobody answers one here; whoever tests one orders it.
import type Stripe from 'stripe';
import { dispute } from './bank.ts';
import { idOf, type Standin } from './books.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import type { Params } from './params.ts';
import { chargeOf, findPaymentIntent } from './payment-intents.ts';
import { badRequest, missing } from './refusal.ts';

/** What the cardholder does at their bank. Throws where nothing was taken, or it is disputed already. */
export function disputePayment(standin: Standin, intentId: string): Stripe.Dispute {
  const charge = chargeOf(standin, findPaymentIntent(standin, intentId, 'payment_intent'));
  if (charge === undefined || !charge.captured || charge.disputed) {
    throw badRequest(`This PaymentIntent (${intentId}) has no charge to dispute.`, { param: 'payment_intent' });
  }
  return dispute(standin, charge);
}

export function retrieveDispute({ books }: Standin, params: Params, { id }: { id: string }): Stripe.Dispute {
  params.end();
  const found = books.disputes.get(id);
  if (found === undefined) throw missing('dispute', id, 'id');
  return found;
}

export function listDisputes({ books }: Standin, params: Params): ListPage {
  const intent = params.text('payment_intent');
  const charge = params.text('charge');
  const query = readListQuery(params);
  params.end();
  const matches = (each: Stripe.Dispute) => charge === undefined || idOf(each.charge) === charge;
  return listPage(books.disputes, { name: intent ?? charge, matches }, query, '/v1/disputes');
}
