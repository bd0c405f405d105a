// The Stripe stand-in against the official SDK over HTTP: states, refusals, idempotency keys.
import assert from 'node:assert/strict';
import { type RunningStripe, startStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import { API_VERSION } from '../../sim/src/stripe/books.ts';
import { together } from './stripe-bench.ts';
import { type StripeCheck, stripeCheck } from './stripe-check.ts';

const SECRET_KEY = 'sk_test_standin';
const HOLD = {
  amount: 100,
  currency: 'usd',
  capture_method: 'manual',
  confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
} as const;

describe('The Stripe stand-in', () => {
  let standin: RunningStripe;
  let stripe: Stripe;
  let nowMs: number;
  let checked: StripeCheck;

  beforeEach(async () => {
    nowMs = Date.now();
    checked = stripeCheck();
    const secrets = { secretKey: SECRET_KEY, webhookSecret: 'whsec_standin' };
    standin = await startStripe({ port: 0, ...secrets, now: () => nowMs, check: checked.check });
    stripe = client(standin.port);
  });
  afterEach(async () => {
    await standin.close();
    assert.deepEqual(checked.problems, []);
  });

  /** A customer whose card is stored. */
  async function cardHolder(magic = 'pm_card_visa'): Promise<{ customer: string; payment_method: string }> {
    const { id } = await stripe.customers.create({ email: 'ana@example.com' });
    const method = await stripe.paymentMethods.attach(magic, { customer: id });
    return { customer: id, payment_method: method.id };
  }

  async function hold(amount = 500): Promise<Stripe.PaymentIntent> {
    return stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder()), amount });
  }

  describe('a hold', () => {
    it('speaks the API version that the SDK is pinned to', () => {
      assert.equal(API_VERSION, Stripe.API_VERSION);
    });

    it('reserves the amount and takes nothing yet', async () => {
      const who = await cardHolder();
      const intent = await stripe.paymentIntents.create({
        ...HOLD,
        ...who,
        metadata: { visit: 'v1' },
        expand: ['latest_charge'],
      });
      assert.equal(intent.status, 'requires_capture');
      assert.equal(intent.amount_capturable, 100);
      assert.equal(intent.amount_received, 0);
      assert.deepEqual(intent.metadata, { visit: 'v1' });
      const charge = intent.latest_charge as Stripe.Charge;
      assert.equal(charge.captured, false);
      assert.equal(charge.balance_transaction, null);
      assert.equal(charge.payment_method_details?.card?.capture_before, charge.created + 604_800);
      assert.equal(charge.payment_method_details?.card?.overcapture?.status, 'unavailable');
    });

    it('lives 4 days and 18 hours on a Visa when the customer is not there', async () => {
      const intent = await stripe.paymentIntents.create({
        ...HOLD,
        ...(await cardHolder()),
        off_session: true,
        expand: ['latest_charge'],
      });
      const charge = intent.latest_charge as Stripe.Charge;
      assert.equal(charge.payment_method_details?.card?.capture_before, charge.created + 410_400);
    });

    it('is released by the bank when nobody captures it in time', async () => {
      const { id } = await hold();
      nowMs += 8 * 86_400_000;
      const expired = await stripe.paymentIntents.retrieve(id);
      assert.equal(expired.status, 'canceled');
      assert.equal(expired.cancellation_reason, 'automatic');
      await refused(stripe.paymentIntents.capture(id), { code: 'payment_intent_unexpected_state' });
    });

    it('can be captured below its amount; the rest is released', async () => {
      const { id } = await hold(500);
      const captured = await stripe.paymentIntents.capture(id, { amount_to_capture: 320 });
      assert.equal(captured.status, 'succeeded');
      assert.deepEqual([captured.amount, captured.amount_received, captured.amount_capturable], [500, 320, 0]);
      const charge = await stripe.charges.retrieve(captured.latest_charge as string);
      assert.deepEqual([charge.captured, charge.amount_captured], [true, 320]);
    });

    it('can be cancelled, and then takes nothing any more', async () => {
      const { id } = await hold();
      const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' });
      assert.deepEqual([canceled.status, canceled.cancellation_reason], ['canceled', 'abandoned']);
      await refused(stripe.paymentIntents.capture(id), { code: 'payment_intent_unexpected_state' });
    });

    it('made without a card waits for one, then for its confirmation', async () => {
      const who = await cardHolder();
      const { confirm: _, ...unconfirmed } = HOLD;
      const intent = await stripe.paymentIntents.create({ ...unconfirmed, customer: who.customer });
      assert.equal(intent.status, 'requires_payment_method');
      await refused(stripe.paymentIntents.confirm(intent.id), { code: 'payment_intent_unexpected_state' });
      const held = await stripe.paymentIntents.confirm(intent.id, { payment_method: who.payment_method });
      assert.equal(held.status, 'requires_capture');
      await refused(stripe.paymentIntents.confirm(intent.id), { code: 'payment_intent_unexpected_state' });
    });

    it('is charged at once where capture is automatic', async () => {
      const intent = await stripe.paymentIntents.create({
        ...HOLD,
        ...(await cardHolder()),
        capture_method: 'automatic',
      });
      assert.deepEqual([intent.status, intent.amount_received], ['succeeded', 100]);
    });

    it('is found again by its customer', async () => {
      const who = await cardHolder();
      const first = await stripe.paymentIntents.create({ ...HOLD, ...who });
      const second = await stripe.paymentIntents.create({ ...HOLD, ...who });
      await hold();
      const all: string[] = [];
      for await (const { id } of stripe.paymentIntents.list({ customer: who.customer, limit: 1 })) all.push(id);
      assert.deepEqual(all, [second.id, first.id]);
      const later = await stripe.paymentIntents.list({ created: { gt: first.created + 60 } });
      assert.deepEqual(later.data, []);
    });
  });

  describe('refuses', () => {
    it('to change the amount of a hold (defect 1), while an exact total above 1.00 is captured', async () => {
      const intent = await hold(1_000);
      const error = await refused(stripe.paymentIntents.update(intent.id, { amount: 640 }), {
        code: 'payment_intent_unexpected_state',
        param: 'amount',
      });
      assert.equal(error.payment_intent?.status, 'requires_capture');
      assert.equal((await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 640 })).amount_received, 640);
    });

    it('payment_method_types, which this API version no longer takes (defect 2)', async () => {
      const old = { ...HOLD, payment_method_types: ['card_present'] };
      await refused(stripe.paymentIntents.create(old), { code: 'payment_method_types_no_longer_supported' });
      assert.equal(standin.books.paymentIntents.size, 0);
    });

    it('to capture more than the hold, and sends the whole intent with the refusal', async () => {
      const { id } = await hold(100);
      const error = await refused(stripe.paymentIntents.capture(id, { amount_to_capture: 101 }), {
        code: 'amount_too_large',
      });
      assert.equal(error.payment_intent?.amount_capturable, 100);
    });

    it('to capture nothing, or less', async () => {
      const { id } = await hold();
      const zero = stripe.paymentIntents.capture(id, { amount_to_capture: 0 });
      await refused(zero, { code: 'parameter_invalid_integer', param: 'amount' });
      const negative = stripe.paymentIntents.capture(id, { amount_to_capture: -1 });
      await refused(negative, { code: undefined, param: 'amount_to_capture' });
    });

    it('a second capture, and a cancel after a capture', async () => {
      const { id } = await hold();
      await stripe.paymentIntents.capture(id);
      const again = await refused(stripe.paymentIntents.capture(id), { code: 'payment_intent_unexpected_state' });
      assert.equal(again.payment_intent?.amount_received, 500);
      const cancel = await refused(stripe.paymentIntents.cancel(id), { code: 'payment_intent_unexpected_state' });
      assert.equal(cancel.payment_intent?.status, 'succeeded');
    });

    it('amounts below the minimum of the currency and above eight digits', async () => {
      const who = await cardHolder();
      const create = (amount: number, currency = 'usd') =>
        stripe.paymentIntents.create({ ...HOLD, ...who, amount, currency });
      await refused(create(49), { code: 'amount_too_small' });
      await refused(create(100_000_000), { code: 'amount_too_large' });
      await refused(create(0), { code: 'parameter_invalid_integer' });
      await refused(create(100, 'xxx'), { param: 'currency' });
      assert.equal((await create(50, 'jpy')).status, 'requires_capture');
    });

    it('automatic methods confirmed at once without a return address or a word against redirects', async () => {
      const redirecting = { ...HOLD, ...(await cardHolder()), automatic_payment_methods: { enabled: true } };
      await refused(stripe.paymentIntents.create(redirecting), { param: 'return_url' });
      const returning = { ...redirecting, return_url: 'https://shop.example/back' };
      assert.equal((await stripe.paymentIntents.create(returning)).status, 'requires_capture');
    });

    it('automatic methods together with a list of methods', async () => {
      const both = { ...HOLD, allowed_payment_method_types: ['card'] };
      await refused(stripe.paymentIntents.create(both), { param: 'allowed_payment_method_types' });
    });

    it('parameters it does not know, at the top and within', async () => {
      await refused(stripe.paymentIntents.create({ ...HOLD, amout: 1 } as never), {
        code: 'parameter_unknown',
        param: 'amout',
      });
      const nested = { ...HOLD, automatic_payment_methods: { enabled: true, allow_redirects: 'never', x: 1 } };
      await refused(stripe.paymentIntents.create(nested as never), {
        code: 'parameter_unknown',
        param: 'automatic_payment_methods[x]',
      });
    });

    it('ids it does not know, and a card of somebody else', async () => {
      await refused(stripe.paymentIntents.retrieve('pi_nope'), { code: 'resource_missing', statusCode: 404 });
      await refused(stripe.customers.retrieve('cus_nope'), { code: 'resource_missing', statusCode: 404 });
      const ana = await cardHolder();
      const ben = await cardHolder();
      const mixed = { ...HOLD, customer: ana.customer, payment_method: ben.payment_method };
      await refused(stripe.paymentIntents.create(mixed), { param: 'payment_method' });
    });

    it('a wrong key, without repeating it', async () => {
      const stranger = client(standin.port, 'sk_test_wrong');
      const error = await refused(stranger.customers.create({}), { type: 'StripeAuthenticationError' });
      assert.equal(error.message.includes('sk_test'), false);
    });

    it('any nonsense in the body with a 4xx, never with a crash', async () => {
      const post = async (body: string) => {
        const headers = { authorization: `Bearer ${SECRET_KEY}`, 'content-type': 'application/x-www-form-urlencoded' };
        return (await fetch(`${standin.url}/v1/payment_intents`, { method: 'POST', headers, body })).status;
      };
      for (const body of [
        '',
        '[[',
        'a[b]=1&a=2',
        'a]=1',
        `${'a[b]'.repeat(9)}=1`,
        '__proto__[x]=1',
        '%ff=%ff',
        'amount=1e3',
      ]) {
        assert.equal(await post(body), 400, body);
      }
      assert.equal(await post('x'.repeat(100_000)), 413);
      assert.equal((await fetch(`${standin.url}/v1/%E0%A4%A`)).status, 404);
    });
  });

  describe('the bank', () => {
    it('declines a card after it was stored: a 402 that carries intent, charge and reason', async () => {
      const who = await cardHolder('pm_card_visa_chargeDeclinedInsufficientFunds');
      const error = await refused(stripe.paymentIntents.create({ ...HOLD, ...who }), {
        type: 'StripeCardError',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
        statusCode: 402,
      });
      assert.equal(error.payment_intent?.status, 'requires_payment_method');
      assert.equal(error.payment_intent?.last_payment_error?.decline_code, 'insufficient_funds');
      const charge = await stripe.charges.retrieve(error.charge ?? '');
      assert.deepEqual([charge.status, charge.outcome?.type], ['failed', 'issuer_declined']);
    });

    it('declines a card when it is stored', async () => {
      const { id } = await stripe.customers.create({});
      const attach = stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer: id });
      await refused(attach, { type: 'StripeCardError', decline_code: 'generic_decline' });
    });

    it('asks for the cardholder: requires_action at the door, a refusal when nobody is there', async () => {
      const who = await cardHolder('pm_card_authenticationRequired');
      const present = await stripe.paymentIntents.create({ ...HOLD, ...who });
      assert.deepEqual([present.status, present.latest_charge], ['requires_action', null]);
      assert.equal(present.next_action?.type, 'use_stripe_sdk');
      const absent = await refused(stripe.paymentIntents.create({ ...HOLD, ...who, off_session: true }), {
        code: 'authentication_required',
        statusCode: 402,
      });
      assert.equal(absent.payment_intent?.status, 'requires_payment_method');
    });
  });

  describe('customers and cards', () => {
    it('keeps what it is told, and empties what is emptied', async () => {
      const { id } = await stripe.customers.create({ email: 'a@example.com', metadata: { a: '1', b: '2' } });
      const changed = await stripe.customers.update(id, { name: 'Ana', metadata: { a: '', c: '3' } });
      assert.deepEqual([changed.name, changed.metadata], ['Ana', { b: '2', c: '3' }]);
    });

    it('lists a customer’s cards, makes one the default, and lets one go', async () => {
      const who = await cardHolder();
      const preferred = { invoice_settings: { default_payment_method: who.payment_method } };
      await stripe.customers.update(who.customer, preferred);
      const list = await stripe.customers.listPaymentMethods(who.customer);
      assert.deepEqual(
        list.data.map(({ card }) => card?.last4),
        ['4242'],
      );
      await stripe.paymentMethods.detach(who.payment_method);
      assert.equal((await stripe.paymentMethods.list({ customer: who.customer })).data.length, 0);
      await refused(stripe.paymentIntents.create({ ...HOLD, ...who }), { param: 'payment_method' });
    });
  });

  describe('an idempotency key', () => {
    it('gives the first answer again, marked as such, and does nothing twice', async () => {
      const request = { ...HOLD, ...(await cardHolder()) };
      const first = await stripe.paymentIntents.create(request, { idempotencyKey: 'v1:hold:1' });
      await stripe.paymentIntents.cancel(first.id);
      const again = await stripe.paymentIntents.create(request, { idempotencyKey: 'v1:hold:1' });
      assert.deepEqual([again.id, again.status], [first.id, 'requires_capture']);
      assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
      assert.equal(standin.books.paymentIntents.size, 1);
    });

    it('gives a decline again too', async () => {
      const request = { ...HOLD, ...(await cardHolder('pm_card_chargeCustomerFail')) };
      const charge = () => stripe.paymentIntents.create(request, { idempotencyKey: 'v1:hold:1' });
      const first = await refused(charge(), { code: 'card_declined' });
      const again = await refused(charge(), { code: 'card_declined' });
      assert.equal(again.payment_intent?.id, first.payment_intent?.id);
      assert.equal(standin.books.charges.size, 1);
    });

    it('gives a 500 again, although the work was done', async () => {
      const request = { ...HOLD, ...(await cardHolder()) };
      standin.failNext('error-after');
      const create = () => stripe.paymentIntents.create(request, { idempotencyKey: 'v1:hold:1' });
      await refused(create(), { statusCode: 500 });
      const again = await refused(create(), { statusCode: 500 });
      assert.equal(again.headers?.['idempotent-replayed'], 'true');
      assert.equal(standin.books.paymentIntents.size, 1);
    });

    it('does not remember refused parameters', async () => {
      const who = await cardHolder();
      const key = { idempotencyKey: 'v1:hold:1' };
      await refused(stripe.paymentIntents.create({ ...HOLD, ...who, amount: 10 }, key), { code: 'amount_too_small' });
      assert.equal((await stripe.paymentIntents.create({ ...HOLD, ...who }, key)).status, 'requires_capture');
    });

    it('is refused with other parameters, and at another endpoint', async () => {
      const { id } = await hold();
      const key = { idempotencyKey: 'v1:settle:1' };
      await stripe.paymentIntents.capture(id, { amount_to_capture: 300 }, key);
      const other = stripe.paymentIntents.capture(id, { amount_to_capture: 301 }, key);
      await refused(other, { type: 'StripeIdempotencyError', statusCode: 400 });
      await refused(stripe.paymentIntents.cancel(id, {}, key), { type: 'StripeIdempotencyError' });
    });

    it('is refused while its first request is still running', async () => {
      const who = await cardHolder();
      const secrets = { secretKey: SECRET_KEY, webhookSecret: 'whsec_standin' };
      const slow = await startStripe({ port: 0, ...secrets, latencyMs: 50, onRequest: together(2) });
      try {
        const impatient = client(slow.port);
        const create = () => impatient.customers.create({ email: who.customer }, { idempotencyKey: 'same' });
        const both = await Promise.allSettled([create(), create()]);
        const lost = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
        assert.equal((lost.reason as Stripe.errors.StripeError).code, 'idempotency_key_in_use');
        assert.equal(slow.books.customers.size, 1);
      } finally {
        await slow.close();
      }
    });

    it('is forgotten after a day: the same call is then a new one', async () => {
      const create = () => stripe.customers.create({}, { idempotencyKey: 'daily' });
      const first = await create();
      nowMs += 24 * 3_600_000;
      assert.notEqual((await create()).id, first.id);
    });

    it('makes a dropped connection harmless: the SDK asks again and gets the hold that was made', async () => {
      const who = await cardHolder();
      standin.failNext('drop-after');
      const intent = await stripe.paymentIntents.create({ ...HOLD, ...who }, { idempotencyKey: 'v1:hold:1' });
      assert.equal(intent.status, 'requires_capture');
      assert.equal(standin.books.paymentIntents.size, 1);
    });
  });
});

function client(port: number, key = SECRET_KEY): Stripe {
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

/** The SDK's error, checked for the fields that matter. */
async function refused(call: Promise<unknown>, expected: object): Promise<Stripe.errors.StripeError> {
  const error = await call.then(
    () => assert.fail('was not refused'),
    (thrown: unknown) => thrown as Stripe.errors.StripeError,
  );
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, error[name as keyof typeof error]]));
  assert.deepEqual(found, expected, error.message);
  return error;
}
