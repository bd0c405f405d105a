// Time at the stand-in: what a moved clock ends, and what is still there after the stand-in itself was killed.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import {
  cardHolder,
  client,
  type Double,
  HOLD,
  type Receiver,
  refused,
  startDouble,
  startReceiver,
  stopDouble,
} from './stripe-bench.ts';

const DAY_MS = 86_400_000;
const REQUEST = { ...HOLD, payment_method: 'pm_card_visa' } as const;

describe('The stand-in’s clock', () => {
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
  const story = async () => {
    await double.standin.webhooksIdle();
    return shop.events.splice(0).map(({ type }) => type);
  };

  it('ends a hold at the second its charge says, with the events of it, though nobody asks', async () => {
    const intent = await double.stripe.paymentIntents.create({ ...REQUEST, expand: ['latest_charge'] });
    const { capture_before = 0 } = (intent.latest_charge as Stripe.Charge).payment_method_details!.card!;
    await story();
    double.standin.advance((capture_before - intent.created - 2) * 1_000);
    assert.deepEqual(await story(), []);
    double.standin.advance(3_000);
    assert.deepEqual(await story(), ['charge.expired', 'payment_intent.canceled']);
    const { status, cancellation_reason, amount_capturable } = await double.stripe.paymentIntents.retrieve(intent.id);
    assert.deepEqual([status, cancellation_reason, amount_capturable], ['canceled', 'automatic', 0]);
    const error = await refused(double.stripe.paymentIntents.capture(intent.id), {
      code: 'payment_intent_unexpected_state',
    });
    assert.equal(error.payment_intent?.status, 'canceled');
  });

  it('leaves alone what was captured, cancelled or paid before', async () => {
    const [captured, canceled] = [
      await double.stripe.paymentIntents.create(REQUEST),
      await double.stripe.paymentIntents.create(REQUEST),
    ];
    await double.stripe.paymentIntents.capture(captured.id);
    await double.stripe.paymentIntents.cancel(canceled.id, { cancellation_reason: 'abandoned' });
    await story();
    double.standin.advance(30 * DAY_MS);
    assert.deepEqual(await story(), []);
    assert.equal((await double.stripe.paymentIntents.retrieve(canceled.id)).cancellation_reason, 'abandoned');
  });

  it('moved over HTTP ends a page, and makes a key of yesterday a new one', async () => {
    const key = { idempotencyKey: 'v1:hold:1' };
    const first = await double.stripe.paymentIntents.create(REQUEST, key);
    const body = JSON.stringify({ advanceMs: DAY_MS });
    const headers = { 'content-type': 'application/json' };
    const page = { mode: 'setup', currency: 'usd', success_url: 'https://shop.example/' } as const;
    const { id } = await double.stripe.checkout.sessions.create(page);
    await fetch(`${double.standin.url}/sim/clock`, { method: 'POST', headers, body });
    assert.equal(double.standin.books.answers.size, 0);
    assert.notEqual((await double.stripe.paymentIntents.create(REQUEST, key)).id, first.id);
    assert.equal((await double.stripe.checkout.sessions.retrieve(id)).status, 'expired');
  });

  it('keeps a key until its day is over', async () => {
    const key = { idempotencyKey: 'v1:hold:1' };
    const first = await double.stripe.paymentIntents.create(REQUEST, key);
    double.standin.advance(DAY_MS - 60_000);
    assert.equal((await double.stripe.paymentIntents.create(REQUEST, key)).id, first.id);
  });
});

describe('A stand-in with a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stripe-standin-'));
    file = join(folder, 'books.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('comes back with its books, lists, keys, events and clock', async () => {
    const first = await startDouble({ stateFile: file });
    const who = await cardHolder(first.stripe);
    const made: Stripe.PaymentIntent[] = [];
    for (let number = 1; number <= 4; number += 1) {
      made.push(await first.stripe.paymentIntents.create({ ...HOLD, ...who }, { idempotencyKey: `v${number}` }));
    }
    const [captured, canceled, , open] = made;
    await first.stripe.paymentIntents.capture(captured!.id, { amount_to_capture: 320 });
    await first.stripe.refunds.create({ payment_intent: captured!.id, amount: 20 });
    await first.stripe.paymentIntents.cancel(canceled!.id);
    first.standin.advance(6 * DAY_MS);
    await first.stripe.paymentIntents.update(open!.id, { metadata: { visit: 'v4' } }, { idempotencyKey: 'u4' });
    const before = await everything(first.stripe);
    await stopDouble(first);

    const second = await startDouble({ stateFile: file });
    assert.deepEqual(await everything(second.stripe), before);
    const replayed = await second.stripe.paymentIntents.update(
      open!.id,
      { metadata: { visit: 'v4' } },
      { idempotencyKey: 'u4' },
    );
    assert.equal(replayed.lastResponse.headers['idempotent-replayed'], 'true');
    await refused(second.stripe.refunds.create({ payment_intent: captured!.id, amount: 301 }), { param: 'amount' });
    second.standin.advance(2 * DAY_MS);
    assert.equal((await second.stripe.paymentIntents.retrieve(open!.id)).status, 'canceled');
    await stopDouble(second);
  });

  it('killed in the middle of its work has everything that it had answered', async () => {
    const { child, port } = await startChild(file);
    const stripe = client(port);
    const answered: string[] = [];
    const work = Array.from({ length: 4 }, async () => {
      for (;;) {
        const { id } = await stripe.paymentIntents.create(REQUEST);
        answered.push((await stripe.paymentIntents.capture(id)).id);
        if (answered.length >= 40) child.kill('SIGKILL');
      }
    });
    const endings = await Promise.allSettled(work);
    assert.ok(endings.every(({ status }) => status === 'rejected'));

    const second = await startDouble({ stateFile: file });
    for (const id of answered) {
      const { status, amount_received, latest_charge } = await second.stripe.paymentIntents.retrieve(id);
      assert.deepEqual([status, amount_received], ['succeeded', 500]);
      assert.equal((await second.stripe.charges.retrieve(latest_charge as string)).captured, true);
    }
    // Whatever was not answered is there whole, or not at all.
    const charges = new Set(second.standin.books.charges.keys());
    for (const { latest_charge } of second.standin.books.paymentIntents.values())
      assert.ok(charges.has(latest_charge as string));
    await stopDouble(second);
  });
});

async function everything(stripe: Stripe) {
  const bodies = [
    await stripe.paymentIntents.list(),
    await stripe.refunds.list(),
    await stripe.events.list({ limit: 100 }),
  ];
  return JSON.parse(JSON.stringify(bodies.map(({ data }) => data))) as unknown;
}

async function startChild(file: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'stripe-process.ts'), [file]);
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}
