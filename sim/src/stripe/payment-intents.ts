// The state machine of a PaymentIntent: what may follow what, what the bank's answer does, which events it causes.
// The table is docs.stripe.com/payments/paymentintents/lifecycle with manual capture.
import type Stripe from 'stripe';
import { checkAmount } from './amounts.ts';
import { idOf, newId, put, type Standin } from './books.ts';
import type { BankAnswer } from './cards.ts';
import { cardOf, findCustomer, methodOf } from './customers.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import { newCharge } from './objects/charge.ts';
import { newPaymentIntent } from './objects/payment-intent.ts';
import { mergeMetadata, type Params } from './params.ts';
import { type Confirmation, readConfirmation, readCreation } from './payment-intent-params.ts';
import { badRequest, cardRefused, missing, wrongState } from './refusal.ts';

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

export function capturePaymentIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  const asked = params.integer('amount_to_capture');
  const final = params.flag('final_capture') ?? true;
  const metadata = params.metadata();
  params.end();
  const intent = findPaymentIntent(standin, id);
  const amount = asked ?? intent.amount_capturable;
  checkCapture(standin, intent, amount, final);
  const charge = chargeOf(standin, intent)!;
  Object.assign(charge, { captured: true, amount_captured: amount, balance_transaction: newId('txn') });
  if (standin.switches.partialCapture === 'refunded' && amount < charge.amount) {
    charge.amount_refunded = charge.amount - amount;
  }
  Object.assign(intent, {
    status: 'succeeded',
    amount_capturable: 0,
    amount_received: amount,
    metadata: mergeMetadata(intent.metadata, metadata),
  });
  standin.emit('charge.captured', charge);
  if (cardOf(standin, standin.books.paymentMethods.get(idOf(intent.payment_method)!)!).disputes) {
    dispute(standin, charge);
  }
  standin.emit('payment_intent.succeeded', intent);
  return intent;
}

function checkCapture(standin: Standin, intent: Stripe.PaymentIntent, amount: number, final: boolean): void {
  if (intent.status === 'succeeded') {
    const why = 'because the remainder of the authorized amount has been released';
    throw wrongState(`The remaining amount on this PaymentIntent could not be captured ${why}.`, intent);
  }
  if (intent.status !== 'requires_capture') {
    const only = 'Only a PaymentIntent with one of the following statuses may be captured: requires_capture.';
    throw wrongState(
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. ${only}`,
      intent,
    );
  }
  const carried = { payment_intent: structuredClone(intent) };
  if (amount < 0) throw badRequest('Invalid non-negative integer', { param: 'amount_to_capture', ...carried });
  if (amount === 0) {
    const code = 'parameter_invalid_integer';
    throw badRequest('This value must be greater than or equal to 1.', { code, param: 'amount', ...carried });
  }
  const most = chargeOf(standin, intent)?.payment_method_details?.card?.overcapture?.maximum_amount_capturable ?? 0;
  if (amount > Math.max(intent.amount_capturable, most)) {
    const message = 'The requested capture amount is greater than the amount you can capture for this charge.';
    throw badRequest(message, { code: 'amount_too_large', param: 'amount_to_capture', ...carried });
  }
  if (!final)
    throw badRequest('Multicapture is not available for this charge.', { param: 'final_capture', ...carried });
}

/** docs.stripe.com/payments/incremental-authorization; declined tries count. */
const INCREMENTS_MAX = 10;

export function incrementAuthorization(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  const amount = params.requiredInteger('amount');
  const metadata = params.metadata();
  const description = params.text('description');
  params.end();
  const intent = findPaymentIntent(standin, id);
  checkIncrement(standin, intent, amount);
  const method = standin.books.paymentMethods.get(idOf(intent.payment_method) ?? '')!;
  const tries = (standin.books.increments.get(id) ?? 0) + 1;
  standin.books.increments.set(id, tries);
  const { onIncrement } = cardOf(standin, method);
  // The hold stays good for its old amount.
  if (onIncrement?.kind === 'declined')
    throw cardRefused({ ...errorOf(onIncrement), payment_intent: structuredClone(intent) });
  checkAmount(amount, intent.currency);
  const charge = chargeOf(standin, intent)!;
  const card = charge.payment_method_details!.card!;
  Object.assign(charge, { amount });
  Object.assign(card, { amount_authorized: amount });
  card.overcapture!.maximum_amount_capturable = Math.max(amount, card.overcapture!.maximum_amount_capturable);
  Object.assign(intent, { amount, amount_capturable: amount, metadata: mergeMetadata(intent.metadata, metadata) });
  if (description !== undefined) intent.description = description || null;
  standin.emit('payment_intent.amount_capturable_updated', intent);
  return intent;
}

function checkIncrement(standin: Standin, intent: Stripe.PaymentIntent, amount: number): void {
  const carried = { payment_intent: structuredClone(intent) };
  if (intent.status !== 'requires_capture') {
    throw wrongState(`This PaymentIntent cannot be incremented because it has a status of ${intent.status}.`, intent);
  }
  const card = chargeOf(standin, intent)?.payment_method_details?.card;
  if (card?.incremental_authorization?.status !== 'available') {
    throw badRequest('This PaymentIntent does not support incremental authorization.', { param: 'amount', ...carried });
  }
  if (amount <= intent.amount) {
    throw badRequest('The new amount must be greater than the current one.', { param: 'amount', ...carried });
  }
  if ((standin.books.increments.get(intent.id) ?? 0) >= INCREMENTS_MAX) {
    throw badRequest(`A PaymentIntent can be incremented at most ${INCREMENTS_MAX} times.`, carried);
  }
}

const CANCELABLE = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing',
];
const CANCEL_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'] as const;

export function cancelPaymentIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  const reason = params.oneOf('cancellation_reason', CANCEL_REASONS) ?? null;
  params.end();
  const intent = findPaymentIntent(standin, id);
  if (!CANCELABLE.includes(intent.status)) {
    const only = `Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(', ')}.`;
    throw wrongState(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. ${only}`,
      intent,
    );
  }
  release(standin, intent, reason);
  standin.emit('payment_intent.canceled', intent);
  return intent;
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
  const customer = params.text('customer');
  const query = readListQuery(params);
  params.end();
  const intents = [...standin.books.paymentIntents.values()].filter(
    (intent) => customer === undefined || intent.customer === customer,
  );
  for (const intent of intents) expireHold(standin, intent);
  return listPage(intents, query, '/v1/payment_intents');
}

export function retrieveCharge(standin: Standin, params: Params, { id }: { id: string }): Stripe.Charge {
  params.end();
  const charge = standin.books.charges.get(id);
  if (charge === undefined) throw missing('charge', id, 'charge');
  return charge;
}

/** Pays on a page with the cardholder present: what the bank asks is answered there. */
export function payPresent(standin: Standin, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  setMethod(intent, method);
  const { onCharge } = cardOf(standin, method);
  const confirmation = { offSession: false, errorOnRequiresAction: false, returnUrl: undefined };
  if (onCharge.kind === 'declined') decline(standin, intent, method, onCharge, confirmation);
  approve(standin, intent, method, confirmation);
}

export function findPaymentIntent(standin: Standin, id: string): Stripe.PaymentIntent {
  const intent = standin.books.paymentIntents.get(id);
  if (intent === undefined) throw missing('payment_intent', id, 'intent');
  expireHold(standin, intent);
  return intent;
}

/** A hold that nobody captured in time is released by the bank; noticed when somebody next looks. */
function expireHold(standin: Standin, intent: Stripe.PaymentIntent): void {
  if (intent.status !== 'requires_capture') return;
  const charge = chargeOf(standin, intent);
  const captureBeforeS = charge?.payment_method_details?.card?.capture_before ?? Infinity;
  if (standin.nowS() < captureBeforeS) return;
  release(standin, intent, 'automatic');
  standin.emit('charge.expired', charge!);
  standin.emit('payment_intent.canceled', intent);
}

export function chargeOf(standin: Standin, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  return standin.books.charges.get(idOf(intent.latest_charge) ?? '');
}

function release(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
) {
  Object.assign(intent, {
    status: 'canceled',
    amount_capturable: 0,
    canceled_at: standin.nowS(),
    cancellation_reason: reason,
    next_action: null,
  });
}

function setMethod(intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
}

function confirm(standin: Standin, intent: Stripe.PaymentIntent, confirmation: Confirmation): Stripe.PaymentIntent {
  const method = standin.books.paymentMethods.get(idOf(intent.payment_method) ?? '');
  if (method === undefined) {
    throw wrongState('You cannot confirm this PaymentIntent because it is missing a payment method.', intent);
  }
  const { onCharge, onOffSession = onCharge } = cardOf(standin, method);
  const answer = confirmation.offSession ? onOffSession : onCharge;
  if (answer.kind === 'approved') return approve(standin, intent, method, confirmation);
  if (answer.kind === 'declined') return decline(standin, intent, method, answer, confirmation);
  if (confirmation.offSession || confirmation.errorOnRequiresAction) return refuseUnseen(standin, intent, method);
  return askCardholder(standin, intent, confirmation);
}

function approve(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  { offSession }: Confirmation,
): Stripe.PaymentIntent {
  const answer = { kind: 'approved' } as const;
  const card = cardOf(standin, method);
  const charge = newCharge({
    intent,
    method,
    card,
    answer,
    offSession,
    createdS: standin.nowS(),
    switches: standin.switches,
  });
  put(standin.books.charges, charge);
  const held = intent.capture_method === 'manual';
  Object.assign(intent, {
    status: held ? 'requires_capture' : 'succeeded',
    amount_capturable: held ? intent.amount : 0,
    amount_received: held ? 0 : intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  });
  standin.emit('charge.succeeded', charge);
  standin.emit(held ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', intent);
  if (!held && card.disputes) dispute(standin, charge);
  return intent;
}

/** The failed charge stays in the books; the card leaves the intent, which waits for another one. */
function decline(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  answer: BankAnswer & { kind: 'declined' },
  { offSession }: Confirmation,
): never {
  const card = cardOf(standin, method);
  const charge = newCharge({
    intent,
    method,
    card,
    answer,
    offSession,
    createdS: standin.nowS(),
    switches: standin.switches,
  });
  put(standin.books.charges, charge);
  const error = { ...errorOf(answer), charge: charge.id, payment_method: structuredClone(method) };
  failPayment(intent, error, charge.id);
  standin.emit('charge.failed', charge);
  standin.emit('payment_intent.payment_failed', intent);
  throw cardRefused({ ...error, payment_intent: structuredClone(intent) });
}

function errorOf({ code, declineCode, message, adviceCode }: BankAnswer & { kind: 'declined' }) {
  const advice = adviceCode === undefined ? {} : { advice_code: adviceCode };
  return { code, decline_code: declineCode, message, ...advice };
}

/** The bank wants to see the cardholder, and the caller said that nobody is there. No charge is made. */
function refuseUnseen(standin: Standin, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): never {
  const code = 'authentication_required';
  const message = 'Your card was declined. This transaction requires authentication.';
  const error = { code, decline_code: code, message, payment_method: structuredClone(method) };
  failPayment(intent, error, intent.latest_charge);
  standin.emit('payment_intent.payment_failed', intent);
  throw cardRefused({ ...error, payment_intent: structuredClone(intent) });
}

function failPayment(
  intent: Stripe.PaymentIntent,
  error: Omit<Stripe.PaymentIntent.LastPaymentError, 'type'>,
  latestCharge: Stripe.PaymentIntent['latest_charge'],
): void {
  Object.assign(intent, {
    status: 'requires_payment_method',
    payment_method: null,
    latest_charge: latestCharge,
    last_payment_error: { type: 'card_error', ...error },
    next_action: null,
  });
}

function askCardholder(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  { returnUrl }: Confirmation,
): Stripe.PaymentIntent {
  intent.status = 'requires_action';
  intent.next_action =
    returnUrl === undefined
      ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } }
      : {
          type: 'redirect_to_url',
          redirect_to_url: { return_url: returnUrl, url: `${standin.publicUrl}/authenticate/${intent.id}` },
        };
  standin.emit('payment_intent.requires_action', intent);
  return intent;
}

/** A dispute arises after the money was taken, never on a hold. */
function dispute(standin: Standin, charge: Stripe.Charge): void {
  charge.disputed = true;
  const { id, amount_captured: amount, currency, payment_intent } = charge;
  const about = { object: 'dispute', amount, currency, charge: id, payment_intent, reason: 'fraudulent' };
  standin.emit('charge.dispute.created', { id: newId('du'), status: 'needs_response', metadata: {}, ...about });
}
