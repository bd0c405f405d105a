// Sorts what the SDK throws: a definite no to read on, or a Fault (outcome unknown, too fast, wrong settings).
import { Fault } from '@tapcase/domain';
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
  readonly payment_intent?: unknown;
}

export function isStripeError(thrown: unknown): thrown is StripeErrorShape {
  const { type, message } = asFields(thrown);
  return typeof type === 'string' && type.startsWith('Stripe') && typeof message === 'string';
}

/** undefined when the error decides nothing: then it is a Fault. */
export function asRefusal(error: StripeErrorShape): Refusal | undefined {
  const declined = error.type === 'StripeCardError';
  const aboutIntent = error.type === 'StripeInvalidRequestError' && error.payment_intent !== undefined;
  if (!declined && !aboutIntent) return undefined;
  return {
    declined,
    code: error.code ?? error.type,
    declineCode: error.decline_code || null,
    message: shown(error.message),
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
  if ((error.statusCode ?? 0) >= 500) {
    return new Fault('stripe.unreachable', 'Stripe had a failure; whether it was done is unknown', details);
  }
  return new Fault('stripe.refused-request', `Stripe refused: ${shown(error.message)}`, details);
}

const MESSAGE_LENGTH_MAX = 300;

function shown(message: string): string {
  return message.slice(0, MESSAGE_LENGTH_MAX);
}
