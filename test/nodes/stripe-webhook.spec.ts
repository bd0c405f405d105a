// stripe-webhook in a real Node-RED: what Stripe signed comes through, nothing else.
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import stripeWebhook from '../../nodes/node-red-contrib-stripe/src/stripe-webhook/stripe-webhook.ts';
import { type Bench, type Outcome, withRuntime, withStoppedClock } from './harness.ts';
import { stripeBench, WEBHOOK_SECRET } from './stripe-bench.ts';

const NODE = { type: 'stripe-webhook', outputs: 2, module: stripeWebhook, remember: '0' };
const EVENT = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.canceled',
  created: 1_763_678_400, // fixed day: an event may be of any age; its signature's time is today's.
  data: { object: { id: 'pi_1', status: 'canceled' } },
});
const signer = new Stripe('sk_test_signer').webhooks;
/** Nothing is asked of Stripe here. */
const NO_PORT = 9;

describe('stripe-webhook', () => {
  withRuntime();
  withStoppedClock();
  let node: Bench;
  beforeEach(async () => {
    node = await stripeBench(NO_PORT, NODE);
  });

  function request(payload: string, { ageS = 0, secret = WEBHOOK_SECRET, body = payload } = {}) {
    const timestamp = Math.floor(Date.now() / 1_000) - ageS;
    const header = signer.generateTestHeaderString({ payload, secret, timestamp });
    return { payload: Buffer.from(body), req: { headers: { 'stripe-signature': header } } };
  }

  it('gives the event that Stripe signed', async () => {
    const outcome = await node.send(request(EVENT));
    assert.equal(codeOf(outcome), 'output 0');
    const object = { id: 'pi_1', status: 'canceled' };
    assert.deepEqual(outcome.message.event, {
      id: 'evt_1',
      type: 'payment_intent.canceled',
      createdAtMs: 1_763_678_400_000, // fixed day: the same.
      object,
    });
  });

  it('says which events it has let through before, as many as it remembers', async () => {
    node = await stripeBench(NO_PORT, { ...NODE, remember: '2' });
    const eventOf = (id: string) => request(EVENT.replace('evt_1', id));
    const ways = ['evt_1', 'evt_1', 'evt_2', 'evt_3', 'evt_3', 'evt_1'];
    const outcomes = [];
    for (const id of ways) outcomes.push(codeOf(await node.send(eventOf(id))));
    assert.deepEqual(outcomes, ['output 0', 'output 1', 'output 0', 'output 0', 'output 1', 'output 0']);
  });

  it('refuses to remember a number that is none', async () => {
    node = await stripeBench(NO_PORT, { ...NODE, remember: 'many' });
    assert.equal(codeOf(await node.send(request(EVENT))), 'config.invalid');
  });

  it('takes the bytes from req.rawBody where something else parsed the payload', async () => {
    const { req } = request(EVENT);
    const outcome = await node.send({ payload: JSON.parse(EVENT), req: { ...req, rawBody: Buffer.from(EVENT) } });
    assert.equal(codeOf(outcome), 'output 0');
  });

  it('refuses one changed byte, and another account’s signature', async () => {
    const changed = request(EVENT, { body: EVENT.replace('canceled', 'succeede') });
    assert.equal(codeOf(await node.send(changed)), 'stripe.bad-signature');
    assert.equal(codeOf(await node.send(request(EVENT, { secret: 'whsec_other' }))), 'stripe.bad-signature');
  });

  it('takes five minutes of delay and of a fast clock, no more of either', async () => {
    for (const ageS of [300, -300]) assert.equal(codeOf(await node.send(request(EVENT, { ageS }))), 'output 0');
    for (const ageS of [301, -301, -3_600]) {
      assert.equal(codeOf(await node.send(request(EVENT, { ageS }))), 'stripe.bad-signature', String(ageS));
    }
  });

  it('judges the time that was signed, not another one put beside it', async () => {
    const { payload, req } = request(EVENT, { ageS: -3_600 });
    const now = Math.floor(Date.now() / 1_000);
    const header = `t=${now},${req.headers['stripe-signature']}`;
    const outcome = await node.send({ payload, req: { headers: { 'stripe-signature': header } } });
    assert.equal(codeOf(outcome), 'stripe.bad-signature');
  });

  it('refuses a request without a readable signature', async () => {
    const payload = Buffer.from(EVENT);
    for (const header of [undefined, '', 'nonsense', 't=1', 't=,v1=', 'v1=00', 'x'.repeat(5_000), ['t=1']]) {
      const outcome = await node.send({ payload, req: { headers: { 'stripe-signature': header } } });
      assert.equal(codeOf(outcome), 'stripe.bad-signature', String(header).slice(0, 20));
    }
    assert.equal(codeOf(await node.send({})), 'stripe.bad-signature');
  });

  it('tells the operator when the body was parsed on its way', async () => {
    const { req } = request(EVENT);
    assert.equal(codeOf(await node.send({ req, payload: JSON.parse(EVENT) })), 'stripe.body-parsed');
  });

  it('refuses what is signed but no event', async () => {
    for (const payload of ['{', '[]', '7', '{"id":"evt_1"}', '{"object":"v2.core.event"}']) {
      assert.equal(codeOf(await node.send(request(payload))), 'stripe.bad-event', payload);
    }
    assert.equal(codeOf(await node.send(request('x'.repeat(600_000)))), 'stripe.bad-event');
  });

  it('gives a fault when the account has no webhook secret', async () => {
    const bare = await stripeBench(NO_PORT, NODE, {}, { secretKey: 'sk_test_standin' });
    assert.equal(codeOf(await bare.send(request(EVENT))), 'config.missing-secret');
  });
});

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
