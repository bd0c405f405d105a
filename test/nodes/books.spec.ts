// The nodes around the ladder, in a real Node-RED: Stripe's events, leftover holds, the daily audit, the staff's orders.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Visit } from '@tapcase/domain';
import viewNode from '../../nodes/node-red-contrib-tapcase/src/customer/view/view.ts';
import deskNode from '../../nodes/node-red-contrib-tapcase/src/desk/desk/desk.ts';
import { daysToAudit, listedSinceMs } from '../../nodes/node-red-contrib-tapcase/src/desk/job/day-audit.ts';
import jobNode from '../../nodes/node-red-contrib-tapcase/src/desk/job/job.ts';
import debtNode from '../../nodes/node-red-contrib-tapcase/src/money/debt/debt.ts';
import orderNode from '../../nodes/node-red-contrib-tapcase/src/money/order/order.ts';
import stripeEvent from '../../nodes/node-red-contrib-tapcase/src/money/stripe-event/stripe-event.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import { bench, helper, type Outcome, withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import {
  assertFault,
  assertMissingConfig,
  CARD,
  clientOf,
  INTENT,
  OWNER,
  sent,
  type VisitBench,
  withVisits,
} from './visit-bench.ts';

const HOUR_MS = 3_600_000;
/** The outputs of a job. */
const [SETTLE, LET_GO, LOOK, REPORT] = [0, 1, 2, 3];
const ends = () => [];
const owing = async (visits: VisitBench): Promise<Visit> =>
  owe(visits.ledger, await visits.visitIn('closed', { grams: 1 }));
/** As after ten days of quarter hours: how a step gets there is proved of every ledger in test/adapters. */
function neverAnswered({ file }: VisitBench, visitId: string, kind: 'pay' | 'refund'): void {
  const database = new DatabaseSync(file);
  database.exec('pragma busy_timeout = 60000');
  database.prepare('update money_steps set tries = 1000 where visit_id = ? and kind = ?').run(visitId, kind);
  database.close();
}

describe('tapcase-stripe-event', () => {
  const NODE = { type: 'tapcase-stripe-event', module: stripeEvent, outputs: 3 };
  const OUTPUTS: Readonly<Record<string, number>> = { card: 0, visit: 1 };
  /** It says so, and leaves where whoever acts on it waits. */
  const assertChange = (outcome: Outcome, change: string) =>
    assert.equal(sent(outcome, OUTPUTS[change] ?? 2).change, change);
  withRuntime();
  const visits = withVisits(NODE);
  const event = (type: string, object: object, id = 'evt_1') => ({ event: { id, type, object } });

  it('wakes the visit that an event speaks of, and is applied once', async () => {
    const { id } = await owing(visits());
    await visits().ledger.payDebt(id, { atMs: Date.now(), expiresAtMs: Date.now() + HOUR_MS });
    const pay = { visitId: id, kind: 'pay', attempt: 1 } as const;
    const page = { kind: 'page_open', session: 'cs_1', url: 'https://x' } as const;
    await visits().ledger.answerMoney(pay, page, { atMs: Date.now(), ends });
    const message = event('checkout.session.completed', { mode: 'payment', metadata: { visit: id } });
    assertChange(await visits().send(message), 'visit');
    assert.deepEqual(
      (await visits().ledger.claimDueVisits(Date.now(), 0, 10)).map((visit) => visit.id),
      [id],
    );
    assertChange(await visits().send(message), 'repeated');
  });

  it('hands on a finished card page, and says when something is not ours', async () => {
    assertChange(await visits().send(event('checkout.session.completed', { mode: 'setup' })), 'card');
    assertChange(await visits().send(event('payment_intent.succeeded', { metadata: {} }, 'evt_2')), 'other');
    assertChange(
      await visits().send(event('payment_intent.succeeded', { metadata: { visit: 'nobody' } }, 'evt_3')),
      'other',
    );
    assertChange(await visits().send(event('a.type.that.is.new', {}, 'evt_4')), 'other');
  });

  it('a refund that failed counts as not given', async () => {
    const { id } = await owing(visits());
    const order = { id: 'order-001', visitId: id, reason: 'warm', by: 'owner', atMs: Date.now() };
    await visits().ledger.refund({ ...order, amountMinor: 100 });
    const refund = { visitId: id, kind: 'refund', attempt: 1 } as const;
    await visits().ledger.answerMoney(refund, { kind: 'done', refund: 're_1' }, { atMs: Date.now(), ends });
    assertChange(await visits().send(event('refund.updated', { id: 're_1', status: 'succeeded' })), 'refund');
    assert.equal((await visits().ledger.visit(id))?.refundedMinor, 100);
    const failed = { id: 're_1', status: 'failed', failure_reason: 'lost_or_stolen_card' };
    assertChange(await visits().send(event('refund.failed', failed, 'evt_2')), 'refund');
    assert.equal((await visits().ledger.visit(id))?.refundedMinor, 0);
  });

  it('a refund that failed before its answer came is known by the key that we wrote on it', async () => {
    const { id } = await owing(visits());
    const order = { id: 'order-001', visitId: id, reason: 'warm', by: 'owner', atMs: Date.now() };
    await visits().ledger.refund({ ...order, amountMinor: 100 });
    const metadata = { visit: id, refund: `${id}:refund:1` };
    assertChange(await visits().send(event('refund.failed', { id: 're_1', status: 'failed', metadata })), 'refund');
    const refund = { visitId: id, kind: 'refund', attempt: 1 } as const;
    await visits().ledger.answerMoney(refund, { kind: 'done', refund: 're_1' }, { atMs: Date.now(), ends });
    const { refundedMinor, flagged } = (await visits().ledger.visit(id))!;
    assert.deepEqual([refundedMinor, flagged], [0, true]);
  });

  it('flags the visit whose charge is disputed', async () => {
    const { id } = await owing(visits());
    const object = { payment_intent: INTENT, reason: 'fraudulent', amount: 1000, status: 'needs_response' };
    assertChange(await visits().send(event('charge.dispute.created', object)), 'dispute');
    assert.equal((await visits().ledger.visitEvents(id)).at(-1)?.event, 'disputed_at_bank');
    assertChange(await visits().send(event('charge.dispute.created', { payment_intent: 'pi_none' }, 'evt_2')), 'other');
  });

  it('asks for a card again whose card was taken off at Stripe’s dashboard', async () => {
    const { customerId } = await owing(visits());
    const detached = event('payment_method.detached', { id: CARD.paymentMethod, customer: null });
    assertChange(await visits().send(detached), 'card-gone');
    assert.equal((await visits().ledger.customer(customerId))?.card, null);
    assertChange(await visits().send(event('payment_method.detached', { id: 'pm_other' }, 'evt_2')), 'other');
  });

  it('refuses what is no event, and says on every message that no ledger is chosen', async () => {
    for (const bad of [undefined, {}, { id: 'x', type: 'y' }, { id: 'evt_1' }, { id: 7, type: 'y' }]) {
      assertFault(await visits().send({ event: bad }), 'event.invalid');
    }
    await assertMissingConfig(NODE, event('a', {}));
  });
});

describe('tapcase-job, leftover holds', () => {
  const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'books' };
  withRuntime();
  const visits = withVisits(NODE);
  const hold = (visit: string, more: object = {}) => ({
    intent: 'pi_left',
    status: 'requires_capture',
    metadata: { visit },
    createdAtMs: Date.now() - HOUR_MS,
    captureBeforeMs: Date.now() + 100 * HOUR_MS,
    amountReceivedMinor: 0,
    ...more,
  });
  /** What came out between the fault that tells somebody and the report. */
  const found = async (listed: object[]) =>
    (await visits().collect({ listed }, 3)).find(({ kind }) => kind === 'output')!;

  it('lets go a hold whose visit the ledger never had, and one whose visit has ended', async () => {
    const { settle } = sent(await found([hold('visit-of-another-life')]), LET_GO);
    assert.deepEqual(settle, { id: 'orphan-pi_left', kind: 'cancel', intent: 'pi_left', amountMinor: 0, attempt: 1 });
    const ended = await owing(visits());
    sent(await found([hold(ended.id)]), LET_GO);
  });

  it('tells somebody each time: something went wrong before', async () => {
    const outcomes = await visits().collect({ listed: [hold('gone')] }, 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'money.orphan-hold');
  });

  it('hurries a visit whose hold soon ends', async () => {
    const visit = await visits().visitIn('open');
    const outcomes = await visits().collect({ listed: [hold(visit.id, { captureBeforeMs: Date.now() + HOUR_MS })] }, 2);
    sent(outcomes.find(({ kind }) => kind === 'output')!, SETTLE);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'money.hold-expiring');
  });

  it('leaves alone what is young, running, captured, or somebody else’s', async () => {
    const running = await visits().visitIn('open');
    const strangers = { ...hold('x'), metadata: {} };
    const young = hold('gone', { createdAtMs: Date.now() });
    const listed = [young, hold(running.id), hold('gone', { status: 'succeeded' }), strangers, hold('gone')];
    const { settle } = sent(await found(listed), LET_GO);
    assert.equal((settle as { intent: string }).intent, 'pi_left');
  });

  it('refuses a message without a list', async () => {
    assertFault(await visits().send({}), 'message.incomplete');
  });
});

describe('tapcase-job, the audit of a day', () => {
  const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'books' };
  withRuntime();
  const visits = withVisits(NODE);
  /** The day of a visit, which may have been yesterday by now. */
  const dayOf = ({ createdAtMs }: Pick<Visit, 'createdAtMs'>) => new Date(createdAtMs).toISOString().slice(0, 10);
  const payment = ({ id, createdAtMs }: Pick<Visit, 'id' | 'createdAtMs'>, amountReceivedMinor: number) => ({
    intent: INTENT,
    status: 'succeeded',
    metadata: { visit: id },
    createdAtMs,
    amountReceivedMinor,
    amountRefundedMinor: 0,
  });

  it('finds no difference where Stripe, ledger and basket agree, a debt included', async () => {
    const visit = await owing(visits());
    const asked = { audit: { day: dayOf(visit) }, listed: [payment(visit, 1000)] };
    const { audit } = sent(await visits().send(asked), REPORT);
    assert.match((audit as { report: string }).report, /Received 10\.00 usd.*not paid 2\.00 usd/);
    assert.equal((await visits().ledger.audits(1))[0]?.differences, 0);
  });

  it('names the visit and the payment where they do not, and tells somebody', async () => {
    const visit = await owing(visits());
    const { id, createdAtMs } = visit;
    const listed = [payment(visit, 900), payment({ id: 'nobody', createdAtMs }, 5)];
    const outcomes = await visits().collect({ audit: { day: dayOf(visit) }, listed }, 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'money.differs');
    const { audit } = sent(outcomes.find(({ kind }) => kind === 'output')!, LOOK);
    const { report, differences } = audit as { report: string; differences: number };
    assert.equal(differences, 2);
    assert.match(report, new RegExp(`visit ${id}: the ledger says 10\\.00 usd received, Stripe says 9\\.00 usd`));
    assert.match(report, /no visit nobody in the ledger/);
  });

  it('of a day that is looked at again names a refund that Stripe made and the ledger gave up on', async () => {
    const visit = await owing(visits());
    const { id } = visit;
    const day = dayOf(visit);
    const { ledger } = visits();
    const before = sent(await visits().send({ audit: { day }, listed: [payment(visit, 1000)] }), REPORT);
    assert.equal((before.audit as { differences: number }).differences, 0);
    await ledger.refund({
      id: 'order-001',
      visitId: id,
      reason: 'warm',
      by: 'owner',
      atMs: Date.now(),
      amountMinor: 150,
    });
    const refund = { visitId: id, kind: 'refund', attempt: 1 } as const;
    const unknown = { kind: 'unknown', code: 'stripe.unreachable' } as const;
    neverAnswered(visits(), id, 'refund');
    await ledger.answerMoney(refund, unknown, { atMs: Date.now(), ends });
    assert.equal((await ledger.money(id)).steps.at(-1)?.state, 'failed');
    const listed = [{ ...payment(visit, 1000), amountRefundedMinor: 150 }];
    const outcomes = await visits().collect({ audit: { day }, listed }, 2);
    const { audit } = sent(outcomes.find(({ kind }) => kind === 'output')!, LOOK);
    assert.match((audit as { report: string }).report, /says 0\.00 usd given back, Stripe says 1\.50 usd/);
    const [report, ...others] = await ledger.audits(5);
    assert.deepEqual([report?.day, report?.differences, others.length], [day, 1, 0]);
  });

  it('is asked each morning for the day before and, once more, for the day a month ago', () => {
    for (const [now, ...days] of [
      // fixed day: each of these is given as now.
      ['2026-11-21T06:00:00Z', '2026-11-20', '2026-10-22'],
      // fixed day: the turn of a year, and the day that most years lack.
      ['2027-01-01T00:00:00Z', '2026-12-31', '2026-12-02'],
      // fixed day: the last second of it.
      ['2028-02-29T23:59:59Z', '2028-02-28', '2028-01-30'],
      // fixed day: the first second after it.
      ['2028-03-01T00:00:01Z', '2028-02-29', '2028-01-31'],
    ] as const) {
      assert.deepEqual(daysToAudit(Date.parse(now)), days);
      // Stripe's clock may be behind ours: a payment of the day's first second is on the list all the same.
      for (const day of days) assert.ok(listedSinceMs(day) < Date.parse(day));
    }
  });

  it('refuses a day that is none', async () => {
    // fixed day: none of these is one.
    for (const day of ['yesterday', '2026-13-45', '2026-02-30', '2027-02-29', 7]) {
      assertFault(await visits().send({ audit: { day }, listed: [] }), 'audit.bad-day');
    }
    // Without a day it is a look for holds, and without a list somebody must be asked for one.
    sent(await visits().send({ listed: [] }), REPORT);
    for (const audit of [{}, undefined])
      assertFault(await visits().send({ audit, listed: 'all' }), 'message.incomplete');
  });
});

describe('tapcase-order, about money', () => {
  const NODE = { type: 'tapcase-order', module: orderNode, outputs: 2, what: 'money' };
  const [TAKEN, REFUSED] = [0, 1];
  withRuntime();
  const visits = withVisits(NODE);
  const order = (visitId: string, more: object = {}) => ({
    ...OWNER,
    order: { id: 'order-0001', kind: 'refund', visitId, reason: 'it was warm', amount: '1.50', ...more },
  });

  it('plans a refund of what a person typed, once', async () => {
    const { id } = await owing(visits());
    sent(await visits().send(order(id)), TAKEN);
    sent(await visits().send(order(id)), TAKEN);
    const [adjustment, ...more] = await visits().ledger.adjustments(id);
    assert.deepEqual(
      [adjustment?.amountMinor, adjustment?.reason, adjustment?.by, more.length],
      [150, 'it was warm', 'Olga', 0],
    );
    const acts = await visits().ledger.acts({ limit: 10 });
    assert.deepEqual(
      acts.map(({ act, name, role, subject, detail, address }) => ({ act, name, role, subject, detail, address })),
      [
        {
          ...{ act: 'refund', name: 'Olga', role: 'owner', subject: id, address: '192.0.2.7' },
          detail: { amountMinor: 150, currency: 'usd', reason: 'it was warm' },
        },
      ],
    );
  });

  it('refuses a refund over the received amount, and nothing moves', async () => {
    const { id } = await owing(visits());
    const { refused } = sent(await visits().send(order(id, { amount: '10.01' })), REFUSED);
    assert.equal((refused as { code: string }).code, 'refund.too-large');
    assert.deepEqual(await visits().ledger.adjustments(id), []);
  });

  it('lets a debt go, lowers a total, and says why not', async () => {
    const { id } = await owing(visits());
    const { amount: _, ...all } = order(id, { kind: 'waive' }).order;
    sent(await visits().send({ ...OWNER, order: all }), TAKEN);
    const again = sent(await visits().send(order(id, { kind: 'waive', id: 'order-0002' })), REFUSED);
    assert.equal((again.refused as { code: string }).code, 'debt.none');
    sent(await visits().send(order(id, { kind: 'lower', id: 'order-0003', amount: '9' })), TAKEN);
    const running = await visits().visitIn('open');
    const early = sent(await visits().send(order(running.id, { id: 'order-0004' })), REFUSED);
    assert.equal((early.refused as { code: string }).code, 'refund.not-ended');
  });

  it('lets go just the part of a debt that was typed, and no more than is owed', async () => {
    const { id } = await owing(visits());
    const tooMuch = sent(await visits().send(order(id, { kind: 'waive', amount: '2.01' })), REFUSED);
    assert.deepEqual(tooMuch.refused, {
      code: 'debt.bad-amount',
      message: '2.00 usd is owed for this visit: no more can be let go',
    });
    sent(await visits().send(order(id, { kind: 'waive', amount: '1.20' })), TAKEN);
    const { debt } = await visits().ledger.money(id);
    assert.deepEqual([debt?.state, debt?.waivedMinor], ['open', 120]);
  });

  it('takes the second click on "Do it" for the first', async () => {
    const { id } = await owing(visits());
    sent(await visits().send(order(id, { id: 'desk-click-1' })), TAKEN);
    sent(await visits().send(order(id, { id: 'desk-click-2' })), TAKEN);
    assert.equal((await visits().ledger.adjustments(id)).length, 1);
  });

  it('refuses an amount that is none, and a visit that is not there', async () => {
    const { id } = await owing(visits());
    for (const amount of ['1.505', '1,50', '-1', 'all', '0x10']) {
      const { refused } = sent(await visits().send(order(id, { amount })), REFUSED);
      assert.equal((refused as { code: string }).code, 'money.bad-amount', amount);
    }
    const { refused } = sent(await visits().send(order('nobody0000')), REFUSED);
    assert.equal((refused as { code: string }).code, 'visit.unknown');
  });

  it('takes no order of nobody, and none of whose role gives none, whatever the order says', async () => {
    const { id } = await owing(visits());
    const forged = { _client: { staff: { id: 'x', name: 'Olga', role: ['owner'] } } };
    for (const kind of ['refund', 'waive', 'lower']) {
      for (const who of [{ _client: undefined }, forged, clientOf('technician'), clientOf('restocker')]) {
        assertFault(await visits().send({ ...order(id, { kind, by: 'owner' }), ...who }), 'staff.not-allowed');
      }
    }
    assert.deepEqual(await visits().ledger.adjustments(id), []);
    sent(await visits().send({ ...order(id), ...clientOf('operator', 'Otto') }), TAKEN);
    assert.equal((await visits().ledger.adjustments(id))[0]?.by, 'Otto');
  });

  it('takes no order without a reason or a kind', async () => {
    const { id } = await owing(visits());
    for (const bad of [{ reason: '' }, { kind: 'burn' }, { id: 'short' }, { visitId: '../x' }]) {
      assertFault(await visits().send(order(id, bad)), 'order.invalid');
    }
    const { amount: _, ...bare } = order(id).order;
    for (const amountMinor of [0, 1.5, '12', -1, undefined].filter((value) => value !== '12')) {
      assertFault(await visits().send({ ...OWNER, order: { ...bare, amountMinor } }), 'order.invalid');
    }
  });
});

describe('tapcase-debt', () => {
  const NODE = { type: 'tapcase-debt', module: debtNode, outputs: 4, step: 'start' };
  const [OPEN, LOOK, NONE, BUSY] = [0, 1, 2, 3];
  withRuntime();
  const visits = withVisits(NODE);
  const asked = async (id: string, who = 'customer-1') => ({
    customer: await visits().customer(who),
    req: { params: { visit: id } },
  });

  it('opens a page for exactly what is owed, then only looks at it', async () => {
    const { id } = await owing(visits());
    const { payPage, step } = sent(await visits().send(await asked(id)), OPEN);
    const { amountMinor, currency, customer, successUrl, cancelUrl } = payPage as Record<string, unknown>;
    assert.deepEqual([amountMinor, currency, customer], [200, 'usd', CARD.stripeCustomer]);
    assert.deepEqual(
      [successUrl, cancelUrl],
      [`https://shop.example/api/visits/${id}/paid`, `https://shop.example/visit/${id}`],
    );
    const page = { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' } as const;
    await visits().ledger.answerMoney(step as never, page, { atMs: Date.now(), ends });
    const again = sent(await visits().send(await asked(id)), LOOK).payPage as Record<string, unknown>;
    assert.deepEqual([again.session, again.url], ['cs_1', 'https://pay.example']);
  });

  it('has nothing to open where nothing is owed, and waits while the card is asked', async () => {
    const { id } = await owing(visits());
    await visits().ledger.setCard('customer-1', { ...CARD, paymentMethod: 'pm_2' }, Date.now());
    await visits().ledger.nextMoney(id, { atMs: Date.now(), ends });
    assert.deepEqual(sent(await visits().send(await asked(id)), BUSY).refusal, { code: 'debt.busy' });
    const charge = { visitId: id, kind: 'charge', attempt: 2 } as const;
    const declined = { kind: 'refused', code: 'card_declined', declineCode: 'lost_card', adviceCode: null } as const;
    await visits().ledger.answerMoney(charge, declined, { atMs: Date.now(), ends });
    const order = { id: 'order-001', visitId: id, reason: 'enough', by: 'owner', atMs: Date.now() };
    await visits().ledger.waiveDebt(order);
    assert.deepEqual(sent(await visits().send(await asked(id)), NONE).refusal, { code: 'debt.none' });
  });

  it('is for the visit’s own customer only', async () => {
    const { id } = await owing(visits());
    assertFault(await visits().send(await asked(id, 'customer-2')), 'visit.unknown');
    assertFault(await visits().send({ req: { params: { visit: id } } }), 'customer.unknown');
  });

  it('of an earlier release, with an address of its own and no shop, opens nothing', async () => {
    const { id } = await owing(visits());
    const message = await asked(id);
    await helper.unload();
    const own = { type: 'tapcase-debt', step: 'start', publicUrl: 'https://elsewhere.example' };
    const { send } = await bench({
      node: { id: 'n', ...own, ledger: 'the-ledger' },
      outputs: 4,
      modules: [ledgerNode, debtNode],
      configNodes: [{ id: 'the-ledger', type: 'tapcase-ledger', file: visits().file }],
    });
    assertFault(await send(message), 'config.missing-node');
  });
});

describe('what phone, staff and clock see of the books', () => {
  withRuntime();

  describe('tapcase-view of visits', () => {
    const visits = withVisits({ type: 'tapcase-view', module: viewNode, outputs: 1, what: 'visits' });

    it('lists a customer’s own visits with what is still owed', async () => {
      const { id } = await owing(visits());
      const { payload } = sent(await visits().send({ customer: await visits().customer() }), 0);
      const [first] = (payload as { visits: Record<string, unknown>[] }).visits;
      assert.deepEqual(
        [first?.id, first?.totalMinor, first?.chargedMinor, first?.owedMinor, first?.items],
        [id, 1200, 1000, 200, 6],
      );
      const other = sent(await visits().send({ customer: await visits().customer('customer-2') }), 0);
      assert.deepEqual(other.payload, { visits: [] });
      assertFault(await visits().send({}), 'customer.unknown');
    });
  });

  describe('tapcase-desk, the debts', () => {
    const NODE = { type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'debts' };
    const visits = withVisits(NODE);

    it('shows what is owed and why, and nothing about who the customer is', async () => {
      const { id } = await owing(visits());
      const { payload } = sent(await visits().send({}), 0);
      const [row] = payload as Record<string, unknown>[];
      assert.deepEqual([row?.owed, row?.reason, row?.visit], ['2.00 usd', 'insufficient_funds', id]);
      assert.doesNotMatch(JSON.stringify(payload), /customer|@/);
    });
  });

  describe('tapcase-desk, what to look at', () => {
    const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'flagged' });
    const refused = async (id: string, code: string) => {
      const { ledger } = visits();
      const order = { id: `order-${code}`, visitId: id, reason: code, by: 'owner', atMs: Date.now() };
      await ledger.refund({ ...order, amountMinor: 100 });
      const { steps } = await ledger.money(id);
      const refund = steps.at(-1)!;
      const answer = { kind: 'refused', code, declineCode: null, adviceCode: null } as const;
      await ledger.answerMoney(refund, answer, { atMs: Date.now(), ends });
    };
    const why = async () => (sent(await visits().send({}), 0).payload as { why: string }[])[0]?.why;

    it('says that a refund failed, and that the bank disputes a charge', async () => {
      const { id } = await owing(visits());
      await refused(id, 'charge_already_refunded');
      assert.equal(
        await why(),
        'the refund of 1.00 usd failed (charge_already_refunded): nothing went back; a part could not be charged',
      );
      await visits().ledger.flagVisit(id, 'disputed_at_bank', { reason: 'product_not_received' }, Date.now());
      assert.match(String(await why()), /; disputed at the bank \(product not received\);/);
    });

    it('says that a step was never answered, and what to do', async () => {
      const { id } = await owing(visits());
      const { ledger } = visits();
      const page = await ledger.payDebt(id, { atMs: Date.now(), expiresAtMs: Date.now() + HOUR_MS });
      assert.ok(page.kind === 'send');
      const unknown = { kind: 'unknown', code: 'stripe.unreachable' } as const;
      neverAnswered(visits(), id, 'pay');
      await ledger.answerMoney(page.step, unknown, { atMs: Date.now(), ends });
      assert.match(String(await why()), /^the payment on Stripe’s page of 2\.00 usd was never answered: look at/);
    });
  });

  describe('tapcase-job, housekeeping', () => {
    const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'housekeeping' };
    const visits = withVisits(NODE);

    it('throws old webhook ids away, and says how many', async () => {
      await visits().ledger.recordWebhook('evt_old', 'x', Date.now() - 40 * 24 * HOUR_MS);
      await visits().ledger.recordWebhook('evt_new', 'x', Date.now());
      assert.equal(sent(await visits().send({}), REPORT).pruned, 1);
      await assertMissingConfig(NODE, {});
    });
  });
});
