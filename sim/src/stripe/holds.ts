// What may become of a hold: captured, raised, cancelled, or released by the bank when its time is over.
import type Stripe from 'stripe';
import { checkAmount, checkCaptureAmount } from './amounts.ts';
import { disputeIfSo } from './bank.ts';
import { idOf, newId, put, type Standin } from './books.ts';
import { errorOf } from './cards.ts';
import { copyOf } from './copy.ts';
import { cardOf } from './customers.ts';
import { overcaptureOf } from './objects/charge.ts';
import { newRefund } from './objects/refund.ts';
import { mergeMetadata, type Params } from './params.ts';
import { chargeOf, findPaymentIntent } from './payment-intents.ts';
import { badRequest, cardRefused, wrongState } from './refusal.ts';

export function capturePaymentIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentIntent {
  const asked = params.integer('amount_to_capture');
  const final = params.flag('final_capture') ?? true;
  const metadata = params.metadata();
  const suffix = params.text('statement_descriptor_suffix');
  params.end();
  const intent = findPaymentIntent(standin, id);
  const amount = asked ?? intent.amount_capturable;
  checkCapture(standin, intent, amount, final);
  const charge = chargeOf(standin, intent)!;
  Object.assign(charge, { captured: true, amount_captured: amount, balance_transaction: newId('txn') });
  const rest = charge.amount - amount;
  Object.assign(intent, {
    status: 'succeeded',
    amount_capturable: 0,
    amount_received: amount,
    metadata: mergeMetadata(intent.metadata, metadata),
    ...(suffix === undefined ? {} : { statement_descriptor_suffix: suffix || null }),
  });
  standin.due.delete(intent.id);
  standin.emit('charge.captured', charge);
  disputeIfSo(standin, intent, charge);
  standin.emit('payment_intent.succeeded', intent);
  if (rest > 0) showAsRefund(standin, charge, rest, null);
  return intent;
}

/**
 * Accounts differ in what becomes of reserved money that was not taken: nothing, or a refund of it on the charge. It was
 * never received, so it counts in no sum; a shop must read both.
 */
function showAsRefund(
  standin: Standin,
  charge: Stripe.Charge,
  amount: number,
  reason: Stripe.Refund.Reason | null,
): void {
  if (standin.switches.partialCapture !== 'refunded') return;
  const refund = newRefund({ charge, amount, reason, metadata: {}, status: 'succeeded' }, standin.nowS());
  put(standin.books.refunds, refund);
  standin.books.releases.set(charge.id, amount);
  charge.amount_refunded = amount;
  charge.refunded = amount === charge.amount;
  standin.emit('refund.created', refund);
  standin.emit('charge.refunded', charge);
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
  const carried = { payment_intent: copyOf(intent) };
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
  checkCaptureAmount(amount, intent.currency, carried);
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
  checkAmount(amount, intent.currency);
  standin.books.increments.set(id, (standin.books.increments.get(id) ?? 0) + 1);
  const method = standin.books.paymentMethods.get(idOf(intent.payment_method) ?? '')!;
  const { onIncrement } = cardOf(standin, method);
  // The hold stays good for its old amount.
  if (onIncrement !== undefined) throw cardRefused({ ...errorOf(onIncrement), payment_intent: copyOf(intent) });
  const charge = chargeOf(standin, intent)!;
  const card = charge.payment_method_details!.card!;
  charge.amount = amount;
  Object.assign(card, {
    amount_authorized: amount,
    overcapture: overcaptureOf({ ...intent, amount }, standin.switches),
  });
  Object.assign(intent, { amount, amount_capturable: amount, metadata: mergeMetadata(intent.metadata, metadata) });
  if (description !== undefined) intent.description = description || null;
  standin.emit('payment_intent.amount_capturable_updated', intent);
  return intent;
}

function checkIncrement(standin: Standin, intent: Stripe.PaymentIntent, amount: number): void {
  if (intent.status !== 'requires_capture') {
    throw wrongState(`This PaymentIntent cannot be incremented because it has a status of ${intent.status}.`, intent);
  }
  const carried = { payment_intent: copyOf(intent) };
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
  const charge = intent.status === 'requires_capture' ? chargeOf(standin, intent) : undefined;
  release(standin, intent, reason);
  standin.emit('payment_intent.canceled', intent);
  if (charge !== undefined) showAsRefund(standin, charge, charge.amount, null);
  return intent;
}

/** A hold that nobody captured in time is released by the bank. */
export function expireHold(standin: Standin, intent: Stripe.PaymentIntent): void {
  if (intent.status !== 'requires_capture') return;
  const charge = chargeOf(standin, intent)!;
  release(standin, intent, 'automatic');
  standin.emit('charge.expired', charge);
  standin.emit('payment_intent.canceled', intent);
  showAsRefund(standin, charge, charge.amount, 'expired_uncaptured_charge');
}

export function release(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): void {
  standin.due.delete(intent.id);
  Object.assign(intent, {
    status: 'canceled',
    amount_capturable: 0,
    canceled_at: standin.nowS(),
    cancellation_reason: reason,
    next_action: null,
  });
}
