// Sorts what the SDK throws: a definite no to read on, or a Fault (outcome unknown, too fast, wrong settings).
import { CARD_GONE, Fault } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import type { Refusal } from './contract.ts';

/** What the SDK's errors have in common, whichever class they are of. */
export interface StripeErrorShape {
  readonly type: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly decline_code?: string | undefined;
  readonly param?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly advice_code?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The error as Stripe sent it; some fields are only here. */
  readonly raw?: unknown;
  readonly payment_intent?: unknown;
}

export function isStripeError(thrown: unknown): thrown is StripeErrorShape {
  const { type, message } = asFields(thrown);
  if (typeof type !== 'string' || typeof message !== 'string') return false;
  // Those of the API's second version are named otherwise; all have the type that Stripe sent.
  return type.startsWith('Stripe') || 'rawType' in (thrown as object);
}

/** Definite answers about an amount, which a caller decides on; nothing was done. */
const ABOUT_AMOUNT = new Set(['amount_too_small', 'amount_too_large', 'charge_already_refunded', 'charge_disputed']);

/**
 * The card was taken off its customer. Stripe gives that no code of its own, it only says so: "was detached from a Customer. It
 * may not be used again", "does not belong to the Customer you supplied". One that it has never heard of is another account's.
 */
function isCardGone({ message }: StripeErrorShape): boolean {
  return /\bdetached from a customer\b|\bdoes not belong to (the|this) customer\b/i.test(message);
}

/** undefined when the error decides nothing: then it is a Fault. */
export function asRefusal(error: StripeErrorShape): Refusal | undefined {
  const declined = error.type === 'StripeCardError';
  const isRequest = error.type === 'StripeInvalidRequestError';
  if (isRequest && isCardGone(error)) return { ...refusalOf(error), code: CARD_GONE };
  const isAnswer = isRequest && (error.payment_intent !== undefined || ABOUT_AMOUNT.has(error.code ?? ''));
  return declined || isAnswer ? refusalOf(error) : undefined;
}

/** For a call that the flow itself has put together: whatever no is definite is an answer to it. */
export function asDefiniteNo(error: StripeErrorShape): Refusal | undefined {
  return asRefusal(error) ?? (asFault(error).code === 'stripe.refused-request' ? refusalOf(error) : undefined);
}

function refusalOf(error: StripeErrorShape): Refusal {
  const { advice_code: advice } = asFields(error.raw);
  return {
    declined: error.type === 'StripeCardError',
    code: error.code ?? error.type,
    declineCode: error.decline_code || null,
    adviceCode: typeof advice === 'string' ? advice : (error.advice_code ?? null),
    message: shown(error.message),
  };
}

/** Why the last payment of an intent failed, as the intent itself tells it. */
export function lastRefusal(error: unknown): Refusal | null {
  const { code, decline_code: declineCode, advice_code: adviceCode, message } = asFields(error);
  if (typeof code !== 'string') return null;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    declined: true,
    code,
    declineCode: text(declineCode),
    adviceCode: text(adviceCode),
    message: shown(text(message) ?? code),
  };
}

/** The error itself is not kept as the cause: it carries cards and client secrets, and Catch prints causes. */
export function asFault(error: StripeErrorShape): Fault {
  const details = {
    status: error.statusCode ?? null,
    stripeCode: error.code ?? null,
    param: error.param ?? null,
    request: error.requestId ?? null,
  };
  switch (error.type) {
    case 'StripeConnectionError':
      return new Fault('stripe.unreachable', 'Stripe did not answer; whether it was done is unknown', details);
    case 'StripeRateLimitError':
    case 'RateLimitError':
      return new Fault('stripe.rate-limited', 'Stripe asks us to slow down; nothing was done', details);
    case 'StripeAuthenticationError':
    case 'StripePermissionError':
      return new Fault('stripe.bad-key', 'Stripe does not accept the secret key for this', details);
    default:
      return asRequestFault(error, details);
  }
}

function asRequestFault(error: StripeErrorShape, details: Readonly<Record<string, unknown>>): Fault {
  if (error.code === 'idempotency_key_in_use') {
    return new Fault('stripe.in-flight', 'the same request is still running at Stripe', details);
  }
  if (error.type === 'StripeIdempotencyError') {
    return new Fault('stripe.key-reused', 'this key was used for another request; look at what became of it', details);
  }
  if (error.statusCode === undefined) {
    // A page of some server on the way, in place of Stripe's answer.
    return new Fault(
      'stripe.unreachable',
      'what came is no answer of Stripe’s; whether it was done is unknown',
      details,
    );
  }
  // Sent again it would get the same answer, which Stripe has kept under the key.
  if ((error.statusCode ?? 0) >= 500 && error.headers?.['stripe-should-retry'] === 'false') {
    return new Fault('stripe.unknown-outcome', 'Stripe had a failure and says not to send it again', details);
  }
  if ((error.statusCode ?? 0) >= 500) {
    return new Fault('stripe.unreachable', 'Stripe had a failure; whether it was done is unknown', details);
  }
  return new Fault('stripe.refused-request', `Stripe refused: ${shown(error.message)}`, details);
}

const MESSAGE_LENGTH_MAX = 300;

function shown(message: string): string {
  return message.slice(0, MESSAGE_LENGTH_MAX);
}
