// The lists of the account's port, which the shop's books and whoever missed a webhook ask for, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import { type Adapter, createAdapter } from '../../nodes/node-red-contrib-stripe/src/stripe-account/adapter.ts';
import { cardHolder, SECRET_KEY, startStandin } from './stripe-bench.ts';

describe('the account', () => {
  let standin: RunningStripe;
  let account: Adapter;
  beforeEach(async () => {
    standin = await startStandin();
    const address = { host: '127.0.0.1', port: standin.port, protocol: 'http' } as const;
    account = createAdapter({ live: false, address }, { secretKey: SECRET_KEY, webhookSecret: () => '' });
  });
  afterEach(async () => {
    account.close();
    await standin.close();
  });

  async function charge(attempt: number): Promise<void> {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    const metadata = { visit: 'visit-1', step: 'charge', attempt: String(attempt) };
    const order = { amountMinor: 600, currency: 'usd', customer, paymentMethod, metadata };
    assert.equal((await account.charge({ ...order, idempotencyKey: `visit-${attempt}:charge:1` })).kind, 'done');
  }

  it('lists payments oldest first, with what their maker wrote on them', async () => {
    for (const attempt of [1, 2, 3]) await charge(attempt);
    const listed = await account.intents({ createdAfterMs: 0, max: 100 });
    assert.equal(listed.length, 3);
    const [first] = listed;
    assert.deepEqual(first?.metadata, { visit: 'visit-1', step: 'charge', attempt: '1' });
    assert.deepEqual([first?.amountReceivedMinor, first?.amountRefundedMinor], [600, 0]);
    const later = { createdAfterMs: Date.now() + 60_000, createdBeforeMs: Date.now() + 120_000 };
    assert.deepEqual(await account.intents({ ...later, max: 100 }), []);
  });

  it('lists the events that no webhook took', async () => {
    await charge(1);
    const types = ['payment_intent.succeeded'];
    const listed = await account.events({ types, createdAfterMs: 0, undeliveredOnly: true, max: 100 });
    assert.deepEqual(
      listed.map(({ type }) => type),
      types,
    );
  });

  it('gives no list that was cut short', async () => {
    for (const attempt of [1, 2]) await charge(attempt);
    await assert.rejects(account.intents({ createdAfterMs: 0, max: 1 }), { code: 'stripe.too-many' });
  });
});
