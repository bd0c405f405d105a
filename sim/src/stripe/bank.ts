// What a card's bank answers when a payment is confirmed, and what that answer makes of the payment.
import type Stripe from 'stripe';
import { idOf, newId, put, type Standin, touch } from './books.ts';
import type { BankAnswer, Decline } from './card-facts.ts';
import { errorOf } from './cards.ts';
import { copyOf } from './copy.ts';
import { attach, cardOf } from './customers.ts';
import { newCharge } from './objects/charge.ts';
import { newDispute } from './objects/dispute.ts';
import type { Confirmation } from './payment-intent-params.ts';
import { cardRefused, wrongState } from './refusal.ts';

/** A cardholder who is there, on a page of ours. */
export const PRESENT: Confirmation = {
  offSession: false,
  errorOnRequiresAction: false,
  returnUrl: undefined,
  asksInPage: false,
};

export function confirm(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  confirmation: Confirmation,
): Stripe.PaymentIntent {
  const method = standin.books.paymentMethods.get(idOf(intent.payment_method) ?? '');
  if (method === undefined) {
    throw wrongState('You cannot confirm this PaymentIntent because it is missing a payment method.', intent);
  }
  const answer = bankAnswer(standin, method, confirmation);
  switch (answer.kind) {
    case 'approved':
      return approve(standin, intent, method, confirmation.offSession);
    case 'declined':
      return decline(standin, intent, method, answer, confirmation.offSession);
    case 'authenticate':
      if (confirmation.offSession || confirmation.errorOnRequiresAction) return refuseUnseen(standin, intent, method);
      return askCardholder(standin, intent, confirmation);
    default:
      return answer satisfies never;
  }
}

/** The cardholder has answered the bank's question. A refusal is thrown, and leaves the payment waiting for a card. */
export function authenticate(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  isConfirmed: boolean,
): Stripe.PaymentIntent {
  if (intent.status !== 'requires_action') {
    throw wrongState(`Nothing is asked: this PaymentIntent has a status of ${intent.status}.`, intent);
  }
  const method = standin.books.paymentMethods.get(idOf(intent.payment_method) ?? '')!;
  const { onAuthenticated = { kind: 'approved' } } = cardOf(standin, method);
  if (isConfirmed && onAuthenticated.kind === 'declined')
    return decline(standin, intent, method, onAuthenticated, false);
  if (isConfirmed) return approve(standin, intent, method, false);
  const code = 'payment_intent_authentication_failure';
  const message = 'We are unable to authenticate your payment method. Please choose a different one and try again.';
  return fail(standin, intent, { code, message, payment_method: copyOf(method) }, intent.latest_charge);
}

function bankAnswer(standin: Standin, method: Stripe.PaymentMethod, { offSession }: Confirmation): BankAnswer {
  const { onCharge, onOffSession = onCharge, asksUnlessSaved = false } = cardOf(standin, method);
  if (asksUnlessSaved && method.customer === null) return { kind: 'authenticate' };
  return offSession ? onOffSession : onCharge;
}

function approve(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  offSession: boolean,
): Stripe.PaymentIntent {
  const card = cardOf(standin, method);
  const answer = { kind: 'approved' } as const;
  const facts = { intent, method, card, answer, offSession, createdS: standin.nowS(), switches: standin.switches };
  const charge = put(standin.books.charges, newCharge(facts));
  const isHeld = intent.capture_method === 'manual';
  Object.assign(intent, {
    status: isHeld ? 'requires_capture' : 'succeeded',
    amount_capturable: isHeld ? intent.amount : 0,
    amount_received: isHeld ? 0 : intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  });
  const captureBeforeS = charge.payment_method_details?.card?.capture_before;
  if (isHeld && captureBeforeS !== undefined) standin.due.set(intent.id, captureBeforeS);
  const customer = idOf(intent.customer);
  const isToBeSaved = intent.setup_future_usage !== null && customer !== null && method.customer === null;
  if (isToBeSaved) attach(standin, method, customer);
  standin.emit('charge.succeeded', charge);
  standin.emit(isHeld ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', intent);
  if (!isHeld) disputeIfSo(standin, intent, charge);
  return intent;
}

/** The failed charge stays in the books; the card leaves the intent, which waits for another one. */
function decline(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  answer: Decline,
  offSession: boolean,
): never {
  const card = cardOf(standin, method);
  const facts = { intent, method, card, answer, offSession, createdS: standin.nowS(), switches: standin.switches };
  const charge = put(standin.books.charges, newCharge(facts));
  standin.emit('charge.failed', charge);
  return fail(standin, intent, { ...errorOf(answer), charge: charge.id, payment_method: copyOf(method) }, charge.id);
}

/** The bank wants to see the cardholder, and the caller said that nobody is there. No charge is made. */
function refuseUnseen(standin: Standin, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): never {
  const code = 'authentication_required';
  const message = 'Your card was declined. This transaction requires authentication.';
  return fail(
    standin,
    intent,
    { code, decline_code: code, message, payment_method: copyOf(method) },
    intent.latest_charge,
  );
}

type PaymentError = Omit<Stripe.PaymentIntent.LastPaymentError, 'type' | 'code'> & { code: string; message: string };

function fail(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  error: PaymentError,
  latestCharge: Stripe.PaymentIntent['latest_charge'],
): never {
  Object.assign(intent, {
    status: 'requires_payment_method',
    payment_method: null,
    latest_charge: latestCharge,
    last_payment_error: { type: 'card_error', ...error },
    next_action: null,
  });
  standin.emit('payment_intent.payment_failed', intent);
  throw cardRefused({ ...error, payment_intent: copyOf(intent) });
}

function askCardholder(
  standin: Standin,
  intent: Stripe.PaymentIntent,
  { returnUrl, asksInPage }: Confirmation,
): Stripe.PaymentIntent {
  intent.status = 'requires_action';
  intent.next_action =
    returnUrl === undefined || asksInPage
      ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } }
      : {
          type: 'redirect_to_url',
          redirect_to_url: { return_url: returnUrl, url: `${standin.publicUrl}/authenticate/${intent.id}` },
        };
  standin.emit('payment_intent.requires_action', intent);
  return intent;
}

/** A dispute arises after the money was taken, never on a hold. */
export function disputeIfSo(standin: Standin, intent: Stripe.PaymentIntent, charge: Stripe.Charge): void {
  const method = standin.books.paymentMethods.get(idOf(intent.payment_method) ?? '');
  if (method !== undefined && cardOf(standin, method).disputes === true) dispute(standin, charge);
}

/** The cardholder tells the bank that it was not them. */
export function dispute(standin: Standin, charge: Stripe.Charge): Stripe.Dispute {
  charge.disputed = true;
  const told = put(standin.books.disputes, newDispute(newId('du'), charge, standin.nowS()));
  touch(standin.books, charge);
  standin.emit('charge.dispute.created', told);
  return told;
}
