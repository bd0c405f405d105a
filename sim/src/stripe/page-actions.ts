// What a person does on a page of the stand-in: saves a card, pays with a new or a saved one, answers the bank.
import type Stripe from 'stripe';
import { authenticate } from './bank.ts';
import { idOf, type Standin } from './books.ts';
import type { Decline, TestCard } from './card-facts.ts';
import { errorOf } from './cards.ts';
import { findSession } from './checkout.ts';
import { copyOf } from './copy.ts';
import { addPaymentMethod, attach, findCustomer } from './customers.ts';
import { paymentOf } from './pay-pages.ts';
import { payPresent } from './payment-intents.ts';
import { badRequest, cardRefused, Refusal } from './refusal.ts';

/** What was pressed. */
export type Choice =
  | { readonly kind: 'card'; readonly card: TestCard }
  | { readonly kind: 'saved'; readonly paymentMethod: string }
  /** The bank's question, answered. */
  | { readonly kind: 'answer'; readonly isConfirmed: boolean };

export type Outcome =
  | { readonly kind: 'done'; readonly url: string }
  /** The bank wants to know whether it is really the cardholder. */
  | { readonly kind: 'asked' };

/** A declined card is thrown, and leaves the page open for another one. */
export function submit(standin: Standin, sessionId: string, choice: Choice): Outcome {
  const session = findSession(standin, sessionId);
  if (session.status !== 'open') {
    throw new Refusal(409, { type: 'invalid_request_error', message: `This page is ${session.status}.` });
  }
  return session.mode === 'payment' ? pay(standin, session, choice) : save(standin, session, choice);
}

/** The customer's cards that the page offers. */
export function savedCards({ books }: Standin, session: Stripe.Checkout.Session): readonly Stripe.PaymentMethod[] {
  const customer = idOf(session.customer);
  if (customer === null || session.mode !== 'payment') return [];
  const methods = books.paymentMethods.ids(customer).flatMap((id) => books.paymentMethods.get(id) ?? []);
  return methods.filter((method) => method.customer === customer).reverse();
}

/** The bank's question stands on this page. */
export function isAsking({ books }: Standin, session: Stripe.Checkout.Session): boolean {
  return books.paymentIntents.get(idOf(session.payment_intent) ?? '')?.status === 'requires_action';
}

export function returnUrl(session: Stripe.Checkout.Session): string {
  return session.success_url!.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

/** The page itself stands for the bank's question when a card is saved. */
function save(standin: Standin, session: Stripe.Checkout.Session, choice: Choice): Outcome {
  if (choice.kind !== 'card') throw badRequest('Choose a test card.', { param: 'card' });
  const { card } = choice;
  const setupIntent = standin.books.setupIntents.get(idOf(session.setup_intent) ?? '')!;
  if (card.onSetup.kind === 'declined') declineSetup(standin, setupIntent, card.onSetup);
  const method = newMethod(standin, session, card);
  const customer = idOf(session.customer);
  if (customer !== null) attach(standin, method, customer);
  Object.assign(setupIntent, { status: 'succeeded', payment_method: method.id, last_setup_error: null });
  standin.emit('setup_intent.succeeded', setupIntent);
  return complete(standin, session, method);
}

function pay(standin: Standin, session: Stripe.Checkout.Session, choice: Choice): Outcome {
  const intent = paymentOf(standin, session);
  switch (choice.kind) {
    case 'card':
      payPresent(standin, intent, newMethod(standin, session, choice.card));
      break;
    case 'saved':
      payPresent(standin, intent, savedCard(standin, session, choice.paymentMethod));
      break;
    case 'answer':
      authenticate(standin, intent, choice.isConfirmed);
      break;
    default:
      return choice satisfies never;
  }
  if (intent.status === 'requires_action') return { kind: 'asked' };
  session.payment_status = intent.status === 'succeeded' ? 'paid' : 'unpaid';
  return complete(standin, session, standin.books.paymentMethods.get(idOf(intent.payment_method)!)!);
}

function savedCard(standin: Standin, session: Stripe.Checkout.Session, id: string): Stripe.PaymentMethod {
  const found = savedCards(standin, session).find((method) => method.id === id);
  if (found === undefined) throw badRequest('This card is not one of the customer’s.', { param: 'saved' });
  return found;
}

function newMethod(standin: Standin, session: Stripe.Checkout.Session, card: TestCard): Stripe.PaymentMethod {
  const customer = idOf(session.customer);
  const email = customer === null ? session.customer_email : findCustomer(standin, customer).email;
  return addPaymentMethod(standin, card, email);
}

function complete(standin: Standin, session: Stripe.Checkout.Session, method: Stripe.PaymentMethod): Outcome {
  const url = returnUrl(session);
  Object.assign(session, { status: 'complete', url: null, customer_details: detailsOf(method) });
  standin.due.delete(session.id);
  standin.emit('checkout.session.completed', session);
  return { kind: 'done', url };
}

function declineSetup(standin: Standin, setupIntent: Stripe.SetupIntent, decline: Decline): never {
  const error = errorOf(decline);
  setupIntent.last_setup_error = { type: 'card_error', ...error };
  standin.emit('setup_intent.setup_failed', setupIntent);
  throw cardRefused({ ...error, setup_intent: copyOf(setupIntent) });
}

function detailsOf(method: Stripe.PaymentMethod): Stripe.Checkout.Session.CustomerDetails {
  return {
    address: null,
    business_name: null,
    email: method.billing_details.email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}
