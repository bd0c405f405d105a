// Looks at Stripe instead of asking it to do something: lists, not Search, which may be an hour behind.

import { Fault } from '@tapcase/domain';
import type Stripe from 'stripe';
import { orFault } from './answers.ts';
import type { EventQuery, IntentQuery, StripeAccount, WebhookEvent } from './contract.ts';
import { isStripeError } from './faults.ts';
import { toEvent, toIntent } from './objects.ts';

/** Stripe's own limit of a page. */
const PAGE = 100;

export function lookups(stripe: Stripe): Pick<StripeAccount, 'intent' | 'intents' | 'events'> {
  return {
    intent: (id) => findIntent(stripe, id),
    intents: async (query) => (await all(stripe.paymentIntents.list(intentParams(query)), query.max)).map(toIntent),
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
