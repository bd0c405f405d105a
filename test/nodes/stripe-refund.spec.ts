// stripe-refund and stripe-pay-page in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import stripePayPage from '../../nodes/node-red-contrib-stripe/src/stripe-pay-page/stripe-pay-page.ts';
import type { RefundResult } from '../../nodes/node-red-contrib-stripe/src/stripe-refund/contract.ts';
import stripeRefund from '../../nodes/node-red-contrib-stripe/src/stripe-refund/stripe-refund.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, sdk, startStandin, stripeBench } from './stripe-bench.ts';

const REFUND = { type: 'stripe-refund', outputs: 2, module: stripeRefund };
const PAGE = { type: 'stripe-pay-page', outputs: 3, module: stripePayPage };
const [OPEN, PAID, CLOSED] = [0, 1, 2];

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

describe('stripe-pay-page', () => {
  withStandin();
  const send = async (message: object, step: string) =>
    (await stripeBench(standin.port, { ...PAGE, step })).send(message);
  const order = async (more: object = {}) => {
    const { customer } = await cardHolder(standin.port);
    const urls = { successUrl: 'https://shop.example/paid', cancelUrl: 'https://shop.example/' };
    const payPage = { id: 'visit-1', attempt: 1, amountMinor: 600, currency: 'usd', customer, description: 'The rest' };
    const metadata = { visit: 'visit-1', step: 'pay', attempt: '1' };
    return { payPage: { ...payPage, ...urls, language: 'es', metadata, expiresAtMs: nowMs + 3_600_000, ...more } };
  };
  const open = async (more: object = {}) =>
    messageOf(await send(await order(more), 'start'), OPEN).payPage as {
      session: string;
      url: string;
      customer: string;
    };
  const payWith = async (session: string, card: string) =>
    (
      await fetch(`${standin.url}/sim/checkout/${session}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ card }),
      })
    ).status;

  it('is opened once for the same message, paid with another card, and that card is known', async () => {
    const message = await order();
    const page = messageOf(await send(message, 'start'), OPEN).payPage as { session: string; url: string };
    const again = messageOf(await send(message, 'start'), OPEN).payPage as { session: string; url: string };
    assert.equal(again.session, page.session);
    assert.match(await (await fetch(page.url)).text(), /Pagar 6,00/);
    messageOf(await send({ payPage: page }, 'look'), OPEN);
    assert.equal(await payWith(page.session, 'mastercard'), 200);
    const { paid } = messageOf(await send({ payPage: { ...message.payPage, ...page } }, 'look'), PAID) as {
      paid: { intent: { amountReceivedMinor: number }; card: { last4: string } };
    };
    assert.deepEqual([paid.intent.amountReceivedMinor, paid.card.last4], [600, '4444']);
    const [intent] = standin.books.paymentIntents.values();
    assert.equal(intent?.metadata.visit, 'visit-1');
  });

  it('a declined card leaves it open for another one', async () => {
    const page = await open();
    assert.equal(await payWith(page.session, 'declined'), 402);
    messageOf(await send({ payPage: page }, 'look'), OPEN);
    assert.equal(await payWith(page.session, 'visa'), 200);
    messageOf(await send({ payPage: page }, 'look'), PAID);
    assert.equal(standin.books.paymentIntents.size, 1);
  });

  it('closed, or left until its end, is paid by nobody any more', async () => {
    const closed = await open();
    messageOf(await send({ payPage: closed }, 'close'), CLOSED);
    assert.equal(await payWith(closed.session, 'visa'), 409);
    const left = await open({ attempt: 2 });
    nowMs += 3_600_001;
    messageOf(await send({ payPage: left }, 'look'), CLOSED);
  });

  it('that was paid a moment before is not closed', async () => {
    const page = await open();
    await payWith(page.session, 'visa');
    messageOf(await send({ payPage: page }, 'close'), PAID);
  });

  it('is nobody else’s, and no step but three', async () => {
    const page = await open();
    const other = await cardHolder(standin.port);
    const foreign = { payPage: { session: page.session, customer: other.customer } };
    assert.equal(codeOf(await send(foreign, 'look')), 'stripe.foreign-session');
    assert.equal(codeOf(await send({ payPage: page }, 'pay')), 'config.invalid');
    assert.equal(codeOf(await send({ payPage: { session: 'x' } }, 'look')), 'stripe.bad-message');
    assert.equal(codeOf(await send(await order({ successUrl: 'javascript:1' }), 'start')), 'stripe.bad-message');
    assert.equal(
      codeOf(await send(await order({ expiresAtMs: nowMs, attempt: 3 }), 'start')),
      'stripe.refused-request',
    );
  });
});
