// The check that holds the stand-in against the SDK's types is itself checked: what is wrong must be found.
import assert from 'node:assert/strict';
import type { Exchange } from '@tapcase/sim/stripe/start-stripe';
import { cardHolder, HOLD, startDouble, stopDouble } from './stripe-bench.ts';
import { decode, stripeCheck } from './stripe-check.ts';

interface Body {
  [name: string]: unknown;
  error: { payment_intent: { status?: string } };
}

describe('The check of the stand-in against the SDK', () => {
  let exchanges: Exchange[];
  let event: object;

  before(async () => {
    exchanges = [];
    const double = await startDouble({ check: (exchange) => void exchanges.push(exchange) });
    const { id } = await double.stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder(double.stripe)) });
    await double.stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    await double.stripe.paymentIntents.capture(id, { amount_to_capture: 300 });
    await double.stripe.paymentIntents.capture(id).catch(() => {});
    event = JSON.parse(JSON.stringify([...double.standin.books.events.values()].at(-1))) as object;
    await stopDouble(double);
  });

  const one = (method: string, ending: RegExp, status = 200) =>
    exchanges.find(
      (exchange) => exchange.method === method && ending.test(exchange.path) && exchange.status === status,
    )!;
  const creation = () => one('POST', /payment_intents$/);
  const changed = (exchange: Exchange, change: (body: Body) => void): Exchange => {
    const body = JSON.parse(exchange.answer) as Body;
    change(body);
    return { ...exchange, answer: JSON.stringify(body) };
  };
  const refuses = (exchange: Exchange, why: RegExp) => {
    const checked = stripeCheck();
    assert.throws(() => checked.check(exchange), why);
    assert.equal(checked.problems.length, 1);
  };

  it('takes what was really said', () => {
    const checked = stripeCheck();
    for (const exchange of exchanges) checked.check(exchange);
    checked.checkEvent(event);
    assert.deepEqual([checked.problems, exchanges.length], [[], 6]);
  });

  it('finds a status that Stripe does not have, a missing field, one too many, text for a number', () => {
    refuses(
      changed(creation(), (body) => Object.assign(body, { status: 'captured' })),
      /status/,
    );
    refuses(
      changed(creation(), (body) => delete body.amount_capturable),
      /amount_capturable/,
    );
    refuses(
      changed(creation(), (body) => Object.assign(body, { invoice: null })),
      /invoice/,
    );
    refuses(
      changed(creation(), (body) => Object.assign(body, { amount: '500' })),
      /amount/,
    );
  });

  it('finds an object that nobody asked to see, and an id where the object was asked for', () => {
    const whole = JSON.parse(one('GET', /pi_/).answer).latest_charge as { id: string };
    refuses(
      changed(creation(), (body) => Object.assign(body, { latest_charge: whole })),
      /expandable/,
    );
    refuses(
      changed(one('GET', /pi_/), (body) => Object.assign(body, { latest_charge: whole.id })),
      /expandable/,
    );
  });

  it('finds a question with a parameter that this version has not, or has elsewhere', () => {
    const more = (exchange: Exchange, form: string) => ({ ...exchange, form: `${exchange.form}&${form}` });
    refuses(more(creation(), 'payment_method_types[0]=card'), /payment_method_types/);
    refuses(more(one('POST', /capture$/), 'amount=300'), /amount/);
    refuses(more(creation(), 'capture_method=sometimes'), /capture_method/);
  });

  it('finds a refusal with a code that Stripe does not have, and a half payment within it', () => {
    const refusal = one('POST', /capture$/, 400);
    refuses(
      changed(refusal, ({ error }) => Object.assign(error, { code: 'no_luck' })),
      /code/,
    );
    refuses(
      changed(refusal, ({ error }) => delete error.payment_intent.status),
      /status/,
    );
  });

  it('finds an event of no known type, and one that carries something else', () => {
    const checked = stripeCheck();
    assert.throws(() => checked.checkEvent({ ...event, type: 'payment_intent.updated' }), /no event is called/);
    assert.throws(() => checked.checkEvent({ ...event, type: 'charge.captured' }), /carries a charge/);
    assert.throws(() => checked.checkEvent({ ...event, livemode: 'no' }), /livemode/);
  });

  it('reads a form as Stripe does, whatever its names', () => {
    assert.deepEqual(decode('a=1&b[c]=2&d[0]=x&d[1]=y&e[0][f]=3'), {
      a: '1',
      b: { c: '2' },
      d: ['x', 'y'],
      e: [{ f: '3' }],
    });
    decode('__proto__[x]=1');
    assert.equal(({} as { x?: unknown }).x, undefined);
  });

  it('answers a stand-in’s mistake with a failure, not with the mistake', async () => {
    const double = await startDouble({
      check: () => {
        throw new Error('does not fit');
      },
    });
    await assert.rejects(double.stripe.customers.create({}), /does not fit/);
    await double.standin.close();
  });
});
