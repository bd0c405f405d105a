// Everything the stand-in remembers, in one place: plain data, references by id, so that it can be written down as it is.
import { randomInt } from 'node:crypto';
import type Stripe from 'stripe';
import { Refusal } from './refusal.ts';

/** The API version whose objects and rules these are: the one the pinned SDK speaks. */
export const API_VERSION = '2026-10-28.endive';

/** One idempotency key's first answer, given again to whoever asks again (docs.stripe.com/api/idempotent_requests). */
export interface KeptAnswer {
  readonly endpoint: string;
  readonly paramsHash: string;
  readonly status: number;
  readonly body: object;
  readonly atS: number;
}

export interface Books {
  readonly customers: Map<string, Stripe.Customer>;
  readonly paymentMethods: Map<string, Stripe.PaymentMethod>;
  /** Payment method id to the name of its test card: what its bank will answer. */
  readonly cardNames: Map<string, string>;
  readonly setupIntents: Map<string, Stripe.SetupIntent>;
  readonly sessions: Map<string, Stripe.Checkout.Session>;
  readonly paymentIntents: Map<string, Stripe.PaymentIntent>;
  readonly charges: Map<string, Stripe.Charge>;
  readonly events: Map<string, Stripe.Event>;
  readonly answers: Map<string, KeptAnswer>;
}

/** What an operation may use: the books, a clock, and a way to tell the world that something happened. */
export interface Standin {
  readonly books: Books;
  /** Base of the pages a person opens. */
  readonly publicUrl: string;
  nowS(): number;
  emit(type: string, object: object): void;
}

export function emptyBooks(): Books {
  return {
    customers: new Map(),
    paymentMethods: new Map(),
    cardNames: new Map(),
    setupIntents: new Map(),
    sessions: new Map(),
    paymentIntents: new Map(),
    charges: new Map(),
    events: new Map(),
    answers: new Map(),
  };
}

/** A day of hard use makes some ten thousand; a loop that went wrong makes more, and must not eat the machine. */
const RECORDS_MAX = 200_000;

export function put<T extends { readonly id: string }>(shelf: Map<string, T>, record: T): T {
  if (shelf.size >= RECORDS_MAX && !shelf.has(record.id)) {
    throw new Refusal(500, { type: 'api_error', message: `The stand-in keeps at most ${RECORDS_MAX} of a kind.` });
  }
  shelf.set(record.id, record);
  return record;
}

const ID_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `pi_3Qx…`: Stripe's look, so that a program that checks it is content. */
export function newId(prefix: string, length = 24): string {
  const digits = Array.from({ length }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]);
  return `${prefix}_${digits.join('')}`;
}

/** The id of a reference that Stripe gives as an id or as the whole object. */
export function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'string' ? reference : reference.id;
}
