// What every ledger must do with money, whichever database keeps it: one suite, run on each implementation.
import assert from 'node:assert/strict';
import {
  CALL_MS_MAX,
  Fault,
  type IntentFacts,
  KEY_TRUSTED_MS,
  NOT_DONE,
  SEND_LEASE_MS,
  type Visit,
} from '@tapcase/domain';
import type { AdjustmentOrder, Ledger, MoneyAnswer, MoneyNext, MoneyStep } from '../../ledger/src/port.ts';
import { basketOf, DEMO } from '../domain/demo-catalog.ts';
import type { LedgerPlace } from './ledger.contract.ts';

const NOW = 1_763_678_400_000;
const HOUR_MS = 3_600_000;
const HOLD_MINOR = 1000;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const ends = () => [];
const at = (atMs = NOW) => ({ atMs, ends });
const BASKET = basketOf([{ sku: 'cola', count: 1 }]);
const HELD: IntentFacts = {
  intent: 'pi_hold',
  purpose: 'hold',
  status: 'requires_capture',
  amountMinor: HOLD_MINOR,
  capturableMinor: HOLD_MINOR,
  captureMaxMinor: HOLD_MINOR,
  canIncrement: false,
  receivedMinor: 0,
  captureBeforeMs: NOW + 7 * 24 * HOUR_MS,
};
const taken = (receivedMinor: number): IntentFacts => ({
  ...HELD,
  status: 'succeeded',
  capturableMinor: 0,
  captureMaxMinor: 0,
  receivedMinor,
});
const charged = (receivedMinor: number): IntentFacts => ({
  ...taken(receivedMinor),
  intent: 'pi_charge',
  purpose: 'charge',
  amountMinor: receivedMinor,
});
const done = (intent: IntentFacts): MoneyAnswer => ({ kind: 'done', intent });
const declined = (declineCode = 'lost_card', adviceCode: string | null = null): MoneyAnswer => ({
  kind: 'refused',
  code: 'card_declined',
  declineCode,
  adviceCode,
});

const idOf = ({ id }: Visit) => id;

export function moneyContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(`the money in the ledger on ${name}`, () => {
    let place: LedgerPlace;
    let ledger: Ledger;

    beforeEach(async () => {
      place = await makePlace();
      ledger = await place.open();
    });
    afterEach(async () => {
      await ledger.close();
      await place.remove();
    });

    const opened = async (id = 'visit01', caseId = '123'): Promise<Visit> => {
      await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
      await ledger.setCard('ann', CARD, NOW);
      const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: HOLD_MINOR, atMs: NOW } as const;
      const result = await ledger.openVisit({ id, caseId, customerId: 'ann', requestId: `tap-${id}`, ...fixed });
      assert.equal(result.kind, 'opened');
      return (result as { visit: Visit }).visit;
    };
    const closed = async (id = 'visit01', caseId = '123'): Promise<void> => {
      await opened(id, caseId);
      const hold = { ...HELD, intent: id === 'visit01' ? 'pi_hold' : `pi_${id}` };
      const entry = { atMs: NOW, visionWaitMs: 2_000, effects: [] };
      assert.ok(!((await ledger.holdMade(id, hold, entry)) instanceof Fault));
      const change = { event: 'door_closed', atMs: NOW, visionWaitMs: 2_000 } as const;
      assert.ok(!((await ledger.advanceVisit(id, change)) instanceof Fault));
    };
    /** The first question after a basket of this price is decided. */
    const decided = async (totalMinor: number, id = 'visit01'): Promise<MoneyStep> => {
      await closed(id, id);
      const decision = { basket: BASKET, totalMinor, flagged: false, review: false };
      return stepOf(await ledger.nextMoney(id, { ...at(), decision }));
    };
    const next = (atMs = NOW) => ledger.nextMoney('visit01', at(atMs));
    const answer = (step: MoneyStep, given: MoneyAnswer, atMs = NOW) => ledger.answerMoney(step, given, at(atMs));
    const book = () => ledger.money('visit01');
    /** Hold captured, the rest of 2.00 declined. */
    const owing = async (refusal: MoneyAnswer = declined()): Promise<void> => {
      await answer(await decided(1200), done(taken(HOLD_MINOR)));
      const { kind } = await answer(stepOf(await next()), refusal);
      assert.equal(kind, 'ended');
    };
    const order = (part: Partial<AdjustmentOrder> = {}): AdjustmentOrder => ({
      id: 'order-01',
      visitId: 'visit01',
      reason: 'was warm',
      by: 'owner',
      atMs: NOW,
      ...part,
    });

    describe('a step', () => {
      it('is written down as sent before anybody may send it, under its own key', async () => {
        const step = await decided(400);
        assert.deepEqual(
          [step.kind, step.amountMinor, step.idempotencyKey, step.state, step.intent, step.tries],
          ['capture', 400, 'visit01:capture:1', 'sent', 'pi_hold', 1],
        );
        assert.deepEqual((await book()).steps[1], step);
        const { phase, totalMinor, dueAtMs } = (await ledger.visit('visit01'))!;
        assert.deepEqual([phase, totalMinor, dueAtMs], ['settling', 400, NOW + SEND_LEASE_MS]);
      });

      it('is sent by one only, while its lease lasts, and again under the same key after that', async () => {
        const step = await decided(400);
        assert.equal((await next()).kind, 'rest');
        assert.equal((await next(NOW + SEND_LEASE_MS - 1)).kind, 'rest');
        const again = stepOf(await next(NOW + SEND_LEASE_MS));
        assert.deepEqual([again.idempotencyKey, again.tries], [step.idempotencyKey, 2]);
        assert.equal((await book()).steps[1]?.firstSentAtMs, NOW);
      });

      it('that a clock 30 hours ahead has taken waits seconds, not 30 hours', async () => {
        await closed();
        const decision = { basket: BASKET, totalMinor: 400, flagged: false, review: false };
        const ahead = NOW + 30 * HOUR_MS;
        const step = stepOf(await ledger.nextMoney('visit01', { ...at(ahead), decision }));
        assert.deepEqual((await ledger.claimDueVisits(NOW + 1_000, 10_000, 10)).map(idOf), ['visit01']);
        assert.deepEqual(
          await ledger.claimDueVisits(NOW + 2_000, 10_000, 10),
          [],
          'nor is it taken up again and again',
        );
        const again = stepOf(await next(NOW + 1_000));
        assert.deepEqual([again.idempotencyKey, again.tries], [step.idempotencyKey, 2]);
        assert.equal((await next(NOW + 2_000)).kind, 'rest', 'its lease is one of today’s now');
      });

      it('that a clock 30 hours ahead found unanswered, or looked for, waits no longer than any does', async () => {
        const step = await decided(400);
        await answer(step, { kind: 'unknown', code: 'stripe.unreachable' }, NOW + 30 * HOUR_MS);
        assert.deepEqual((await ledger.claimDueVisits(NOW + 1_000, 10_000, 10)).map(idOf), ['visit01']);
        assert.equal((await next(NOW + 1_000)).kind, 'send');
      });

      it('that was taken by a clock 5 hours behind is asked for again under its key', async () => {
        await closed();
        const decision = { basket: BASKET, totalMinor: 400, flagged: false, review: false };
        const step = stepOf(await ledger.nextMoney('visit01', { ...at(NOW - 5 * HOUR_MS), decision }));
        assert.equal(stepOf(await next()).idempotencyKey, step.idempotencyKey);
      });

      it('of a visit that waits for its case gets the case’s time anew where a clock was ahead, and is not given up', async () => {
        await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
        const atMs = NOW + 30 * HOUR_MS;
        const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: HOLD_MINOR, atMs } as const;
        await ledger.openVisit({ id: 'visit01', caseId: '123', customerId: 'ann', requestId: 'tap-1', ...fixed });
        assert.deepEqual(await ledger.claimDueVisits(NOW, 10_000, 10), []);
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + CALL_MS_MAX);
        assert.deepEqual((await ledger.claimDueVisits(NOW + CALL_MS_MAX, 10_000, 10)).map(idOf), ['visit01']);
      });

      it('of ten who ask at once is given to one', async () => {
        await closed();
        const decision = { basket: BASKET, totalMinor: 400, flagged: false, review: false };
        const other = await place.open();
        const asked = Array.from({ length: 10 }, (_, i) =>
          (i % 2 === 0 ? ledger : other).nextMoney('visit01', { ...at(), decision }),
        );
        const kinds = (await Promise.all(asked)).map(({ kind }) => kind).sort();
        assert.deepEqual(kinds, [...Array(9).fill('rest'), 'send']);
        await other.close();
      });

      it('without an answer waits longer each time, and is sent again under its key, however old that is', async () => {
        const step = await decided(400);
        const unknown = { kind: 'unknown', code: 'stripe.unreachable' } as const;
        assert.equal((await answer(step, unknown)).kind, 'rest');
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + 2_000);
        const again = stepOf(await next(NOW + 2_000));
        await answer(again, unknown, NOW + 2_000);
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + 6_000);
        const old = await next(NOW + 2 * KEY_TRUSTED_MS);
        assert.deepEqual([old.kind, stepOf(old).idempotencyKey], ['send', step.idempotencyKey]);
      });

      it('that Stripe asks not to repeat is looked up, when no call can still be running', async () => {
        const step = await decided(400);
        await answer(step, { kind: 'unknown', code: 'stripe.unknown-outcome' });
        assert.equal((await next(NOW + 10_000)).kind, 'rest');
        assert.equal((await next(NOW + CALL_MS_MAX)).kind, 'look');
      });

      it('that never happened is asked again under a new key', async () => {
        const step = await decided(400);
        const notDone = { kind: 'refused', code: NOT_DONE, declineCode: null, adviceCode: null } as const;
        assert.equal((await answer(step, notDone)).kind, 'more');
        const again = stepOf(await next());
        assert.deepEqual([again.kind, again.idempotencyKey], ['capture', 'visit01:capture:2']);
      });

      it('that is done stays done, whatever a slower call says', async () => {
        const step = await decided(400);
        await answer(step, done(taken(400)));
        await answer(step, { kind: 'unknown', code: 'stripe.unreachable' });
        await answer(step, declined());
        const { steps, intents } = await book();
        assert.deepEqual([steps[1]?.state, intents[0]?.receivedMinor], ['done', 400]);
        assert.equal((await ledger.visit('visit01'))?.outcome, 'charged');
      });

      it('older news of a payment never replaces newer', async () => {
        const step = await decided(400);
        await answer(step, done(taken(400)));
        await answer(step, { ...(declined() as { kind: 'refused' } & MoneyAnswer), intent: HELD } as MoneyAnswer);
        assert.equal((await book()).intents[0]?.status, 'succeeded');
      });

      it('nobody planned, and a visit nobody knows, are faults', async () => {
        const step = await decided(400);
        await assertRejects(answer({ ...step, attempt: 7 }, done(taken(400))), 'money.unknown-step');
        await assertRejects(ledger.nextMoney('visit99', at()), 'visit.unknown');
      });
    });

    describe('the guard', () => {
      const marked = (visitId: string, kind: 'hold' | 'charge', createdAtMs: number) =>
        ({
          intent: 'pi_x',
          visitId,
          kind,
          attempt: 1,
          status: 'succeeded',
          receivedMinor: 400,
          currency: 'usd',
          createdAtMs,
        }) as const;

      it('knows which payments this ledger never asked for, and since when they count', async () => {
        await closed();
        const { bornAtMs } = await ledger.moneyGuard();
        const late = bornAtMs + 24 * HOUR_MS;
        const found = await ledger.strangePayments([
          marked('visit01', 'hold', late),
          marked('visit01', 'charge', late),
          marked('elsewhere', 'hold', late),
          marked('elsewhere', 'charge', bornAtMs - HOUR_MS),
        ]);
        assert.deepEqual(
          found.map(({ visitId, kind, knowsVisit }) => [visitId, kind, knowsVisit]),
          [
            ['visit01', 'charge', true],
            ['elsewhere', 'hold', false],
          ],
        );
        await ledger.goOnWithMoney(late);
        assert.deepEqual(await ledger.strangePayments([marked('elsewhere', 'hold', late)]), []);
      });

      it('stops charges, and lets what is reserved be taken', async () => {
        assert.equal(await ledger.stopMoney(NOW), true);
        assert.equal(await ledger.stopMoney(NOW), false);
        const capture = await decided(1_200);
        assert.equal(capture.kind, 'capture');
        await answer(capture, done(taken(HOLD_MINOR)));
        assert.equal((await next()).kind, 'rest');
        await ledger.goOnWithMoney(0);
        assert.equal(stepOf(await next()).kind, 'charge');
      });
    });

    describe('a hold that was refused', () => {
      const refusedAs = async (code: string) => {
        await opened();
        const step = { visitId: 'visit01', kind: 'hold', attempt: 1 } as const;
        const answer = { kind: 'refused', code, declineCode: null, adviceCode: null } as const;
        return (await ledger.answerMoney(step, answer, at())).visit.outcome;
      };

      it('by the bank is a declined card', async () => assert.equal(await refusedAs('card_declined'), 'refused'));

      it('for a mistake of ours is no declined card', async () =>
        assert.equal(await refusedAs('stripe.refused-request'), 'unused'));

      it('for a card that is gone is no declined card, and its owner is asked for one again', async () => {
        assert.equal(await refusedAs('card_gone'), 'unused');
        assert.deepEqual((await ledger.customer('ann'))?.card, CARD);
        assert.equal(await ledger.cardGone(CARD.paymentMethod, NOW), true);
        assert.equal(await ledger.cardGone(CARD.paymentMethod, NOW), false);
        assert.equal((await ledger.customer('ann'))?.card, null);
        const another = { ...CARD, paymentMethod: 'pm_2' };
        await ledger.setCard('ann', another, NOW);
        assert.deepEqual((await ledger.customer('ann'))?.card, another);
      });
    });

    describe('a visit', () => {
      it('ends charged in the transaction of the last answer, with what it causes', async () => {
        const step = await decided(400);
        const told: Visit[] = [];
        const effects = (visit: Visit) => {
          told.push(visit);
          return [{ kind: 'push', visitId: visit.id } as const];
        };
        const { kind, visit } = await ledger.answerMoney(step, done(taken(400)), { atMs: NOW, ends: effects });
        assert.deepEqual([kind, visit.phase, visit.outcome, visit.dueAtMs], ['ended', 'done', 'charged', null]);
        assert.equal(told.length, 1);
        assert.equal((await ledger.takePushes(NOW, 1_000, 10)).length, 1);
        assert.equal((await ledger.visit('visit01'))?.chargedMinor, 400);
      });

      it('whose basket is decided twice keeps the first', async () => {
        await decided(400);
        const decision = { basket: BASKET, totalMinor: 999, flagged: false, review: false };
        await ledger.nextMoney('visit01', { ...at(NOW + SEND_LEASE_MS), decision });
        assert.equal((await ledger.visit('visit01'))?.totalMinor, 400);
      });

      it('whose hold came too late for it is given up, and the hold let go', async () => {
        await opened();
        const entry = { atMs: NOW, visionWaitMs: 2_000, effects: [] };
        await ledger.advanceVisit('visit01', { event: 'case_silent', ...entry });
        assertFault(await ledger.holdMade('visit01', HELD, entry), 'visit.wrong-phase');
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW);
        const step = stepOf(await next());
        assert.deepEqual([step.kind, step.intent], ['cancel', 'pi_hold']);
        const { visit } = await answer(step, done({ ...HELD, status: 'canceled', capturableMinor: 0 }));
        assert.equal(visit.outcome, 'unused');
      });

      it('whose hold got no answer is free for the next customer, and asked for again', async () => {
        await opened();
        const hold = { visitId: 'visit01', kind: 'hold', attempt: 1 } as const;
        await ledger.answerMoney(hold, { kind: 'unknown', code: 'stripe.unreachable' }, at());
        assert.equal((await ledger.caseRow('123')).openVisitId, null);
        assert.equal(stepOf(await next(NOW + 2_000)).kind, 'hold');
      });

      it('whose hold is declined ends refused, with the reason', async () => {
        await opened();
        const hold = { visitId: 'visit01', kind: 'hold', attempt: 1 } as const;
        const { kind, visit } = await ledger.answerMoney(hold, declined(), at());
        assert.deepEqual([kind, visit.phase, visit.outcome], ['ended', 'done', 'refused']);
        assert.deepEqual((await ledger.visitEvents('visit01')).at(-1)?.note, { code: 'card_declined' });
      });

      it('that somebody entered and nobody weighed is let go, and a person looks', async () => {
        await opened();
        await ledger.holdMade('visit01', HELD, { atMs: NOW, visionWaitMs: 0, effects: [] });
        await ledger.advanceVisit('visit01', { event: 'door_opened', atMs: NOW, visionWaitMs: 0 });
        await ledger.advanceVisit('visit01', { event: 'case_silent', atMs: NOW, visionWaitMs: 0 });
        const step = stepOf(await next());
        assert.equal(step.kind, 'cancel');
        const { visit } = await answer(step, done({ ...HELD, status: 'canceled', capturableMinor: 0 }));
        assert.deepEqual([visit.outcome, visit.flagged], ['in_review', true]);
      });
    });

    describe('a debt', () => {
      it('is left when the ladder ends, and its customer opens no door', async () => {
        await owing();
        const { debt } = await book();
        assert.deepEqual([debt?.amountMinor, debt?.state, debt?.reason], [200, 'open', 'declined']);
        assert.deepEqual(
          (await ledger.openDebts('ann')).map(({ visitId }) => visitId),
          ['visit01'],
        );
        const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: HOLD_MINOR, atMs: NOW } as const;
        const tap = { id: 'visit02', caseId: '124', customerId: 'ann', requestId: 'tap-2', ...fixed };
        assert.deepEqual(await ledger.openVisit(tap), { kind: 'owes' });
      });

      it('too small to charge is forgiven at once, and blocks nobody', async () => {
        // Captured 10.00 of 10.30: nothing below 0.50 can be charged apart, and here the whole cannot either.
        await answer(await decided(1030), declined());
        await answer(stepOf(await next()), done(taken(HOLD_MINOR)));
        const { debt } = await book();
        assert.deepEqual([debt?.amountMinor, debt?.waivedMinor, debt?.state], [30, 30, 'waived']);
        assert.deepEqual(await ledger.openDebts('ann'), []);
        // Given away with a line that says so.
        const [line] = (await ledger.visitEvents('visit01')).filter(({ event }) => event === 'debt_waived');
        assert.deepEqual(line?.note, {
          amountMinor: 30,
          by: 'policy',
          reason: 'below the least amount that can be charged',
        });
      });

      it('is asked of the stored card when its time comes', async () => {
        await owing(declined('insufficient_funds'));
        const dueAtMs = NOW + 24 * HOUR_MS;
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, dueAtMs);
        const step = stepOf(await next(dueAtMs));
        assert.deepEqual([step.kind, step.amountMinor, step.params.paymentMethod], ['charge', 200, 'pm_1']);
        assert.equal((await ledger.visit('visit01'))?.flagged, true);
        assert.equal((await answer(step, done(charged(200)), dueAtMs)).kind, 'changed');
        assert.equal((await ledger.visit('visit01'))?.flagged, false);
        assert.equal((await book()).debt?.state, 'paid');
        const { chargedMinor, dueAtMs: after } = (await ledger.visit('visit01'))!;
        assert.deepEqual([chargedMinor, after], [1200, null]);
      });

      it('is asked at once of a card that was just added, even where the old one may not be asked again', async () => {
        await owing(declined('lost_card'));
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, null);
        await ledger.setCard('ann', { ...CARD, paymentMethod: 'pm_new' }, NOW + 5);
        assert.deepEqual(
          (await ledger.claimDueVisits(NOW + 5, 1_000, 10)).map(({ id }) => id),
          ['visit01'],
        );
        const step = stepOf(await next(NOW + 5));
        assert.deepEqual([step.kind, step.amountMinor, step.params.paymentMethod], ['charge', 200, 'pm_new']);
      });

      it('is asked for three times at most, and never on a card that the network forbids', async () => {
        await owing(declined('insufficient_funds'));
        let nowMs = NOW;
        for (let tries = 1; tries <= 3; tries += 1) {
          nowMs += 24 * HOUR_MS;
          await answer(stepOf(await next(nowMs)), declined('insufficient_funds'), nowMs);
        }
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, null);
        assert.equal((await next(nowMs + 999 * HOUR_MS)).kind, 'rest');
      });

      it('has one page at a time, and is asked of no card while it is open', async () => {
        await owing(declined('insufficient_funds'));
        const ask = { atMs: NOW, expiresAtMs: NOW + HOUR_MS };
        const first = await ledger.payDebt('visit01', ask);
        assert.equal(first.kind, 'send');
        const { step } = first as Extract<typeof first, { kind: 'send' }>;
        await answer(step, { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' });
        const second = await ledger.payDebt('visit01', { ...ask, atMs: NOW + 1 });
        assert.equal(second.kind, 'look');
        assert.equal((await next(NOW + 24 * HOUR_MS)).kind, 'look');
        const paid: IntentFacts = { ...charged(200), purpose: 'pay' };
        assert.equal((await answer(step, done(paid))).kind, 'changed');
        assert.equal((await book()).debt?.state, 'paid');
        assert.equal((await ledger.payDebt('visit01', ask)).kind, 'none');
      });

      it('whose page closed unpaid gets another one', async () => {
        await owing();
        const ask = { atMs: NOW, expiresAtMs: NOW + HOUR_MS };
        const { step } = (await ledger.payDebt('visit01', ask)) as { step: MoneyStep };
        await answer(step, { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' });
        await answer(step, { kind: 'refused', code: NOT_DONE, declineCode: null, adviceCode: null });
        const again = await ledger.payDebt('visit01', ask);
        assert.equal((again as { step: MoneyStep }).step.idempotencyKey, 'visit01:pay:2');
      });

      it('is looked at when Stripe speaks of it', async () => {
        await owing();
        const { step } = (await ledger.payDebt('visit01', { atMs: NOW, expiresAtMs: NOW + HOUR_MS })) as {
          step: MoneyStep;
        };
        await answer(step, { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' });
        assert.equal((await next(NOW + 1)).kind, 'rest');
        assert.equal(await ledger.wakeMoney('visit01', NOW + 2), true);
        assert.equal(await ledger.wakeMoney('visit99', NOW + 2), false);
        assert.equal((await next(NOW + 2)).kind, 'look');
      });

      it('is let go by staff, once, with who and why', async () => {
        await owing();
        assert.ok(!((await ledger.waiveDebt(order())) instanceof Fault));
        assert.ok(!((await ledger.waiveDebt(order())) instanceof Fault));
        const { debt } = await book();
        assert.deepEqual([debt?.state, debt?.closedBy, debt?.closingNote], ['waived', 'owner', 'was warm']);
        assert.equal((await ledger.adjustments('visit01')).length, 1);
        assertFault(await ledger.waiveDebt(order({ id: 'order-02' })), 'debt.none');
      });

      it('that is being paid in this moment is not let go', async () => {
        await owing();
        await ledger.payDebt('visit01', { atMs: NOW, expiresAtMs: NOW + HOUR_MS });
        assertFault(await ledger.waiveDebt(order()), 'debt.busy');
      });
    });

    describe('a debt that is lowered', () => {
      it('to less than a charge can carry is let go whole, with who and why, and bars nobody', async () => {
        await owing(declined('insufficient_funds'));
        assert.ok(!((await ledger.lowerTotal({ ...order(), newTotalMinor: 1030 })) instanceof Fault));
        const { debt } = await book();
        assert.deepEqual([debt?.state, debt?.waivedMinor, debt?.closedBy], ['waived', 200, 'owner']);
        assert.equal(debt?.closingNote, 'was warm; the rest was below the least amount that can be charged');
        assert.deepEqual(await ledger.openDebts('ann'), []);
        assert.equal((await ledger.payDebt('visit01', { atMs: NOW, expiresAtMs: NOW + HOUR_MS })).kind, 'none');
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, null);
        const waived = (await ledger.visitEvents('visit01')).filter(({ event }) => event === 'debt_waived');
        assert.deepEqual(
          waived.map(({ note }) => [note?.amountMinor, note?.by]),
          [
            [170, 'owner'],
            [30, 'policy'],
          ],
        );
      });

      it('to just what a charge can carry stays open, and is still asked for', async () => {
        await owing(declined('insufficient_funds'));
        await ledger.lowerTotal({ ...order(), newTotalMinor: 1050 });
        const { debt } = await book();
        assert.deepEqual([debt?.state, debt?.waivedMinor], ['open', 150]);
        assert.equal(stepOf(await next(NOW + 24 * HOUR_MS)).amountMinor, 50);
      });

      it('by a part that staff let go keeps the rest, and never lets go more than is owed', async () => {
        await owing();
        assertFault(await ledger.waiveDebt({ ...order(), amountMinor: 201 }), 'debt.bad-amount');
        assertFault(await ledger.waiveDebt({ ...order(), amountMinor: 0 }), 'debt.bad-amount');
        assert.ok(!((await ledger.waiveDebt({ ...order(), amountMinor: 80 })) instanceof Fault));
        const { debt } = await book();
        assert.deepEqual([debt?.state, debt?.waivedMinor], ['open', 80]);
        const page = await ledger.payDebt('visit01', { atMs: NOW, expiresAtMs: NOW + HOUR_MS });
        assert.equal((page as { step: MoneyStep }).step.amountMinor, 120);
      });

      it('that Stripe calls too small to charge is let go, where the least amount of its currency is not known', async () => {
        await owing();
        await ledger.setCard('ann', { ...CARD, paymentMethod: 'pm_new' }, NOW);
        const small: MoneyAnswer = { kind: 'refused', code: 'amount_too_small', declineCode: null, adviceCode: null };
        await answer(stepOf(await next()), small);
        const { debt } = await book();
        assert.deepEqual([debt?.state, debt?.waivedMinor, debt?.closedBy], ['waived', 200, 'policy']);
        assert.deepEqual(await ledger.openDebts('ann'), []);
      });
    });

    describe('a debt beside a refund', () => {
      const refundBeside = () => ledger.refund({ ...order(), amountMinor: 100 });

      it('is paid on a page although a refund is still under way, and both come to their end', async () => {
        await owing();
        await refundBeside();
        const ask = { atMs: NOW, expiresAtMs: NOW + HOUR_MS };
        const page = await ledger.payDebt('visit01', ask);
        assert.equal(page.kind, 'send');
        const { step } = page as { step: MoneyStep };
        await answer(step, { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' });
        // The refund is not kept waiting for the page.
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW);
        await answer(stepOf(await next()), { kind: 'done', refund: 're_1' });
        assert.equal((await ledger.visit('visit01'))?.refundedMinor, 100);
        assert.equal((await next()).kind, 'rest');
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + HOUR_MS + 60_000);
        await answer(step, done({ ...charged(200), purpose: 'pay' }));
        assert.equal((await book()).debt?.state, 'paid');
      });

      it('that the bank declines "for now" is asked for again the next day', async () => {
        await owing(declined('insufficient_funds'));
        const tomorrow = NOW + 24 * HOUR_MS;
        const asked = stepOf(await next(tomorrow));
        await refundBeside();
        await answer(asked, declined('insufficient_funds'), tomorrow);
        assert.equal((await book()).debt?.nextTryAtMs, tomorrow + 24 * HOUR_MS);
        assert.equal(stepOf(await next(tomorrow)).kind, 'refund');
      });

      it('is looked at when Stripe speaks of it, although a refund is being sent in this moment', async () => {
        await owing();
        await refundBeside();
        stepOf(await next());
        const { step } = (await ledger.payDebt('visit01', { atMs: NOW, expiresAtMs: NOW + HOUR_MS })) as {
          step: MoneyStep;
        };
        await answer(step, { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' });
        await ledger.wakeMoney('visit01', NOW + 1);
        const looked = await next(NOW + 1);
        assert.deepEqual([looked.kind, (looked as { step: MoneyStep }).step.kind], ['look', 'pay']);
      });

      it('is let go while a refund is under way, which is made all the same', async () => {
        await owing();
        await refundBeside();
        assert.ok(!((await ledger.waiveDebt(order({ id: 'order-02' }))) instanceof Fault));
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW);
        assert.equal(stepOf(await next()).kind, 'refund');
      });
    });

    describe('a card that was added while another was being asked', () => {
      it('is asked, whatever the other one answers afterwards', async () => {
        await owing(declined('insufficient_funds'));
        const tomorrow = NOW + 24 * HOUR_MS;
        const asked = stepOf(await next(tomorrow));
        await ledger.setCard('ann', { ...CARD, paymentMethod: 'pm_new' }, tomorrow);
        await answer(asked, declined('lost_card'), tomorrow);
        const step = stepOf(await next(tomorrow));
        assert.deepEqual([step.kind, step.params.paymentMethod], ['charge', 'pm_new']);
      });

      it('is asked, where that was the card of the visit itself', async () => {
        await answer(await decided(1200), done(taken(HOLD_MINOR)));
        const asked = stepOf(await next());
        await ledger.setCard('ann', { ...CARD, paymentMethod: 'pm_new' }, NOW);
        await answer(asked, declined('lost_card'));
        const step = stepOf(await next());
        assert.deepEqual([step.kind, step.params.paymentMethod], ['charge', 'pm_new']);
      });

      it('is not refused again by an answer that comes twice', async () => {
        await owing(declined('insufficient_funds'));
        const tomorrow = NOW + 24 * HOUR_MS;
        const asked = stepOf(await next(tomorrow));
        await answer(asked, declined('lost_card'), tomorrow);
        await ledger.setCard('ann', { ...CARD, paymentMethod: 'pm_new' }, tomorrow);
        const before = await ledger.visitEvents('visit01');
        await answer(asked, declined('lost_card'), tomorrow);
        assert.equal((await book()).debt?.nextTryAtMs, tomorrow);
        assert.deepEqual(await ledger.visitEvents('visit01'), before);
      });
    });

    describe('a refund', () => {
      const paid = async () => answer(await decided(400), done(taken(400)));

      it('is planned once, of the payment it came from, and counts when Stripe made it', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 150 });
        await ledger.refund({ ...order(), amountMinor: 150 });
        const step = stepOf(await next());
        assert.deepEqual([step.kind, step.amountMinor, step.intent], ['refund', 150, 'pi_hold']);
        assert.equal((await ledger.visit('visit01'))?.refundedMinor, 0);
        await answer(step, { kind: 'done', refund: 're_1' });
        assert.equal((await ledger.visit('visit01'))?.refundedMinor, 150);
        assert.equal((await next()).kind, 'rest');
      });

      it('is never more than was received, those under way counted', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 300 });
        assertFault(await ledger.refund({ ...order({ id: 'order-02' }), amountMinor: 101 }), 'refund.too-large');
        assert.ok(!((await ledger.refund({ ...order({ id: 'order-03' }), amountMinor: 100 })) instanceof Fault));
      });

      it('of which ten come at once never sum to more', async () => {
        await paid();
        const orders = Array.from({ length: 10 }, (_, i) =>
          ledger.refund({ ...order({ id: `order-1${i}`, reason: `bottle ${i} was warm` }), amountMinor: 150 }),
        );
        const given = (await Promise.all(orders)).filter((each) => !(each instanceof Fault));
        assert.equal(given.length, 2);
      });

      it('goes back over two payments where one is not enough', async () => {
        await answer(await decided(1600), done(taken(HOLD_MINOR)));
        await answer(stepOf(await next()), done(charged(600)));
        await ledger.refund({ ...order(), amountMinor: 700 });
        const { steps } = await book();
        const parts = steps
          .filter(({ kind }) => kind === 'refund')
          .map(({ intent, amountMinor }) => [intent, amountMinor]);
        assert.deepEqual(parts, [
          ['pi_charge', 600],
          ['pi_hold', 100],
        ]);
      });

      it('that failed after all counts as not given, and a person is told', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 150 });
        await answer(stepOf(await next()), { kind: 'done', refund: 're_1' });
        assert.equal(await ledger.refundFailed('re_1', 'lost_or_stolen_card', NOW), true);
        assert.equal(await ledger.refundFailed('re_1', 'lost_or_stolen_card', NOW), false);
        assert.equal(await ledger.refundFailed('re_9', 'x', NOW), false);
        const { refundedMinor, flagged } = (await ledger.visit('visit01'))!;
        assert.deepEqual([refundedMinor, flagged], [0, true]);
      });

      it('that is clicked twice, each click an order of its own, goes back once', async () => {
        await paid();
        const clicks = ['order-11', 'order-12', 'order-13'].map((id, at) =>
          ledger.refund({ ...order({ id, atMs: NOW + at }), amountMinor: 150 }),
        );
        for (const given of await Promise.all(clicks)) assert.ok(!(given instanceof Fault));
        assert.equal((await book()).steps.filter(({ kind }) => kind === 'refund').length, 1);
        assert.equal((await ledger.adjustments('visit01')).length, 1);
        // Later, or for another reason, it is meant.
        await ledger.refund({ ...order({ id: 'order-14', reason: 'the second one too' }), amountMinor: 150 });
        await ledger.refund({ ...order({ id: 'order-15', atMs: NOW + HOUR_MS }), amountMinor: 50 });
        assert.equal((await book()).steps.filter(({ kind }) => kind === 'refund').length, 3);
      });

      it('that is clicked twice as a lower total goes back once', async () => {
        await paid();
        const clicks = ['order-11', 'order-12'].map((id) =>
          ledger.lowerTotal({ ...order({ id }), newTotalMinor: 250 }),
        );
        const faults = (await Promise.all(clicks)).filter((each) => each instanceof Fault);
        assert.deepEqual(
          faults.map(({ code }) => code),
          ['refund.bad-amount'],
        );
        assert.equal((await book()).steps.filter(({ kind }) => kind === 'refund').length, 1);
      });

      it('that Stripe refuses at once counts as not given, and a person is told why', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 150 });
        const refused = { kind: 'refused', code: 'charge_disputed', declineCode: null, adviceCode: null } as const;
        await answer(stepOf(await next()), refused);
        const { refundedMinor, flagged } = (await ledger.visit('visit01'))!;
        assert.deepEqual([refundedMinor, flagged], [0, true]);
        const [reason] = (await ledger.flagReasons(['visit01'])).get('visit01') ?? [];
        assert.deepEqual(
          [reason?.event, reason?.note],
          ['refund_failed', { amountMinor: 150, code: 'charge_disputed' }],
        );
        // The same again within the minute is no second click now: nothing went back.
        assert.ok(!((await ledger.refund({ ...order({ id: 'order-02' }), amountMinor: 150 })) instanceof Fault));
        assert.equal(stepOf(await next()).amountMinor, 150);
      });

      it('of which one part is refused tells a person, although the other part is still under way', async () => {
        await answer(await decided(1600), done(taken(HOLD_MINOR)));
        await answer(stepOf(await next()), done(charged(600)));
        await ledger.refund({ ...order(), amountMinor: 700 });
        const refused = { kind: 'refused', code: 'charge_disputed', declineCode: null, adviceCode: null } as const;
        await answer(stepOf(await next()), refused);
        assert.equal((await ledger.visit('visit01'))?.flagged, true);
        const second = stepOf(await next());
        assert.deepEqual([second.kind, second.intent], ['refund', 'pi_hold']);
      });

      it('whose failure Stripe tells before it has answered counts as not given', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 150 });
        const step = stepOf(await next());
        assert.equal(await ledger.refundFailed('re_1', 'lost_or_stolen_card', NOW, step.idempotencyKey), true);
        await answer(step, { kind: 'done', refund: 're_1' });
        const { refundedMinor, flagged } = (await ledger.visit('visit01'))!;
        assert.deepEqual([refundedMinor, flagged], [0, true]);
        // The key alone, of a step that is no refund, says nothing.
        assert.equal(await ledger.refundFailed('re_2', 'x', NOW, 'visit01:capture:1'), false);
      });

      it('whose failure is told by two deliveries at once is told to a person once', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 150 });
        await answer(stepOf(await next()), { kind: 'done', refund: 're_1' });
        const other = await place.open();
        const told = await Promise.all(
          [ledger, other, ledger, other].map((each) => each.refundFailed('re_1', 'lost_or_stolen_card', NOW)),
        );
        assert.equal(told.filter(Boolean).length, 1);
        assert.equal((await ledger.flagReasons(['visit01'])).get('visit01')?.length, 1);
        await other.close();
      });

      it('of a visit that still runs, or is not there, is refused', async () => {
        await decided(400);
        assertFault(await ledger.refund({ ...order(), amountMinor: 1 }), 'refund.not-ended');
        assertFault(await ledger.refund({ ...order({ visitId: 'visit99' }), amountMinor: 1 }), 'visit.unknown');
      });

      it('that is under way counts where the total is lowered', async () => {
        await paid();
        await ledger.refund({ ...order(), amountMinor: 150 });
        assert.ok(!((await ledger.lowerTotal({ ...order({ id: 'order-02' }), newTotalMinor: 200 })) instanceof Fault));
        const refunds = (await book()).steps.filter(({ kind }) => kind === 'refund');
        assert.deepEqual(
          refunds.map(({ amountMinor }) => amountMinor),
          [150, 50],
        );
      });

      it('a lower total lets the debt go first, then gives money back', async () => {
        await owing();
        assert.ok(!((await ledger.lowerTotal({ ...order(), newTotalMinor: 900 })) instanceof Fault));
        const { debt, steps } = await book();
        assert.deepEqual([debt?.state, debt?.waivedMinor], ['waived', 200]);
        assert.equal(steps.find(({ kind }) => kind === 'refund')?.amountMinor, 100);
        assertFault(
          await ledger.lowerTotal({ ...order({ id: 'order-02' }), newTotalMinor: 5_000 }),
          'refund.bad-amount',
        );
      });
    });

    describe('a step that was given up', () => {
      /** Asked and not answered a thousand times, as many as the ledger counts: the last two here, the others in one stroke. */
      const giveUp = async (step: MoneyStep): Promise<void> => {
        const unanswered = { kind: 'unknown', code: 'stripe.unreachable' } as const;
        await place.run(`update money_steps set tries = 999 where idempotency_key = '${step.idempotencyKey}'`);
        await answer(step, unanswered);
        assert.notEqual((await next(NOW + HOUR_MS)).kind, 'rest');
        await answer(step, unanswered, NOW + HOUR_MS);
        assert.equal((await next(NOW + 2 * HOUR_MS)).kind, 'rest');
      };
      const givenUp = async () => (await ledger.flagReasons(['visit01'])).get('visit01')?.[0];

      it('tells a person, and a refund that was given up is never given a second time', async () => {
        await answer(await decided(400), done(taken(400)));
        await ledger.refund({ ...order(), amountMinor: 300 });
        await giveUp(stepOf(await next()));
        const { flagged, refundedMinor } = (await ledger.visit('visit01'))!;
        assert.deepEqual([flagged, refundedMinor], [true, 0]);
        const { event, note } = (await givenUp())!;
        assert.deepEqual([event, note?.step, note?.amountMinor], ['step_given_up', 'refund', 300]);
        assertFault(await ledger.refund({ ...order({ id: 'order-02' }), amountMinor: 101 }), 'refund.too-large');
        assertFault(await ledger.lowerTotal({ ...order({ id: 'order-03' }), newTotalMinor: 100 }), 'refund.bad-amount');
        assert.ok(!((await ledger.refund({ ...order({ id: 'order-04' }), amountMinor: 100 })) instanceof Fault));
      });

      it('tells a person, and a page that was given up is followed by no second payment', async () => {
        await owing();
        const ask = { atMs: NOW, expiresAtMs: NOW + HOUR_MS };
        const { step } = (await ledger.payDebt('visit01', ask)) as { step: MoneyStep };
        await answer(step, { kind: 'page_open', session: 'cs_1', url: 'https://pay.example' });
        await giveUp(step);
        assert.deepEqual([(await ledger.visit('visit01'))?.flagged, (await givenUp())?.note?.step], [true, 'pay']);
        assert.equal((await ledger.payDebt('visit01', ask)).kind, 'busy');
        await ledger.setCard('ann', { ...CARD, paymentMethod: 'pm_new' }, NOW);
        assert.equal((await next(NOW + 99_999 * HOUR_MS)).kind, 'rest');
        // Whoever has looked at Stripe lets it go.
        assert.ok(!((await ledger.waiveDebt(order())) instanceof Fault));
        assert.deepEqual(await ledger.openDebts('ann'), []);
      });
    });

    describe('the books', () => {
      it('give each visit of a day as the audit needs it', async () => {
        await owing();
        const span = { fromMs: NOW, untilMs: NOW + 1, limit: 10 };
        assert.deepEqual(await ledger.auditedVisits(span), [
          {
            id: 'visit01',
            currency: 'usd',
            ended: true,
            inReview: false,
            totalMinor: 1200,
            raisedMinor: 0,
            chargedMinor: 1000,
            refundedMinor: 0,
            unpaidMinor: 200,
          },
        ]);
        assert.deepEqual(await ledger.auditedVisits({ ...span, fromMs: NOW + 1, untilMs: NOW + 2 }), []);
        const named = await ledger.auditedVisits({ ids: ['visit01', 'visit99'] });
        assert.deepEqual(named, await ledger.auditedVisits(span));
        assert.deepEqual(await ledger.auditedVisits({ ids: [] }), []);
      });

      it('keep one report for each day, the newest first', async () => {
        const report = { day: '2026-11-20', report: 'No difference.', differences: 0, atMs: NOW };
        await ledger.saveAudit({ ...report, differences: 1 });
        await ledger.saveAudit(report);
        await ledger.saveAudit({ ...report, day: '2026-11-21' });
        assert.deepEqual(
          (await ledger.audits(10)).map(({ day, differences }) => [day, differences]),
          [
            ['2026-11-21', 0],
            ['2026-11-20', 0],
          ],
        );
      });

      it('know which visit a payment belongs to, and flag a visit with the reason', async () => {
        await closed();
        assert.equal(await ledger.visitOfIntent('pi_hold'), 'visit01');
        assert.equal(await ledger.visitOfIntent('pi_none'), undefined);
        assert.equal(await ledger.flagVisit('visit01', 'disputed_at_bank', { reason: 'fraudulent' }, NOW), true);
        assert.equal(await ledger.flagVisit('visit99', 'disputed_at_bank', {}, NOW), false);
        assert.equal((await ledger.visitEvents('visit01')).at(-1)?.event, 'disputed_at_bank');
        assert.deepEqual(
          (await ledger.latestVisits({ flagged: true, limit: 5 })).map(({ id }) => id),
          ['visit01'],
        );
        assert.deepEqual(
          (await ledger.visitsOf('ann', 5)).map(({ id }) => id),
          ['visit01'],
        );
      });

      it('forget what has done its work, a bounded number of rows at a time, and no visit', async () => {
        for (const id of ['evt_1', 'evt_2', 'evt_3']) await ledger.recordWebhook(id, 'x', NOW);
        await closed();
        const later = NOW + 32 * 24 * HOUR_MS;
        assert.equal(await ledger.prune(NOW, 10), 0);
        assert.equal(await ledger.prune(later, 2), 2);
        assert.equal(await ledger.prune(later, 2), 1);
        assert.ok((await ledger.visit('visit01')) !== undefined);
      });
    });

    it('a visit that two instances sweep at once is taken up by one', async () => {
      for (const id of ['visit01', 'visit02', 'visit03']) await closed(id, id);
      const other = await place.open();
      const later = NOW + HOUR_MS;
      const claims = Array.from({ length: 6 }, (_, i) =>
        (i % 2 === 0 ? ledger : other).claimDueVisits(later, 5_000, 50),
      );
      const ids = (await Promise.all(claims)).flat().map(({ id }) => id);
      assert.deepEqual([...ids].sort(), ['visit01', 'visit02', 'visit03']);
      await other.close();
    });
  });
}

function stepOf(next: MoneyNext): MoneyStep {
  assert.equal(next.kind, 'send', JSON.stringify(next));
  return (next as Extract<MoneyNext, { kind: 'send' }>).step;
}

function assertFault(result: unknown, code: string): void {
  assert.ok(result instanceof Fault, `no fault, but ${JSON.stringify(result)}`);
  assert.equal(result.code, code);
}

async function assertRejects(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (thrown) => thrown instanceof Fault && thrown.code === code);
}
