// What the stripe-account dialog stores, and the port through which the other nodes speak to Stripe.
import { type Complete, contract, type Evaluate, Fault, invalidProperty, phrase } from '@tapcase/define-node';
import { type Card, isLoopback } from '@tapcase/domain';
import type { Stopwatch } from './clock.ts';

export const stripeAccount = contract({
  type: 'stripe-account',
  category: 'config',
  properties: {
    secretKey: { kind: 'secret', env: 'STRIPE_SECRET_KEY', placeholder: 'sk_test_…' },
    webhookSecret: { kind: 'secret', env: 'STRIPE_WEBHOOK_SECRET', placeholder: 'whsec_…' },
    live: { kind: 'flag', default: false, icon: 'money', tip: true },
    protocol: { kind: 'text', default: 'https', is: /^https?$/, group: 'standIn' },
    host: {
      kind: 'text',
      default: '',
      is: /^[\w.:-]{1,253}$/,
      icon: 'globe',
      placeholder: 'api.stripe.com',
      group: 'standIn',
    },
    port: { kind: 'number', min: 1, max: 65_535, whole: true, hint: true, group: 'standIn' },
  },
});

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
  readonly paymentMethod: string | null;
  readonly currency: string;
  readonly amountMinor: number;
  /** What a capture can take now. */
  readonly capturableMinor: number;
  /** What a capture could take with overcapture; `capturableMinor` on most accounts. null: a refusal does not tell. */
  readonly captureMaxMinor: number | null;
  /** Whether this hold may be raised. null: a refusal does not tell. */
  readonly canIncrement: boolean | null;
  readonly amountReceivedMinor: number;
  /**
   * As the charge says. A partial capture may be booked as a refund of the rest on some accounts, so compare it with the
   * refunds that were asked for, never with the amount received.
   */
  readonly amountRefundedMinor: number;
  /** Until when the bank keeps the money reserved; null when nothing is, or when Stripe did not say. */
  readonly captureBeforeMs: number | null;
  readonly createdAtMs: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Why the last try to pay failed; null when it did not. */
  readonly lastRefusal: Refusal | null;
}

/** Why Stripe, or the card's bank, said no. The outcome is known: asking again with the same key changes nothing. */
export interface Refusal {
  /** The bank's no, not a mistake in the request. */
  readonly declined: boolean;
  readonly code: string;
  readonly declineCode: string | null;
  /** The bank's or network's word on trying again: `try_again_later`, `do_not_try_again`, `confirm_card_data`. */
  readonly adviceCode: string | null;
  /** Stripe's sentence, fit for the cardholder when `declined`. */
  readonly message: string;
}

export type IntentAnswer =
  | { readonly kind: 'done'; readonly intent: Intent }
  /** `intent`: as Stripe has it now, when the refusal carried it. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly intent: Intent | null };

/** What a flow finds on the message after every call about a PaymentIntent. */
export interface IntentResult {
  /** null: there is none, or the refusal did not carry it. */
  readonly intent: string | null;
  readonly status: string;
  readonly customer: string | null;
  readonly amountMinor: number;
  readonly capturableMinor: number;
  /** Only where Stripe told: a refusal carries the payment without its charge. */
  readonly captureMaxMinor?: number;
  readonly canIncrement?: boolean;
  readonly amountReceivedMinor: number;
  readonly captureBeforeMs?: number;
  /** When Stripe made it, by Stripe's clock. */
  readonly createdAtMs?: number;
  readonly code?: string;
  readonly declineCode?: string;
  readonly adviceCode?: string;
  readonly message?: string;
}

/** Until when an order may be sent; after that nothing is, and `stripe.too-late` says so. */
export interface SendBefore {
  /** By Stripe's clock: later it may have forgotten the key. undefined: whenever. */
  readonly stripeMs?: number | undefined;
  /** Whoever slept longer than this may have lost the order to somebody else. */
  readonly lease?: { readonly since: Stopwatch; readonly ms: number } | undefined;
}

export interface HoldOrder {
  readonly before?: SendBefore | undefined;
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Without the customer: they agreed to it when they stored the card. */
export type ChargeOrder = HoldOrder;

export interface CaptureOrder {
  readonly idempotencyKey: string;
  readonly intent: string;
  readonly amountMinor: number;
}

/** `amountMinor`: the hold's new total. */
export type IncrementOrder = CaptureOrder;

export interface CancelOrder {
  readonly idempotencyKey: string;
  readonly intent: string;
}

export interface RefundOrder {
  readonly before?: SendBefore | undefined;
  readonly idempotencyKey: string;
  readonly intent: string;
  readonly amountMinor: number;
  readonly reason: 'requested_by_customer' | 'duplicate' | 'fraudulent';
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Refund {
  readonly id: string;
  readonly intent: string | null;
  readonly amountMinor: number;
  /** `pending`, `succeeded`, `failed`, `canceled`, `requires_action`. */
  readonly status: string;
  readonly failureReason: string | null;
  /** Why it was made, in Stripe's words. */
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a cardholder has told their bank of a payment. */
export interface Dispute {
  readonly id: string;
  readonly intent: string | null;
  readonly amountMinor: number;
  /** Why, in Stripe's words: `fraudulent`, `product_not_received`. */
  readonly reason: string;
  readonly status: string;
}

export type RefundAnswer =
  | { readonly kind: 'done'; readonly refund: Refund }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface PayPageOrder {
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  /** What the customer reads above the amount. */
  readonly description: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly locale: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Unix ms; Stripe takes 30 minutes to 24 hours from now. */
  readonly expiresAtMs: number;
}

export interface PayPage {
  readonly session: string;
  readonly state: 'open' | 'paid' | 'closed';
  readonly customer: string | null;
  readonly intent: Intent | null;
  /** The card it was paid with. */
  readonly card: Card | null;
}

export interface IntentQuery {
  readonly createdAfterMs: number;
  readonly createdBeforeMs?: number;
  readonly customer?: string;
  /** More is `stripe.too-many`. */
  readonly max: number;
}

/** Of what was made in a span of time, by Stripe's clock. */
export interface SpanQuery {
  readonly createdAfterMs: number;
  readonly createdBeforeMs: number;
  /** More is `stripe.too-many`. */
  readonly max: number;
}

export interface EventQuery {
  readonly types: readonly string[];
  readonly createdAfterMs: number;
  /** Only those that no webhook has taken. */
  readonly undeliveredOnly: boolean;
  readonly max: number;
}

/** What JSON can say, by the names of Stripe's API. */
export type CallParams = Readonly<Record<string, unknown>>;

export interface CallOrder {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/v1/...` or `/v2/...`, without a query. */
  readonly path: string;
  readonly params: CallParams;
  /** undefined for what only reads. */
  readonly idempotencyKey: string | undefined;
}

export interface ListCall extends Pick<CallOrder, 'path' | 'params'> {
  /** More is `stripe.too-many`. */
  readonly max: number;
}

export type CallAnswer<T> =
  | { readonly kind: 'done'; readonly answer: T }
  /** `object`: the payment it is about, when the refusal carried it. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly object: unknown };

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
  readonly createdAtMs: number;
  readonly object: unknown;
}

/**
 * The port of the stripe-account config node. Every method throws a Fault when the outcome is unknown or the settings
 * are wrong: the codes are in the node's help.
 */
export interface StripeAccount {
  /** The only API version this palette speaks. */
  readonly apiVersion: string;
  /** Stripe's own clock, rather late than early; undefined before its first answer. */
  nowMs(): number | undefined;
  hold(order: HoldOrder): Promise<IntentAnswer>;
  capture(order: CaptureOrder): Promise<IntentAnswer>;
  cancel(order: CancelOrder): Promise<IntentAnswer>;
  increment(order: IncrementOrder): Promise<IntentAnswer>;
  charge(order: ChargeOrder): Promise<IntentAnswer>;
  refund(order: RefundOrder): Promise<RefundAnswer>;
  /** All refunds of a payment. */
  refundsOf(intent: string): Promise<readonly Refund[]>;
  /** All that were made then, whoever made them. Oldest first. */
  refundsMade(query: SpanQuery): Promise<readonly Refund[]>;
  /** Oldest first. A restricted key must be allowed to read them. */
  disputes(query: SpanQuery): Promise<readonly Dispute[]>;
  /** undefined: Stripe has no such payment. */
  intent(id: string): Promise<Intent | undefined>;
  /** Oldest first. */
  intents(query: IntentQuery): Promise<readonly Intent[]>;
  /** Oldest first; Stripe keeps 30 days. */
  events(query: EventQuery): Promise<readonly WebhookEvent[]>;
  openPayPage(order: PayPageOrder): Promise<{ readonly session: string; readonly url: string }>;
  payPage(session: string): Promise<PayPage>;
  /** Closes it, unless it is paid already. */
  closePayPage(session: string): Promise<PayPage>;
  createCustomer(order: {
    readonly idempotencyKey: string;
    readonly email: string;
    readonly metadata: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** Opens a page on which the customer enters a card. */
  openCardSetup(order: CardSetupOrder): Promise<{ readonly session: string; readonly url: string }>;
  /** The card entered on that page; undefined while there is none. `stripe.foreign-session` for another customer's page. */
  cardFromSetup(session: string, customer: string): Promise<Card | undefined>;
  /** Closes that page; the card, when one was entered meanwhile. */
  closeCardSetup(session: string, customer: string): Promise<Card | undefined>;
  /** Any call of the API; the object that Stripe answers, as it is. */
  call(order: CallOrder): Promise<CallAnswer<Readonly<Record<string, unknown>>>>;
  /** All pages of a list, the last of Stripe's order first: that is the oldest. */
  callList(order: ListCall): Promise<CallAnswer<readonly unknown[]>>;
  /** `stripe.bad-signature`, `stripe.bad-event`. */
  verifyEvent(rawBody: Uint8Array, signature: string, nowMs: number): WebhookEvent;
}

export function parseConfig(saved: unknown, evaluate?: Evaluate, complete?: Complete): AccountConfig | Fault {
  const config = stripeAccount.parseConfig(saved, evaluate, complete);
  if (config instanceof Fault) return config;
  const { live, host, port, protocol } = config;
  if (host === '') return { live, address: undefined };
  if (port === undefined) return invalidProperty('port', phrase('is empty'));
  // The key goes with each call.
  if (protocol === 'http' && !isLoopback(host)) {
    return invalidProperty('protocol', phrase('http reaches this machine alone'));
  }
  // A real key must never leave for anything but Stripe, whatever a variable says.
  if (live) return invalidProperty('host', phrase('a live account has none of its own'));
  return { live, address: { host, port, protocol: protocol === 'http' ? 'http' : 'https' } };
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

/** The result of a call, as a flow reads it. */
export function intentResult(
  intent: Intent | null,
  refusal: Refusal | null = intent?.lastRefusal ?? null,
): IntentResult {
  return {
    intent: intent?.id ?? null,
    status: intent?.status ?? 'unknown',
    customer: intent?.customer ?? null,
    amountMinor: intent?.amountMinor ?? 0,
    capturableMinor: intent?.capturableMinor ?? 0,
    ...(intent?.captureMaxMinor == null ? {} : { captureMaxMinor: intent.captureMaxMinor }),
    ...(intent?.canIncrement == null ? {} : { canIncrement: intent.canIncrement }),
    amountReceivedMinor: intent?.amountReceivedMinor ?? 0,
    ...(intent?.captureBeforeMs == null ? {} : { captureBeforeMs: intent.captureBeforeMs }),
    ...(intent === null ? {} : { createdAtMs: intent.createdAtMs }),
    ...(refusal === null ? {} : refusalFields(refusal)),
  };
}

/** A refusal, as a flow reads it. */
export function refusalFields({ code, declineCode, adviceCode, message }: Refusal) {
  return {
    code,
    ...(declineCode === null ? {} : { declineCode }),
    ...(adviceCode === null ? {} : { adviceCode }),
    message,
  };
}
