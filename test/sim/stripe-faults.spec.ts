// Requests that meet with a misfortune at the stand-in: what was done, what the SDK hears, what a second try finds.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import Stripe from 'stripe';
import type { SeenRequest } from '../../sim/src/stripe/endpoint.ts';
import { client, type Double, HOLD, refused, SECRET_KEY, startDouble, stopDouble, together } from './stripe-bench.ts';

const KEY = { idempotencyKey: 'v1:hold:1' };
const REQUEST = { ...HOLD, payment_method: 'pm_card_visa' } as const;

describe('A request to the stand-in that', () => {
  let double: Double;
  let stages: string[];
  /** What happens while a request waits between its stages. */
  let onStage: (stage: string, request: SeenRequest) => void | Promise<void>;

  beforeEach(async () => {
    stages = [];
    onStage = () => {};
    double = await startDouble({
      onRequest: (stage, request) => {
        stages.push(`${stage} ${request.method} ${request.path} ${request.idempotencyKey?.slice(0, 9)}`);
        return onStage(stage, request);
      },
    });
  });
  afterEach(() => stopDouble(double));

  const hold = (options: Stripe.RequestOptions = KEY) => double.stripe.paymentIntents.create(REQUEST, options);
  const made = () => double.standin.books.paymentIntents.size;
  const control = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${double.standin.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>) };
  };

  it('is dropped before it is done, did nothing; the SDK’s own second try is dropped as well', async () => {
    double.standin.failNext('drop-before', 2);
    await refused(hold(), { type: 'StripeConnectionError' });
    assert.equal(made(), 0);
    assert.equal((await hold()).status, 'requires_capture');
  });

  it('is dropped after it was done, is found done under its key', async () => {
    double.standin.failNext('drop-after', 2);
    await refused(hold(), { type: 'StripeConnectionError' });
    const found = await hold();
    assert.deepEqual([made(), found.lastResponse.headers['idempotent-replayed']], [1, 'true']);
  });

  it('fails after it was done, fails for good under its key and says so', async () => {
    double.standin.failNext('error-after');
    const first = await refused(hold(), { statusCode: 500, type: 'StripeAPIError' });
    assert.equal(first.headers?.['stripe-should-retry'], 'false');
    const again = await refused(hold(), { statusCode: 500 });
    assert.equal(again.headers?.['stripe-should-retry'], 'false');
    assert.equal(made(), 1);
    assert.equal((await hold({ idempotencyKey: 'v1:hold:2' })).status, 'requires_capture');
  });

  it('fails after it was done may also say nothing about trying again', async () => {
    double.standin.plan({ misfortune: 'error-after', shouldRetry: null });
    const error = await refused(hold(), { statusCode: 500 });
    assert.equal(error.headers?.['stripe-should-retry'], undefined);
  });

  it('fails before it is done, or meets a lock, is tried again by a patient SDK and done once', async () => {
    const patient = new Stripe(SECRET_KEY, {
      host: '127.0.0.1',
      port: double.standin.port,
      protocol: 'http',
      maxNetworkRetries: 2,
    });
    for (const [misfortune, statusCode] of [
      ['error-before', 500],
      ['lock-timeout', 429],
    ] as const) {
      double.standin.failNext(misfortune, 2);
      const error = await refused(hold({ idempotencyKey: misfortune }), { statusCode });
      assert.equal(error.headers?.['stripe-should-retry'], 'true');
      const intent = await patient.paymentIntents.create(REQUEST, { idempotencyKey: misfortune });
      assert.equal(intent.lastResponse.headers['idempotent-replayed'], undefined);
    }
    assert.equal(made(), 2);
  });

  it('is turned away as one too many, is not kept under its key', async () => {
    double.standin.failNext('rate-limit');
    await refused(hold(), { statusCode: 429, type: 'StripeRateLimitError', code: 'rate_limit' });
    assert.equal((await hold()).status, 'requires_capture');
  });

  it('comes with a wrong key of the account, is not kept under its own', async () => {
    const stranger = client(double.standin.port, 'sk_test_other');
    await refused(stranger.paymentIntents.create(REQUEST, KEY), { statusCode: 401 });
    assert.equal((await hold()).status, 'requires_capture');
  });

  it('is answered slowly, was done before its answer came', async () => {
    // The SDK asks a second time by itself when its connection breaks.
    double.standin.plan({ misfortune: 'slow', slowMs: 600_000, times: 2, matching: /^POST \/v1\/payment_intents$/ });
    const httpAgent = new Agent();
    const impatient = new Stripe(SECRET_KEY, {
      host: '127.0.0.1',
      port: double.standin.port,
      protocol: 'http',
      maxNetworkRetries: 0,
      httpAgent,
    });
    onStage = (stage, { path }) => {
      if (stage === 'received' || path !== '/v1/payment_intents') return;
      // Time enough for an answer that is not slow: another one comes meanwhile. Then the caller has had enough.
      void double.stripe.customers.create({}).then(() => httpAgent.destroy());
    };
    await refused(impatient.paymentIntents.create(REQUEST, KEY), { type: 'StripeConnectionError' });
    onStage = () => {};
    assert.equal((await hold()).lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal(made(), 1);
  });

  it('is watched, waits before and after it is done for whoever watches', async () => {
    const seen: number[] = [];
    onStage = () => {
      seen.push(made());
    };
    const { id } = await hold();
    await double.stripe.paymentIntents.capture(id, {}, { idempotencyKey: 'v1:settle:1' });
    assert.deepEqual(seen, [0, 1, 1, 1]);
    assert.deepEqual(stages, [
      'received POST /v1/payment_intents v1:hold:1',
      'executed POST /v1/payment_intents v1:hold:1',
      `received POST /v1/payment_intents/${id}/capture v1:settle`,
      `executed POST /v1/payment_intents/${id}/capture v1:settle`,
    ]);
  });

  it('was done while its shop died, is found done when the shop comes back and asks again', async () => {
    const died = new AbortController();
    onStage = (stage) => {
      if (stage === 'executed') died.abort();
    };
    const headers = { authorization: `Bearer ${SECRET_KEY}`, 'idempotency-key': 'v1:hold:1' };
    const body =
      'amount=500&currency=usd&payment_method=pm_card_visa&confirm=true&capture_method=manual&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never';
    const post = (signal?: AbortSignal) =>
      fetch(`${double.standin.url}/v1/payment_intents`, {
        method: 'POST',
        headers,
        body,
        ...(signal === undefined ? {} : { signal }),
      });
    await assert.rejects(post(died.signal), { name: 'AbortError' });
    const found = await post();
    assert.deepEqual([found.status, found.headers.get('idempotent-replayed'), made()], [200, 'true', 1]);
  });

  it('comes while the same key is at work, is told so', async () => {
    await double.standin.close();
    double = await startDouble({ latencyMs: 30, onRequest: together(2) });
    const results = await Promise.allSettled([hold(), hold()]);
    const lost = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    assert.deepEqual([lost.reason.statusCode, lost.reason.code], [409, 'idempotency_key_in_use']);
    assert.equal(made(), 1);
  });

  describe('is chosen', () => {
    it('by its address, by how many come before it, and by how many in all', async () => {
      const matching = /\/capture$/;
      double.standin.plan({ misfortune: 'rate-limit', matching, skip: 1, times: 1 });
      const holds = [await hold({}), await hold({}), await hold({})];
      const outcomes: (number | undefined)[] = [];
      for (const { id } of holds) {
        outcomes.push(
          await double.stripe.paymentIntents.capture(id).then(
            () => 200,
            ({ statusCode }) => statusCode,
          ),
        );
      }
      assert.deepEqual([outcomes, double.standin.faultsMet()], [[200, 429, 200], 1]);
    });

    it('by chance that comes out the same for the same seed', async () => {
      const run = async (seed: number) => {
        double.standin.weather({ probability: 0.5, kinds: ['rate-limit', 'error-before'], seed });
        const codes: (number | undefined)[] = [];
        for (let time = 0; time < 12; time += 1) {
          codes.push(
            await double.stripe.customers.create({}).then(
              () => 200,
              ({ statusCode }) => statusCode,
            ),
          );
        }
        return codes;
      };
      const first = await run(7);
      assert.ok(new Set(first).size > 1);
      assert.deepEqual(await run(7), first);
      assert.notDeepEqual(await run(8), first);
      double.standin.weather({ probability: 0 });
      assert.equal((await double.stripe.customers.create({})).object, 'customer');
    });

    it('over HTTP, where what is planned can be seen and taken back', async () => {
      const plan = { misfortune: 'error-after', times: 3, skip: 1, matching: 'POST .*/customers$', shouldRetry: true };
      assert.equal((await control('POST', '/sim/fail', plan)).status, 204);
      await double.stripe.customers.create({});
      const error = await refused(double.stripe.customers.create({}), { statusCode: 500 });
      assert.equal(error.headers?.['stripe-should-retry'], 'true');
      const { body } = await control('GET', '/sim/fail');
      const left = { misfortune: 'error-after', matching: 'POST .*\\/customers$', skip: 0, left: 2 };
      assert.deepEqual(body, { met: 1, planned: [left] });
      assert.equal((await control('DELETE', '/sim/fail')).status, 204);
      assert.equal((await double.stripe.customers.create({})).object, 'customer');
    });

    it('over HTTP only in words that mean something', async () => {
      const wrong: [string, object][] = [
        ['/sim/fail', { misfortune: 'thunder' }],
        ['/sim/fail', { misfortune: 'slow', slowMs: -1 }],
        ['/sim/fail', { misfortune: 'slow', times: 0 }],
        ['/sim/fail', { misfortune: 'slow', matching: '(' }],
        ['/sim/fail', { misfortune: 'error-after', shouldRetry: 'perhaps' }],
        ['/sim/weather', { probability: 2 }],
        ['/sim/weather', { probability: 0.1, kinds: ['thunder'] }],
        ['/sim/webhooks', { kind: 'pigeon' }],
        ['/sim/webhooks', { kind: 'late', ms: 'soon' }],
        ['/sim/switches', { overcapturePercent: 101 }],
        ['/sim/switches', { partialCapture: 'kept' }],
        ['/sim/switches', { increments: 'yes' }],
        ['/sim/clock', { advanceMs: -1 }],
      ];
      for (const [path, body] of wrong)
        assert.equal((await control('POST', path, body)).status, 400, JSON.stringify(body));
      assert.deepEqual((await control('GET', '/sim/fail')).body, { met: 0, planned: [] });
      assert.equal((await double.stripe.customers.create({})).object, 'customer');
    });
  });

  it('is made on an account whose abilities were changed over HTTP', async () => {
    const abilities = { increments: true, overcapturePercent: 15, partialCapture: 'refunded' };
    assert.equal((await control('POST', '/sim/switches', abilities)).status, 204);
    assert.deepEqual({ ...double.standin.switches }, abilities);
  });
});
