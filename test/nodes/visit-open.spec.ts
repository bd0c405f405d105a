// visit-open in a real Node-RED: from a tap to a visit and the hold that Stripe is asked for.
import assert from 'node:assert/strict';
import { VISIT_ID } from '@tapcase/domain';
import visitOpen from '../../nodes/node-red-contrib-tapcase/src/visit/visit-open/visit-open.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import {
  assertFault,
  assertMissingConfig,
  CARD,
  CASE,
  HOLD_MINOR,
  sent,
  sentVisit,
  withVisits,
} from './visit-bench.ts';

const NODE = { type: 'visit-open', module: visitOpen, outputs: 5 };
const [OPENED, REPEATED, BUSY, NO_CARD, OWES] = [0, 1, 2, 3, 4];
const JSON_TYPE = { headers: { 'content-type': 'application/json' } };
const SHOP_CASE = { id: CASE, name: 'Lobby', catalog: DEMO, holdMinor: HOLD_MINOR, visionWaitMs: 1, offlineAfterMs: 1 };

const tap = (customer: object | undefined, requestId: unknown = 'tap-00000001', extra: object = {}) => ({
  req: JSON_TYPE,
  customer,
  case: SHOP_CASE,
  payload: { requestId, language: 'es' },
  ...extra,
});

describe('visit-open', () => {
  withRuntime();
  const visits = withVisits(NODE);

  it('defect 2: opens a visit and asks for a hold on the customer’s stored card, of the case’s amount', async () => {
    const message = sent(await visits().send(tap(await visits().customer())), OPENED);
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
    const { id } = sentVisit(await visits().send(tap(await visits().customer())), OPENED);
    const [step] = (await visits().ledger.money(id)).steps;
    assert.deepEqual([step?.kind, step?.state, step?.idempotencyKey], ['hold', 'sent', `${id}:hold:1`]);
  });

  it('takes a tap that is sent twice for one visit and holds once', async () => {
    const customer = await visits().customer();
    const first = sentVisit(await visits().send(tap(customer)), OPENED);
    const again = sent(await visits().send(tap(customer)), REPEATED);
    assert.equal((again.visit as typeof first).id, first.id);
    assert.equal(again.hold, undefined);
    assert.equal((await visits().ledger.money(first.id)).steps.length, 1);
  });

  it('lets nobody else, and no second tap, come to a taken case', async () => {
    const customer = await visits().customer();
    sent(await visits().send(tap(customer)), OPENED);
    sent(await visits().send(tap(customer, 'tap-00000002')), BUSY);
    sent(await visits().send(tap(await visits().customer('customer-2'))), BUSY);
  });

  it('lets nobody in who owes for an earlier visit', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    await owe(visits().ledger, visit);
    sent(await visits().send(tap(await visits().customer())), OWES);
  });

  it('sends a customer without a card to store one', async () => {
    const customer = await visits().customer();
    sent(await visits().send(tap({ ...customer, card: null })), NO_CARD);
  });

  it('defect 11: opens for nobody who is not signed in', async () => {
    assertFault(await visits().send(tap(undefined)), 'customer.unknown');
  });

  it('refuses a bad request, and one that a form on another site could send', async () => {
    const customer = await visits().customer();
    for (const requestId of ['short', 'x'.repeat(65), 'tap 0000001', 7, undefined, null]) {
      assertFault(await visits().send(tap(customer, requestId ?? null)), 'request.invalid');
    }
    const form = { req: { headers: { 'content-type': 'text/plain' } } };
    assertFault(await visits().send(tap(customer, 'tap-00000001', form)), 'request.not-json');
    assertFault(await visits().send(tap(customer, 'tap-00000001', { case: undefined })), 'message.incomplete');
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, tap(await visits().customer()));
  });
});
