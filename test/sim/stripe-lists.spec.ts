// The stand-in's lists, page by page: payments by customer and by date, events by type and by what became of them.
import assert from 'node:assert/strict';
import type Stripe from 'stripe';
import { cardHolder, type Double, HOLD, refused, startDouble, stopDouble } from './stripe-bench.ts';

const MINUTE_MS = 60_000;

describe('The stand-in’s lists', () => {
  let double: Double;
  beforeEach(async () => {
    double = await startDouble();
  });
  afterEach(() => stopDouble(double));

  /** Payments a minute apart, the oldest first. */
  async function payments(count: number, customer?: { customer: string; payment_method: string }) {
    const who = customer ?? (await cardHolder(double.stripe));
    const made: Stripe.PaymentIntent[] = [];
    for (let number = 0; number < count; number += 1) {
      made.push(await double.stripe.paymentIntents.create({ ...HOLD, ...who, metadata: { number: String(number) } }));
      double.standin.advance(MINUTE_MS);
    }
    return made;
  }
  const numbers = (list: Stripe.ApiList<Stripe.PaymentIntent>) =>
    list.data.map(({ metadata }) => Number(metadata.number));
  const list = (params: Stripe.PaymentIntentListParams) => double.stripe.paymentIntents.list(params);

  it('go from the newest to the oldest, page by page, and say when there is more', async () => {
    const made = await payments(5);
    const first = await list({ limit: 2 });
    assert.deepEqual([numbers(first), first.has_more], [[4, 3], true]);
    const second = await list({ limit: 2, starting_after: first.data[1]!.id });
    assert.deepEqual([numbers(second), second.has_more], [[2, 1], true]);
    const last = await list({ limit: 2, starting_after: second.data[1]!.id });
    assert.deepEqual([numbers(last), last.has_more], [[0], false]);
    const back = await list({ limit: 2, ending_before: made[1]!.id });
    assert.deepEqual([numbers(back), back.has_more], [[3, 2], true]);
    const newest = await list({ limit: 2, ending_before: made[3]!.id });
    assert.deepEqual([numbers(newest), newest.has_more], [[4], false]);
  });

  it('keep to the dates asked for, their bounds included or not', async () => {
    const made = await payments(5);
    const at = (number: number) => made[number]!.created;
    assert.deepEqual(numbers(await list({ created: { gte: at(1), lte: at(3) } })), [3, 2, 1]);
    assert.deepEqual(numbers(await list({ created: { gt: at(1), lt: at(3) } })), [2]);
    assert.deepEqual(numbers(await list({ created: at(2) })), [2]);
    const page = await list({ created: { gte: at(1) }, limit: 2, starting_after: made[4]!.id });
    assert.deepEqual([numbers(page), page.has_more], [[3, 2], true]);
    assert.deepEqual(numbers(await list({ created: { gte: at(1) }, starting_after: made[2]!.id })), [1]);
  });

  it('are walked by the SDK to the end, one customer’s only, with the charges where they are asked for', async () => {
    const [ana, ben] = [await cardHolder(double.stripe), await cardHolder(double.stripe)];
    await payments(3, ana);
    await payments(1, ben);
    await payments(2, ana);
    const all: string[] = [];
    const pages = list({ customer: ana.customer, limit: 2, expand: ['data.latest_charge'] });
    for await (const { latest_charge: charge } of pages) all.push((charge as Stripe.Charge).object);
    assert.deepEqual(all, Array(5).fill('charge'));
    const { id: nobody } = await double.stripe.customers.create({});
    assert.deepEqual((await list({ customer: nobody })).data, []);
  });

  it('refuse a page of nothing, of everything, from nowhere, in both directions', async () => {
    const [made] = await payments(1);
    await refused(list({ limit: 0 }), { param: 'limit' });
    await refused(list({ limit: 101 }), { param: 'limit' });
    await refused(list({ starting_after: 'pi_no' }), { code: 'resource_missing', param: 'starting_after' });
    await refused(list({ starting_after: made!.id, ending_before: made!.id }), { param: 'ending_before' });
    await refused(list({ expand: ['data.everything'] }), { param: 'expand' });
  });

  it('of events: by several types, by one, since a time, and after one that is known', async () => {
    const [first] = await payments(2);
    await double.stripe.paymentIntents.cancel(first!.id);
    const { events } = double.stripe;
    const types = ['payment_intent.created', 'payment_intent.canceled'];
    const some = await events.list({ types });
    assert.deepEqual(
      some.data.map(({ type }) => type),
      ['payment_intent.canceled', 'payment_intent.created', 'payment_intent.created'],
    );
    assert.equal((await events.list({ type: 'payment_intent.canceled' })).data.length, 1);
    const newer = await events.list({ types, ending_before: some.data[1]!.id });
    assert.deepEqual(newer.data[0]?.id, some.data[0]?.id);
    const since = await events.list({ types, created: { gt: some.data[1]!.created } });
    assert.equal(since.data.length, 1);
    assert.equal((await events.retrieve(some.data[0]!.id)).type, 'payment_intent.canceled');
    await refused(events.retrieve('evt_no'), { code: 'resource_missing' });
  });

  it('of events say which request caused them, and that time itself caused none', async () => {
    const { id } = (await payments(1))[0]!;
    await double.stripe.paymentIntents.cancel(id, {}, { idempotencyKey: 'v1:cancel:1' });
    await payments(1);
    double.standin.advance(8 * 86_400_000);
    const { data } = await double.stripe.events.list({ type: 'payment_intent.canceled' });
    assert.deepEqual(
      data.map(({ request }) => request?.idempotency_key),
      [null, 'v1:cancel:1'],
    );
    assert.deepEqual([data[0]?.request?.id, data[1]?.request?.id?.slice(0, 4)], [null, 'req_']);
  });
});
