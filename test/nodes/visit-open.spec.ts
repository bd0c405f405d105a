// tapcase-visit-open in a real Node-RED: who may come to a case now; from a tap to a visit and the hold that Stripe is asked for.
import assert from 'node:assert/strict';
import { type StatusReport, VISIT_ID } from '@tapcase/domain';
import visitOpen from '../../nodes/node-red-contrib-tapcase/src/visit/visit-open/visit-open.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import {
  assertFault,
  assertMissingConfig,
  CARD,
  CASE,
  HOLD_MINOR,
  OFFLINE_AFTER_MS,
  sent,
  sentVisit,
  withVisits,
} from './visit-bench.ts';

const NODE = { type: 'tapcase-visit-open', module: visitOpen, outputs: 3 };
const [HOLD, SAME, REFUSED] = [0, 1, 2];
const JSON_TYPE = { 'content-type': 'application/json' };
type How = Partial<Extract<StatusReport, { type: 'status' }>>;
const STATUS = { door: 'closed', mass: 0, vcc: 3.7, rssi: -93, fw: '1' } as const;

const tap = (customer: object | undefined, requestId: unknown = 'tap-00000001', headers: object = JSON_TYPE) => ({
  req: { params: { case: CASE }, headers },
  customer,
  payload: { requestId, language: 'es' },
});

function assertRefused(outcome: Outcome, code: string): void {
  const { case: found, refusal } = sent(outcome, REFUSED);
  assert.deepEqual([refusal, (found as { id: string }).id], [{ code }, CASE]);
}

describe('tapcase-visit-open', () => {
  withRuntime();
  const visits = withVisits(NODE);
  beforeEach(() => visits().hear());

  it('defect 2: opens a visit and asks for a hold on the customer’s stored card, of the case’s amount', async () => {
    const message = sent(await visits().send(tap(await visits().customer())), HOLD);
    const { id, phase, catalog, language } = message.visit as Awaited<ReturnType<typeof sentVisit>>;
    assert.match(id, VISIT_ID);
    assert.match(id, /^[a-z0-9]{12}$/);
    assert.deepEqual([phase, language, catalog], ['requested', 'es', DEMO]);
    assert.deepEqual(message.hold, {
      id,
      attempt: 1,
      amountMinor: HOLD_MINOR,
      currency: 'usd',
      customer: CARD.stripeCustomer,
      paymentMethod: CARD.paymentMethod,
      metadata: { visit: id, case: CASE, step: 'hold', attempt: '1' },
    });
  });

  it('writes the hold down before Stripe hears of it', async () => {
    const { id } = sentVisit(await visits().send(tap(await visits().customer())), HOLD);
    const [step] = (await visits().ledger.money(id)).steps;
    assert.deepEqual([step?.kind, step?.state, step?.idempotencyKey], ['hold', 'sent', `${id}:hold:1`]);
  });

  it('takes a tap that is sent twice for one visit and holds once', async () => {
    const customer = await visits().customer();
    const first = sentVisit(await visits().send(tap(customer)), HOLD);
    const again = sent(await visits().send(tap(customer)), SAME);
    assert.equal((again.visit as typeof first).id, first.id);
    assert.equal(again.hold, undefined);
    assert.equal((await visits().ledger.money(first.id)).steps.length, 1);
  });

  it('lets nobody else, and no second tap, come to a taken case', async () => {
    const customer = await visits().customer();
    sent(await visits().send(tap(customer)), HOLD);
    assertRefused(await visits().send(tap(customer, 'tap-00000002')), 'case.busy');
    assertRefused(await visits().send(tap(await visits().customer('customer-2'))), 'case.busy');
  });

  it('lets nobody in who owes for an earlier visit', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    await owe(visits().ledger, visit);
    assertRefused(await visits().send(tap(await visits().customer())), 'customer.owes');
  });

  it('unlocks no door for whoever left it shut three times in ten minutes, until ten have passed, and tells how long', async () => {
    for (const agoMs of [599_000, 300_000]) await visits().visitIn('timeout', { agoMs });
    const third = await visits().visitIn('timeout', { agoMs: 1_000 });
    const { refusal } = sent(await visits().send(tap(await visits().customer())), REFUSED);
    assert.deepEqual(refusal, { code: 'customer.unopened', retryAfterSeconds: 1 });
    // The tap that is sent again has its visit, and nobody else waits.
    const again = sent(await visits().send(tap(await visits().customer(), third.requestId)), SAME);
    assert.equal((again.visit as typeof third).id, third.id);
    sent(await visits().send(tap(await visits().customer('customer-2'))), HOLD);
  });

  it('unlocks a door that stuck twice, and one that was left shut three times, the first of them ten minutes ago', async () => {
    for (const agoMs of [600_000, 300_000, 1_000]) await visits().visitIn('timeout', { agoMs });
    sent(await visits().send(tap(await visits().customer())), HOLD);
  });

  it('unlocks a door for whoever opened it each time, however often', async () => {
    for (const agoMs of [40_000, 30_000, 20_000, 10_000]) await visits().visitIn('closed', { agoMs });
    sent(await visits().send(tap(await visits().customer())), HOLD);
  });

  it('unlocks no door for one more mailbox of a card whose doors stayed shut, and for everybody else’s', async () => {
    const stolen = { ...CARD, fingerprint: 'aB3' };
    for (const [nth, id] of ['m1', 'm2', 'm3'].entries()) {
      await visits().visitIn('timeout', { agoMs: 30_000 - nth, customerId: id, card: stolen });
    }
    const withCard = async (id: string, card: object) => tap({ ...(await visits().customer(id)), card });
    const { refusal } = sent(await visits().send(await withCard('m4', stolen)), REFUSED);
    assert.equal((refusal as { code: string }).code, 'customer.unopened');
    // A card of another number, and one of which nobody knows.
    sent(await visits().send(await withCard('m5', { ...CARD, fingerprint: 'cD4' })), HOLD);
  });

  it('sends a customer without a card to store one', async () => {
    const customer = await visits().customer();
    assertRefused(await visits().send(tap({ ...customer, card: null })), 'customer.no-card');
  });

  it('defect 11: opens for nobody who is not signed in', async () => {
    assertFault(await visits().send(tap(undefined)), 'customer.unknown');
  });

  it('refuses a bad request, and one that a form on another site could send', async () => {
    const customer = await visits().customer();
    for (const requestId of ['short', 'x'.repeat(65), 'tap 0000001', 7, undefined, null]) {
      assertFault(await visits().send(tap(customer, requestId ?? null)), 'request.invalid');
    }
    assertFault(
      await visits().send(tap(customer, 'tap-00000001', { 'content-type': 'text/plain' })),
      'request.not-json',
    );
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, tap(await visits().customer()));
  });
});

describe('a case that a customer comes to', () => {
  withRuntime();
  const visits = withVisits(NODE);
  let taps = 0;
  /** Another tap each time. */
  const come = async (id = 'customer-1') => {
    taps += 1;
    return visits().send(tap(await visits().customer(id), `tap-${String(taps).padStart(8, '0')}`));
  };
  /** It was let in; and leaves, so that the next one finds the case free. */
  const letIn = async () => {
    const { id } = sentVisit(await come(), HOLD);
    const change = { atMs: Date.now(), visionWaitMs: 0, set: { outcome: 'refused' } } as const;
    await visits().ledger.advanceVisit(id, { event: 'hold_refused', ...change });
  };
  const tell = (how: How, agoMs = 0) => {
    const atMs = Date.now() - agoMs;
    const at = Math.floor(atMs / 1000);
    const status: StatusReport = { type: 'status', seq: visits().nextSeq(), at, ...STATUS, ...how };
    return visits().ledger.recordStatus(CASE, status, atMs);
  };

  it('lets a customer come to a case that is there and free', async () => {
    await visits().hear();
    const { case: found } = sent(await come(), HOLD);
    assert.equal((found as { name: string }).name, 'Lobby');
  });

  it('says that a case was never heard of, or not for too long', async () => {
    assertRefused(await come(), 'case.offline');
    await visits().hear(OFFLINE_AFTER_MS + 1_000);
    assertRefused(await come(), 'case.offline');
    await visits().hear(OFFLINE_AFTER_MS - 10_000);
    await letIn();
  });

  it('says that somebody else is at the case, and lets the customer’s own tap pass', async () => {
    await visits().hear();
    const visit = await visits().visitIn('open');
    assertRefused(await come('customer-2'), 'case.busy');
    const again = await visits().send(tap(await visits().customer('customer-1'), visit.requestId));
    assert.equal(sentVisit(again, SAME).id, visit.id);
  });

  it('is free again once the door has closed', async () => {
    await visits().hear();
    await visits().visitIn('closed');
    sent(await come('customer-2'), HOLD);
  });

  it('keeps customers from a case that is locked out, at fault or without mains, and lets them in again after', async () => {
    const ways: How[] = [
      { state: 'locked_out', faults: [] },
      { state: 'fault', faults: ['door.bolt'] },
      { state: 'open', power: 'lost' },
    ];
    for (const how of ways) {
      await tell(how);
      assertRefused(await come(), 'case.closed');
      await tell({ state: 'locked', power: 'mains', faults: ['scale.silent'] });
      await letIn();
    }
  });

  it('keeps customers from a case with a board that nobody expected until staff say that it is right', async () => {
    const hello = (digit: string, seq: number) =>
      visits().ledger.recordStatus(
        CASE,
        { type: 'hello', seq, at: 0, nonce: '0'.repeat(16), fw: '1', epoch: digit.repeat(16) },
        Date.now(),
      );
    await hello('0', 1_000);
    await letIn();
    await hello('1', 1);
    assertRefused(await come(), 'case.closed');
    const by = { staffId: null, name: 'Ann', role: null, subject: CASE, detail: {}, address: null };
    const act = { ...by, atMs: Date.now(), act: 'board-expected' } as const;
    await visits().ledger.expectBoard({ caseId: CASE, device: 'controller', untilMs: Date.now(), act });
    await letIn();
  });

  it('says that the case is being restocked', async () => {
    await tell({ state: 'restock' });
    assertRefused(await come(), 'case.restocking');
  });

  it('keeps nobody out for what a status does not say, or says in words that are new', async () => {
    for (const how of [
      {},
      { state: 'weighing' },
      { state: 'polishing' },
      { state: 'locked', power: 'battery' },
    ] as const) {
      await tell(how);
      await letIn();
    }
  });

  it('a case that was locked out and then fell silent is offline, whatever it said last', async () => {
    await tell({ state: 'locked_out' }, OFFLINE_AFTER_MS + 1_000);
    assertRefused(await come(), 'case.offline');
  });

  it('a customer who is at the shelf when a lockout comes finds their own visit', async () => {
    const visit = await visits().visitIn('open');
    await tell({ state: 'locked_out' });
    const again = await visits().send(tap(await visits().customer('customer-1'), visit.requestId));
    assert.equal(sentVisit(again, SAME).id, visit.id);
    assertRefused(await come('customer-2'), 'case.busy');
  });

  it('refuses a case that the shop does not have', async () => {
    const customer = await visits().customer();
    for (const caseId of ['124', '', '../123', '__proto__']) {
      const there = { params: { case: caseId }, headers: JSON_TYPE };
      assertFault(await visits().send({ ...tap(customer), req: there }), 'case.unknown');
    }
  });
});
