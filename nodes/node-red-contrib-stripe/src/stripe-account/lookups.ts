// Looks at Stripe instead of asking it to do something: lists, not Search, which may be an hour behind.

import { Fault } from '@tapcase/domain';
import type Stripe from 'stripe';
import { orFault } from './answers.ts';
import type { EventQuery, IntentQuery, SpanQuery, StripeAccount, WebhookEvent } from './contract.ts';
import { isStripeError } from './faults.ts';
import { toDispute, toEvent, toIntent, toRefund } from './objects.ts';

/** Stripe's own limit of a page. */
const PAGE = 100;

type Lookups = Pick<StripeAccount, 'intent' | 'intents' | 'events' | 'refundsMade' | 'disputes'>;

export function lookups(stripe: Stripe): Lookups {
  return {
    intent: (id) => findIntent(stripe, id),
    intents: async (query) => (await all(stripe.paymentIntents.list(intentParams(query)), query.max)).map(toIntent),
    refundsMade: async (query) => (await all(stripe.refunds.list(spanParams(query)), query.max)).map(toRefund),
    disputes: async (query) => (await all(stripe.disputes.list(spanParams(query)), query.max)).map(toDispute),
    events: async (query) => {
      const events = await all(stripe.events.list(eventParams(query)), query.max);
      return events.map(toEvent).filter((event): event is WebhookEvent => event !== undefined);
    },
  };
}

async function findIntent(stripe: Stripe, id: string) {
  return orFault(async () => {
    try {
      return toIntent(await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }));
    } catch (thrown) {
      if (isStripeError(thrown) && thrown.code === 'resource_missing') return undefined;
      throw thrown;
    }
  });
}

function spanParams({ createdAfterMs, createdBeforeMs }: SpanQuery) {
  return {
    limit: PAGE,
    created: { gte: Math.floor(createdAfterMs / 1_000), lt: Math.ceil(createdBeforeMs / 1_000) },
  };
}

function intentParams({ customer, createdAfterMs, createdBeforeMs }: IntentQuery): Stripe.PaymentIntentListParams {
  return {
    limit: PAGE,
    created: {
      gte: Math.floor(createdAfterMs / 1_000),
      ...(createdBeforeMs === undefined ? {} : { lt: Math.ceil(createdBeforeMs / 1_000) }),
    },
    ...(customer === undefined ? {} : { customer }),
    expand: ['data.latest_charge'],
  };
}

function eventParams({ types, createdAfterMs, undeliveredOnly }: EventQuery): Stripe.EventListParams {
  return {
    limit: PAGE,
    types: [...types],
    created: { gte: Math.floor(createdAfterMs / 1_000) },
    ...(undeliveredOnly ? { delivery_success: false } : {}),
  };
}

/** Stripe lists the newest first. */
async function all<T>(list: AsyncIterable<T>, max: number): Promise<T[]> {
  const found: T[] = [];
  await orFault(async () => {
    for await (const each of list) {
      if (found.length >= max) throw new Fault('stripe.too-many', `more than ${max} were found`, { max });
      found.push(each);
    }
  });
  return found.reverse();
}
