// What the stripe-account dialog stores, and the port through which the other nodes speak to Stripe.
import { type Card, Fault } from '@tapcase/domain';
import { asFields, configText, FieldReader, parsed } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  secretKeyEnv: { value: 'STRIPE_SECRET_KEY' },
  webhookSecretEnv: { value: 'STRIPE_WEBHOOK_SECRET' },
  live: { value: false },
  host: { value: '' },
  port: { value: '' },
  protocol: { value: 'https' },
} as const;

/** Where a stand-in answers. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'http' | 'https';
}

export interface AccountConfig {
  /** Real money is meant. */
  readonly live: boolean;
  /** undefined: Stripe itself. */
  readonly address: Address | undefined;
}

/** A PaymentIntent, as far as flows need it. */
export interface Intent {
  readonly id: string;
  /** Stripe's own word; new ones may appear. */
  readonly status: string;
  readonly customer: string | null;
  readonly amountReceivedMinor: number;
  /** Until when the bank keeps the money reserved; null when nothing is, or when Stripe did not say. */
  readonly captureBeforeMs: number | null;
}

/** Why Stripe, or the card's bank, said no. The outcome is known: asking again with the same key changes nothing. */
export interface Refusal {
  /** The bank's no, not a mistake in the request. */
  readonly declined: boolean;
  readonly code: string;
  readonly declineCode: string | null;
  /** Stripe's sentence, fit for the cardholder when `declined`. */
  readonly message: string;
}

export type IntentAnswer =
  | { readonly kind: 'done'; readonly intent: Intent }
  /** `intent`: as Stripe has it now, when the refusal carried it. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly intent: Intent | null };

export interface HoldOrder {
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CaptureOrder {
  readonly idempotencyKey: string;
  readonly intent: string;
  readonly amountMinor: number;
}

export interface CancelOrder {
  readonly idempotencyKey: string;
  readonly intent: string;
}

export interface CardSetupOrder {
  readonly customer: string;
  readonly currency: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly locale: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface WebhookEvent {
  readonly id: string;
  readonly type: string;
  readonly object: unknown;
}

/**
 * The port of the stripe-account config node. Every method throws a Fault when the outcome is unknown or the settings
 * are wrong: the codes are in the node's help.
 */
export interface StripeAccount {
  /** The only API version this palette speaks. */
  readonly apiVersion: string;
  hold(order: HoldOrder): Promise<IntentAnswer>;
  capture(order: CaptureOrder): Promise<IntentAnswer>;
  cancel(order: CancelOrder): Promise<IntentAnswer>;
  createCustomer(order: {
    readonly idempotencyKey: string;
    readonly email: string;
    readonly metadata: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** Opens a page on which the customer enters a card. */
  openCardSetup(order: CardSetupOrder): Promise<{ readonly session: string; readonly url: string }>;
  /** The card entered on that page; undefined while there is none. `stripe.foreign-session` for another customer's page. */
  cardFromSetup(session: string, customer: string): Promise<Card | undefined>;
  /** `stripe.bad-signature`, `stripe.bad-event`. */
  verifyEvent(rawBody: Uint8Array, signature: string, nowMs: number): WebhookEvent;
}

export function parseConfig(raw: unknown): AccountConfig | Fault {
  return parsed(() => {
    const live = asFields(raw).live === true;
    const host = configText(raw, 'host');
    if (host === '') return { live, address: undefined };
    const port = configText(raw, 'port');
    const stored = {
      host,
      port: /^\d{1,5}$/.test(port) ? Number(port) : port,
      protocol: configText(raw, 'protocol') || 'https',
    };
    const read = new FieldReader(stored, 'config.invalid', '');
    const address = {
      host: read.text('host', /^[\w.:-]{1,253}$/),
      port: read.whole('port', 1, 65_535),
      protocol: read.oneOf('protocol', ['http', 'https']),
    };
    // A real key must never leave for anything but Stripe, whatever a variable says.
    if (live) throw new Fault('config.invalid', 'host: a live account has none of its own', { where: 'host' });
    return { live, address };
  });
}

/** Refuses a key of the wrong kind before it is used, without repeating it. */
export function checkKey(key: string, { live }: AccountConfig): string {
  const kind = /^[sr]k_(test|live)_\w+$/.exec(key.trim())?.[1];
  if (kind === undefined) throw new Fault('stripe.bad-key', 'the secret key does not look like one of Stripe’s');
  if (kind === 'live' && !live) {
    throw new Fault('stripe.live-key', 'this is a live key, but the account is not marked as live');
  }
  return key.trim();
}
