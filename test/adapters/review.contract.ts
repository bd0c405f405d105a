// What every ledger must do with reviews, whichever database keeps it: one suite, run on each implementation.
import assert from 'node:assert/strict';
import {
  audit,
  type Basket,
  type BasketLine,
  type Catalog,
  type DoorReport,
  Fault,
  type IntentFacts,
  type Visit,
  visitView,
} from '@tapcase/domain';
import fc from 'fast-check';
import type {
  BasketDecision,
  Ledger,
  MoneyAnswer,
  MoneyNext,
  MoneyStep,
  ReviewDecided,
  ReviewOrder,
} from '../../ledger/src/port.ts';
import { basketOf, DEMO } from '../domain/demo-catalog.ts';
import type { LedgerPlace } from './ledger.contract.ts';
import { play, story } from './review-story.ts';

const NOW = 1_763_678_400_000;
const LATER = NOW + 3_600_000;
/** Each opens a ledger of its own. */
const STORIES = 60;
const HOLD_MINOR = 1000;
const COLA_MINOR = 200;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const AT = { atMs: NOW, ends: () => [] };
const ENTRY = { atMs: NOW, visionWaitMs: 2_000, effects: [] };
const NOTHING = basketOf([], 'disputed');
const ONE_COLA = basketOf([{ sku: 'cola', count: 1 }], 'disputed');
const PERSON = { by: 'owner', note: 'seen on the pictures', atMs: LATER };
const CONFIRM: ReviewOrder = { ...PERSON, decision: 'confirm' };
const WAIVE: ReviewOrder = { ...PERSON, decision: 'waive', givesBack: false };
const correct = (...lines: BasketLine[]): ReviewOrder => ({ ...PERSON, decision: 'correct', lines });
const cola = (count: number): BasketLine => ({ sku: 'cola', count });

export function reviewContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(`the reviews in the ledger on ${name}`, () => {
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

    const intentOf = (id: string) => (id === 'visit01' ? 'pi_hold' : `pi_${id}`);
    const held = (id: string): IntentFacts => ({
      intent: intentOf(id),
      purpose: 'hold',
      status: 'requires_capture',
      amountMinor: HOLD_MINOR,
      capturableMinor: HOLD_MINOR,
      captureMaxMinor: HOLD_MINOR,
      canIncrement: false,
      receivedMinor: 0,
      captureBeforeMs: null,
    });
    const opened = async (id: string, catalog: Catalog = DEMO): Promise<void> => {
      await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
      const fixed = { language: 'en', catalog, card: CARD, holdMinor: HOLD_MINOR, atMs: NOW } as const;
      const result = await ledger.openVisit({ id, caseId: id, customerId: 'ann', requestId: `tap-${id}`, ...fixed });
      assert.equal(result.kind, 'opened');
      assert.ok(!((await ledger.holdMade(id, held(id), ENTRY)) instanceof Fault));
    };
    const move = async (id: string, ...events: ('door_opened' | 'door_closed' | 'case_silent')[]): Promise<void> => {
      for (const event of events) {
        assert.ok(!((await ledger.advanceVisit(id, { event, atMs: NOW, visionWaitMs: 2_000 })) instanceof Fault));
      }
    };
    /** Answers as a bank that takes what it is asked for. */
    const pay = (step: MoneyStep, atMs = NOW) => answer(step, paid(step), atMs);
    const paid = (step: MoneyStep): MoneyAnswer => {
      if (step.kind === 'refund') return { kind: 'done', refund: `re_${step.attempt}` };
      const isHold = step.kind === 'capture' || step.kind === 'cancel';
      const taken: IntentFacts = {
        ...held(step.visitId),
        ...(isHold ? {} : { intent: `pi_${step.kind}_${step.attempt}`, purpose: 'charge' as const }),
        status: step.kind === 'cancel' ? 'canceled' : 'succeeded',
        capturableMinor: 0,
        captureMaxMinor: 0,
        receivedMinor: step.amountMinor,
      };
      return { kind: 'done', intent: taken };
    };
    const decline = (step: MoneyStep, declineCode = 'lost_card', atMs = NOW) =>
      answer(step, { kind: 'refused', code: 'card_declined', declineCode, adviceCode: null }, atMs);
    const answer = (step: MoneyStep, given: MoneyAnswer, atMs: number) =>
      ledger.answerMoney(step, given, { ...AT, atMs });
    const next = (atMs = LATER, id = 'visit01') => ledger.nextMoney(id, { ...AT, atMs });
    /** The visit after all that Stripe was asked at its close. */
    const ended = async (basket: Basket, part: Partial<BasketDecision> = {}, catalog = DEMO, id = 'visit01') => {
      await opened(id, catalog);
      await move(id, 'door_opened', 'door_closed');
      const totalMinor = basket.lines.reduce((sum, { count }) => sum + count * COLA_MINOR, 0);
      const isEmpty = basket.lines.length === 0;
      const decision = { basket, totalMinor, flagged: true, review: isEmpty, ...part };
      await pay(stepOf(await ledger.nextMoney(id, { ...AT, decision })));
      return (await ledger.visit(id))!;
    };
    const decide = (order: ReviewOrder, id = 'visit01') => ledger.decideReview(id, order);
    const decided = async (order: ReviewOrder, id = 'visit01'): Promise<ReviewDecided> => {
      const result = await decide(order, id);
      assert.ok(!(result instanceof Fault), String(result));
      return result;
    };
    const visit = async (): Promise<Visit> => (await ledger.visit('visit01'))!;
    const book = () => ledger.money('visit01');
    const debt = async () => (await book()).debt;
    const shown = async () => visitView(await visit(), 'Lobby', await book());
    /** The daily audit against a Stripe that received what the intents say. */
    const differences = async () => {
      const visits = await ledger.auditedVisits({ fromMs: NOW, untilMs: NOW + 1, limit: 10 });
      const intents = await Promise.all(
        visits.map(async ({ id, refundedMinor }) => {
          const { intents } = await ledger.money(id);
          return intents.map(({ intent, status, receivedMinor }, at) => {
            const refunded = at === 0 ? refundedMinor : 0;
            return { intent, visitId: id, status, receivedMinor, refundedMinor: refunded, untakenMinor: 0 };
          });
        }),
      );
      return audit(visits, intents.flat()).differences;
    };

    it('whatever staff press and the bank answers, nobody pays more than the corrected basket, and the books agree', async () => {
      const plays = fc.asyncProperty(story, async (told) => {
        const stage = await makePlace();
        try {
          await play(stage, told);
        } finally {
          await stage.remove();
        }
      });
      await fc.assert(plays, { numRuns: STORIES });
    });

    describe('a review', () => {
      it('is opened with the decision of a basket that nobody can tell, and the hold goes back', async () => {
        const { outcome } = await ended(NOTHING);
        const [open, ...more] = await ledger.openReviews({ limit: 10 });
        assert.deepEqual(
          [outcome, open?.review.cause, open?.review.state, more.length],
          ['in_review', 'disputed', 'open', 0],
        );
        assert.equal(open?.visit.id, 'visit01');
        assert.ok((await ledger.visitEvents('visit01')).some(({ event }) => event === 'review_opened'));
      });

      it('is opened although the certain part was charged', async () => {
        const { outcome, chargedMinor } = await ended(ONE_COLA);
        assert.deepEqual([outcome, chargedMinor], ['charged', COLA_MINOR]);
        assert.equal((await ledger.review('visit01'))?.review.cause, 'disputed');
      });

      it('is not opened for a basket that is charged whole, unless the policy asks for it', async () => {
        await ended(basketOf([cola(1)], 'weight_decided'));
        assert.equal(await ledger.review('visit01'), undefined);
        await ended(basketOf([cola(1)], 'weight_decided'), { asksPerson: true }, DEMO, 'visit02');
        assert.equal((await ledger.review('visit02'))?.review.cause, 'asked');
      });

      it('is opened where somebody was in and nothing was ever weighed', async () => {
        await opened('visit01');
        await move('visit01', 'door_opened', 'case_silent');
        await pay(stepOf(await next(NOW)));
        assert.equal((await ledger.review('visit01'))?.review.cause, 'not_weighed');
      });

      it('is opened by a close that is reported after the basket was decided', async () => {
        await ended(basketOf([cola(1)]), { flagged: false });
        const report = { type: 'closed', id: 'visit01', seq: 1, at: NOW / 1000, dmass: 355, sigma: 2, mass: 0 };
        const late = { channel: 'door', report: report as unknown as DoorReport } as const;
        await ledger.recordReport('visit01', late, ENTRY);
        const { review } = (await ledger.review('visit01'))!;
        assert.deepEqual([review.cause, (await visit()).flagged], ['late_report', true]);
      });

      it('waits in a list, the oldest first, page by page', async () => {
        for (const id of ['visit03', 'visit01', 'visit02']) await ended(NOTHING, {}, DEMO, id);
        const first = await ledger.openReviews({ limit: 2 });
        assert.deepEqual(
          first.map(({ visit: { id } }) => id),
          ['visit01', 'visit02'],
        );
        const after = { atMs: NOW, visitId: 'visit02' };
        const second = await ledger.openReviews({ limit: 2, after });
        assert.deepEqual(
          second.map(({ visit: { id } }) => id),
          ['visit03'],
        );
        await decided(CONFIRM, 'visit02');
        assert.equal((await ledger.openReviews({ limit: 10 })).length, 2);
        assert.deepEqual(
          (await ledger.decidedReviews({ limit: 10 })).map(({ visit: { id } }) => id),
          ['visit02'],
        );
      });

      it('shows on the customer’s receipt while it is open', async () => {
        await ended(NOTHING);
        assert.deepEqual((await shown()).review, { state: 'open', decision: null, lines: [], totalMinor: null });
      });
    });

    describe('confirmed', () => {
      it('leaves the money as it is and takes the flag away', async () => {
        await ended(ONE_COLA);
        const { kind, review, visit: after } = await decided(CONFIRM);
        assert.deepEqual([kind, review.lines, review.totalMinor], ['decided', [cola(1)], COLA_MINOR]);
        assert.deepEqual([after.flagged, after.chargedMinor, after.totalMinor], [false, COLA_MINOR, COLA_MINOR]);
        assert.equal((await next()).kind, 'rest');
        assert.deepEqual([await ledger.adjustments('visit01'), await differences()], [[], []]);
      });

      it('keeps the flag of a visit that somebody must look at for another reason', async () => {
        await ended(ONE_COLA);
        await ledger.flagVisit('visit01', 'disputed_at_bank', {}, NOW);
        assert.equal((await decided(CONFIRM)).visit.flagged, true);
      });
    });

    describe('corrected upwards', () => {
      it('makes the difference a debt that is due now, charged once, with nobody’s help', async () => {
        await ended(NOTHING);
        await decided(correct(cola(2)));
        const owed = await debt();
        assert.deepEqual(
          [owed?.amountMinor, owed?.state, owed?.reason, owed?.nextTryAtMs],
          [400, 'open', 'review', LATER],
        );
        // The sweep finds it, also in a process that starts after this one was killed.
        await ledger.close();
        ledger = await place.open();
        assert.deepEqual(
          (await ledger.claimDueVisits(LATER, 0, 10)).map(({ id }) => id),
          ['visit01'],
        );
        const step = stepOf(await next());
        assert.deepEqual([step.kind, step.amountMinor, step.params.paymentMethod], ['charge', 400, 'pm_1']);
        assert.equal((await next()).kind, 'rest');
        await pay(step, LATER);
        assert.deepEqual([(await debt())?.state, (await visit()).chargedMinor], ['paid', 400]);
        assert.equal((await next(LATER + 1)).kind, 'rest');
        assert.deepEqual(await differences(), []);
      });

      it('asks only for what was not paid yet, and leaves basket and total as they were', async () => {
        await ended(ONE_COLA);
        await decided(correct(cola(2), { sku: 'chips', count: 1 }));
        assert.equal(stepOf(await next()).amountMinor, 350);
        const { totalMinor, basket } = await visit();
        assert.deepEqual([totalMinor, basket?.lines], [COLA_MINOR, [cola(1)]]);
        const [adjustment] = await ledger.adjustments('visit01');
        assert.deepEqual(
          [adjustment?.kind, adjustment?.amountMinor, adjustment?.by, adjustment?.reason],
          ['raise_total', 350, 'owner', 'seen on the pictures'],
        );
        assert.deepEqual(await differences(), []);
      });

      it('shows the corrected lines on the receipt, and keeps the door shut until they are paid', async () => {
        await ended(NOTHING);
        await decided(correct(cola(2)));
        const { review, debt: owed, lines } = await shown();
        assert.deepEqual([review?.state, review?.decision, review?.totalMinor], ['decided', 'correct', 400]);
        assert.deepEqual(
          review?.lines.map(({ sku, count, priceMinor }) => [sku, count, priceMinor]),
          [['cola', 2, 200]],
        );
        assert.deepEqual([owed, lines], [{ amountMinor: 400, state: 'open', reason: 'review' }, []]);
        const tap = { id: 'visit02', caseId: '124', customerId: 'ann', requestId: 'tap-2', language: 'en' } as const;
        const again = { ...tap, catalog: DEMO, card: CARD, holdMinor: HOLD_MINOR, atMs: LATER };
        assert.deepEqual(await ledger.openVisit(again), { kind: 'owes' });
      });

      it('whose charge is declined is asked for and paid like every debt', async () => {
        await ended(NOTHING);
        await decided(correct(cola(2)));
        await decline(stepOf(await next()), 'insufficient_funds', LATER);
        assert.equal((await debt())?.reason, 'declined');
        const page = await ledger.payDebt('visit01', { atMs: LATER, expiresAtMs: LATER + 1 });
        assert.equal(page.kind === 'send' && page.step.amountMinor, 400);
      });

      it('by less than a charge can carry is let go at once', async () => {
        const cheap = { ...DEMO, products: DEMO.products.map((each) => ({ ...each, priceMinor: 30 })) };
        await ended(NOTHING, {}, cheap);
        await decided(correct(cola(1)));
        const owed = await debt();
        assert.deepEqual([owed?.state, owed?.amountMinor, owed?.waivedMinor], ['waived', 30, 30]);
        assert.equal((await next()).kind, 'rest');
        assert.deepEqual(await differences(), []);
      });

      it('after staff lowered the debt until it was let go is charged for the difference, and only for that', async () => {
        // 10.00 of 12.00 captured; 0.30 are left of the rest, which no charge can carry.
        await opened('visit01');
        await move('visit01', 'door_opened', 'door_closed');
        const decision = { basket: basketOf([cola(6)], 'disputed'), totalMinor: 1200, flagged: true, review: false };
        await pay(stepOf(await ledger.nextMoney('visit01', { ...AT, decision })));
        await decline(stepOf(await next(NOW)), 'insufficient_funds');
        const order = { id: 'order-001', visitId: 'visit01', reason: 'was warm', by: 'owner', atMs: NOW };
        assert.ok(!((await ledger.lowerTotal({ ...order, newTotalMinor: 1030 })) instanceof Fault));
        assert.equal((await debt())?.state, 'waived');
        await decided(correct(cola(7)));
        const owed = await debt();
        assert.deepEqual([owed?.state, owed?.amountMinor, owed?.waivedMinor], ['open', 400, 200]);
        const page = await ledger.payDebt('visit01', { atMs: LATER, expiresAtMs: LATER + 1 });
        assert.ok(page.kind === 'send');
        assert.equal(page.step.amountMinor, 200);
        await answer(page.step, paid(page.step), LATER);
        assert.deepEqual([(await debt())?.state, (await visit()).chargedMinor], ['paid', 1200]);
        assert.deepEqual(await differences(), []);
      });

      it('is in the visit’s own currency', async () => {
        await ended(NOTHING, {}, { ...DEMO, currency: 'jpy' });
        await decided(correct(cola(1)));
        assert.equal((await debt())?.currency, 'jpy');
      });

      it('grows a debt that is open, which keeps the bank’s word about its card', async () => {
        // 10.00 of 12.00 captured, the rest declined for good.
        await opened('visit01');
        await move('visit01', 'door_opened', 'door_closed');
        const decision = { basket: basketOf([cola(6)], 'disputed'), totalMinor: 1200, flagged: true, review: false };
        await pay(stepOf(await ledger.nextMoney('visit01', { ...AT, decision })));
        await decline(stepOf(await next(NOW)));
        await decided(correct(cola(7)));
        const owed = await debt();
        assert.deepEqual([owed?.amountMinor, owed?.reason, owed?.nextTryAtMs], [400, 'declined', null]);
        assert.deepEqual([(await next()).kind, (await visit()).flagged], ['rest', true]);
        assert.deepEqual(await differences(), []);
      });

      it('counts where staff lower the total afterwards', async () => {
        await ended(NOTHING);
        await decided(correct(cola(2)));
        await pay(stepOf(await next()), LATER);
        const order = { id: 'order-001', visitId: 'visit01', reason: 'one was put back', by: 'owner', atMs: LATER };
        assert.ok(!((await ledger.lowerTotal({ ...order, newTotalMinor: 200 })) instanceof Fault));
        const refund = stepOf(await next());
        assert.deepEqual([refund.kind, refund.amountMinor], ['refund', 200]);
      });
    });

    describe('corrected downwards', () => {
      it('gives back what was paid too much, once', async () => {
        await ended(basketOf([cola(2)], 'disputed'));
        await decided(correct(cola(1)));
        const step = stepOf(await next());
        assert.deepEqual([step.kind, step.amountMinor, step.intent], ['refund', 200, 'pi_hold']);
        await pay(step, LATER);
        assert.deepEqual([(await visit()).refundedMinor, (await next()).kind], [200, 'rest']);
        assert.equal((await ledger.adjustments('visit01'))[0]?.kind, 'lower_total');
        assert.deepEqual(await differences(), []);
      });

      it('lets an open debt go first, then gives the rest back', async () => {
        await opened('visit01');
        await move('visit01', 'door_opened', 'door_closed');
        const decision = { basket: basketOf([cola(6)], 'disputed'), totalMinor: 1200, flagged: true, review: false };
        await pay(stepOf(await ledger.nextMoney('visit01', { ...AT, decision })));
        await decline(stepOf(await next(NOW)));
        await decided(correct(cola(4)));
        assert.deepEqual([(await debt())?.state, (await debt())?.waivedMinor], ['waived', 200]);
        const refund = stepOf(await next());
        assert.deepEqual([refund.kind, refund.amountMinor], ['refund', 200]);
        assert.deepEqual(await differences(), []);
      });

      it('counts what staff gave back before', async () => {
        await ended(basketOf([cola(2)], 'disputed'));
        const order = { id: 'order-001', visitId: 'visit01', reason: 'was warm', by: 'owner', atMs: NOW };
        await ledger.refund({ ...order, amountMinor: 150 });
        await decided(correct(cola(1)));
        const refunds = (await book()).steps.filter(({ kind }) => kind === 'refund');
        assert.deepEqual(
          refunds.map(({ amountMinor }) => amountMinor),
          [150, 50],
        );
      });
    });

    describe('waived', () => {
      it('asks for nothing more, and keeps what was charged', async () => {
        await ended(ONE_COLA);
        const { review } = await decided(WAIVE);
        assert.deepEqual([review.lines, review.totalMinor], [null, null]);
        assert.deepEqual([(await next()).kind, (await visit()).refundedMinor], ['rest', 0]);
        assert.deepEqual(await differences(), []);
      });

      it('lets go what was still owed', async () => {
        await opened('visit01');
        await move('visit01', 'door_opened', 'door_closed');
        const decision = { basket: basketOf([cola(6)], 'disputed'), totalMinor: 1200, flagged: true, review: false };
        await pay(stepOf(await ledger.nextMoney('visit01', { ...AT, decision })));
        await decline(stepOf(await next(NOW)));
        await decided(WAIVE);
        assert.deepEqual([(await debt())?.state, (await visit()).flagged], ['waived', false]);
        assert.deepEqual(await ledger.openDebts('ann'), []);
        assert.deepEqual(await differences(), []);
      });

      it('gives back what was charged where staff say so', async () => {
        await ended(ONE_COLA);
        await decided({ ...WAIVE, givesBack: true } as ReviewOrder);
        assert.equal(stepOf(await next()).amountMinor, COLA_MINOR);
      });
    });

    describe('a decision', () => {
      it('counts once: the same again answers the first, another is refused', async () => {
        await ended(NOTHING);
        await decided(correct(cola(2)));
        const again = await decided({ ...correct(cola(1), cola(1)), note: 'pressed twice' } as ReviewOrder);
        assert.deepEqual([again.kind, again.review.note], ['repeated', 'seen on the pictures']);
        assertFault(await decide(correct(cola(3))), 'review.decided');
        assertFault(await decide(WAIVE), 'review.decided');
        assert.deepEqual([(await debt())?.amountMinor, (await ledger.adjustments('visit01')).length], [400, 1]);
      });

      it('of which ten come at once counts once', async () => {
        await ended(NOTHING);
        const other = await place.open();
        const orders = Array.from({ length: 10 }, (_, at) =>
          (at % 2 === 0 ? ledger : other).decideReview('visit01', correct(cola(1 + (at % 2)))),
        );
        const results = await Promise.all(orders);
        const kinds = results.map((each) => (each instanceof Fault ? each.code : each.kind)).sort();
        assert.deepEqual(kinds, ['decided', ...Array(4).fill('repeated'), ...Array(5).fill('review.decided')].sort());
        assert.equal((await ledger.adjustments('visit01')).length, 1);
        await other.close();
      });

      it('waits while the customer pays or the card is asked: what is under way could be too much', async () => {
        await opened('visit01');
        await move('visit01', 'door_opened', 'door_closed');
        const decision = { basket: basketOf([cola(6)], 'disputed'), totalMinor: 1200, flagged: true, review: false };
        await pay(stepOf(await ledger.nextMoney('visit01', { ...AT, decision })));
        await decline(stepOf(await next(NOW)), 'insufficient_funds');
        const asked = stepOf(await next(NOW + 24 * 3_600_000));
        for (const order of [correct(cola(7)), correct(cola(1)), WAIVE]) assertFault(await decide(order), 'debt.busy');
        assert.equal((await ledger.review('visit01'))?.review.state, 'open');
        await pay(asked, LATER);
        await decided(correct(cola(7)));
        const step = stepOf(await next(LATER));
        assert.deepEqual([step.kind, step.amountMinor], ['charge', 200]);
        await pay(step, LATER);
        assert.deepEqual([(await visit()).chargedMinor, (await debt())?.state], [1400, 'paid']);
        assert.deepEqual(await differences(), []);
      });

      it('that fails half-way leaves nothing', async () => {
        await ended(ONE_COLA);
        const taken = { id: 'review-visit01', visitId: 'visit01', reason: 'in the way', by: 'owner', atMs: NOW };
        await ledger.refund({ ...taken, amountMinor: 1 });
        await assert.rejects(decide(correct(cola(3))));
        const { review } = (await ledger.review('visit01'))!;
        assert.deepEqual([review.state, review.raisedMinor, await debt()], ['open', 0, null]);
      });

      it('about a visit that still runs is refused', async () => {
        await opened('visit01');
        await move('visit01', 'door_opened', 'door_closed');
        const decision = { basket: ONE_COLA, totalMinor: 200, flagged: true, review: false };
        stepOf(await ledger.nextMoney('visit01', { ...AT, decision }));
        assertFault(await decide(CONFIRM), 'review.not-ended');
      });

      it('about a visit that nobody asked about, or nobody knows, is refused', async () => {
        await ended(basketOf([cola(1)]), { flagged: false });
        assertFault(await decide(CONFIRM), 'review.unknown');
        assertFault(await decide(CONFIRM, 'visit99'), 'review.unknown');
      });

      it('that names what cannot be is refused, and nothing moves', async () => {
        await ended(NOTHING);
        const bad = [-1, 1_000_000_000, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2' as unknown as number];
        for (const count of bad) assertFault(await decide(correct(cola(count))), 'review.bad-lines');
        assertFault(await decide(correct(...Array<BasketLine>(201).fill(cola(1)))), 'review.bad-lines');
        assertFault(await decide(correct({ sku: 'gold-bar', count: 1 })), 'review.unknown-sku');
        assertFault(await decide(correct({ sku: '__proto__', count: 1 })), 'review.unknown-sku');
        assert.deepEqual([await debt(), await ledger.adjustments('visit01')], [null, []]);
        assert.equal((await ledger.review('visit01'))?.review.state, 'open');
      });

      it('dearer than one charge can be is refused', async () => {
        const dear = { ...DEMO, products: DEMO.products.map((each) => ({ ...each, priceMinor: 1_000_000 })) };
        await ended(NOTHING, {}, dear);
        assertFault(await decide(correct(cola(999))), 'review.bad-lines');
      });

      it('charges nothing more while Stripe has left a step without an answer for good', async () => {
        await giveUpOn(stepOf(await debtStep()));
        assertFault(await decide(correct(cola(9)), 'visit02'), 'review.money-unclear');
        await decided(WAIVE, 'visit02');
      });

      /** A second visit whose debt's charge is asked and never answered. */
      async function debtStep(): Promise<MoneyNext> {
        await opened('visit02');
        await move('visit02', 'door_opened', 'door_closed');
        const decision = { basket: basketOf([cola(6)], 'disputed'), totalMinor: 1200, flagged: true, review: false };
        await pay(stepOf(await ledger.nextMoney('visit02', { ...AT, decision })));
        await decline(stepOf(await next(NOW, 'visit02')), 'insufficient_funds');
        return next(NOW + 24 * 3_600_000, 'visit02');
      }

      /** Asked and not answered a thousand times, as many as the ledger counts: the last of them here. */
      async function giveUpOn(step: MoneyStep): Promise<void> {
        await place.run(`update money_steps set tries = 1000 where idempotency_key = '${step.idempotencyKey}'`);
        await answer(step, { kind: 'unknown', code: 'stripe.unreachable' }, NOW);
        assert.equal((await next(NOW + 999 * 24 * 3_600_000, 'visit02')).kind, 'rest');
      }

      it('is told to the customer', async () => {
        await ended(NOTHING);
        await decided(correct(cola(2)));
        const [push] = await ledger.takePushes(LATER, 1_000, 10);
        assert.deepEqual(
          [push?.visit.id, push?.review?.decision, push?.review?.totalMinor],
          ['visit01', 'correct', 400],
        );
      });
    });
  });
}

function stepOf(next: MoneyNext): MoneyStep {
  assert.ok(next.kind === 'send' || next.kind === 'look', JSON.stringify(next));
  return next.step;
}

function assertFault(result: unknown, code: string): void {
  assert.ok(result instanceof Fault, `no fault, but ${JSON.stringify(result)}`);
  assert.equal(result.code, code);
}
