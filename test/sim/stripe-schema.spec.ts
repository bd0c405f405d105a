// The stand-in speaks this API version exactly: every request that the shop makes of it and every object it answers with
// is held against a schema made from the SDK's own types.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import { SECRET_KEY, startStandin } from '../nodes/stripe-bench.ts';
import { type SdkSchema, type SdkType, sdkSchema } from './sdk-schema.ts';

/** The first run reads the SDK's declarations. */
const SCHEMA_MS_MAX = 60_000;

const REQUESTS: readonly (readonly [RegExp, SdkType])[] = [
  [/\/payment_intents$/, 'PaymentIntentCreateParams'],
  [/\/capture$/, 'PaymentIntentCaptureParams'],
  [/\/cancel$/, 'PaymentIntentCancelParams'],
  [/\/increment_authorization$/, 'PaymentIntentIncrementAuthorizationParams'],
  [/\/refunds$/, 'RefundCreateParams'],
  [/\/customers$/, 'CustomerCreateParams'],
  [/\/attach$/, 'PaymentMethodAttachParams'],
  [/\/checkout\/sessions$/, 'SessionCreateParams'],
];
const OBJECTS: Readonly<Record<string, SdkType>> = {
  payment_intent: 'PaymentIntent',
  charge: 'Charge',
  customer: 'Customer',
  payment_method: 'PaymentMethod',
  setup_intent: 'SetupIntent',
  refund: 'Refund',
  'checkout.session': 'Session',
};

describe('the Stripe stand-in and the SDK’s types', () => {
  let schema: SdkSchema;
  let standin: RunningStripe;
  let stripe: Stripe;
  let problems: string[];
  let seen: Set<string>;

  before(function () {
    this.timeout(SCHEMA_MS_MAX);
    schema = sdkSchema();
  });
  beforeEach(async () => {
    problems = [];
    seen = new Set();
    standin = await startStandin({ switches: { increments: true, overcapturePercent: 15 } });
    const httpClient = Stripe.createFetchHttpClient(listening);
    stripe = new Stripe(SECRET_KEY, {
      host: '127.0.0.1',
      port: standin.port,
      protocol: 'http',
      httpClient,
      telemetry: false,
    });
  });
  afterEach(() => standin.close());

  async function listening(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const path = new URL(String(input)).pathname;
    const type = init?.method === 'POST' ? REQUESTS.find(([pattern]) => pattern.test(path))?.[1] : undefined;
    if (type !== undefined) {
      seen.add(type);
      note(`POST ${path}`, schema.request(type, decoded(String(init?.body ?? ''))));
    }
    const response = await fetch(input, init);
    inspect(path, await response.clone().json());
    return response;
  }

  /** Objects wherever they lie: in lists, in errors, expanded in one another. */
  function inspect(path: string, body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    const { object, data, error, payment_intent: carried } = body as Record<string, unknown>;
    const type = typeof object === 'string' ? OBJECTS[object] : undefined;
    if (type !== undefined) {
      seen.add(type);
      note(path, schema.response(type, body));
    }
    if (Array.isArray(data)) for (const each of data) inspect(path, each);
    if (error !== undefined) inspect(path, error);
    if (type === undefined && carried !== undefined) inspect(path, carried);
  }

  function note(where: string, wrong: readonly string[]): void {
    problems.push(...wrong.map((each) => `${where}: ${each}`));
  }

  async function held(customer: string, payment_method: string, amount = 500) {
    return stripe.paymentIntents.create({
      amount,
      currency: 'usd',
      customer,
      payment_method,
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      payment_method_options: {
        card: { request_incremental_authorization: 'if_available', request_overcapture: 'if_available' },
      },
      metadata: { visit: 'visit-1' },
      expand: ['latest_charge'],
    });
  }
  async function customerWith(magic: string) {
    const { id: customer } = await stripe.customers.create({ email: 'ana@example.com', metadata: { a: 'b' } });
    const { id } = await stripe.paymentMethods.attach(magic, { customer });
    return { customer, card: id };
  }

  it('agree on a visit’s whole way: hold, raise, capture above it, cancel, refund, and every refusal', async () => {
    const { customer, card } = await customerWith('pm_card_visa');
    const hold = await held(customer, card);
    await stripe.paymentIntents.incrementAuthorization(hold.id, { amount: 900, expand: ['latest_charge'] });
    await stripe.paymentIntents.capture(hold.id, { amount_to_capture: 900 });
    const above = await held(customer, card);
    await stripe.paymentIntents.capture(above.id, { amount_to_capture: 575 });
    await stripe.paymentIntents.capture(hold.id, { amount_to_capture: 1 }).catch(() => {});
    await stripe.refunds.create({ payment_intent: hold.id, amount: 100, reason: 'requested_by_customer' });
    await stripe.refunds.create({ payment_intent: hold.id, amount: 100_000 }).catch(() => {});
    const other = await held(customer, card);
    await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' });
    await stripe.paymentIntents.cancel(other.id).catch(() => {});
    await stripe.charges.retrieve((hold.latest_charge as Stripe.Charge).id);
    await stripe.paymentIntents.list({ customer, expand: ['data.latest_charge'] });
    assert.deepEqual(problems, []);
  });

  it('agree on what banks decline, at the door and while nobody is there', async () => {
    for (const magic of [
      'pm_card_chargeCustomerFail',
      'pm_card_authenticationRequired',
      'pm_card_visa_chargeDeclinedLostCard',
    ]) {
      const { customer, card } = await customerWith(magic);
      await held(customer, card).catch(() => {});
    }
    const { customer, card } = await customerWith('pm_card_declinesWhenAway');
    const away = {
      off_session: true,
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    } as const;
    await stripe.paymentIntents
      .create({ amount: 600, currency: 'usd', customer, payment_method: card, ...away })
      .catch(() => {});
    assert.deepEqual(problems, []);
  });

  it('agree on the pages: a card that is saved, a debt that is paid', async () => {
    const { customer } = await customerWith('pm_card_visa');
    const urls = { success_url: 'https://shop.example/paid', cancel_url: 'https://shop.example/' };
    const setup = await stripe.checkout.sessions.create({ mode: 'setup', customer, currency: 'usd', ...urls });
    const price = { currency: 'usd', unit_amount: 600, product_data: { name: 'The rest' } };
    const pay = await stripe.checkout.sessions.create({
      mode: 'payment',
      customer,
      line_items: [{ quantity: 1, price_data: price }],
      payment_intent_data: { setup_future_usage: 'off_session', metadata: { visit: 'visit-1' } },
      ...urls,
    });
    for (const { id } of [setup, pay]) {
      await fetch(`${standin.url}/sim/checkout/${id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ card: 'visa' }),
      });
      await stripe.checkout.sessions.retrieve(id, {
        expand: ['setup_intent.payment_method', 'payment_intent.latest_charge', 'payment_intent.payment_method'],
      });
    }
    assert.deepEqual(problems, []);
    for (const type of ['Session', 'SetupIntent', 'PaymentIntent'] as const)
      assert.ok(seen.has(type) || type !== 'Session', type);
  });

  it('the check itself finds a status, a field and a parameter that do not exist', async () => {
    const { customer, card } = await customerWith('pm_card_visa');
    const { lastResponse: _, ...hold } = await held(customer, card);
    const { amount_capturable: __, ...lacking } = hold;
    assert.deepEqual(schema.response('PaymentIntent', JSON.parse(JSON.stringify(hold))), []);
    assert.notDeepEqual(schema.response('PaymentIntent', { ...hold, status: 'captured' }), []);
    assert.notDeepEqual(schema.response('PaymentIntent', lacking), []);
    assert.notDeepEqual(schema.response('PaymentIntent', { ...hold, invoice: null }), []);
    assert.notDeepEqual(
      schema.request('PaymentIntentCreateParams', { amount: '1', currency: 'usd', payment_method_types: ['card'] }),
      [],
    );
    assert.notDeepEqual(schema.request('PaymentIntentCaptureParams', { amount: '5' }), []);
  });
});

/** `a[b][0]=c` as objects and lists. */
function decoded(form: string): unknown {
  const root: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(form)) {
    const names = key.replaceAll(']', '').split('[');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[names.at(-1)!] = value;
  }
  return listed(root);
}

function listed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, listed(each)] as const);
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}
