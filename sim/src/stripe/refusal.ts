// How the stand-in says no: Stripe's documented error bodies, one constructor for each kind we give.
// Messages are shortened; programs decide by status, type, code and the objects carried.
import type Stripe from 'stripe';
import { copyOf } from './copy.ts';

export interface RefusalBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly advice_code?: string;
  readonly network_advice_code?: string;
  readonly network_decline_code?: string;
  readonly charge?: string;
  readonly payment_intent?: Stripe.PaymentIntent;
  readonly payment_method?: Stripe.PaymentMethod;
  readonly setup_intent?: Stripe.SetupIntent;
}

/** What an answer says in `Stripe-Should-Retry`; null: nothing. */
export type ShouldRetry = boolean | null;

/** Thrown by whatever refuses; the API turns it into `{ error: body }`. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: RefusalBody;

  constructor(status: number, body: RefusalBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

export function badRequest(message: string, more: Omit<RefusalBody, 'type' | 'message'> = {}): Refusal {
  return new Refusal(400, { type: 'invalid_request_error', message, ...more });
}

/** The address names what is not there. */
export function missing(what: string, id: string, param: string): Refusal {
  return noSuch(404, what, id, param);
}

/** A parameter names what is not there: then the question is bad, not the address. */
export function missingParam(what: string, id: string, param: string): Refusal {
  return noSuch(400, what, id, param);
}

function noSuch(status: 400 | 404, what: string, id: string, param: string): Refusal {
  // `id` comes from outside: what is echoed is cut so that a log line stays a line.
  const shown = id.slice(0, 64).replace(/[^\w-]/g, '?');
  const body = { type: 'invalid_request_error', code: 'resource_missing', param } as const;
  return new Refusal(status, { ...body, message: `No such ${what}: '${shown}'` });
}

/** Every refusal about an intent carries the whole intent, so that a caller who lost an answer can settle from it. */
export function wrongState(message: string, intent: Stripe.PaymentIntent, param?: string): Refusal {
  return badRequest(message, {
    code: 'payment_intent_unexpected_state',
    payment_intent: copyOf(intent),
    ...(param === undefined ? {} : { param }),
  });
}

export function cardRefused(body: Omit<RefusalBody, 'type'>): Refusal {
  return new Refusal(402, { type: 'card_error', ...body });
}
