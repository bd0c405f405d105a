// settle-plan in a real Node-RED: what becomes of a hold, written down before Stripe hears of it.
import assert from 'node:assert/strict';
import type { Basket } from '@tapcase/domain';
import settlePlan from '../../nodes/node-red-contrib-tapcase/src/settle-plan/settle-plan.ts';
import { linesOf } from '../domain/demo-catalog.ts';
import { type Outcome, withRuntime } from './harness.ts';
import {
  assertFault,
  assertMissingConfig,
  basketOf,
  CASE,
  HOLD_MINOR,
  INTENT,
  sent,
  withVisits,
} from './visit-bench.ts';

const NODE = { type: 'settle-plan', module: settlePlan, outputs: 4 };
const [CAPTURE, CANCEL, FIND_HOLD, ENDED] = [0, 1, 2, 3];

describe('settle-plan', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const settleOf = (outcome: Outcome, port: number) => sent(outcome, port).settle;
  const planFor = async (basket: Basket) => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const outcome = await visits().send({ visit, basket });
    return { outcome, visit: (await visits().ledger.visit(visit.id))! };
  };

  it('defect 1: takes exactly the basket’s total of the hold, in whole cents', async () => {
    const { outcome, visit } = await planFor(basketOf(linesOf({ cola: 2 })));
    assert.deepEqual(settleOf(outcome, CAPTURE), {
      id: visit.id,
      kind: 'capture',
      intent: INTENT,
      amountMinor: 400,
      attempt: 1,
      outcome: 'charged',
    });
    assert.deepEqual([visit.phase, visit.totalMinor, visit.flagged], ['settling', 400, false]);
  });

  it('writes the step down with its key before Stripe hears of it', async () => {
    const { visit } = await planFor(basketOf(linesOf({ cola: 2 })));
    const steps = await visits().ledger.moneySteps(visit.id);
    const capture = steps.find(({ kind }) => kind === 'capture');
    assert.deepEqual(
      [capture?.state, capture?.amountMinor, capture?.idempotencyKey],
      ['sent', 400, `${visit.id}:capture:1`],
    );
  });

  it('lets the hold go when nothing was taken', async () => {
    const { outcome } = await planFor(basketOf([]));
    const { kind, amountMinor, outcome: end } = settleOf(outcome, CANCEL) as Record<string, unknown>;
    assert.deepEqual([kind, amountMinor, end], ['cancel', 0, 'released']);
  });

  it('takes the whole hold and leaves the rest open when the basket costs more', async () => {
    const { outcome, visit } = await planFor(basketOf(linesOf({ cola: 6 })));
    const { amountMinor, outcome: end } = settleOf(outcome, CAPTURE) as Record<string, unknown>;
    assert.deepEqual([amountMinor, end, visit.totalMinor], [HOLD_MINOR, 'partly_paid', 1200]);
  });

  it('charges at the prices that stood when the door was unlocked, not at those of the message', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const dearer = visit.catalog.products.map((product) => ({ ...product, priceMinor: 999 }));
    const message = { visit: { ...visit, catalog: { ...visit.catalog, products: dearer } } };
    const outcome = await visits().send({ ...message, basket: basketOf(linesOf({ cola: 1 })) });
    assert.equal((settleOf(outcome, CAPTURE) as Record<string, unknown>).amountMinor, 200);
  });

  it('charges what is certain of a doubtful basket, and asks for a person', async () => {
    const { outcome, visit } = await planFor(basketOf(linesOf({ chips: 1 }), 'disputed'));
    assert.equal((settleOf(outcome, CAPTURE) as Record<string, unknown>).amountMinor, 150);
    assert.equal(visit.flagged, true);
  });

  it('releases the hold and hands the visit to a person when nothing is certain', async () => {
    const { outcome, visit } = await planFor(basketOf([], 'disputed'));
    assert.equal((settleOf(outcome, CANCEL) as Record<string, unknown>).outcome, 'in_review');
    assert.equal(visit.flagged, true);
  });

  it('flags a sale that the scale decided alone', async () => {
    const { visit } = await planFor(basketOf(linesOf({ chips: 1 }), 'weight_decided'));
    assert.equal(visit.flagged, true);
  });

  it('lets the hold of a door that nobody opened go', async () => {
    const outcome = await visits().send({ visit: await visits().visitIn('timeout') });
    assert.equal((settleOf(outcome, CANCEL) as Record<string, unknown>).outcome, 'unused');
  });

  it('repeats the same step with the same key when the message comes again', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const message = { visit, basket: basketOf(linesOf({ cola: 1 })) };
    const first = settleOf(await visits().send(message), CAPTURE);
    const again = await visits().send({ ...message, basket: basketOf(linesOf({ water: 1 })) });
    assert.deepEqual(settleOf(again, CAPTURE), first);
    const steps = await visits().ledger.moneySteps(visit.id);
    assert.equal(steps.filter(({ kind }) => kind !== 'hold').length, 1);
  });

  it('asks for the hold again when nobody knows whether there is one, and goes on with the answer', async () => {
    const visit = await visits().visitIn('requested');
    const silent = { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 } as const;
    await visits().ledger.advanceVisit(visit.id, silent);
    const asked = sent(await visits().send({ visit }), FIND_HOLD);
    const { id, attempt, metadata } = asked.hold as Record<string, unknown>;
    assert.deepEqual([id, attempt, metadata], [visit.id, 1, { visit: visit.id, case: CASE }]);
    const outcome = await visits().send({ visit, stripe: { intent: 'pi_found', status: 'requires_capture' } });
    const { kind, intent, outcome: end } = settleOf(outcome, CANCEL) as Record<string, unknown>;
    assert.deepEqual([kind, intent, end], ['cancel', 'pi_found', 'unused']);
    assert.equal((await visits().ledger.visit(visit.id))?.intent, 'pi_found');
  });

  it('never takes somebody else’s hold for the visit’s own', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const basket = basketOf(linesOf({ cola: 1 }));
    const outcome = await visits().send({ visit, basket, stripe: { intent: 'pi_other' } });
    assert.equal((settleOf(outcome, CAPTURE) as Record<string, unknown>).intent, INTENT);
  });

  it('does nothing more for a visit that has ended, however old the message', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const message = { visit, basket: basketOf(linesOf({ cola: 1 })) };
    await visits().send(message);
    const end = { atMs: Date.now(), visionWaitMs: 0, set: { outcome: 'charged', chargedMinor: 200 } } as const;
    await visits().ledger.advanceVisit(visit.id, { event: 'settled', ...end });
    const ended = sent(await visits().send(message), ENDED);
    assert.equal((ended.visit as typeof visit).outcome, 'charged');
    assert.equal(ended.settle, undefined);
  });

  it('refuses a basket that the visit’s catalog does not know, and changes nothing', async () => {
    const { outcome, visit } = await planFor(basketOf([{ sku: 'caviar', count: 1 }]));
    assertFault(outcome, 'basket.unknown-sku');
    assert.equal(visit.phase, 'closed');
  });

  it('refuses to settle a door that is still open', async () => {
    assertFault(await visits().send({ visit: await visits().visitIn('open') }), 'visit.wrong-phase');
  });

  it('refuses a message without a visit, and a visit that is not there', async () => {
    assertFault(await visits().send({}), 'message.incomplete');
    const visit = { ...(await visits().visitIn('open')), id: 'nobody0000' };
    assertFault(await visits().send({ visit }), 'visit.unknown');
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, { visit: await visits().visitIn('open') });
  });
});
