// How the stand-in's events reach a shop when the world is not kind: late, twice, in disorder, after failures, never.
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import { signatureHeader } from '../../sim/src/stripe/webhook-sender.ts';
import {
  type Double,
  HOLD,
  type Receiver,
  startDouble,
  startReceiver,
  stopDouble,
  WEBHOOK_SECRET,
} from './stripe-bench.ts';

const REQUEST = { ...HOLD, payment_method: 'pm_card_visa' } as const;
const STORY = ['payment_intent.created', 'charge.succeeded', 'payment_intent.amount_capturable_updated'];

describe('Events of the stand-in', () => {
  let double: Double;
  let shop: Receiver;
  beforeEach(async () => {
    shop = await startReceiver(() => double.checked);
    double = await startDouble({ webhookUrl: shop.url });
  });
  afterEach(async () => {
    await stopDouble(double);
    await shop.close();
  });

  const types = async () => {
    await double.standin.webhooksIdle();
    return shop.events.splice(0).map(({ type }) => type);
  };
  const undelivered = async () => {
    const { data } = await double.stripe.events.list({ delivery_success: false });
    return data.map(({ type }) => type).reverse();
  };

  it('are signed as the SDK’s own generator signs', () => {
    const payload = '{"id":"evt_1"}';
    const stripe = new Stripe('sk_test_x');
    const expected = stripe.webhooks.generateTestHeaderString({
      payload,
      secret: WEBHOOK_SECRET,
      timestamp: 1_700_000_000,
    });
    assert.equal(signatureHeader(payload, WEBHOOK_SECRET, 1_700_000_000), expected);
  });

  it('come in their order, and count as delivered then', async () => {
    await double.stripe.paymentIntents.create(REQUEST);
    assert.deepEqual(await types(), STORY);
    assert.deepEqual(await undelivered(), []);
  });

  it('come twice', async () => {
    double.standin.deliver({ kind: 'twice' });
    await double.stripe.paymentIntents.create(REQUEST);
    await double.standin.webhooksIdle();
    const ids = shop.events.map(({ id }) => id);
    assert.deepEqual([ids.length, new Set(ids).size], [6, 3]);
  });

  it('come late, all of them', async () => {
    const waiting: { readonly ms: number; readonly work: () => void }[] = [];
    const later = (ms: number, work: () => void) => {
      waiting.push({ ms, work });
      return () => {};
    };
    await stopDouble(double);
    double = await startDouble({ webhookUrl: shop.url, later });
    double.standin.deliver({ kind: 'late', ms: 300 });
    await double.stripe.paymentIntents.create(REQUEST);
    double.standin.deliver({ kind: 'normal' });
    await double.stripe.customers.create({});
    await shop.taken(1);
    assert.deepEqual(
      waiting.map(({ ms }) => ms),
      [300, 300, 300],
    );
    for (const { work } of waiting) work();
    assert.deepEqual(await types(), ['customer.created', ...STORY]);
  });

  it('come in disorder, and all of them', async () => {
    double.standin.deliver({ kind: 'shuffled', batch: 1_000, windowMs: 200 });
    // So many that their order by chance is none that anybody will see.
    for (let time = 0; time < 10; time += 1) await double.stripe.paymentIntents.create(REQUEST);
    await double.standin.webhooksIdle();
    const order = [...double.standin.books.events.keys()];
    const came = shop.events.map(({ id }) => id);
    assert.notDeepEqual(came, order);
    assert.deepEqual([...came].sort(), [...order].sort());
  });

  it('never come, and are found in the list of what was not delivered', async () => {
    double.standin.deliver({ kind: 'never' });
    await double.stripe.paymentIntents.create(REQUEST);
    assert.deepEqual(await types(), []);
    assert.deepEqual(await undelivered(), STORY);
    double.standin.deliver({ kind: 'normal' });
    await double.stripe.customers.create({});
    assert.deepEqual(await types(), ['customer.created']);
    assert.deepEqual(await undelivered(), STORY);
  });

  it('that the shop refuses come again, and hold up no other', async () => {
    shop.answers.push(500);
    await double.stripe.paymentIntents.create(REQUEST);
    const [first = '', ...others] = STORY;
    assert.deepEqual(await types(), [...others, first]);
  });

  it('are told how to come over HTTP', async () => {
    const tell = (body: object) =>
      fetch(`${double.standin.url}/sim/webhooks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    for (const body of [
      { kind: 'late', ms: 5 },
      { kind: 'shuffled', windowMs: 5 },
      { kind: 'normal' },
      { kind: 'never' },
    ]) {
      assert.equal((await tell(body)).status, 204);
    }
    await double.stripe.customers.create({});
    assert.deepEqual(await types(), []);
  });
});
