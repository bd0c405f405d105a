// stripe-hold in a real Node-RED, against the stand-in.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { IntentResult } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import stripeHold from '../../nodes/node-red-contrib-stripe/src/stripe-hold/stripe-hold.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, errorAnswer, type Scripted, scripted, sdk, startStandin, stripeBench } from './stripe-bench.ts';

const NODE = { type: 'stripe-hold', outputs: 3, module: stripeHold };
const HELD = 0;
const DECLINED = 1;
const NEEDS_ACTION = 2;

describe('stripe-hold', () => {
  withRuntime();
  let standin: RunningStripe;
  beforeEach(async () => {
    standin = await startStandin();
  });
  afterEach(() => standin.close());

  const order = async (magic?: string) => ({
    hold: {
      id: 'visit-1',
      step: 'hold',
      attempt: 1,
      amountMinor: 500,
      currency: 'usd',
      metadata: { visit: 'visit-1' },
      ...(await cardHolder(standin.port, magic)),
    },
  });
  const intents = () => [...standin.books.paymentIntents.values()];

  it('reserves the money with customer and card named, and says until when (defect 2)', async () => {
    const node = await stripeBench(standin.port, NODE);
    const message = await order();
    const outcome = await node.send({ ...message, kept: 'as it was' });
    const result = resultOf(outcome, HELD);
    const [intent] = intents();
    assert.deepEqual(
      [intent?.status, intent?.customer, intent?.payment_method, intent?.amount_capturable],
      ['requires_capture', message.hold.customer, message.hold.paymentMethod, 500],
    );
    assert.deepEqual(intent?.metadata, { visit: 'visit-1' });
    assert.equal(intent?.payment_method_options?.card?.request_overcapture, 'if_available');
    assert.equal(result.intent, intent?.id);
    assert.equal(result.captureBeforeMs, (intent!.created + 7 * 86_400) * 1_000);
    assert.equal(outcome.message.kept, 'as it was');
  });

  it('a card that was detached at Stripe is gone, which is no decline of the bank’s', async () => {
    const node = await stripeBench(standin.port, NODE);
    const message = await order();
    await sdk(standin.port).paymentMethods.detach(message.hold.paymentMethod);
    assert.equal(resultOf(await node.send(message), DECLINED).code, 'card_gone');
    for (const text of [
      'The provided PaymentMethod was previously used and was detached from a Customer. It may not be used again.',
      'The PaymentMethod pm_1 does not belong to the Customer you supplied cus_1.',
    ]) {
      const stripe = await scripted(errorAnswer(400, { type: 'invalid_request_error', message: text }));
      const outcome = await (await stripeBench(stripe.port, NODE)).send(message);
      assert.equal(resultOf(outcome, DECLINED).code, 'card_gone');
      await stripe.close();
    }
  });

  it('makes one hold of the same message sent twice', async () => {
    const node = await stripeBench(standin.port, NODE);
    const message = await order();
    const outcomes = [await node.send(message), await node.send(message)];
    const [first, second] = outcomes.map((outcome) => resultOf(outcome, HELD));
    assert.deepEqual(second, first);
    assert.equal(intents().length, 1);
  });

  it('a second attempt is a hold of its own, whatever became of the first', async () => {
    const node = await stripeBench(standin.port, NODE);
    const declined = await order('pm_card_visa_chargeDeclinedInsufficientFunds');
    resultOf(await node.send(declined), DECLINED);
    const { customer, paymentMethod } = (await order()).hold;
    const again = { hold: { ...declined.hold, customer, paymentMethod, attempt: 2 } };
    const first = resultOf(await node.send(again), HELD);
    const third = resultOf(await node.send({ hold: { ...again.hold, attempt: 3 } }), HELD);
    assert.notEqual(third.intent, first.intent);
    assert.deepEqual(
      intents().map(({ status }) => status),
      ['requires_payment_method', 'requires_capture', 'requires_capture'],
    );
  });

  it('makes one hold although the connection broke after Stripe had made it', async () => {
    const node = await stripeBench(standin.port, NODE);
    const message = await order();
    standin.failNext('drop-after');
    resultOf(await node.send(message), HELD);
    assert.equal(intents().length, 1);
  });

  it('says that the bank declined, and why, in words for the customer', async () => {
    const node = await stripeBench(standin.port, NODE);
    const result = resultOf(await node.send(await order('pm_card_visa_chargeDeclinedInsufficientFunds')), DECLINED);
    assert.deepEqual(
      [result.code, result.declineCode, result.message],
      ['card_declined', 'insufficient_funds', 'Your card has insufficient funds.'],
    );
    assert.equal(intents()[0]?.id, result.intent);
  });

  it('leaves nothing reserved when the bank asks for the cardholder', async () => {
    const node = await stripeBench(standin.port, NODE);
    const result = resultOf(await node.send(await order('pm_card_authenticationRequired')), NEEDS_ACTION);
    assert.deepEqual([result.status, result.code], ['canceled', 'authentication_required']);
    assert.deepEqual(
      intents().map(({ status }) => status),
      ['canceled'],
    );
  });

  it('says the same when that message comes again', async () => {
    const node = await stripeBench(standin.port, NODE);
    const message = await order('pm_card_authenticationRequired');
    await node.send(message);
    assert.equal(resultOf(await node.send(message), NEEDS_ACTION).status, 'canceled');
    assert.equal(intents().length, 1);
  });

  it('gives a fault for a card that Stripe does not know', async () => {
    const node = await stripeBench(standin.port, NODE);
    const { hold } = await order();
    const fault = await node.send({ hold: { ...hold, paymentMethod: 'pm_none' } });
    assert.deepEqual([fault.kind, codeOf(fault)], ['fault', 'stripe.refused-request']);
  });

  it('gives a fault for an order that lacks something, and names it', async () => {
    const node = await stripeBench(standin.port, NODE);
    const { hold } = await order();
    const bad = {
      id: '',
      attempt: 0,
      amountMinor: 1.5,
      currency: 'USD',
      customer: 7,
      paymentMethod: '../x',
      metadata: { a: 1 },
    };
    for (const [name, value] of Object.entries(bad)) {
      const fault = await node.send({ hold: { ...hold, [name]: value } });
      assert.equal(codeOf(fault), 'stripe.bad-message', name);
      assert.match((fault.message.error as Error).message, new RegExp(`msg.hold.${name}`));
    }
    assert.equal(codeOf(await node.send({})), 'stripe.bad-message');
    assert.equal(standin.books.paymentIntents.size, 0);
  });

  it('takes each value from where its dialog says: a fixed text, an expression, another property', async () => {
    const { hold } = await order();
    const node = await stripeBench(standin.port, {
      ...NODE,
      amount: 'lines.cents ~> $sum()',
      amountType: 'jsonata',
      currency: 'eur',
      currencyType: 'str',
      customer: 'who.stripe',
      customerType: 'msg',
      metadata: '{"till":"2"}',
      metadataType: 'json',
    });
    const { id, attempt, paymentMethod } = hold;
    const lines = [{ cents: 120 }, { cents: 230 }];
    resultOf(await node.send({ hold: { id, attempt, paymentMethod }, lines, who: { stripe: hold.customer } }), HELD);
    const [intent] = intents();
    assert.deepEqual(
      [intent?.amount, intent?.currency, intent?.customer, intent?.metadata],
      [350, 'eur', hold.customer, { till: '2' }],
    );
  });

  it('gives a fault when no account is chosen', async () => {
    const node = await stripeBench(standin.port, { ...NODE, account: '' });
    assert.equal(codeOf(await node.send(await order())), 'config.missing-node');
  });

  describe('when Stripe cannot be asked', () => {
    let broken: Scripted | undefined;
    afterEach(() => broken?.close());

    /** The fault's code, and how often Stripe was asked. */
    async function faultFrom(answer: Parameters<typeof scripted>[0]): Promise<[string, number]> {
      broken = await scripted(answer);
      const node = await stripeBench(broken.port, NODE);
      const code = codeOf(await node.send(await order()));
      return [code, broken.asked()];
    }
    const finally_ = { 'stripe-should-retry': 'false' };

    it('does not know the outcome of a dropped connection, after three tries', async () => {
      assert.deepEqual(await faultFrom((response) => response.destroy()), ['stripe.unreachable', 3]);
    });

    it('does not know the outcome of a failure at Stripe, and is told to look where sending again is no use', async () => {
      const answer = errorAnswer(500, { type: 'api_error', message: 'oops' }, finally_);
      assert.deepEqual(await faultFrom(answer), ['stripe.unknown-outcome', 1]);
    });

    it('asks a failing Stripe three times with the same key', async () => {
      const answer = errorAnswer(500, { type: 'api_error', message: 'oops' });
      assert.deepEqual(await faultFrom(answer), ['stripe.unreachable', 3]);
    });

    it('says when the key stands for another request', async () => {
      const answer = errorAnswer(400, { type: 'idempotency_error', message: 'other parameters' });
      assert.deepEqual(await faultFrom(answer), ['stripe.key-reused', 1]);
    });

    it('slows down when told to', async () => {
      const answer = errorAnswer(429, { type: 'invalid_request_error', code: 'rate_limit', message: 'slow' });
      assert.deepEqual(await faultFrom(answer), ['stripe.rate-limited', 1]);
    });

    it('waits for its own earlier request', async () => {
      const error = { type: 'invalid_request_error', code: 'idempotency_key_in_use', message: 'busy' };
      assert.deepEqual(await faultFrom(errorAnswer(409, error, finally_)), ['stripe.in-flight', 1]);
    });

    it('does not open the door on a status it does not know', async () => {
      const intent = {
        id: 'pi_1',
        object: 'payment_intent',
        status: 'processing',
        customer: null,
        latest_charge: null,
      };
      const answer = (response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(intent));
      };
      assert.deepEqual(await faultFrom(answer), ['stripe.unexpected-status', 2]);
    });
  });
});

function resultOf(outcome: Outcome, port: number): IntentResult {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : codeOf(outcome)], ['output', port]);
  return outcome.message.stripe as IntentResult;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
