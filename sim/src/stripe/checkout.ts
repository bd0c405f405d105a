// Checkout: sessions with a page, to save a card or to pay on; what a person does there is in page-actions.ts.
import type Stripe from 'stripe';
import { checkCurrency } from './amounts.ts';
import { idOf, put, type Standin } from './books.ts';
import { findCustomer } from './customers.ts';
import { release } from './holds.ts';
import { newSession, newSetupIntent } from './objects/checkout.ts';
import { mergeMetadata, type Params } from './params.ts';
import { readPayment } from './pay-pages.ts';
import { readAllowedTypes, refuseRemovedParameter } from './payment-intent-params.ts';
import { badRequest, missing } from './refusal.ts';

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
  standin.books.payments.set(session.id, payment);
  return open(standin, session);
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
  standin.emit('setup_intent.created', setupIntent);
  return open(standin, session);
}

function open(standin: Standin, session: Stripe.Checkout.Session): Stripe.Checkout.Session {
  standin.due.set(session.id, session.expires_at);
  return put(standin.books.sessions, session);
}

function readSession(params: Params, nowS: number, priced?: string) {
  const allowedTypes = readAllowedTypes(params);
  const currency = params.text('currency') ?? priced ?? null;
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

export function findSession(standin: Standin, id: string): Stripe.Checkout.Session {
  const session = standin.books.sessions.get(id);
  if (session === undefined) throw missing('checkout.session', id, 'session');
  return session;
}

/** At its time, or when the shop says so; a page that is paid on or already closed stays as it is. */
export function expire(standin: Standin, session: Stripe.Checkout.Session): void {
  if (session.status !== 'open') return;
  session.status = 'expired';
  session.url = null;
  standin.due.delete(session.id);
  // A payment that a declined card has left behind on the page goes with it.
  const intent = standin.books.paymentIntents.get(idOf(session.payment_intent) ?? '');
  if (intent !== undefined) {
    release(standin, intent, 'automatic');
    standin.emit('payment_intent.canceled', intent);
  }
  standin.emit('checkout.session.expired', session);
}
