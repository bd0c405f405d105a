// stripe-page for an amount in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import stripePage from '../../nodes/node-red-contrib-stripe/src/stripe-page/stripe-page.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, startStandin, stripeBench } from './stripe-bench.ts';

const PAGE = { type: 'stripe-page', outputs: 3, module: stripePage, mode: 'pay' };
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

describe('stripe-page for an amount', () => {
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
