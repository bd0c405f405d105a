// The events of the account: made when something happens, kept for the list, never changed afterwards.
import type Stripe from 'stripe';
import { API_VERSION, type Books, newId, type Standin } from './books.ts';
import { copyOf } from './copy.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import type { Params } from './params.ts';
import { missing } from './refusal.ts';

/** Enough to look back over a long afternoon; the oldest go first, as in the real service after 30 days. */
const EVENTS_MAX = 50_000;

/** The API request that caused an event; null for what Stripe or a person on a page did. */
export interface Cause {
  readonly id: string | null;
  readonly idempotency_key: string | null;
}

export function newEvent(books: Books, type: string, object: object, nowS: number, request: Cause): Stripe.Event {
  // The SDK's Event is a union over every known type; here the type is whatever the caller reports.
  const event = {
    id: newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: nowS,
    data: { object: copyOf(object) },
    livemode: false,
    pending_webhooks: 1,
    request,
    type,
  } as unknown as Stripe.Event;
  if (books.events.size >= EVENTS_MAX) books.events.dropOldest();
  books.events.set(event.id, event);
  return event;
}

export function listEvents(standin: Standin, params: Params): ListPage {
  const type = params.text('type');
  const types = params.texts('types') ?? (type === undefined ? undefined : [type]);
  const delivered = params.flag('delivery_success');
  const query = readListQuery(params);
  params.end();
  const matches = (event: Stripe.Event) =>
    (types?.includes(event.type) ?? true) && (delivered === undefined || (event.pending_webhooks === 0) === delivered);
  return listPage(standin.books.events, { matches }, query, '/v1/events');
}

export function retrieveEvent(standin: Standin, params: Params, { id }: { id: string }): Stripe.Event {
  params.end();
  const event = standin.books.events.get(id);
  if (event === undefined) throw missing('event', id, 'id');
  return event;
}
