// stripe-call in a real Node-RED, against the stand-in: any call, once, a list whole or not at all.
import assert from 'node:assert/strict';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import stripeCall from '../../nodes/node-red-contrib-stripe/src/stripe-call/stripe-call.ts';
import { type Message, type Outcome, withRuntime } from './harness.ts';
import { cardHolder, errorAnswer, SECRET_KEY, scripted, startStandin, stripeBench } from './stripe-bench.ts';

const NODE = { type: 'stripe-call', outputs: 2, module: stripeCall };
const [ANSWERED, REFUSED] = [0, 1];

describe('stripe-call', () => {
  withRuntime();
  let standin: RunningStripe;
  beforeEach(async () => {
    standin = await startStandin();
  });
  afterEach(() => standin.close());

  const send = async (message: Message, more: object = {}) =>
    (await stripeBench(standin.port, { ...NODE, ...more })).send(message);
  const read = (path: unknown, params?: unknown, more: object = {}) => send({ call: { path, params } }, more);
  const post = (path: string, params: unknown, id?: unknown) =>
    send({ call: { path, params, id } }, { method: 'POST' });
  const every = (path: string, params: object, max = '100') => read(path, params, { pages: 'all', max });

  async function payment(magic?: string, more: object = {}) {
    const { customer, paymentMethod } = await cardHolder(standin.port, magic);
    return {
      amount: 600,
      currency: 'usd',
      customer,
      payment_method: paymentMethod,
      confirm: true,
      off_session: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { order: 'a & b' },
      ...more,
    };
  }

  it('reads a thing, with its parameters, and says so when there is none', async () => {
    const { object } = called(await post('/v1/payment_intents', await payment(), 'order-1'), ANSWERED);
    const path = `/v1/payment_intents/${(object as { id: string }).id}`;
    const seen = called(await read(path, { expand: ['latest_charge'] }), ANSWERED).object as {
      status: string;
      metadata: object;
      latest_charge: { amount_captured: number };
    };
    assert.deepEqual(
      [seen.status, seen.metadata, seen.latest_charge.amount_captured],
      ['succeeded', { order: 'a & b' }, 600],
    );
    const none = called(await read('/v1/payment_intents/pi_none'), REFUSED);
    assert.deepEqual([none.code, none.object], ['resource_missing', null]);
  });

  it('does what is asked once for each id, however often the message comes and whatever becomes of the answer', async () => {
    const params = await payment();
    standin.failNext('drop-after');
    const first = called(await post('/v1/payment_intents', params, 'order-1'), ANSWERED);
    assert.deepEqual(called(await post('/v1/payment_intents', params, 'order-1'), ANSWERED), first);
    assert.equal(standin.books.paymentIntents.size, 1);
    assert.equal(codeOf(await post('/v1/payment_intents', { ...params, amount: 700 }, 'order-1')), 'stripe.key-reused');
    called(await post('/v1/payment_intents', params, 'order-2'), ANSWERED);
    assert.equal(standin.books.paymentIntents.size, 2);
  });

  it('asks for nothing that is not a read without an id of yours', async () => {
    const params = await payment();
    for (const id of [undefined, '', 'with a gap', 7, 'x'.repeat(201)])
      assert.equal(codeOf(await post('/v1/payment_intents', params, id)), 'stripe.bad-message', String(id));
    const path = '/v1/payment_intents/pi_1';
    assert.equal(codeOf(await send({ call: { path } }, { method: 'DELETE' })), 'stripe.bad-message');
    assert.equal(standin.books.paymentIntents.size, 0);
  });

  it('tells the bank’s no with its reason, the network’s advice and the payment', async () => {
    const no = called(await post('/v1/payment_intents', await payment('pm_card_declinesWhenAway'), 'order-1'), REFUSED);
    assert.deepEqual(
      [no.code, no.declineCode, no.adviceCode],
      ['card_declined', 'insufficient_funds', 'try_again_later'],
    );
    assert.equal((no.object as { status: string }).status, 'requires_payment_method');
  });

  it('tells every other definite no: what is too small, what Stripe does not know', async () => {
    const small = await payment(undefined, { amount: 49 });
    assert.equal(called(await post('/v1/payment_intents', small, 'order-1'), REFUSED).code, 'amount_too_small');
    assert.match(String(called(await read('/v1/unheard_of'), REFUSED).message), /Unrecognized request URL/);
  });

  it('lets a hold go once, by a path made of the message', async () => {
    const held = await payment(undefined, { capture_method: 'manual', off_session: undefined });
    const { id: intent } = called(await post('/v1/payment_intents', held, 'order-1'), ANSWERED).object as {
      id: string;
    };
    const letGo = {
      method: 'POST',
      pathType: 'jsonata',
      path: '"/v1/payment_intents/" & order.intent & "/cancel"',
      paramsType: 'json',
      params: '{"cancellation_reason":"abandoned"}',
      ownIdType: 'msg',
      ownId: 'order.id',
    };
    const message = { order: { id: `orphan-${intent}`, intent } };
    for (let times = 0; times < 2; times += 1) {
      const { object } = called(await send(message, letGo), ANSWERED);
      assert.equal((object as { status: string }).status, 'canceled');
    }
    const again = called(await send({ order: { id: 'other', intent } }, letGo), REFUSED);
    assert.equal(again.code, 'payment_intent_unexpected_state');
    assert.equal(codeOf(await send({ order: { id: 'x', intent: '../../refunds?a=' } }, letGo)), 'stripe.bad-message');
  });

  it('lists all pages, oldest first, and no list that was cut short', async () => {
    const params = await payment();
    for (const id of [1, 2, 3]) called(await post('/v1/payment_intents', params, `order-${id}`), ANSWERED);
    const ids = [...standin.books.paymentIntents.values()].map(({ id }) => id);
    const listed = called(await every('/v1/payment_intents', { limit: 1, created: { gte: 0 } }), ANSWERED);
    assert.deepEqual(idsOf(listed.list), ids);
    assert.deepEqual(idsOf(called(await every('/v1/payment_intents', {}, '3'), ANSWERED).list), ids);
    for (const limit of [1, 2, 100])
      assert.equal(codeOf(await every('/v1/payment_intents', { limit }, '2')), 'stripe.too-many');
    const nobody = { customer: params.customer, created: { gt: Math.ceil(Date.now() / 1_000) + 60 } };
    assert.deepEqual(called(await every('/v1/payment_intents', nobody), ANSWERED).list, []);
  });

  it('lists the events that no webhook took', async () => {
    called(await post('/v1/payment_intents', await payment(), 'order-1'), ANSWERED);
    const types = ['payment_intent.succeeded'];
    const { list } = called(await every('/v1/events', { types, delivery_success: false }), ANSWERED);
    assert.deepEqual(
      (list as { type: string }[]).map(({ type }) => type),
      types,
    );
  });

  it('takes no thing for a list, and follows no address away from the API', async () => {
    const pages = [
      { id: 'cus_1', object: 'customer' },
      { data: [{ id: 'a' }], next_page_url: '//elsewhere.example/v2/core/events' },
      { data: [{ id: 'a' }], next_page_url: 'https://elsewhere.example/v2/core/events?page=2' },
      { data: [], next_page_url: '/v2/core/events?page=2' },
      { data: [{}], has_more: true },
    ];
    for (const page of pages) {
      const stripe = await scripted((response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
      });
      const node = await stripeBench(stripe.port, { ...NODE, pages: 'all' });
      assert.equal(codeOf(await node.send({ call: { path: '/v2/core/events' } })), 'stripe.no-list');
      assert.equal(stripe.asked(), 1);
      await stripe.close();
    }
  });

  it('goes on by the address that the second version of the API gives', async () => {
    let page = 0;
    const stripe = await scripted((response) => {
      page += 1;
      const next = page < 3 ? `/v2/core/events?page=p${page}&limit=1` : null;
      const body = { data: [{ id: `evt_${page}` }], next_page_url: next, previous_page_url: null };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const node = await stripeBench(stripe.port, { ...NODE, pages: 'all' });
    const { list } = called(await node.send({ call: { path: '/v2/core/events', params: { limit: 1 } } }), ANSWERED);
    assert.deepEqual(idsOf(list), ['evt_3', 'evt_2', 'evt_1']);
    await stripe.close();
  });

  it('calls nothing but paths of the API', async () => {
    const astray = [
      undefined,
      '',
      'v1/events',
      '/v3/events',
      '/v1',
      '/v1/',
      '/v1//events',
      '//elsewhere.example/v1/events',
      'https://elsewhere.example/v1/events',
      '/v1/events?limit=1',
      '/v1/events#x',
      '/v1/../v2/events',
      '/v1/%2e%2e/events',
      '/v1/customers/a%2Fb',
      '/v1/customers/%00',
      '/v1/customers/%zz',
      '/v1/customers/a b',
      '/v1/customers/a\r\nHost: elsewhere.example',
      `/v1/${'x'.repeat(500)}`,
      7,
    ];
    for (const path of astray) assert.equal(codeOf(await read(path)), 'stripe.bad-message', String(path));
    assert.equal(called(await read('/v1/customers/25%20OFF'), REFUSED).code, 'resource_missing');
  });

  it('sends no parameters that no request can carry', async () => {
    let deep: object = {};
    for (let depth = 0; depth < 10; depth += 1) deep = { deep };
    const many = { metadata: Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`k${at}`, 'v'])) };
    for (const params of ['text', [1], { amount: Number.NaN }, { at: new Date(0) }, { 'a[b]': 1 }, deep, many])
      assert.equal(codeOf(await post('/v1/customers', params, 'c-1')), 'stripe.bad-message');
    assert.equal(standin.books.customers.size, 0);
  });

  it('gives a fault where the outcome is not known, or nothing was done', async () => {
    const params = await payment();
    standin.failNext('error-after');
    assert.equal(codeOf(await post('/v1/payment_intents', params, 'order-1')), 'stripe.unknown-outcome');
    standin.failNext('rate-limit', 1);
    assert.equal(codeOf(await read('/v1/payment_intents')), 'stripe.rate-limited');
    const answers = {
      'stripe.in-flight': errorAnswer(409, { type: 'invalid_request_error', code: 'idempotency_key_in_use' }, NO_RETRY),
      'stripe.unreachable': errorAnswer(503, { type: 'api_error', message: 'down' }),
      'stripe.bad-key': errorAnswer(403, { type: 'invalid_request_error', message: 'not for this key' }),
    };
    for (const [code, answer] of Object.entries(answers)) {
      const stripe = await scripted(answer);
      const node = await stripeBench(stripe.port, { ...NODE, method: 'POST' });
      assert.equal(codeOf(await node.send({ call: { path: '/v1/customers', id: 'c-1' } })), code);
      await stripe.close();
    }
  });

  it('tells the second version’s no too, by its own names', async () => {
    const asked = { call: { path: '/v2/core/accounts', id: 'c-1' } };
    const no = await scripted(
      errorAnswer(400, { type: 'insufficient_funds', code: 'insufficient_funds', message: 'no' }),
    );
    const node = await stripeBench(no.port, { ...NODE, method: 'POST' });
    assert.equal(called(await node.send(asked), REFUSED).code, 'insufficient_funds');
    await no.close();
    const slow = await scripted(
      errorAnswer(429, { type: 'rate_limit', code: 'rate_limit', message: 'slow' }, NO_RETRY),
    );
    const other = await stripeBench(slow.port, { ...NODE, method: 'POST' });
    assert.equal(codeOf(await other.send(asked)), 'stripe.rate-limited');
    await slow.close();
  });

  it('takes a page of some server on the way for no answer: whether it was done is unknown', async () => {
    const proxy = await scripted((response) => {
      response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    });
    const node = await stripeBench(proxy.port, { ...NODE, method: 'POST' });
    assert.equal(codeOf(await node.send({ call: { path: '/v1/customers', id: 'c-1' } })), 'stripe.unreachable');
    await proxy.close();
  });

  it('shows the key to nobody', async () => {
    const node = await stripeBench(standin.port, NODE, {}, { secretKey: 'sk_test_unknown' });
    const refused = await node.send({ call: { path: '/v1/events' } });
    assert.equal(codeOf(refused), 'stripe.bad-key');
    const outcomes = [refused, await read('/v1/events'), await read('/v1/customers/cus_none'), await read('/v1/../x')];
    for (const outcome of outcomes) assert.doesNotMatch(JSON.stringify(outcome), new RegExp(`${SECRET_KEY}|sk_test_`));
  });

  it('lives and complains when it is set up wrongly', async () => {
    for (const wrong of [{ method: 'PUT' }, { pages: 'some' }, { max: '0' }, { max: 'x' }])
      assert.equal(codeOf(await read('/v1/events', {}, wrong)), 'config.invalid', JSON.stringify(wrong));
    assert.equal(codeOf(await read('/v1/events', {}, { account: 'gone' })), 'config.missing-node');
  });
});

const NO_RETRY = { 'stripe-should-retry': 'false' };

function called(outcome: Outcome, port: number): Message {
  assert.deepEqual([outcome.kind, 'port' in outcome ? outcome.port : codeOf(outcome)], ['output', port]);
  return outcome.message.called as Message;
}

function idsOf(list: unknown): string[] {
  return (list as { id: string }[]).map(({ id }) => id);
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
