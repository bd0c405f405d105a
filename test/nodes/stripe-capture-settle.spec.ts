// How stripe-capture ends a hold or raises it, each step for itself in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { IntentResult } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, rung, sdk, startStandin, stripeBench } from './stripe-bench.ts';

const NODE = rung('settle', 'settled', 'refused');
const SETTLED = 0;
const REFUSED = 1;

describe('stripe-capture, ending a hold or raising it,', () => {
  withRuntime();
  let standin: RunningStripe;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = Date.now();
    standin = await startStandin({ now: () => nowMs });
  });
  afterEach(() => standin.close());

  async function heldIntent(amount = 1_000, card: object = {}, magic?: string): Promise<string> {
    const { customer, paymentMethod } = await cardHolder(standin.port, magic);
    const { id } = await sdk(standin.port).paymentIntents.create({
      amount,
      currency: 'usd',
      customer,
      payment_method: paymentMethod,
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      payment_method_options: { card },
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
    assert.deepEqual(brief(result), { intent, status: 'succeeded', amountReceivedMinor: 640 });
    assert.equal(standin.books.paymentIntents.get(intent)?.amount_capturable, 0);
  });

  it('lets a hold go when nothing was taken', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    const result = resultOf(await node.send(cancel(intent)), SETTLED);
    assert.deepEqual(brief(result), { intent, status: 'canceled', amountReceivedMinor: 0 });
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
    assert.deepEqual(brief(first), { intent: taken, status: 'succeeded', amountReceivedMinor: 640 });
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
    const refused = { intent, status: 'requires_capture', amountReceivedMinor: 0, code: 'amount_too_large' };
    assert.deepEqual(brief(result), refused);
  });

  it('hears that a basket is below the least charge; the hold stays, for the ladder to let go', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    const result = resultOf(await node.send(capture(intent, 49)), REFUSED);
    const refused = { intent, status: 'requires_capture', amountReceivedMinor: 0, code: 'amount_too_small' };
    assert.deepEqual(brief(result), refused);
    assert.equal(resultOf(await node.send(capture(intent, 50, 2)), SETTLED).amountReceivedMinor, 50);
  });

  it('says what was really taken when it differs from the order', async () => {
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent();
    await sdk(standin.port).paymentIntents.capture(intent, { amount_to_capture: 300 });
    const code = 'payment_intent_unexpected_state';
    const expected = { intent, status: 'succeeded', amountReceivedMinor: 300, code };
    assert.deepEqual(brief(resultOf(await node.send(capture(intent, 640)), REFUSED)), expected);
    assert.deepEqual(brief(resultOf(await node.send(cancel(intent)), REFUSED)), expected);
  });

  it('raises a hold where the account may, and takes the new total', async () => {
    standin.switches.increments = true;
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent(500, { request_incremental_authorization: 'if_available' });
    const raise = { settle: { id: 'visit-1', kind: 'increment', intent, amountMinor: 1_600, attempt: 1 } };
    const raised = resultOf(await node.send(raise), SETTLED);
    assert.deepEqual([raised.amountMinor, raised.capturableMinor, raised.canIncrement], [1_600, 1_600, true]);
    assert.equal(resultOf(await node.send(capture(intent, 1_600)), SETTLED).amountReceivedMinor, 1_600);
  });

  it('a raise that the account may not make, or the bank declines, leaves the hold good', async () => {
    const node = await stripeBench(standin.port, NODE);
    const raise = (intent: string) => ({
      settle: { id: intent, kind: 'increment', intent, amountMinor: 900, attempt: 1 },
    });
    const intent = await heldIntent(500, { request_incremental_authorization: 'if_available' });
    const refused = resultOf(await node.send(raise(intent)), REFUSED);
    assert.deepEqual([refused.status, refused.capturableMinor], ['requires_capture', 500]);
    standin.switches.increments = true;
    const asked = { request_incremental_authorization: 'if_available' } as const;
    const stubborn = await heldIntent(500, asked, 'pm_card_incrementDeclined');
    const declined = resultOf(await node.send(raise(stubborn)), REFUSED);
    assert.deepEqual([declined.code, declined.capturableMinor], ['card_declined', 500]);
  });

  it('takes above the hold where the account has overcapture, and no more than it allows', async () => {
    standin.switches.overcapturePercent = 15;
    const node = await stripeBench(standin.port, NODE);
    const intent = await heldIntent(1_000, { request_overcapture: 'if_available' });
    const refused = resultOf(await node.send(capture(intent, 1_151)), REFUSED);
    // A refusal carries the payment without its charge, so it does not say what would have been possible.
    assert.deepEqual([refused.code, refused.captureMaxMinor], ['amount_too_large', undefined]);
    assert.equal(resultOf(await node.send(capture(intent, 1_150, 2)), SETTLED).amountReceivedMinor, 1_150);
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
    // Stripe repeats the failure under this key, so it is to be looked up.
    assert.equal(codeOf(await node.send(capture(intent, 640))), 'stripe.unknown-outcome');
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

function resultOf(outcome: Outcome, port: number): IntentResult {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : codeOf(outcome)], ['output', port]);
  return outcome.message.settled as IntentResult;
}

/** What most of these are about. */
function brief({ intent, status, amountReceivedMinor, code }: IntentResult) {
  return { intent, status, amountReceivedMinor, ...(code === undefined ? {} : { code }) };
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
