// The stand-in as a double that tests may trust: it forgets nothing, misbehaves only as told, and its clock can be moved.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningStripe, StripeOptions } from '@tapcase/sim/stripe/start-stripe';
import type Stripe from 'stripe';
import { cardHolder, sdk, startStandin } from '../nodes/stripe-bench.ts';

const WEEK_MS = 7 * 86_400_000;

describe('the Stripe double', () => {
  let standin: RunningStripe;
  let folder: string;
  let receiver: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-double-'));
  });
  afterEach(async () => {
    await standin.close();
    receiver?.closeAllConnections();
    await new Promise<void>((resolve) => (receiver === undefined ? resolve() : receiver.close(() => resolve())));
    receiver = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const begin = async (options: Partial<StripeOptions> = {}) => {
    standin = await startStandin(options);
    return sdk(standin.port);
  };
  const hold = async (stripe: Stripe, key?: string) => {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    return stripe.paymentIntents.create(
      {
        amount: 500,
        currency: 'usd',
        customer,
        payment_method: paymentMethod,
        capture_method: 'manual',
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { visit: 'visit-1' },
      },
      key === undefined ? {} : { idempotencyKey: key },
    );
  };

  it('has the same books, keys and events after it was started again', async () => {
    const stateFile = join(folder, 'books.sqlite');
    let stripe = await begin({ stateFile });
    const made = await hold(stripe);
    await stripe.paymentIntents.capture(made.id, { amount_to_capture: 300 }, { idempotencyKey: 'capture-1' });
    await standin.close();
    stripe = await begin({ stateFile });
    const after = await stripe.paymentIntents.retrieve(made.id, { expand: ['latest_charge'] });
    assert.deepEqual([after.status, after.amount_received], ['succeeded', 300]);
    assert.equal((after.latest_charge as Stripe.Charge).amount_captured, 300);
    const again = await stripe.paymentIntents.capture(
      made.id,
      { amount_to_capture: 300 },
      { idempotencyKey: 'capture-1' },
    );
    assert.equal(again.amount_received, 300);
    const { data } = await stripe.events.list({ types: ['payment_intent.succeeded'] });
    assert.equal(data.length, 1);
  });

  it('lets holds go and closes pages when its clock is moved', async () => {
    const startedMs = Date.now();
    const stripe = await begin({ now: () => startedMs });
    const { id } = await hold(stripe);
    standin.advance(WEEK_MS - 60_000);
    assert.equal((await stripe.paymentIntents.retrieve(id)).status, 'requires_capture');
    standin.advance(120_000);
    assert.equal(standin.books.paymentIntents.get(id)?.status, 'canceled');
    const types = [...standin.books.events.values()].map(({ type }) => type);
    assert.deepEqual(types.slice(-2), ['charge.expired', 'payment_intent.canceled']);
  });

  const misfortunes = [
    ['drop-before', 'StripeConnectionError', 0],
    ['drop-after', 'StripeConnectionError', 1],
    ['error-before', 'StripeAPIError', 0],
    ['error-after', 'StripeAPIError', 1],
    ['rate-limit', 'StripeRateLimitError', 0],
    ['lock-timeout', 'StripeRateLimitError', 0],
  ] as const;
  for (const [misfortune, type, made] of misfortunes) {
    it(`${misfortune}: the caller sees ${type}, and ${made} payment is made`, async () => {
      const stripe = await begin();
      const holder = await cardHolder(standin.port);
      // The SDK repeats a broken connection once by itself, whatever it is told.
      standin.failNext(misfortune, 2, /POST \/v1\/payment_intents$/);
      const asked = stripe.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        customer: holder.customer,
        payment_method: holder.paymentMethod,
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      });
      await assert.rejects(asked, { type });
      assert.equal(standin.books.paymentIntents.size, made);
      assert.ok(standin.faultsMet() >= 1);
    });
  }

  it('calls a test before and after each request is executed, and waits for it', async () => {
    const stages: string[] = [];
    const stripe = await begin({
      onRequest: (stage, { path }) => {
        if (path.endsWith('/capture'))
          stages.push(`${stage} ${standin.books.paymentIntents.values().next().value?.status}`);
      },
    });
    const { id } = await hold(stripe);
    await stripe.paymentIntents.capture(id);
    assert.deepEqual(stages, ['received requires_capture', 'executed succeeded']);
  });

  it('books an uncaptured rest as released or as a refund, as the account does, and refunds no more than was captured', async () => {
    const stripe = await begin({ switches: { partialCapture: 'refunded' } });
    const { id } = await hold(stripe);
    await stripe.paymentIntents.capture(id, { amount_to_capture: 300 });
    const { latest_charge: charge } = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    assert.equal((charge as Stripe.Charge).amount_refunded, 200);
    await stripe.refunds.create({ payment_intent: id, amount: 300 });
    await assert.rejects(stripe.refunds.create({ payment_intent: id, amount: 1 }), { code: 'charge_already_refunded' });
  });

  it('a refund that fails does so later, and only an event tells', async () => {
    const stripe = await begin();
    const { customer, paymentMethod } = await cardHolder(standin.port, 'pm_card_refundFail');
    const away = { confirm: true, automatic_payment_methods: { enabled: true, allow_redirects: 'never' } } as const;
    const intent = { amount: 500, currency: 'usd', customer, payment_method: paymentMethod } as const;
    const { id } = await stripe.paymentIntents.create({ ...intent, ...away });
    const refund = await stripe.refunds.create({ payment_intent: id });
    assert.equal(refund.status, 'succeeded');
    assert.equal((await stripe.refunds.retrieve(refund.id)).status, 'failed');
    assert.ok([...standin.books.events.values()].some(({ type }) => type === 'refund.failed'));
  });

  const deliveries = [
    [{ kind: 'normal' }, 1],
    [{ kind: 'twice' }, 2],
    [{ kind: 'shuffled', batch: 4 }, 1],
    [{ kind: 'never' }, 0],
  ] as const;
  for (const [delivery, times] of deliveries) {
    it(`delivers each event ${times} times when told ${delivery.kind}, and lists what nobody took`, async () => {
      const received: string[] = [];
      const url = await listen((id) => received.push(id));
      const stripe = await begin({ webhookUrl: url });
      standin.deliver(delivery);
      const { id } = await hold(stripe);
      await stripe.paymentIntents.cancel(id);
      await standin.webhooksIdle();
      const made = [...standin.books.events.keys()];
      assert.deepEqual(
        received.toSorted(),
        Array.from({ length: times }, () => made)
          .flat()
          .toSorted(),
      );
      const { data } = await stripe.events.list({ delivery_success: false });
      assert.equal(data.length, times === 0 ? made.length : 0);
    });
  }

  it('takes its orders over HTTP too, and refuses nonsense', async () => {
    const stripe = await begin();
    const order = async (path: string, body: object) =>
      (
        await fetch(`${standin.url}/sim/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;
    assert.equal(await order('fail', { misfortune: 'rate-limit' }), 204);
    await assert.rejects(stripe.events.list(), { type: 'StripeRateLimitError' });
    assert.equal(await order('switches', { increments: true, overcapturePercent: 20 }), 204);
    assert.deepEqual([standin.switches.increments, standin.switches.overcapturePercent], [true, 20]);
    assert.equal(await order('webhooks', { kind: 'twice' }), 204);
    assert.equal(await order('clock', { advanceMs: 1_000 }), 204);
    assert.equal(await order('weather', { probability: 0.5, kinds: ['slow'], slowMs: 1 }), 204);
    for (const [path, body] of [
      ['fail', { misfortune: 'rain' }],
      ['clock', { advanceMs: -1 }],
      ['webhooks', { kind: 'x' }],
      ['weather', { probability: 2 }],
    ] as const) {
      assert.equal(await order(path, body), 400, path);
    }
  });

  async function listen(onEvent: (id: string) => void): Promise<string> {
    const server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      request.on('end', () => {
        onEvent((JSON.parse(text) as { id: string }).id);
        response.writeHead(200).end();
      });
    });
    receiver = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
});
