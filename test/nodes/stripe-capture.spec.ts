// stripe-capture in a real Node-RED, against the stand-in: the whole ladder as one node, with steps in memory and with a ledger.
import assert from 'node:assert/strict';
import { CALL_MS_MAX, type Visit } from '@tapcase/domain';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import stripeAccount from '../../nodes/node-red-contrib-stripe/src/stripe-account/stripe-account.ts';
import stripeCapture from '../../nodes/node-red-contrib-stripe/src/stripe-capture/stripe-capture.ts';
import { basketOf, linesOf } from '../domain/demo-catalog.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { cardHolder, SECRET_KEY, sdk, startStandin, stripeBench, WEBHOOK_SECRET } from './stripe-bench.ts';
import { assertFault, HOLD_MINOR, sent, type VisitBench, withVisits } from './visit-bench.ts';

const NODE = { type: 'stripe-capture', outputs: 5, module: stripeCapture };
/** How often one call is made before it counts as unanswered. */
const TRIES = 3;
const [CHARGED, NOTHING, OWED, REVIEW, WAITING] = [0, 1, 2, 3, 4];

interface Captured {
  readonly receivedMinor: number;
  readonly owedMinor: number;
}

async function heldOn(standin: RunningStripe, amount: number, magic?: string, currency = 'usd') {
  const { customer, paymentMethod } = await cardHolder(standin.port, magic);
  const { id: intent } = await sdk(standin.port).paymentIntents.create({
    amount,
    currency,
    customer,
    payment_method: paymentMethod,
    capture_method: 'manual',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  return { intent, customer, paymentMethod };
}

/** What Stripe has received in all. */
const received = ({ books }: RunningStripe) =>
  [...books.paymentIntents.values()].reduce((sum, { amount_received }) => sum + amount_received, 0);

describe('stripe-capture with its steps in memory', () => {
  withRuntime();
  let standin: RunningStripe;
  let nowMs: number;
  const { now } = Date;
  beforeEach(async () => {
    nowMs = now();
    Date.now = () => nowMs;
    standin = await startStandin({ now: () => nowMs });
  });
  afterEach(async () => {
    Date.now = now;
    await standin.close();
  });
  const node = () => stripeBench(standin.port, NODE);
  const sale = (held: object, amountMinor: number, id = 'sale-1') => ({
    capture: { id, amountMinor, currency: 'usd', ...held },
  });
  const captured = (outcome: Outcome, port: number) => {
    const { receivedMinor, owedMinor } = sent(outcome, port).captured as Captured;
    return [receivedMinor, owedMinor];
  };

  it('takes what is owed of the hold, and says what it did', async () => {
    const outcome = await (await node()).send(sale(await heldOn(standin, 1_000), 640));
    assert.deepEqual(captured(outcome, CHARGED), [640, 0]);
    assert.deepEqual(outcome.message.steps, ['look at the hold', 'look for a charge', 'capture 640']);
    assert.equal(received(standin), 640);
  });

  it('lets the hold go when nothing is owed', async () => {
    const held = await heldOn(standin, 1_000);
    assert.deepEqual(captured(await (await node()).send(sale(held, 0)), NOTHING), [0, 0]);
    assert.equal(standin.books.paymentIntents.get(held.intent)?.status, 'canceled');
  });

  it('takes the hold and charges the rest on the card', async () => {
    const outcome = await (await node()).send(sale(await heldOn(standin, 1_000), 1_600));
    assert.deepEqual(captured(outcome, CHARGED), [1_600, 0]);
    assert.equal(received(standin), 1_600);
  });

  it('owes what the bank will not give', async () => {
    const held = await heldOn(standin, 1_000, 'pm_card_declinesWhenAway');
    assert.deepEqual(captured(await (await node()).send(sale(held, 1_600)), OWED), [1_000, 600]);
  });

  it('below the least charge lets the hold go, takes nothing and says what was not paid', async () => {
    const held = await heldOn(standin, 1_000);
    const outcome = await (await node()).send(sale(held, 30));
    assert.deepEqual(captured(outcome, OWED), [0, 30]);
    assert.deepEqual((outcome.message.steps as string[]).slice(2), ['capture 30', 'cancel']);
    assert.equal(standin.books.paymentIntents.get(held.intent)?.status, 'canceled');
    assert.equal(received(standin), 0);
  });

  // Won, dinars of three decimals, crowns in hundredths; and one whose least charge only Stripe knows.
  for (const [currency, heldMinor, takenMinor] of [
    ['krw', 10_000, 3_500],
    ['kwd', 5_000, 1_250],
    ['isk', 200_000, 90_000],
    ['kes', 100_000, 25_000],
  ] as const) {
    it(`sells in ${currency}, within the hold and above it`, async () => {
      const held = await heldOn(standin, heldMinor, undefined, currency);
      const within = { capture: { ...sale(held, takenMinor).capture, currency } };
      assert.deepEqual(captured(await (await node()).send(within), CHARGED), [takenMinor, 0]);
      const other = await heldOn(standin, heldMinor, undefined, currency);
      const above = { capture: { ...sale(other, heldMinor + takenMinor, 'sale-2').capture, currency } };
      assert.deepEqual(captured(await (await node()).send(above), CHARGED), [heldMinor + takenMinor, 0]);
    });
  }

  it('hears from Stripe what is too little where the least charge is not known here', async () => {
    const held = await heldOn(standin, 100_000, undefined, 'kes');
    const outcome = await (await node()).send({ capture: { ...sale(held, 100).capture, currency: 'kes' } });
    assert.deepEqual(captured(outcome, OWED), [0, 100]);
    assert.equal(standin.books.paymentIntents.get(held.intent)?.status, 'canceled');
    assert.equal(received(standin), 0);
  });

  it('takes nothing twice: the same message again, and again after a restart', async () => {
    const message = sale(await heldOn(standin, 1_000), 1_600);
    const first = await node();
    await first.send(message);
    assert.deepEqual(captured(await first.send(message), CHARGED), [1_600, 0]);
    // Another process: it remembers nothing, and finds both payments at Stripe.
    nowMs += 2 * 86_400_000;
    assert.deepEqual(captured(await (await node()).send(message), CHARGED), [1_600, 0]);
    assert.equal(received(standin), 1_600);
  });

  for (const [misfortune, tries] of [
    ['drop-before', TRIES],
    ['drop-after', TRIES],
    ['error-after', TRIES],
    // Stripe says to come back later, and the account does not press it.
    ['rate-limit', 1],
  ] as const) {
    it(`waits where no answer came (${misfortune}), and takes it once when asked again`, async () => {
      const message = sale(await heldOn(standin, 1_000), 640);
      const { collect, send } = await node();
      standin.failNext(misfortune, tries, /capture/);
      const [fault, waits] = await collect(message, 2);
      assert.equal(fault?.kind, 'fault');
      assert.equal(waits?.kind === 'output' && waits.port, WAITING);
      // Where Stripe's answer was for good, only a look can tell, once no call can be under way any more.
      nowMs += CALL_MS_MAX;
      assert.deepEqual(captured(await send(message), CHARGED), [640, 0]);
      assert.equal(received(standin), 640);
    });
  }

  it('charges once where the same message comes twice at once, or again before anybody knows', async () => {
    const message = sale(await heldOn(standin, 1_000), 1_600);
    const { collect, send, node: nodeOf } = await node();
    const both = collect(message, 2);
    nodeOf('node').receive(structuredClone(message));
    const ports = (await both).map((outcome) => (outcome.kind === 'output' ? outcome.port : outcome.code));
    assert.deepEqual(ports.sort(), [CHARGED, WAITING]);
    assert.deepEqual(captured(await send(message), CHARGED), [1_600, 0]);
    assert.equal(received(standin), 1_600);
    // The charge is made and its answer lost: asked again under its key it is the same charge, not looked for in vain.
    const lost = sale(await heldOn(standin, 1_000), 1_600, 'sale-2');
    standin.failNext('drop-after', TRIES, /payment_intents$/);
    const [fault] = await collect(lost, 2);
    assertFault(fault!, 'stripe.unreachable');
    assert.deepEqual(captured(await send(lost), CHARGED), [1_600, 0]);
    assert.equal(received(standin), 3_200);
  });

  it('refuses an order that is none, another amount under the same id, and a payment that is not there', async () => {
    const held = await heldOn(standin, 1_000);
    const { send, collect } = await node();
    for (const bad of [{}, { capture: 7 }, sale({ ...held, intent: 'x' }, 5), sale(held, -1), sale(held, 1.5)])
      assertFault(await send(bad), 'stripe.bad-message');
    await send(sale(held, 640));
    assertFault(await send(sale(held, 641)), 'stripe.another-sale');
    const [fault, waits] = await collect(sale({ ...held, intent: 'pi_none' }, 5, 'sale-2'), 2);
    assertFault(fault!, 'stripe.bad-message');
    assert.equal(waits?.kind === 'output' && waits.port, WAITING);
    assert.equal(received(standin), 640);
  });

  it('says on every message that no account is chosen', async () => {
    const { collect } = await stripeBench(standin.port, { ...NODE, account: '' });
    assertFault(
      (await collect(sale({ intent: 'pi_1', customer: 'cus_1', paymentMethod: 'pm_1' }, 5), 2))[0]!,
      'config.missing-node',
    );
  });
});

describe('stripe-capture with the shop’s ledger', () => {
  withRuntime();
  let standin: RunningStripe;
  before(async () => {
    standin = await startStandin();
    // The account's address is known only now; its node reads it when it is loaded.
    process.env.STANDIN_PORT = String(standin.port);
  });
  after(async () => {
    delete process.env.STANDIN_PORT;
    await standin.close();
  });
  const visits = withVisits({
    ...NODE,
    account: 'account',
    journal: 'the-ledger',
    beside: {
      modules: [stripeAccount],
      configNodes: [
        {
          id: 'account',
          type: 'stripe-account',
          live: false,
          protocol: 'http',
          host: '127.0.0.1',
          port: '${STANDIN_PORT}',
        },
      ],
      credentials: { account: { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET } },
    },
  });

  /** A visit whose hold Stripe knows. */
  async function closed(bench: VisitBench): Promise<Visit> {
    const { intent } = await heldOn(standin, HOLD_MINOR);
    return bench.visitIn('closed', { grams: 1, intent });
  }

  it('charges a basket, ends the visit and queues display and receipt, all from one message', async () => {
    const visit = await closed(visits());
    const message = sent(await visits().send({ visit, basket: basketOf(linesOf({ cola: 2 })) }), CHARGED);
    assert.deepEqual(message.steps, ['capture 400']);
    const ended = (await visits().ledger.visit(visit.id))!;
    assert.deepEqual([ended.phase, ended.outcome, ended.chargedMinor], ['done', 'charged', 400]);
    const shown = (await visits().ledger.takeFrames(Date.now(), 5_000, 50)).map(({ payload }) => payload.type);
    assert.ok(shown.includes('show'));
  });

  it('lets go what nobody took, and hands to a person what is not certain', async () => {
    sent(await visits().send({ visit: await closed(visits()), basket: basketOf([]) }), NOTHING);
    const doubtful = await closed(visits());
    sent(await visits().send({ visit: doubtful, basket: basketOf([], 'disputed') }), REVIEW);
    assert.equal((await visits().ledger.visit(doubtful.id))?.outcome, 'in_review');
  });

  it('waits in the ledger where Stripe does not answer, is counted, and goes on when it is due', async () => {
    const visit = await closed(visits());
    standin.failNext('drop-before', TRIES, /capture/);
    const [fault, waits] = await visits().collect({ visit, basket: basketOf(linesOf({ cola: 1 })) }, 2);
    assertFault(fault!, 'stripe.unreachable');
    assert.equal((fault!.message.visit as Visit).id, visit.id, 'the fault says of which visit');
    sent(waits!, WAITING);
    await visits().ledger.wakeMoney(visit.id, Date.now());
    sent(await visits().send({ visit }), CHARGED);
    assert.equal((await visits().ledger.visit(visit.id))?.chargedMinor, 200);
  });
});
