// The stand-in's card page and its webhooks, as a browser and a shop see them.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunningStripe, startStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import { type StripeCheck, stripeCheck } from './stripe-check.ts';

const SECRET_KEY = 'sk_test_standin';
const WEBHOOK_SECRET = 'whsec_standin';

describe('The stand-in’s card page', () => {
  let standin: RunningStripe;
  let stripe: Stripe;
  let customer: string;
  let nowMs: number;
  let checked: StripeCheck;

  beforeEach(async () => {
    nowMs = Date.now();
    checked = stripeCheck();
    standin = await startStripe({
      port: 0,
      secretKey: SECRET_KEY,
      webhookSecret: WEBHOOK_SECRET,
      now: () => nowMs,
      check: checked.check,
    });
    stripe = client(standin.port);
    customer = (await stripe.customers.create({ email: 'ana@example.com' })).id;
  });
  afterEach(async () => {
    await standin.close();
    assert.deepEqual(checked.problems, []);
  });

  const open = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
    stripe.checkout.sessions.create({
      mode: 'setup',
      customer,
      currency: 'usd',
      success_url: 'https://shop.example/cards?cs={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://shop.example/cards?a=1&b="2"',
      setup_intent_data: { metadata: { customer: 'c1' } },
      ...more,
    });
  const submit = (url: string, card: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ card }), redirect: 'manual' });

  it('says what it is, offers every test card by name, and runs no script', async () => {
    const page = await fetch((await open()).url!);
    const html = await page.text();
    assert.match(html, /Stripe stand-in: test cards only/);
    for (const name of ['visa', 'declined', 'decline-after-attach', 'insufficient-funds', 'authentication-required']) {
      assert.match(html, new RegExp(`value="${name}"`));
    }
    assert.match(html, /href="https:\/\/shop\.example\/cards\?a=1&#38;b=/);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'.*form-action 'self' https:\/\/shop/,
    );
  });

  it('speaks Spanish to a Spanish customer', async () => {
    const html = await (await fetch((await open({ locale: 'es' })).url!)).text();
    assert.match(html, /lang="es"/);
    assert.match(html, /Guardar una tarjeta/);
  });

  it('stores the card with the customer and sends the browser back', async () => {
    const session = await open();
    const answer = await submit(session.url!, 'visa');
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), `https://shop.example/cards?cs=${session.id}`);

    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent.payment_method'] });
    assert.deepEqual([done.status, done.url], ['complete', null]);
    const setup = done.setup_intent as Stripe.SetupIntent;
    const method = setup.payment_method as Stripe.PaymentMethod;
    assert.deepEqual([setup.status, setup.metadata, method.customer], ['succeeded', { customer: 'c1' }, customer]);
    assert.equal(method.card?.last4, '4242');
    assert.equal((await stripe.setupIntents.retrieve(setup.id)).payment_method, method.id);
  });

  it('shows why a card was declined and lets the customer choose another', async () => {
    const session = await open();
    const declined = await submit(session.url!, 'declined');
    assert.equal(declined.status, 402);
    assert.match(await declined.text(), /The bank declined this card/);
    assert.equal((await submit(session.url!, 'mastercard')).status, 303);
  });

  it('saves one card per page, however often the button is pressed', async () => {
    const session = await open();
    await submit(session.url!, 'visa');
    const again = await submit(session.url!, 'visa');
    assert.equal(again.status, 409);
    assert.match(await again.text(), /already saved/);
    assert.equal(standin.books.paymentMethods.size, 1);
  });

  it('takes a card from the demo, without a browser', async () => {
    const session = await open();
    const post = (body: string) =>
      fetch(`${standin.url}/sim/checkout/${session.id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    assert.equal((await post('{"card":"gold"}')).status, 400);
    assert.equal((await post('{"card":')).status, 400);
    assert.equal((await post('{"card":"expired"}')).status, 402);
    const answer = await post('{"card":"visa"}');
    assert.deepEqual(await answer.json(), { redirect: `https://shop.example/cards?cs=${session.id}` });
    assert.equal((await fetch(`${standin.url}/sim/checkout/cs_none`, { method: 'POST' })).status, 400);
  });

  it('expires after a day, and at once when the shop says so', async () => {
    const [old, dropped] = [await open(), await open()];
    assert.equal((await stripe.checkout.sessions.expire(dropped.id)).status, 'expired');
    await assert.rejects(stripe.checkout.sessions.expire(dropped.id), { type: 'StripeInvalidRequestError' });
    nowMs += 24 * 3_600_000;
    assert.equal((await stripe.checkout.sessions.retrieve(old.id)).status, 'expired');
    assert.match(await (await fetch(old.url!)).text(), /This page has expired/);
  });

  it('links only to web addresses, and sells no subscriptions', async () => {
    await assert.rejects(open({ success_url: 'javascript:alert(1)' }), { code: 'url_invalid' });
    await assert.rejects(open({ cancel_url: 'data:text/html,x' }), { code: 'url_invalid' });
    await assert.rejects(open({ mode: 'subscription' }), { param: 'mode' });
    await assert.rejects(open({ currency: 'xxx' }), { param: 'currency' });
  });

  it('shows a payment to whoever audits the demo', async () => {
    const { id: card } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const { id } = await stripe.paymentIntents.create({
      amount: 300,
      currency: 'usd',
      customer,
      payment_method: card,
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    const seen = (await (await fetch(`${standin.url}/sim/payment_intents/${id}`)).json()) as Stripe.PaymentIntent;
    assert.deepEqual([seen.status, seen.amount_received], ['succeeded', 300]);
    assert.equal((seen.latest_charge as Stripe.Charge).amount_captured, 300);
    assert.equal((await fetch(`${standin.url}/sim/payment_intents/pi_none`)).status, 404);
  });
});

describe('The stand-in’s webhooks', () => {
  let shop: Server;
  let standin: RunningStripe;
  let stripe: Stripe;
  let received: Stripe.Event[];
  /** What the shop answers, in order; 200 afterwards. */
  let answers: number[];
  let checked: StripeCheck;

  beforeEach(async () => {
    received = [];
    checked = stripeCheck();
    answers = [];
    shop = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const status = answers.shift() ?? 200;
        const header = request.headers['stripe-signature'] as string;
        const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), header, WEBHOOK_SECRET);
        checked.checkEvent(event);
        if (status === 200) received.push(event);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const { port } = shop.address() as AddressInfo;
    standin = await startStripe({
      port: 0,
      secretKey: SECRET_KEY,
      webhookSecret: WEBHOOK_SECRET,
      webhookUrl: `http://127.0.0.1:${port}/hooks`,
      check: checked.check,
    });
    stripe = client(standin.port);
  });
  afterEach(async () => {
    await standin.close();
    shop.closeAllConnections();
    await new Promise((resolve) => shop.close(resolve));
    assert.deepEqual(checked.problems, []);
  });

  async function story(): Promise<string[]> {
    await standin.webhooksIdle();
    return received.splice(0).map(({ type }) => type);
  }

  async function hold(magic = 'pm_card_visa') {
    return stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      payment_method: magic,
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
  }

  it('are signed so that the SDK accepts them, in the documented order', async () => {
    const first = await hold();
    const made = ['payment_intent.created', 'charge.succeeded', 'payment_intent.amount_capturable_updated'];
    assert.deepEqual(await story(), made);
    await stripe.paymentIntents.capture(first.id);
    assert.deepEqual(await story(), ['charge.captured', 'payment_intent.succeeded']);
    const second = await hold();
    await story();
    await stripe.paymentIntents.cancel(second.id);
    assert.deepEqual(await story(), ['payment_intent.canceled']);
    await assert.rejects(hold('pm_card_visa_chargeDeclined'));
    assert.deepEqual(await story(), ['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed']);
    await hold('pm_card_authenticationRequired');
    assert.deepEqual(await story(), ['payment_intent.created', 'payment_intent.requires_action']);
  });

  it('tell of a saved card', async () => {
    const { id: customer } = await stripe.customers.create({});
    const urls = { success_url: 'https://shop.example/', cancel_url: 'https://shop.example/' };
    const session = await stripe.checkout.sessions.create({ mode: 'setup', customer, currency: 'usd', ...urls });
    await story();
    await fetch(session.url!, { method: 'POST', body: new URLSearchParams({ card: 'declined' }) });
    await fetch(session.url!, { method: 'POST', body: new URLSearchParams({ card: 'visa' }), redirect: 'manual' });
    assert.deepEqual(await story(), [
      'setup_intent.setup_failed',
      'payment_method.attached',
      'setup_intent.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('show the object as it was at the time, whatever became of it', async () => {
    const { id } = await hold();
    await stripe.paymentIntents.capture(id);
    await standin.webhooksIdle();
    const [created] = received;
    assert.equal((created!.data.object as Stripe.PaymentIntent).status, 'requires_confirmation');
  });

  it('come again when the shop answers with an error, and stay listed', async () => {
    answers = [500];
    const { id } = await stripe.customers.create({});
    assert.deepEqual(await story(), ['customer.created']);
    const events = await stripe.events.list({ types: ['customer.created'], delivery_success: true });
    assert.deepEqual(
      events.data.map((event) => (event.data.object as Stripe.Customer).id),
      [id],
    );
    assert.equal((await stripe.events.retrieve(events.data[0]!.id)).type, 'customer.created');
  });
});

function client(port: number): Stripe {
  return new Stripe(SECRET_KEY, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}
