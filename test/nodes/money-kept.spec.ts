// What the ledger keeps of a visit's money, on SQLite and in a moment: what is final, who was told, who clicked. The whole
// contract of both ledgers is in test/adapters.
import assert from 'node:assert/strict';
import { audit, type IntentFacts } from '@tapcase/domain';
import type { Ledger, ReviewOrder } from '@tapcase/ledger';
import { basketOf, linesOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import { PLAN } from './plan-node.ts';
import { HELD, HOLD_MINOR, withVisits } from './visit-bench.ts';

const HOUR_MS = 3_600_000;
const ends = () => [];
const CAPTURED: IntentFacts = { ...HELD, status: 'succeeded', capturableMinor: 0, receivedMinor: 400 };
const CANCELED: IntentFacts = { ...HELD, status: 'canceled', capturableMinor: 0 };

describe('what the ledger keeps of a visit’s money', () => {
  withRuntime();
  const visits = withVisits(PLAN);
  const at = (atMs = Date.now()) => ({ atMs, ends });
  const decided = async (totalMinor: number, review = false) => {
    const { id } = await visits().visitIn('closed', { grams: 1 });
    const basket = basketOf(linesOf({ cola: totalMinor / 200 }));
    await visits().ledger.nextMoney(id, { ...at(), decision: { basket, totalMinor, flagged: false, review } });
    return id;
  };

  describe('a payment that is final', () => {
    const OLDER: IntentFacts = { ...HELD, status: 'processing' };

    it('stays taken when older news of it comes, and its money stays counted', async () => {
      const id = await decided(400);
      const capture = { visitId: id, kind: 'capture', attempt: 1 } as const;
      await visits().ledger.answerMoney(capture, { kind: 'done', intent: CAPTURED }, at());
      for (const intent of [OLDER, HELD, CANCELED]) {
        await visits().ledger.answerMoney(capture, { kind: 'done', intent }, at());
        const { intents } = await visits().ledger.money(id);
        assert.deepEqual([intents[0]?.status, intents[0]?.receivedMinor], ['succeeded', 400], intent.status);
        assert.equal((await visits().ledger.visit(id))?.chargedMinor, 400);
      }
    });

    it('stays let go when older news says that it is held', async () => {
      const id = await decided(0);
      const cancel = { visitId: id, kind: 'cancel', attempt: 1 } as const;
      await visits().ledger.answerMoney(cancel, { kind: 'done', intent: CANCELED }, at());
      for (const intent of [OLDER, HELD]) {
        await visits().ledger.answerMoney(cancel, { kind: 'done', intent }, at());
        assert.equal((await visits().ledger.money(id)).intents[0]?.status, 'canceled', intent.status);
      }
    });
  });

  it('a hold that the bank would not take back is a person’s to look at', async () => {
    const id = await decided(0);
    const cancel = { visitId: id, kind: 'cancel', attempt: 1 } as const;
    const refused = { kind: 'refused', code: 'processing_error', declineCode: null, adviceCode: null } as const;
    const { kind, visit } = await visits().ledger.answerMoney(cancel, { ...refused, intent: HELD }, at());
    assert.deepEqual([kind, visit.outcome, visit.flagged], ['ended', 'released', true]);
  });

  it('a debt that is let go leaves a person to look at the hold that the bank would not take back', async () => {
    const id = await decided(400);
    const refused = { kind: 'refused', code: 'processing_error', declineCode: null, adviceCode: null } as const;
    const refuse = (step: Parameters<Ledger['answerMoney']>[0]) => {
      const held = step.kind === 'charge' ? {} : { intent: HELD };
      return visits().ledger.answerMoney(step, { ...refused, ...held }, at());
    };
    let { kind } = await refuse({ visitId: id, kind: 'capture', attempt: 1 });
    while (kind === 'more') {
      const next = await visits().ledger.nextMoney(id, at());
      assert.ok(next.kind === 'send');
      kind = (await refuse(next.step)).kind;
    }
    const { phase, outcome } = (await visits().ledger.visit(id))!;
    assert.deepEqual([phase, outcome], ['done', 'owed']);
    await visits().ledger.waiveDebt({ id: 'order-001', visitId: id, reason: 'ours', by: 'ana', atMs: Date.now() });
    const { debt } = await visits().ledger.money(id);
    assert.deepEqual([debt?.state, (await visits().ledger.visit(id))?.flagged], ['waived', true]);
  });

  it('a hold that the bank took back needs nobody', async () => {
    const id = await decided(0);
    const cancel = { visitId: id, kind: 'cancel', attempt: 1 } as const;
    const { kind, visit } = await visits().ledger.answerMoney(cancel, { kind: 'done', intent: CANCELED }, at());
    assert.deepEqual([kind, visit.outcome, visit.flagged], ['ended', 'released', false]);
  });

  describe('the same refund for the same reason within a minute', () => {
    const refund = (visitId: string, id: string, by: string, atMs: number) =>
      visits().ledger.refund({ id, visitId, reason: 'warm', by, atMs, amountMinor: 100 });
    const refunds = async (id: string) =>
      (await visits().ledger.money(id)).steps.filter(({ kind }) => kind === 'refund').length;

    it('is one by the same person, and two where two people mean it', async () => {
      const { id } = await owe(visits().ledger, await visits().visitIn('closed', { grams: 1 }));
      const atMs = Date.now();
      await refund(id, 'order-001', 'ana', atMs);
      await refund(id, 'order-002', 'ana', atMs + 1);
      assert.equal(await refunds(id), 1);
      await refund(id, 'order-003', 'ben', atMs + 2);
      assert.equal(await refunds(id), 2);
      await refund(id, 'order-004', 'ana', atMs + HOUR_MS);
      assert.equal(await refunds(id), 3);
    });
  });

  it('what a review raised is part of what the visit costs, for the morning’s audit too', async () => {
    const id = await decided(200, true);
    const cancel = { visitId: id, kind: 'cancel', attempt: 1 } as const;
    await visits().ledger.answerMoney(cancel, { kind: 'done', intent: CANCELED }, at());
    const lines = linesOf({ cola: 2 }).map(({ sku, count }) => ({ sku, count }));
    const order = { by: 'owner', note: 'seen on a picture', atMs: Date.now(), decision: 'correct', lines };
    await visits().ledger.decideReview(id, order as ReviewOrder);
    const day = { fromMs: 0, untilMs: Date.now() + HOUR_MS, limit: 10 };
    const [audited] = await visits().ledger.auditedVisits(day);
    const { totalMinor = 0, raisedMinor = 0, unpaidMinor } = audited!;
    assert.ok(raisedMinor > 0);
    assert.deepEqual([totalMinor + raisedMinor, unpaidMinor, HOLD_MINOR], [400, 400, 1_000]);
    assert.deepEqual(audit([audited!], []).differences, []);
  });
});
