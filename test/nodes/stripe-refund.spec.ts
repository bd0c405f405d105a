// stripe-refund in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { RefundResult } from '../../nodes/node-red-contrib-stripe/src/stripe-refund/contract.ts';
import stripeRefund from '../../nodes/node-red-contrib-stripe/src/stripe-refund/stripe-refund.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, sdk, startStandin, stripeBench } from './stripe-bench.ts';

const REFUND = { type: 'stripe-refund', outputs: 2, module: stripeRefund };

let standin: RunningStripe;
let nowMs: number;

function messageOf(outcome: Outcome, port: number): Record<string, unknown> {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : outcome.code], ['output', port]);
  return outcome.message;
}
const codeOf = (outcome: Outcome) => (outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`);

function withStandin(): void {
  withRuntime();
  beforeEach(async () => {
    nowMs = Date.now();
    standin = await startStandin({ now: () => nowMs });
  });
  afterEach(() => standin.close());
}

async function payment(magic?: string): Promise<string> {
  const { customer, paymentMethod } = await cardHolder(standin.port, magic);
  const { id } = await sdk(standin.port).paymentIntents.create({
    amount: 600,
    currency: 'usd',
    customer,
    payment_method: paymentMethod,
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  return id;
}

describe('stripe-refund', () => {
  withStandin();
  const send = async (message: object) => (await stripeBench(standin.port, REFUND)).send(message);
  const refunded = (outcome: Outcome, port = 0) => messageOf(outcome, port).refunded as RefundResult;
  const order = (intent: string, amountMinor: number, attempt = 1, more: object = {}) => ({
    refund: { id: 'visit-1', attempt, intent, amountMinor, metadata: { visit: 'visit-1' }, ...more },
  });
  const givenBack = () => [...standin.books.refunds.values()].reduce((sum, { amount }) => sum + amount, 0);

  it('gives back a part, then the rest, and then nothing more', async () => {
    const intent = await payment();
    assert.equal(refunded(await send(order(intent, 200))).status, 'succeeded');
    assert.equal(refunded(await send(order(intent, 400, 2))).amountMinor, 400);
    const refused = refunded(await send(order(intent, 1, 3)), 1);
    assert.deepEqual([refused.refund, refused.code], [null, 'charge_already_refunded']);
    assert.equal(givenBack(), 600);
  });

  it('gives back once, however often the message comes and whatever becomes of the answer', async () => {
    const message = order(await payment(), 200);
    standin.failNext('drop-after');
    const first = refunded(await send(message));
    assert.deepEqual(refunded(await send(message)), first);
    assert.equal(givenBack(), 200);
  });

  it('refuses more than was received, and nothing moves', async () => {
    const refused = refunded(await send(order(await payment(), 601)), 1);
    assert.deepEqual([refused.refund, refused.code], [null, 'amount_too_large']);
    assert.equal(givenBack(), 0);
  });

  it('after a day looks first whether an earlier try got through', async () => {
    const intent = await payment();
    const first = refunded(await send(order(intent, 200)));
    nowMs += 25 * 3_600_000;
    assert.equal(refunded(await send(order(intent, 200, 1, { lookFirst: true }))).refund, first.refund);
    assert.equal(givenBack(), 200);
  });

  it('a refund on its way is one, and one that failed is not', async () => {
    assert.equal(refunded(await send(order(await payment('pm_card_pendingRefund'), 100))).status, 'pending');
    const intent = await payment('pm_card_refundFail');
    await send(order(intent, 100, 2));
    const failed = refunded(await send(order(intent, 100, 2, { lookFirst: true })), 1);
    assert.deepEqual([failed.status, failed.code], ['failed', 'lost_or_stolen_card']);
  });

  it('refuses a payment it does not know, and an order that lacks something', async () => {
    assert.equal(codeOf(await send(order('pi_none', 100))), 'stripe.refused-request');
    const { refund } = order(await payment(), 100);
    for (const bad of [{ amountMinor: 0 }, { intent: 'ch_1' }, { reason: 'because' }, { id: '' }, { attempt: 0 }]) {
      assert.equal(codeOf(await send({ refund: { ...refund, ...bad } })), 'stripe.bad-message');
    }
  });
});
