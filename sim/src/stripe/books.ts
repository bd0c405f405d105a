// Everything the stand-in remembers, in one place: plain data, references by id, so that it can be written down as it is.
import { randomFillSync } from 'node:crypto';
import type Stripe from 'stripe';
import type { DueTimes } from './due.ts';
import type { PaymentFacts } from './payment-facts.ts';
import { Refusal, type ShouldRetry } from './refusal.ts';
import { Chronicle, Shelf } from './shelf.ts';
import type { Switches } from './switches.ts';

/** The API version whose objects and rules these are: the one the pinned SDK speaks. */
export const API_VERSION = '2026-10-28.endive';

/** One idempotency key's first answer, given again to whoever asks again (docs.stripe.com/api/idempotent_requests). */
export interface KeptAnswer {
  readonly endpoint: string;
  readonly paramsHash: string;
  readonly status: number;
  /** JSON, as it was sent. */
  readonly text: string;
  readonly shouldRetry: ShouldRetry;
  readonly atS: number;
}

export interface Books {
  readonly customers: Shelf<Stripe.Customer>;
  readonly paymentMethods: Chronicle<Stripe.PaymentMethod>;
  /** Payment method id to the name of its test card: what its bank will answer. */
  readonly cardNames: Shelf<string>;
  readonly setupIntents: Shelf<Stripe.SetupIntent>;
  readonly sessions: Shelf<Stripe.Checkout.Session>;
  /** What a page in payment mode asks for, by its session. */
  readonly payments: Shelf<PaymentFacts>;
  readonly paymentIntents: Chronicle<Stripe.PaymentIntent>;
  readonly charges: Shelf<Stripe.Charge>;
  readonly refunds: Chronicle<Stripe.Refund>;
  readonly disputes: Chronicle<Stripe.Dispute>;
  /** How often each hold was to be raised. */
  readonly increments: Shelf<number>;
  readonly events: Chronicle<Stripe.Event>;
  readonly answers: Shelf<KeptAnswer>;
  /** Charge id to what of its hold was shown as given back though it was never taken. */
  readonly releases: Shelf<number>;
  /** `clock`: how far it was moved, in milliseconds. */
  readonly settings: Shelf<number>;
}

/** What an operation may use: the books, a clock, and a way to tell the world that something happened. */
export interface Standin {
  readonly books: Books;
  readonly switches: Switches;
  /** When what ends by itself: holds and pages, by id. */
  readonly due: DueTimes;
  /** Base of the pages a person opens. */
  readonly publicUrl: string;
  /** Never goes back. */
  nowS(): number;
  emit(type: string, object: object): void;
  /** Runs after the request was answered. */
  later(work: () => void): void;
}

/** `isKept`: somebody writes down what changes. */
export function emptyBooks(isKept = false): Books {
  return {
    customers: new Shelf(isKept),
    paymentMethods: new Chronicle(isKept, ({ customer }) => [idOf(customer)]),
    cardNames: new Shelf(isKept),
    setupIntents: new Shelf(isKept),
    sessions: new Shelf(isKept),
    payments: new Shelf(isKept),
    paymentIntents: new Chronicle(isKept, ({ customer }) => [idOf(customer)]),
    charges: new Shelf(isKept),
    refunds: new Chronicle(isKept, ({ charge, payment_intent: intent }) => [idOf(charge), idOf(intent)]),
    disputes: new Chronicle(isKept, ({ charge, payment_intent: intent }) => [idOf(charge), idOf(intent)]),
    increments: new Shelf(isKept),
    events: new Chronicle(isKept),
    answers: new Shelf(isKept),
    releases: new Shelf(isKept),
    settings: new Shelf(isKept),
  };
}

export function shelvesOf(books: Books): ReadonlyMap<string, Shelf<unknown>> {
  return new Map(Object.entries(books) as [string, Shelf<unknown>][]);
}

/** By Stripe's own name of what lies on it. */
const SHELF_OF: Readonly<Record<string, keyof Books>> = {
  customer: 'customers',
  payment_method: 'paymentMethods',
  setup_intent: 'setupIntents',
  'checkout.session': 'sessions',
  payment_intent: 'paymentIntents',
  charge: 'charges',
  refund: 'refunds',
  dispute: 'disputes',
};

/** Marks a record, and the charge of an intent, as changed. */
export function touch(books: Books, record: object): void {
  const { id, object, latest_charge: charge } = record as { id?: string; object?: string; latest_charge?: unknown };
  const shelf = object === undefined ? undefined : SHELF_OF[object];
  if (shelf !== undefined && id !== undefined && books[shelf].has(id)) books[shelf].touch(id);
  if (typeof charge === 'string') books.charges.touch(charge);
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
/** Random bytes are fetched in lots: one call each would cost more than the rest of a request. */
const pool = new Uint8Array(4_096);
let unused = 0;

/** `pi_3Qx…`: Stripe's look, so that a program that checks it is content. */
export function newId(prefix: string, length = 24): string {
  let id = `${prefix}_`;
  for (const end = id.length + length; id.length < end; ) {
    if (unused === 0) unused = randomFillSync(pool).length;
    unused -= 1;
    // 62 letters: what is above would make the first ones likelier.
    const letter = pool[unused]! & 63;
    if (letter < ID_ALPHABET.length) id += ID_ALPHABET[letter];
  }
  return id;
}

/** The id of a reference that Stripe gives as an id or as the whole object. */
export function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'string' ? reference : reference.id;
}
