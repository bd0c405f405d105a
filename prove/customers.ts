// Who the stories are about: each a person at the shop, a customer at Stripe with a card, and a phone.
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import type { Ledger } from '../ledger/src/port.ts';
import type { Clock } from './clock.ts';
import type { Phones } from './phones.ts';
import type { ProvedShop } from './shop.ts';
import type { Story } from './stories.ts';

export interface Seeding {
  readonly stories: readonly Story[];
  readonly ledger: Ledger;
  readonly stripe: RunningStripe;
  readonly phones: Phones;
  readonly shop: ProvedShop;
  readonly clock: Clock;
}

export interface Seeded {
  readonly cookies: readonly string[];
  /** Stripe's. */
  readonly customers: readonly string[];
  readonly sdk: Stripe;
}

/** Each story has a customer of its own, so that one's debt keeps nobody else out. */
export async function seedCustomers({ stories, ledger, stripe, phones, shop, clock }: Seeding): Promise<Seeded> {
  const sdk = new Stripe(shop.stripe.secretKey, {
    host: '127.0.0.1',
    port: stripe.port,
    protocol: 'http',
    telemetry: false,
  });
  const magic = new Map(
    ((await (await fetch(`${stripe.url}/sim/cards`)).json()) as { name: string; magic: string }[]).map((card) => [
      card.name,
      card.magic,
    ]),
  );
  const cookies: string[] = [];
  const customers: string[] = [];
  for (const { number, card } of stories) {
    const id = `person-${number}`;
    await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: clock.nowMs() });
    const { id: stripeCustomer } = await sdk.customers.create({ email: `${id}@example.com` });
    const method = await sdk.paymentMethods.attach(magic.get(card)!, { customer: stripeCustomer });
    const { brand = 'visa', last4 = '4242' } = method.card ?? {};
    await ledger.setCard(id, { stripeCustomer, paymentMethod: method.id, brand, last4 }, clock.nowMs());
    await ledger.putPushSubscription(id, phones.subscription(id), clock.nowMs());
    customers.push(stripeCustomer);
    cookies.push(await shop.cookie(id, ledger, clock));
  }
  return { cookies, customers, sdk };
}
