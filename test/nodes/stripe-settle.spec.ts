// stripe-settle in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { SettleResult } from '../../nodes/node-red-contrib-stripe/src/stripe-settle/contract.ts';
import stripeSettle from '../../nodes/node-red-contrib-stripe/src/stripe-settle/stripe-settle.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, sdk, startStandin, stripeBench } from './stripe-bench.ts';

const NODE = { type: 'stripe-settle', outputs: 2, module: stripeSettle };
const SETTLED = 0;
const REFUSED = 1;

describe('stripe-settle', () => {
  withRuntime();
  let standin: RunningStripe;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = Date.now();
    standin = await startStandin({ now: () => nowMs });
  });
  afterEach(() => standin.close());

  async function heldIntent(amount = 1_000): Promise<string> {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    const { id } = await sdk(standin.port).paymentIntents.create({
      amount,
      currency: 'usd',
      customer,
      payment_method: paymentMethod,
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    return id;
  }
  const capture = (intent: string, amountMinor: number, attempt = 1) => ({
    settle: { id: 'visit-1', kind: 'capture', intent, amountMinor, attempt, outcome: 'charged' },
  });
  const cancel = (intent: string) => ({
    settle: { id: 'visit-1', kind: 'cancel', intent, amountMinor: 0, attempt: 1, outcome: 'released' },
  });

  it('takes the exact total of a basket above 1.00 from a larger hold (defect 1)', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent(1_000);
    const result = resultOf(await node.send(capture(intent, 640)), SETTLED);
    assert.deepEqual(result, { intent, status: 'succeeded', amountReceivedMinor: 640 });
    assert.equal(standin.books.paymentIntents.get(intent)?.amount_capturable, 0);
  });

  it('lets a hold go when nothing was taken', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    const result = resultOf(await node.send(cancel(intent)), SETTLED);
    assert.deepEqual(result, { intent, status: 'canceled', amountReceivedMinor: 0 });
  });

  it('charges once, however often the message comes', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    const first = resultOf(await node.send(capture(intent, 640)), SETTLED);
    assert.deepEqual(resultOf(await node.send(capture(intent, 640)), SETTLED), first);
  });

  it('is settled when an earlier try under another key got through', async () => {
    const node = await stripeBench(standin.port, NODE);
    const [taken, released] = [await heldIntent(), await heldIntent()];
    await sdk(standin.port).paymentIntents.capture(taken, { amount_to_capture: 640 });
    await sdk(standin.port).paymentIntents.cancel(released);
    const first = resultOf(await node.send(capture(taken, 640)), SETTLED);
    assert.deepEqual(first, { intent: taken, status: 'succeeded', amountReceivedMinor: 640 });
    assert.equal(resultOf(await node.send(cancel(released)), SETTLED).status, 'canceled');
  });

  it('is settled although the connection broke after Stripe had captured', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    standin.failNext('drop-after');
    assert.equal(resultOf(await node.send(capture(intent, 640)), SETTLED).amountReceivedMinor, 640);
  });

  it('refuses more than the hold, which stays reserved', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent(100);
    const result = resultOf(await node.send(capture(intent, 640)), REFUSED);
    assert.deepEqual(result, { intent, status: 'requires_capture', amountReceivedMinor: 0, code: 'amount_too_large' });
  });

  it('says what was really taken when it differs from the order', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    await sdk(standin.port).paymentIntents.capture(intent, { amount_to_capture: 300 });
    const code = 'payment_intent_unexpected_state';
    const expected = { intent, status: 'succeeded', amountReceivedMinor: 300, code };
    assert.deepEqual(resultOf(await node.send(capture(intent, 640)), REFUSED), expected);
    assert.deepEqual(resultOf(await node.send(cancel(intent)), REFUSED), expected);
  });

  it('cannot take from a hold that the bank has let go', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    nowMs += 8 * 86_400_000;
    const result = resultOf(await node.send(capture(intent, 640)), REFUSED);
    assert.deepEqual([result.status, result.amountReceivedMinor], ['canceled', 0]);
  });

  it('gives a fault for a payment that is not this account’s', async () => {
    const node = await stripeBench(standin.port, NODE);
    assert.equal(codeOf(await node.send(capture('pi_none', 640))), 'stripe.refused-request');
  });

  it('gives a fault when Stripe fails: whether it was taken is unknown', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    standin.failNext('error-after');
    assert.equal(codeOf(await node.send(capture(intent, 640))), 'stripe.unreachable');
  });

  it('gives a fault for an order that lacks something, and nothing is taken', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    const { settle } = capture(intent, 640);
    const bad = { id: 'x'.repeat(201), kind: 'refund', intent: 'ch_1', amountMinor: 0, attempt: '1' };
    for (const [name, value] of Object.entries(bad)) {
      assert.equal(codeOf(await node.send({ settle: { ...settle, [name]: value } })), 'stripe.bad-message', name);
    }
    assert.equal(standin.books.paymentIntents.get(intent)?.status, 'requires_capture');
  });

  it('gives a fault when no account is chosen', async () => {
    const node = await stripeBench(standin.port, { ...NODE, account: 'gone' });
    assert.equal(codeOf(await node.send(cancel('pi_1'))), 'config.missing-node');
  });
});

function resultOf(outcome: Outcome, port: number): SettleResult {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : codeOf(outcome)], ['output', port]);
  return outcome.message.settled as SettleResult;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
