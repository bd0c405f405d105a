// stripe-page for a card in a real Node-RED, against the stand-in and its card page.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import stripePage from '../../nodes/node-red-contrib-stripe/src/stripe-page/stripe-page.ts';
import { type Message, type Outcome, withRuntime } from './harness.ts';
import { startStandin, stripeBench } from './stripe-bench.ts';

const NODE = { type: 'stripe-page', outputs: 3, module: stripePage, mode: 'card' };
const [OPEN, DONE, CLOSED] = [0, 1, 2];
const START = {
  customerId: 'c-1',
  email: 'ana@example.com',
  stripeCustomer: null,
  currency: 'usd',
  successUrl: 'https://shop.example/cards?session={CHECKOUT_SESSION_ID}',
  cancelUrl: 'https://shop.example/',
  language: 'es',
};

interface Started {
  readonly cardSetup: { readonly url: string; readonly session: string; readonly customerId: string };
  readonly stripe: { readonly customer: string };
}

describe('stripe-page for a card', () => {
  withRuntime();
  let standin: RunningStripe;
  beforeEach(async () => {
    standin = await startStandin();
  });
  afterEach(() => standin.close());

  const begin = async (cardSetup: object = START) => {
    const node = await stripeBench(standin.port, { ...NODE, step: 'start' });
    return node.send({ cardSetup });
  };
  const finish = async (cardSetup: object) => {
    const node = await stripeBench(standin.port, { ...NODE, step: 'look' });
    return node.send({ cardSetup });
  };
  const enter = (url: string, card: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ card }), redirect: 'manual' });

  it('opens a card page in the customer’s language, and makes the customer at Stripe', async () => {
    const { cardSetup, stripe } = addedBy<Started>(await begin(), OPEN);
    assert.match(await (await fetch(cardSetup.url)).text(), /Guardar una tarjeta/);
    assert.equal(cardSetup.customerId, 'c-1');
    const customer = standin.books.customers.get(stripe.customer);
    assert.deepEqual([customer?.email, customer?.metadata], ['ana@example.com', { customer: 'c-1' }]);
  });

  it('makes one customer of two taps, and a page for each', async () => {
    const node = await stripeBench(standin.port, { ...NODE, step: 'start' });
    const [one, two] = [await node.send({ cardSetup: START }), await node.send({ cardSetup: START })].map((outcome) =>
      addedBy<Started>(outcome, OPEN),
    );
    assert.equal(one!.stripe.customer, two!.stripe.customer);
    assert.notEqual(one!.cardSetup.session, two!.cardSetup.session);
  });

  it('uses the customer it is given', async () => {
    const { stripe } = addedBy<Started>(await begin(), OPEN);
    const again = addedBy<Started>(await begin({ ...START, stripeCustomer: stripe.customer }), OPEN);
    assert.equal(again.stripe.customer, stripe.customer);
    assert.equal(standin.books.customers.size, 1);
  });

  it('reads the card that was entered, as often as it is asked', async () => {
    const { cardSetup, stripe } = addedBy<Started>(await begin(), OPEN);
    await enter(cardSetup.url, 'mastercard');
    const { session } = cardSetup;
    for (const _ of ['browser', 'webhook']) {
      const { card } = addedBy<{ card: Message }>(await finish({ session, stripeCustomer: stripe.customer }), DONE);
      const { paymentMethod, fingerprint, ...shown } = card;
      // Of its number: whoever else stores it has the same.
      assert.match(String(fingerprint), /^\w{16}$/);
      assert.deepEqual(shown, { stripeCustomer: stripe.customer, brand: 'mastercard', last4: '4444' });
      assert.equal(standin.books.paymentMethods.get(paymentMethod as string)?.customer, stripe.customer);
    }
  });

  it('says that there is no card yet while the page is open, and after a declined one', async () => {
    const { cardSetup, stripe } = addedBy<Started>(await begin(), OPEN);
    const query = { session: cardSetup.session, stripeCustomer: stripe.customer };
    addedBy(await finish(query), OPEN);
    await enter(cardSetup.url, 'declined');
    addedBy(await finish(query), OPEN);
  });

  it('gives nobody the card of another customer', async () => {
    const ana = addedBy<Started>(await begin(), OPEN);
    await enter(ana.cardSetup.url, 'visa');
    const ben = addedBy<Started>(await begin({ ...START, customerId: 'c-2' }), OPEN);
    const stolen = await finish({ session: ana.cardSetup.session, stripeCustomer: ben.stripe.customer });
    assert.equal(codeOf(stolen), 'stripe.foreign-session');
  });

  it('closed is used by nobody any more; a card that was entered before is given', async () => {
    const node = await stripeBench(standin.port, { ...NODE, step: 'start' });
    const [left, used] = [await node.send({ cardSetup: START }), await node.send({ cardSetup: START })].map((outcome) =>
      addedBy<Started>(outcome, OPEN),
    );
    const pageOf = ({ cardSetup: { session }, stripe: { customer } }: Started, stripeCustomer = customer) => ({
      cardSetup: { session, stripeCustomer },
    });
    await enter(used!.cardSetup.url, 'visa');
    const closing = await stripeBench(standin.port, { ...NODE, step: 'close' });
    assert.equal(codeOf(await closing.send(pageOf(left!, 'cus_other'))), 'stripe.foreign-session');
    assert.equal(standin.books.sessions.get(left!.cardSetup.session)?.status, 'open');
    for (let times = 0; times < 2; times += 1) addedBy(await closing.send(pageOf(left!)), CLOSED);
    assert.equal(standin.books.sessions.get(left!.cardSetup.session)?.status, 'expired');
    assert.equal(addedBy<{ card: { last4: string } }>(await closing.send(pageOf(used!)), DONE).card.last4, '4242');
  });

  it('gives a fault for a page that there is not', async () => {
    const outcome = await finish({ session: 'cs_test_none', stripeCustomer: 'cus_1' });
    assert.equal(codeOf(outcome), 'stripe.foreign-session');
  });

  it('gives a fault for an order that lacks something, or leads the browser astray', async () => {
    const bad = { customerId: '', email: 'ana', currency: '', successUrl: 'javascript:alert(1)', language: '<es>' };
    const node = await stripeBench(standin.port, { ...NODE, step: 'start' });
    for (const [name, value] of Object.entries(bad)) {
      const outcome = await node.send({ cardSetup: { ...START, [name]: value } });
      assert.equal(codeOf(outcome), 'stripe.bad-message', name);
    }
    assert.equal(codeOf(await node.send({})), 'stripe.bad-message');
    assert.equal(standin.books.customers.size, 0);
  });

  it('gives a fault for a session that is no session', async () => {
    const node = await stripeBench(standin.port, { ...NODE, step: 'look' });
    for (const session of [undefined, '', '../customers/cus_1', 'cs_test_1?expand=x']) {
      assert.equal(codeOf(await node.send({ cardSetup: { session, stripeCustomer: 'cus_1' } })), 'stripe.bad-message');
    }
  });

  it('lives and complains when its step is wrong', async () => {
    const node = await stripeBench(standin.port, { ...NODE, step: 'middle' });
    assert.equal(codeOf(await node.send({ cardSetup: START })), 'config.invalid');
    const other = await stripeBench(standin.port, { ...NODE, mode: 'wallet', step: 'start' });
    assert.equal(codeOf(await other.send({ cardSetup: START })), 'config.invalid');
  });
});

function addedBy<T>(outcome: Outcome, port: number): T {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : codeOf(outcome)], ['output', port]);
  return outcome.message as T;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
