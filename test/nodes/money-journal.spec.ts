// The ledger as the journal of stripe-capture, in a real Node-RED: what Stripe is asked next, written down before it is asked.
import assert from 'node:assert/strict';
import type { Basket, Visit } from '@tapcase/domain';
import { basketOf, linesOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import { asked, ended, PLAN } from './plan-node.ts';
import { assertFault, assertMissingConfig, CARD, CASE, HOLD_MINOR, INTENT, withVisits } from './visit-bench.ts';

const DAY_MS = 86_400_000;
const ends = () => [];

describe('what the ledger says is next for a visit’s money', () => {
  withRuntime();
  const visits = withVisits(PLAN);
  const planFor = async (basket: Basket) => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const outcome = await visits().send({ visit, basket });
    return { outcome, visit: (await visits().ledger.visit(visit.id))! };
  };

  it('defect 1: takes exactly the basket’s total of the hold, in whole cents', async () => {
    const { outcome, visit } = await planFor(basketOf(linesOf({ cola: 2 })));
    const { settle, step } = asked(outcome, 'settle');
    const capture = { id: visit.id, kind: 'capture', intent: INTENT, amountMinor: 400, attempt: 1 };
    assert.deepEqual(settle, capture);
    assert.deepEqual(step, { visitId: visit.id, kind: 'capture', attempt: 1, amountMinor: 400, answer: 'settled' });
    assert.deepEqual([visit.phase, visit.totalMinor, visit.flagged], ['settling', 400, false]);
  });

  it('writes the step down with its key before Stripe hears of it', async () => {
    const { visit } = await planFor(basketOf(linesOf({ cola: 2 })));
    const { steps } = await visits().ledger.money(visit.id);
    const capture = steps.find(({ kind }) => kind === 'capture');
    const written = [capture?.state, capture?.amountMinor, capture?.idempotencyKey];
    assert.deepEqual(written, ['sent', 400, `${visit.id}:capture:1`]);
  });

  it('lets the hold go when nothing was taken', async () => {
    const { outcome } = await planFor(basketOf([]));
    const { kind, amountMinor } = asked(outcome, 'settle').settle as Record<string, unknown>;
    assert.deepEqual([kind, amountMinor], ['cancel', 0]);
  });

  it('takes the hold first when the basket costs more, then charges the rest on the stored card', async () => {
    const { outcome, visit } = await planFor(basketOf(linesOf({ cola: 6 })));
    const { amountMinor } = asked(outcome, 'settle').settle as Record<string, unknown>;
    assert.equal(amountMinor, HOLD_MINOR);
    const intent = { ...(await visits().ledger.money(visit.id)).intents[0]!, status: 'succeeded' };
    const captured = { kind: 'done', intent: { ...intent, capturableMinor: 0, receivedMinor: HOLD_MINOR } } as const;
    const capture = { visitId: visit.id, kind: 'capture', attempt: 1 } as const;
    await visits().ledger.answerMoney(capture, captured, { atMs: Date.now(), ends });
    const message = asked(await visits().send({ visit, settled: { status: 'succeeded' } }), 'charge');
    const { fence, ...charge } = message.charge as Record<string, unknown>;
    const marks = { visit: visit.id, step: 'charge', attempt: '1' };
    assert.deepEqual([(fence as { marks: object }).marks, (fence as { sinceMs: unknown }).sinceMs], [marks, null]);
    assert.deepEqual(charge, {
      id: visit.id,
      attempt: 1,
      amountMinor: 200,
      currency: 'usd',
      customer: CARD.stripeCustomer,
      paymentMethod: CARD.paymentMethod,
      metadata: { visit: visit.id, case: CASE, step: 'charge', attempt: '1' },
    });
    assert.equal(message.settled, undefined, 'the answer to another step is gone');
  });

  it('charges at the prices that stood when the door was unlocked, not at those of the message', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    await visits().send({ visit, basket: basketOf(linesOf({ cola: 1 })) });
    assert.equal((await visits().ledger.visit(visit.id))?.totalMinor, 200);
  });

  it('charges what is certain of a doubtful basket, and asks for a person', async () => {
    const { outcome, visit } = await planFor(basketOf(linesOf({ chips: 1 }), 'disputed'));
    assert.equal((asked(outcome, 'settle').settle as Record<string, unknown>).amountMinor, 150);
    assert.equal(visit.flagged, true);
  });

  it('releases the hold and hands the visit to a person when nothing is certain', async () => {
    const { outcome, visit } = await planFor(basketOf([], 'disputed'));
    assert.equal((asked(outcome, 'settle').settle as Record<string, unknown>).kind, 'cancel');
    assert.deepEqual([visit.flagged, visit.review], [true, true]);
  });

  it('flags a sale that the scale decided alone', async () => {
    const { visit } = await planFor(basketOf(linesOf({ chips: 1 }), 'weight_decided'));
    assert.equal(visit.flagged, true);
  });

  for (const [asksPerson, cause] of [
    [undefined, undefined],
    [true, 'asked'],
  ] as const) {
    it(`charges what one source decided alone, and asks ${asksPerson ? 'a person when told to' : 'nobody'}`, async () => {
      const visit = await visits().visitIn('closed', { grams: 1 });
      const basket = basketOf(linesOf({ chips: 1 }), 'weight_decided');
      const outcome = await visits().send({ visit, basket, asksPerson });
      assert.equal((asked(outcome, 'settle').settle as Record<string, unknown>).amountMinor, 150);
      assert.equal((await visits().ledger.money(visit.id)).review?.cause, cause);
    });
  }

  it('lets the hold of a door that nobody opened go', async () => {
    const outcome = await visits().send({ visit: await visits().visitIn('timeout') });
    assert.equal((asked(outcome, 'settle').settle as Record<string, unknown>).kind, 'cancel');
  });

  it('asks once: the second message rests while the first is under way', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const message = { visit, basket: basketOf(linesOf({ cola: 1 })) };
    asked(await visits().send(message), 'settle');
    ended(await visits().send({ ...message, basket: basketOf(linesOf({ water: 1 })) }), 'waiting');
    const { steps } = await visits().ledger.money(visit.id);
    assert.equal(steps.filter(({ kind }) => kind !== 'hold').length, 1);
    assert.equal((await visits().ledger.visit(visit.id))?.totalMinor, 200);
  });

  it('asks for the hold again, under the same key, when nobody knows whether there is one', async () => {
    const visit = await visits().visitIn('requested', { agoMs: 3_600_000 });
    await visits().ledger.advanceVisit(visit.id, { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 });
    const { hold, step } = asked(await visits().send({ visit }), 'hold');
    const { id, attempt } = hold as Record<string, unknown>;
    assert.deepEqual([id, attempt], [visit.id, 1]);
    assert.equal((step as Record<string, unknown>).answer, 'stripe');
  });

  it('says by which marks a hold is looked for before it is asked for again, and since when there can be one', async () => {
    const visit = await visits().visitIn('requested', { agoMs: DAY_MS });
    await visits().ledger.advanceVisit(visit.id, { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 });
    const { fence } = asked(await visits().send({ visit }), 'hold').hold as { fence: Record<string, unknown> };
    assert.deepEqual([fence.marks, fence.sinceMs], [{ visit: visit.id, step: 'hold', attempt: '1' }, null]);
    // Our clock may have been weeks ahead when the visit began: the payment is older than the visit then.
    assert.ok((fence.createdAfterMs as number) <= visit.createdAtMs - 30 * DAY_MS);
  });

  it('looks for a charge since its hold was made, by Stripe’s clock', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    const { ledger } = visits();
    const held = (await ledger.money(visit.id)).intents[0]!;
    const madeAtMs = visit.createdAtMs - 5 * DAY_MS;
    const decision = { basket: basketOf(linesOf({ cola: 6 })), totalMinor: 1200, flagged: false, review: false };
    await ledger.nextMoney(visit.id, { atMs: Date.now(), ends, decision });
    const taken = { ...held, status: 'succeeded', capturableMinor: 0, receivedMinor: HOLD_MINOR, madeAtMs };
    const capture = { visitId: visit.id, kind: 'capture', attempt: 1 } as const;
    await ledger.answerMoney(capture, { kind: 'done', intent: taken }, { atMs: Date.now(), ends });
    const { fence } = asked(await visits().send({ visit }), 'charge').charge as { fence: Record<string, number> };
    assert.equal(fence.sinceMs, madeAtMs);
    assert.ok(fence.createdAfterMs! <= madeAtMs && fence.createdAfterMs! >= madeAtMs - 5 * 60_000);
  });

  it('looks for a hold from before the visit began: a payment not found would be made again', async () => {
    const held = await visits().visitIn('requested', { agoMs: DAY_MS });
    await visits().ledger.advanceVisit(held.id, { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 });
    const { fence } = asked(await visits().send({ visit: held }), 'hold').hold as { fence: Record<string, number> };
    assert.ok(
      fence.createdAfterMs! <= held.createdAtMs - 60_000,
      `${held.createdAtMs - fence.createdAfterMs!} ms before`,
    );
  });

  it('gives back what the staff ordered, of the payment it came from', async () => {
    const visit = await owe(visits().ledger, await visits().visitIn('closed', { grams: 1 }));
    const order = { id: 'order-001', visitId: visit.id, reason: 'warm', by: 'owner', atMs: Date.now() };
    await visits().ledger.refund({ ...order, amountMinor: 300 });
    const { refund } = asked(await visits().send({ visit }), 'refund');
    const { intent, amountMinor, attempt } = refund as Record<string, unknown>;
    assert.deepEqual([intent, amountMinor, attempt], [INTENT, 300, 1]);
  });

  it('looks at the page on which a debt may have been paid', async () => {
    const visit = await owe(visits().ledger, await visits().visitIn('closed', { grams: 1 }));
    const { ledger } = visits();
    const atMs = Date.now();
    await ledger.payDebt(visit.id, { atMs, expiresAtMs: atMs + 3_600_000 });
    const pay = { visitId: visit.id, kind: 'pay', attempt: 1 } as const;
    await ledger.answerMoney(pay, { kind: 'page_open', session: 'cs_1', url: 'https://x' }, { atMs, ends });
    ended(await visits().send({ visit }), 'waiting');
    await ledger.wakeMoney(visit.id, atMs);
    const { payPage } = asked(await visits().send({ visit }), 'look-page');
    assert.deepEqual(payPage, { session: 'cs_1', customer: CARD.stripeCustomer });
  });

  it('ends a visit for which nothing is left to ask', async () => {
    const visit = await visits().visitIn('requested');
    const { ledger } = visits();
    const at = { atMs: Date.now(), ends };
    await ledger.advanceVisit(visit.id, { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 });
    const hold = { visitId: visit.id, kind: 'hold', attempt: 1 } as const;
    const declined = { kind: 'refused', code: 'card_declined', declineCode: null, adviceCode: null } as const;
    assert.equal((await ledger.answerMoney(hold, declined, at)).kind, 'ended');
    const { visit: over } = ended(await visits().send({ visit }), 'waiting');
    assert.equal((over as Visit).outcome, 'unused');
  });

  it('refuses a message without a visit, one that is not there, and a product nobody knows', async () => {
    const visit = await visits().visitIn('closed', { grams: 1 });
    assertFault(await visits().send({}), 'message.incomplete');
    assertFault(await visits().send({ visit: { ...visit, id: 'nobody0000' } }), 'visit.unknown');
    const caviar = basketOf([{ sku: 'caviar', count: 1 }]);
    assertFault(await visits().send({ visit, basket: caviar }), 'basket.unknown-sku');
    assert.equal((await visits().ledger.visit(visit.id))?.phase, 'closed');
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(PLAN, { visit: await visits().visitIn('closed', { grams: 1 }) });
  });
});
