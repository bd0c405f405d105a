// How stripe-capture charges a card and looks for a payment, each step for itself in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { IntentResult } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, rung, sdk, startStandin, stripeBench } from './stripe-bench.ts';

const CHARGE = rung('charge', 'charged', 'declined');
const LOOK = rung('look', 'found', 'none');

let standin: RunningStripe;

function messageOf(outcome: Outcome, port: number): Record<string, unknown> {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : outcome.code], ['output', port]);
  return outcome.message;
}
const codeOf = (outcome: Outcome) => (outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`);

async function order(magic?: string, more: object = {}) {
  const { customer, paymentMethod } = await cardHolder(standin.port, magic);
  const metadata = { visit: 'visit-1', step: 'charge', attempt: '1' };
  const charge = { id: 'visit-1', attempt: 1, amountMinor: 600, currency: 'usd', customer, paymentMethod, metadata };
  return { charge: { ...charge, ...more } };
}

function withStandin(): void {
  withRuntime();
  beforeEach(async () => {
    standin = await startStandin();
  });
  afterEach(() => standin.close());
}

describe('stripe-capture, charging a card,', () => {
  withStandin();
  const send = async (message: object) => (await stripeBench(standin.port, CHARGE)).send(message);
  const charged = (outcome: Outcome, port: number) => messageOf(outcome, port).charged as IntentResult;

  it('charges a stored card while its owner is away, exactly the amount', async () => {
    const result = charged(await send(await order()), 0);
    assert.deepEqual([result.status, result.amountReceivedMinor], ['succeeded', 600]);
    assert.deepEqual(
      [...standin.books.paymentIntents.values()].map(({ metadata }) => metadata.visit),
      ['visit-1'],
    );
  });

  it('charges once, however often the message comes and whatever becomes of the answer', async () => {
    const message = await order();
    standin.failNext('drop-after');
    const first = charged(await send(message), 0);
    assert.deepEqual(charged(await send(message), 0), first);
    assert.equal(standin.books.paymentIntents.size, 1);
  });

  it('tells the bank’s no with its reason and the network’s advice; nothing is charged', async () => {
    const result = charged(await send(await order('pm_card_declinesWhenAway')), 1);
    const reason = [result.code, result.declineCode, result.adviceCode, result.amountReceivedMinor];
    assert.deepEqual(reason, ['card_declined', 'insufficient_funds', 'try_again_later', 0]);
  });

  it('a bank that wants its customer declines for now', async () => {
    const result = charged(await send(await order('pm_card_threeDSecure2Required')), 1);
    assert.equal(result.code, 'authentication_required');
  });

  it('what is too small to charge is declined, not a fault: the caller decides', async () => {
    assert.equal(charged(await send(await order(undefined, { amountMinor: 49 })), 1).code, 'amount_too_small');
  });

  it('a failure that Stripe will repeat is to be looked up; the same key for another amount is a mistake', async () => {
    const message = await order();
    standin.failNext('error-after');
    assert.equal(codeOf(await send(message)), 'stripe.unknown-outcome');
    const other = { charge: { ...message.charge, amountMinor: 700 } };
    assert.equal(codeOf(await send(other)), 'stripe.key-reused');
    standin.failNext('rate-limit', 1);
    assert.equal(codeOf(await send(message)), 'stripe.rate-limited');
  });

  it('refuses an order that lacks something, and an account that is not chosen', async () => {
    const { charge } = await order();
    const bad = { id: '', attempt: 0, amountMinor: 1.5, currency: 'USD', customer: null, paymentMethod: 'pm 1' };
    const node = await stripeBench(standin.port, CHARGE);
    for (const [name, value] of Object.entries(bad)) {
      assert.equal(codeOf(await node.send({ charge: { ...charge, [name]: value } })), 'stripe.bad-message', name);
    }
    assert.equal(standin.books.paymentIntents.size, 0);
    const gone = await stripeBench(standin.port, { ...CHARGE, account: 'gone' });
    assert.equal(codeOf(await gone.send({ charge })), 'config.missing-node');
  });
});

describe('stripe-capture, looking for a payment,', () => {
  withStandin();
  const send = async (message: object) => (await stripeBench(standin.port, LOOK)).send(message);
  const pay = (customer: string, payment_method: string, metadata: Record<string, string>) =>
    sdk(standin.port).paymentIntents.create({
      amount: 600,
      currency: 'usd',
      customer,
      payment_method,
      confirm: true,
      metadata,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });

  it('finds a payment by its id, and says so when there is none', async () => {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    const { id } = await pay(customer, paymentMethod, {});
    const looked = messageOf(await send({ look: { intent: id } }), 0).looked as IntentResult;
    assert.deepEqual([looked.intent, looked.status, looked.amountReceivedMinor], [id, 'succeeded', 600]);
    messageOf(await send({ look: { intent: 'pi_none' } }), 1);
  });

  it('finds a payment by what was written on it, among the customer’s others', async () => {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    await pay(customer, paymentMethod, { visit: 'visit-1', step: 'charge', attempt: '1' });
    const { id } = await pay(customer, paymentMethod, { visit: 'visit-1', step: 'charge', attempt: '2', case: '123' });
    const metadata = { visit: 'visit-1', step: 'charge', attempt: '2' };
    const look = { customer, metadata, createdAfterMs: 0 };
    assert.equal((messageOf(await send({ look }), 0).looked as IntentResult).intent, id);
    messageOf(await send({ look: { ...look, metadata: { ...metadata, attempt: '3' } } }), 1);
  });

  it('chooses no one of two payments in which money moved', async () => {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    const metadata = { visit: 'visit-1' };
    for (let times = 0; times < 2; times += 1) await pay(customer, paymentMethod, metadata);
    assert.equal(codeOf(await send({ look: { customer, metadata, createdAfterMs: 0 } })), 'stripe.ambiguous');
  });

  it('refuses a question that is none', async () => {
    for (const look of [undefined, {}, { intent: 'ch_1' }, { customer: 'x', metadata: {}, createdAfterMs: 0 }]) {
      assert.equal(codeOf(await send({ look })), 'stripe.bad-message');
    }
  });
});
