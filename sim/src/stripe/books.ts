// Everything the stand-in remembers, in one place: plain data, references by id, so that it can be written down as it is.
import { randomInt } from 'node:crypto';
import type Stripe from 'stripe';
import type { PaymentFacts } from './pay-pages.ts';
import { Refusal } from './refusal.ts';
import type { Switches } from './switches.ts';

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

/** Records by id, which remembers what of it was put since it was last asked. */
export class Shelf<T> extends Map<string, T> {
  #dirty: Set<string> | undefined;

  override set(id: string, record: T): this {
    this.touch(id);
    return super.set(id, record);
  }

  override delete(id: string): boolean {
    this.touch(id);
    return super.delete(id);
  }

  /** For a record that was changed in its place. */
  touch(id: string): void {
    // A Map's constructor calls set() before the fields are there.
    this.#dirty ??= new Set();
    this.#dirty.add(id);
  }

  takeDirty(): readonly string[] {
    const taken = [...(this.#dirty ?? [])];
    this.#dirty?.clear();
    return taken;
  }
}

export interface Books {
  readonly customers: Shelf<Stripe.Customer>;
  readonly paymentMethods: Shelf<Stripe.PaymentMethod>;
  /** Payment method id to the name of its test card: what its bank will answer. */
  readonly cardNames: Shelf<string>;
  readonly setupIntents: Shelf<Stripe.SetupIntent>;
  readonly sessions: Shelf<Stripe.Checkout.Session>;
  /** What a page in payment mode asks for, by its session. */
  readonly payments: Shelf<PaymentFacts>;
  readonly paymentIntents: Shelf<Stripe.PaymentIntent>;
  readonly charges: Shelf<Stripe.Charge>;
  readonly refunds: Shelf<Stripe.Refund>;
  /** How often each hold was to be raised. */
  readonly increments: Shelf<number>;
  readonly events: Shelf<Stripe.Event>;
  readonly answers: Shelf<KeptAnswer>;
}

/** What an operation may use: the books, a clock, and a way to tell the world that something happened. */
export interface Standin {
  readonly books: Books;
  readonly switches: Switches;
  /** Base of the pages a person opens. */
  readonly publicUrl: string;
  nowS(): number;
  emit(type: string, object: object): void;
  /** Runs after the request was answered. */
  later(work: () => void): void;
}

export function emptyBooks(): Books {
  return {
    customers: new Shelf(),
    paymentMethods: new Shelf(),
    cardNames: new Shelf(),
    setupIntents: new Shelf(),
    sessions: new Shelf(),
    payments: new Shelf(),
    paymentIntents: new Shelf(),
    charges: new Shelf(),
    refunds: new Shelf(),
    increments: new Shelf(),
    events: new Shelf(),
    answers: new Shelf(),
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
