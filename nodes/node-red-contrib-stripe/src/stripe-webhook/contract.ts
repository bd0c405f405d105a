// What stripe-webhook stores, and how a request gives it the bytes that Stripe signed.
import { contract } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { asFields } from '../fields.ts';

export const stripeWebhook = contract({
  type: 'stripe-webhook',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-envelope',
  inputs: 1,
  outputs: ['event', 'repeated'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    remember: { kind: 'number', default: 1_000, min: 0, max: 100_000, whole: true, unit: 'ids', icon: 'history' },
  },
});

export interface WebhookMessage {
  /** Exactly as they came: one byte changed, and the signature is wrong. */
  readonly rawBody: Uint8Array;
  readonly signature: string;
}

/** Stripe's events are some kilobytes. */
const BODY_BYTES_MAX = 512 * 1024;
/** Two signatures while a secret is being changed are about 150 characters. */
const SIGNATURE_LENGTH_MAX = 2_000;

export function parseMessage(raw: unknown): WebhookMessage | Fault {
  const { req, payload } = asFields(raw);
  const { rawBody = payload, headers } = asFields(req);
  const signature = asFields(headers)['stripe-signature'];
  if (typeof signature !== 'string' || signature.length > SIGNATURE_LENGTH_MAX) {
    return new Fault('stripe.bad-signature', 'the request carries no signature of Stripe’s');
  }
  if (!(rawBody instanceof Uint8Array)) {
    return new Fault('stripe.body-parsed', 'the body was parsed: tick “Do not parse the body” in the http in node');
  }
  if (rawBody.length > BODY_BYTES_MAX) {
    return new Fault('stripe.bad-event', `a body of ${rawBody.length} bytes is no event`);
  }
  return { rawBody, signature };
}
