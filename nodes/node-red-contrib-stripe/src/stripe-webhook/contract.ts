// What stripe-webhook stores, and how a request gives it the bytes that Stripe signed.
import { Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
  remember: { value: '1000', required: true },
} as const;

export interface WebhookConfig {
  readonly account: string;
  /** How many event ids the node remembers; 0 where the flow has a database for that. */
  readonly remember: number;
}

const REMEMBER_MAX = 100_000;

export interface WebhookMessage {
  /** Exactly as they came: one byte changed, and the signature is wrong. */
  readonly rawBody: Uint8Array;
  readonly signature: string;
}

/** Stripe's events are some kilobytes. */
const BODY_BYTES_MAX = 512 * 1024;
/** Two signatures while a secret is being changed are about 150 characters. */
const SIGNATURE_LENGTH_MAX = 2_000;

/** `config.invalid` */
export function parseConfig(raw: unknown): WebhookConfig | Fault {
  return parsed(() => {
    const { remember = '1000' } = asFields(raw);
    const stored = {
      remember: typeof remember === 'string' && /^\d{1,9}$/.test(remember) ? Number(remember) : remember,
    };
    const read = new FieldReader(stored, 'config.invalid', '');
    return { account: chosen(raw, 'account'), remember: read.whole('remember', 0, REMEMBER_MAX) };
  });
}

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
