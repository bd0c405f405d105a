// Checkout: a session with a page, and what happens when a card is entered on it, to save it or to pay with it.
import type Stripe from 'stripe';
import { checkCurrency } from './amounts.ts';
import { idOf, put, type Standin } from './books.ts';
import type { BankAnswer, TestCard } from './cards.ts';
import { addPaymentMethod, attach, findCustomer } from './customers.ts';
import { newSession, newSetupIntent } from './objects/checkout.ts';
import { mergeMetadata, type Params } from './params.ts';
import { payOnPage, readPayment } from './pay-pages.ts';
import { readAllowedTypes, refuseRemovedParameter } from './payment-intent-params.ts';
import { badRequest, cardRefused, missing, Refusal } from './refusal.ts';

/** Bounds of expires_at, and what it is when not given (docs.stripe.com/api/checkout/sessions/create). */
const EXPIRES_S_MIN = 30 * 60;
const EXPIRES_S_MAX = 24 * 3_600;

export function createSession(standin: Standin, params: Params): Stripe.Checkout.Session {
  refuseRemovedParameter(params);
  const mode = params.oneOf('mode', ['payment', 'setup', 'subscription']);
  if (mode !== 'setup' && mode !== 'payment') {
    throw badRequest('The stand-in has Checkout in setup and payment mode only.', { param: 'mode' });
  }
  params.oneOf('ui_mode', ['hosted_page']);
  return mode === 'setup' ? createSetupSession(standin, params) : createPaymentSession(standin, params);
}

function createPaymentSession(standin: Standin, params: Params): Stripe.Checkout.Session {
  const payment = readPayment(params);
  const facts = readSession(params, standin.nowS(), payment.currency);
  params.end();
  if (facts.customer !== null) findCustomer(standin, facts.customer, 'customer');
  const session = newSession(
    { ...facts, publicUrl: standin.publicUrl, setupIntent: null, amount: payment.amount },
    standin.nowS(),
  );
  put(standin.books.sessions, session);
  standin.books.payments.set(session.id, payment);
  return session;
}

function createSetupSession(standin: Standin, params: Params): Stripe.Checkout.Session {
  const facts = readSession(params, standin.nowS());
  const setupData = params.nested('setup_intent_data');
  const setupFacts = {
    customer: facts.customer,
    description: setupData?.text('description') ?? null,
    metadata: mergeMetadata({}, setupData?.metadata() ?? {}),
    allowedTypes: facts.allowedTypes,
  };
  params.end();
  if (facts.customer !== null) findCustomer(standin, facts.customer, 'customer');
  const setupIntent = put(standin.books.setupIntents, newSetupIntent(setupFacts, standin.nowS()));
  const session = newSession(
    { ...facts, publicUrl: standin.publicUrl, setupIntent: setupIntent.id, amount: null },
    standin.nowS(),
  );
  put(standin.books.sessions, session);
  standin.emit('setup_intent.created', setupIntent);
  return session;
}

function readSession(params: Params, nowS: number, priced?: string) {
  const allowedTypes = readAllowedTypes(params);
  const currency = params.text('currency')?.toLowerCase() ?? priced ?? null;
  if (currency !== null) checkCurrency(currency);
  if (currency === null && allowedTypes === null) {
    throw badRequest('Setup mode needs a currency, or allowed_payment_method_types.', {
      code: 'parameter_missing',
      param: 'currency',
    });
  }
  const expiresAtS = params.integer('expires_at') ?? nowS + EXPIRES_S_MAX;
  if (expiresAtS < nowS + EXPIRES_S_MIN || expiresAtS > nowS + EXPIRES_S_MAX) {
    throw badRequest('expires_at must be from 30 minutes to 24 hours from now.', { param: 'expires_at' });
  }
  return {
    allowedTypes,
    currency,
    expiresAtS,
    customer: params.text('customer') ?? null,
    customerEmail: params.text('customer_email') ?? null,
    successUrl: checkUrl('success_url', params.requiredText('success_url')),
    cancelUrl: checkUrl('cancel_url', params.text('cancel_url') ?? null),
    clientReferenceId: params.text('client_reference_id') ?? null,
    locale: params.oneOf('locale', ['auto', 'en', 'es']) ?? null,
    metadata: mergeMetadata({}, params.metadata()),
  };
}

/** Only http and https: the page links there, and a `javascript:` link would run on it. */
function checkUrl<T extends string | null>(param: string, url: T): T {
  if (url !== null && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw badRequest('Not a valid URL', { code: 'url_invalid', param });
  }
  return url;
}

export function retrieveSession(standin: Standin, params: Params, { id }: { id: string }): Stripe.Checkout.Session {
  params.end();
  return findSession(standin, id);
}

export function expireSession(standin: Standin, params: Params, { id }: { id: string }): Stripe.Checkout.Session {
  params.end();
  const session = findSession(standin, id);
  if (session.status !== 'open') {
    throw badRequest(`Only Checkout Sessions with a status of open can be expired; this one is ${session.status}.`);
  }
  expire(standin, session);
  return session;
}

export function retrieveSetupIntent(standin: Standin, params: Params, { id }: { id: string }): Stripe.SetupIntent {
  params.text('client_secret');
  params.end();
  const setupIntent = standin.books.setupIntents.get(id);
  if (setupIntent === undefined) throw missing('setupintent', id, 'intent');
  return setupIntent;
}

/** Expiry is noticed when somebody next looks. */
export function findSession(standin: Standin, id: string): Stripe.Checkout.Session {
  const session = standin.books.sessions.get(id);
  if (session === undefined) throw missing('checkout.session', id, 'session');
  if (session.status === 'open' && standin.nowS() >= session.expires_at) expire(standin, session);
  return session;
}

function expire(standin: Standin, session: Stripe.Checkout.Session): void {
  session.status = 'expired';
  session.url = null;
  // A payment that a declined card has left behind on the page goes with it.
  const intent = standin.books.paymentIntents.get(idOf(session.payment_intent) ?? '');
  if (intent !== undefined && intent.status !== 'succeeded') {
    Object.assign(intent, { status: 'canceled', canceled_at: standin.nowS(), cancellation_reason: 'automatic' });
    standin.emit('payment_intent.canceled', intent);
  }
  standin.emit('checkout.session.expired', session);
}

/** A person chose a card on the page. Returns where to send the browser; a declined card leaves the session open. */
export function enterCard(standin: Standin, sessionId: string, card: TestCard): string {
  const session = findSession(standin, sessionId);
  if (session.status !== 'open') {
    throw new Refusal(409, { type: 'invalid_request_error', message: `This page is ${session.status}.` });
  }
  if (session.mode === 'payment') return pay(standin, session, card);
  const setupIntent = standin.books.setupIntents.get(idOf(session.setup_intent) ?? '')!;
  if (card.onSetup.kind === 'declined') declineSetup(standin, setupIntent, card.onSetup);
  const customer = session.customer === null ? undefined : findCustomer(standin, idOf(session.customer)!);
  const method = addPaymentMethod(standin, card, customer?.email ?? session.customer_email);
  if (customer !== undefined) attach(standin, method, customer.id);
  Object.assign(setupIntent, { status: 'succeeded', payment_method: method.id, last_setup_error: null });
  Object.assign(session, { status: 'complete', url: null, customer_details: detailsOf(method) });
  standin.emit('setup_intent.succeeded', setupIntent);
  standin.emit('checkout.session.completed', session);
  return returnUrl(session);
}

function pay(standin: Standin, session: Stripe.Checkout.Session, card: TestCard): string {
  try {
    const intent = payOnPage(standin, session, card);
    session.customer_details = detailsOf(standin.books.paymentMethods.get(idOf(intent.payment_method)!)!);
    standin.emit('checkout.session.completed', session);
    return returnUrl(session);
  } finally {
    standin.books.sessions.touch(session.id);
  }
}

export function returnUrl(session: Stripe.Checkout.Session): string {
  return session.success_url!.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

function declineSetup(
  standin: Standin,
  setupIntent: Stripe.SetupIntent,
  { code, declineCode, message }: BankAnswer & { kind: 'declined' },
): never {
  const error = { code, decline_code: declineCode, message };
  setupIntent.last_setup_error = { type: 'card_error', ...error };
  standin.emit('setup_intent.setup_failed', setupIntent);
  throw cardRefused({ ...error, setup_intent: structuredClone(setupIntent) });
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
