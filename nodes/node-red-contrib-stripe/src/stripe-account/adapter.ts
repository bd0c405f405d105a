// Speaks to Stripe; the only file of the palette that makes the SDK's client.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Fault } from '@tapcase/domain';
import Stripe from 'stripe';
import { answered } from './answers.ts';
import { calls } from './calls.ts';
import { cardPages } from './card-pages.ts';
import { stripeClock } from './clock.ts';
import type { AccountConfig, ChargeOrder, HoldOrder, StripeAccount, WebhookEvent } from './contract.ts';
import { createFence } from './fence.ts';
import { lookups } from './lookups.ts';
import { toEvent } from './objects.ts';
import { payPages } from './pay-pages.ts';
import { refunds } from './refunds.ts';

/** A customer stands at the door. */
const HOLD_MS_MAX = 10_000;
/** Nobody waits, and an answer saves a guess. */
const REQUEST_MS_MAX = 20_000;
/** The SDK repeats with the same key, so each repeat is safe; beyond these the flow decides. */
const RETRIES_MAX = 2;
/** Stripe's own tolerance for the age of a webhook, here for both directions. */
const WEBHOOK_SKEW_S_MAX = 300;

export interface Adapter extends StripeAccount {
  close(): void;
}

export interface Secrets {
  readonly secretKey: string;
  /** Read when the first webhook comes: an account without webhooks needs none. */
  readonly webhookSecret: () => string;
}

export function createAdapter({ address }: AccountConfig, { secretKey, webhookSecret }: Secrets): Adapter {
  const agent = address?.protocol === 'http' ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
  const clock = stripeClock();
  const fence = createFence(Stripe.createNodeHttpClient(agent), clock);
  const stripe = new Stripe(secretKey, {
    ...address,
    httpClient: fence.client,
    maxNetworkRetries: RETRIES_MAX,
    timeout: REQUEST_MS_MAX,
    telemetry: false,
  });
  return {
    apiVersion: Stripe.API_VERSION,
    nowMs: clock.nowMs,
    hold: (order) => fence.keep(order.before, () => answered(() => createHold(stripe, order))),
    capture: ({ intent, amountMinor, idempotencyKey }) =>
      answered(() =>
        stripe.paymentIntents.capture(
          intent,
          { amount_to_capture: amountMinor, expand: ['latest_charge'] },
          { idempotencyKey },
        ),
      ),
    cancel: ({ intent, idempotencyKey }) =>
      answered(() =>
        stripe.paymentIntents.cancel(
          intent,
          { cancellation_reason: 'abandoned', expand: ['latest_charge'] },
          { idempotencyKey },
        ),
      ),
    increment: ({ intent, amountMinor, idempotencyKey }) =>
      answered(() =>
        stripe.paymentIntents.incrementAuthorization(
          intent,
          { amount: amountMinor, expand: ['latest_charge'] },
          { idempotencyKey },
        ),
      ),
    charge: (order) => fence.keep(order.before, () => answered(() => createCharge(stripe, order))),
    ...refunds(stripe, fence),
    ...lookups(stripe),
    ...payPages(stripe),
    ...cardPages(stripe),
    ...calls(stripe),
    verifyEvent: (rawBody, signature, nowMs) => verifyEvent(stripe, rawBody, signature, webhookSecret(), nowMs),
    close: () => agent.destroy(),
  };
}

/**
 * The customer is at the door, so the payment is on-session: the bank may ask for them, and the hold lives seven days.
 * `payment_method` is always named: without it Stripe would not use the card the customer saved.
 */
function createHold(stripe: Stripe, order: HoldOrder): Promise<Stripe.PaymentIntent> {
  const { amountMinor, currency, customer, paymentMethod, metadata, idempotencyKey } = order;
  return stripe.paymentIntents.create(
    {
      amount: amountMinor,
      currency,
      customer,
      payment_method: paymentMethod,
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      payment_method_options: {
        card: { request_incremental_authorization: 'if_available', request_overcapture: 'if_available' },
      },
      metadata: { ...metadata },
      expand: ['latest_charge'],
    },
    { idempotencyKey, timeout: HOLD_MS_MAX },
  );
}

/** Merchant-initiated: the customer has agreed to it in advance, so the bank is asked for an exemption from 3-D Secure. */
function createCharge(stripe: Stripe, order: ChargeOrder): Promise<Stripe.PaymentIntent> {
  const { amountMinor, currency, customer, paymentMethod, metadata, idempotencyKey } = order;
  return stripe.paymentIntents.create(
    {
      amount: amountMinor,
      currency,
      customer,
      payment_method: paymentMethod,
      capture_method: 'automatic',
      confirm: true,
      off_session: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { ...metadata },
      expand: ['latest_charge'],
    },
    { idempotencyKey },
  );
}

function verifyEvent(stripe: Stripe, body: Uint8Array, signature: string, secret: string, nowMs: number): WebhookEvent {
  checkSignature(stripe, body, signature, secret, nowMs);
  // The SDK refuses only what is too old; a time in the future would stay valid until then.
  if (!(signedAtS(signature) - nowMs / 1_000 <= WEBHOOK_SKEW_S_MAX)) {
    throw new Fault('stripe.bad-signature', 'the webhook is dated in the future');
  }
  const event = toEvent(parseEvent(body));
  if (event === undefined) throw new Fault('stripe.bad-event', 'the webhook is signed but is no event');
  return event;
}

/** NaN when there is not exactly one time: with two the SDK would judge another one than we do. */
function signedAtS(signature: string): number {
  const times = signature.split(',').filter((part) => part.startsWith('t='));
  return times.length === 1 ? Number(times[0]!.slice(2)) : Number.NaN;
}

/** Before the body is read: a forged one is never parsed, and a signed one never called forged. */
function checkSignature(stripe: Stripe, body: Uint8Array, header: string, secret: string, nowMs: number): void {
  try {
    stripe.webhooks.signature!.verifyHeader(body, header, secret, WEBHOOK_SKEW_S_MAX, undefined, nowMs);
  } catch {
    // The SDK throws errors of several kinds for a malformed header; all mean the same to us.
    throw new Fault('stripe.bad-signature', 'the webhook is not signed by this account, or too old');
  }
}

function parseEvent(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new Fault('stripe.bad-event', 'the webhook is signed but cannot be read');
  }
}
