// The stand-in's payment page, as a customer with a browser and as a shop see it.
import assert from 'node:assert/strict';
import type Stripe from 'stripe';
import {
  cardHolder,
  type Double,
  type Receiver,
  refused,
  startDouble,
  startReceiver,
  stopDouble,
} from './stripe-bench.ts';

const PAGE = {
  mode: 'payment',
  success_url: 'https://shop.example/debts?cs={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/debts',
} as const;

function line(unit_amount: number, quantity = 1) {
  return { quantity, price_data: { currency: 'usd', unit_amount, product_data: { name: 'What is owed' } } };
}

describe('The stand-in’s payment page', () => {
  let double: Double;
  let shop: Receiver;
  let who: { customer: string; payment_method: string };

  beforeEach(async () => {
    shop = await startReceiver(() => double.checked);
    double = await startDouble({ webhookUrl: shop.url });
    who = await cardHolder(double.stripe);
  });
  afterEach(async () => {
    await stopDouble(double);
    await shop.close();
  });

  const open = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
    double.stripe.checkout.sessions.create({
      ...PAGE,
      customer: who.customer,
      line_items: [line(320)],
      payment_intent_data: { metadata: { visit: 'v1' }, setup_future_usage: 'off_session' },
      metadata: { debt: 'd1' },
      ...more,
    });
  const press = (url: string, fields: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const read = async (url: string) => (await fetch(url)).text();
  const look = (id: string) =>
    double.stripe.checkout.sessions.retrieve(id, {
      expand: ['payment_intent.payment_method', 'payment_intent.latest_charge'],
    });
  const story = async () => {
    await double.standin.webhooksIdle();
    return shop.events.splice(0).map(({ type }) => type);
  };

  it('says what is to be paid, and offers the customer’s own card first', async () => {
    const session = await open({ line_items: [line(100, 2), line(120)], locale: 'es' });
    assert.deepEqual([session.amount_total, session.payment_status, session.payment_intent], [320, 'unpaid', null]);
    const html = await read(session.url!);
    assert.match(html, /Pagas .*3,20/);
    assert.ok(html.indexOf(`value="${who.payment_method}" checked`) < html.indexOf('value="visa"'));
  });

  it('is paid with the saved card, and the shop finds payment, card and its own marks', async () => {
    const session = await open();
    await story();
    const { status, headers } = await press(session.url!, { card: who.payment_method });
    assert.deepEqual([status, headers.get('location')], [303, `https://shop.example/debts?cs=${session.id}`]);
    const paid = await look(session.id);
    const intent = paid.payment_intent as Stripe.PaymentIntent;
    assert.deepEqual([paid.status, paid.payment_status, paid.metadata], ['complete', 'paid', { debt: 'd1' }]);
    assert.deepEqual([intent.amount_received, intent.metadata], [320, { visit: 'v1' }]);
    assert.equal((intent.payment_method as Stripe.PaymentMethod).id, who.payment_method);
    const made = [
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ];
    assert.deepEqual(await story(), made);
  });

  it('keeps a new card with the customer once it has paid, and not one that was declined', async () => {
    const session = await open();
    const declined = await press(session.url!, { card: 'insufficient-funds' });
    assert.equal(declined.status, 402);
    assert.match(await declined.text(), /The bank declined this card/);
    const tried = await look(session.id);
    assert.equal((tried.payment_intent as Stripe.PaymentIntent).status, 'requires_payment_method');
    assert.equal((await press(session.url!, { card: 'mastercard' })).status, 303);
    const { data } = await double.stripe.customers.listPaymentMethods(who.customer);
    assert.deepEqual(
      data.map(({ card }) => card?.last4),
      ['4444', '4242'],
    );
    assert.equal(double.standin.books.paymentIntents.size, 1);
  });

  it('asks what the bank asks: confirmed it is paid, refused another card may be tried', async () => {
    const session = await open();
    const asked = await press(session.url!, { card: 'authentication-required' });
    assert.equal(asked.status, 200);
    assert.match(await asked.text(), /Is this payment of \$3\.20 yours\?/);
    assert.match(await read(session.url!), /Is this payment/);
    assert.equal((await press(session.url!, { answer: 'refuse' })).status, 402);
    assert.match(await read(session.url!), /Pay \$3\.20/);
    await press(session.url!, { card: 'authentication-required' });
    assert.equal((await press(session.url!, { answer: 'confirm' })).status, 303);
    assert.equal((await look(session.id)).payment_status, 'paid');
  });

  it('is paid once, however often the button is pressed', async () => {
    const session = await open();
    await press(session.url!, { card: 'visa' });
    const again = await press(session.url!, { card: 'visa' });
    assert.equal(again.status, 409);
    assert.match(await again.text(), /This is paid/);
    await refused(double.stripe.checkout.sessions.expire(session.id), { statusCode: 400 });
    assert.equal(double.standin.books.charges.size, 1);
  });

  it('is paid by the demo without a browser, the bank’s question included', async () => {
    const session = await open();
    const pay = (body: object) =>
      fetch(`${double.standin.url}/sim/checkout/${session.id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    assert.equal((await pay({ card: 'pm_notTheirs' })).status, 400);
    assert.equal((await pay({ card: 'authentication-required', answer: 'refuse' })).status, 402);
    const answer = await pay({ card: 'authentication-required' });
    assert.deepEqual(await answer.json(), { redirect: `https://shop.example/debts?cs=${session.id}` });
  });

  it('closes when the shop says so or its time is over, and takes the payment tried on it along', async () => {
    const { standin, stripe, startedMs } = double;
    const inHalfAnHourS = Math.floor(startedMs / 1_000) + 31 * 60;
    const [closed, forgotten] = [await open(), await open({ expires_at: inHalfAnHourS })];
    await press(closed.url!, { card: 'insufficient-funds' });
    await story();
    assert.equal((await stripe.checkout.sessions.expire(closed.id)).status, 'expired');
    assert.deepEqual(await story(), ['payment_intent.canceled', 'checkout.session.expired']);
    standin.advance(31 * 60_000);
    assert.deepEqual(await story(), ['checkout.session.expired']);
    assert.equal((await look(forgotten.id)).status, 'expired');
    assert.match(await read(forgotten.url ?? `${standin.url}/checkout/${forgotten.id}`), /has expired/);
    assert.equal((await press(`${standin.url}/checkout/${closed.id}`, { card: 'visa' })).status, 409);
  });

  it('is refused without a price, with two currencies, below the least charge, with wrong times', async () => {
    const euros = { quantity: 1, price_data: { currency: 'eur', unit_amount: 320, product_data: { name: 'x' } } };
    await refused(open({ line_items: [] }), { code: 'parameter_missing' });
    await refused(open({ line_items: [{ price: 'price_1', quantity: 1 }] }), { param: 'line_items' });
    await refused(open({ line_items: [line(320), euros] }), { param: 'line_items' });
    await refused(open({ line_items: [line(49)] }), { code: 'amount_too_small' });
    await refused(open({ expires_at: Math.floor(double.startedMs / 1_000) + 60 }), { param: 'expires_at' });
    await refused(open({ customer: 'cus_nobody' }), { code: 'resource_missing' });
  });
});
