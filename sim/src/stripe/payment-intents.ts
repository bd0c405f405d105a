// PaymentIntents: made, confirmed, changed, looked up. The table of what may follow what is
// docs.stripe.com/payments/paymentintents/lifecycle with manual capture; holds.ts has what may become of a hold.
import type Stripe from 'stripe';
import { checkAmount } from './amounts.ts';
import { confirm, PRESENT } from './bank.ts';
import { idOf, put, type Standin } from './books.ts';
import { findCustomer, methodOf } from './customers.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import { newPaymentIntent } from './objects/payment-intent.ts';
import { mergeMetadata, type Params } from './params.ts';
import { readConfirmation, readCreation } from './payment-intent-params.ts';
import { missing, missingParam, wrongState } from './refusal.ts';

export function createPaymentIntent(standin: Standin, params: Params): Stripe.PaymentIntent {
  const { facts, confirmation, paymentMethod } = readCreation(params);
  params.end();
  if (facts.customer !== null) findCustomer(standin, facts.customer, 'customer');
  const method = paymentMethod === undefined ? undefined : methodOf(standin, paymentMethod, facts.customer);
  const intent = put(standin.books.paymentIntents, newPaymentIntent(facts, standin.nowS()));
  if (method !== undefined) setMethod(intent, method);
  standin.emit('payment_intent.created', intent);
  return confirmation === undefined ? intent : confirm(standin, intent, confirmation);
}

export function confirmPaymentIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  const confirmation = readConfirmation(params);
  const paymentMethod = params.text('payment_method');
  params.end();
  const intent = findPaymentIntent(standin, id);
  const confirmable = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
  if (!confirmable.includes(intent.status)) {
    throw wrongState(`You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`, intent);
  }
  if (paymentMethod !== undefined) setMethod(intent, methodOf(standin, paymentMethod, idOf(intent.customer)));
  return confirm(standin, intent, confirmation);
}

export function updatePaymentIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  const amount = params.integer('amount');
  const description = params.text('description');
  const metadata = params.metadata();
  params.end();
  const intent = findPaymentIntent(standin, id);
  if (amount !== undefined) {
    if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
      const message = `This PaymentIntent's amount could not be updated because it has a status of ${intent.status}.`;
      throw wrongState(message, intent, 'amount');
    }
    checkAmount(amount, intent.currency);
    intent.amount = amount;
  }
  if (description !== undefined) intent.description = description || null;
  intent.metadata = mergeMetadata(intent.metadata, metadata);
  return intent;
}

export function retrievePaymentIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  params.text('client_secret');
  params.end();
  return findPaymentIntent(standin, id);
}

export function listPaymentIntents(standin: Standin, params: Params): ListPage {
  const name = params.text('customer');
  const query = readListQuery(params);
  params.end();
  if (name !== undefined) findCustomer(standin, name, 'customer');
  return listPage(standin.books.paymentIntents, { name }, query, '/v1/payment_intents');
}

export function retrieveCharge(standin: Standin, params: Params, { id }: { id: string }): Stripe.Charge {
  params.end();
  const charge = standin.books.charges.get(id);
  if (charge === undefined) throw missing('charge', id, 'charge');
  return charge;
}

/** Pays on a page, with the cardholder there to be asked. */
export function payPresent(standin: Standin, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  setMethod(intent, method);
  confirm(standin, intent, PRESENT);
}

/** `param`: the parameter that names it; the address does where there is none. */
export function findPaymentIntent(standin: Standin, id: string, param?: string): Stripe.PaymentIntent {
  const intent = standin.books.paymentIntents.get(id);
  if (intent !== undefined) return intent;
  throw param === undefined ? missing('payment_intent', id, 'intent') : missingParam('payment_intent', id, param);
}

export function chargeOf({ books }: Standin, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  return books.charges.get(idOf(intent.latest_charge) ?? '');
}

function setMethod(intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
}
