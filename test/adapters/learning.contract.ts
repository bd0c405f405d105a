// What every ledger must do with what a case learns, whichever database keeps it: one suite, run on each implementation.
import assert from 'node:assert/strict';
import { type Basket, Fault, learnCase, type ReviewDecision, type Verdict } from '@tapcase/domain';
import type { Ledger, ReviewOrder } from '../../ledger/src/port.ts';
import { basketOf, DEMO } from '../domain/demo-catalog.ts';
import type { LedgerPlace } from './ledger.contract.ts';

const NOW = 1_763_678_400_000;
const HOUR_MS = 3_600_000;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const HELD = {
  purpose: 'hold',
  status: 'requires_capture',
  amountMinor: 1000,
  capturableMinor: 1000,
  captureMaxMinor: 1000,
  canIncrement: false,
  receivedMinor: 0,
  captureBeforeMs: null,
} as const;
const SCALE = { removedGrams: 352, sigmaGrams: 2 };
const COLA = [{ sku: 'cola', count: 1 }];
const ALL = { caseId: '123', sinceMs: 0, limit: 500 };

export function learningContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(`what cases learn, in the ledger on ${name}`, () => {
    let place: LedgerPlace;
    let ledger: Ledger;

    beforeEach(async () => {
      place = await makePlace();
      ledger = await place.open();
      await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
    });
    afterEach(async () => {
      await ledger.close();
      await place.remove();
    });

    /** A visit that has ended with this basket. */
    const ended = async (id: string, basket: Basket | undefined, { atMs = NOW, caseId = '123' } = {}) => {
      const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: 1000 } as const;
      const opened = await ledger.openVisit({ id, caseId, customerId: 'ann', requestId: `tap-${id}`, ...fixed, atMs });
      assert.equal(opened.kind, 'opened');
      const held = { ...HELD, intent: `pi_${id}` };
      assert.ok(!((await ledger.holdMade(id, held, { atMs, visionWaitMs: 0, effects: [] })) instanceof Fault));
      for (const event of ['door_opened', 'door_closed'] as const) {
        assert.ok(!((await ledger.advanceVisit(id, { event, atMs, visionWaitMs: 0 })) instanceof Fault));
      }
      const decision = basket && { basket, totalMinor: 0, flagged: false, review: basket.verdict === 'disputed' };
      if (decision === undefined) return;
      const next = await ledger.nextMoney(id, { atMs, ends: () => [], decision });
      assert.ok(next.kind === 'send');
      const gone = { ...held, status: 'canceled', capturableMinor: 0, captureMaxMinor: 0 };
      await ledger.answerMoney(next.step, { kind: 'done', intent: gone }, { atMs, ends: () => [] });
    };
    const weighed = (verdict: Verdict, lines: Basket['lines'] = COLA): Basket => ({
      ...basketOf(lines, verdict),
      scale: SCALE,
    });
    const decide = async (id: string, decision: ReviewDecision) => {
      const what = { confirm: {}, waive: { givesBack: false }, correct: { lines: [{ sku: 'soda', count: 1 }] } }[
        decision
      ];
      const order = { by: 'owner', note: 'seen on the pictures', atMs: NOW, decision, ...what } as ReviewOrder;
      const decided = await ledger.decideReview(id, order);
      assert.ok(!(decided instanceof Fault), String(decided));
    };
    const past = async (part: Partial<typeof ALL> = {}) => ledger.pastBaskets({ ...ALL, ...part });

    it('visits count of which scale and cameras, the cameras or a person say what was taken, and no others', async () => {
      await ended('agreed', weighed('agreed'));
      await ended('cameras', weighed('vision_decided'));
      await ended('nothing', weighed('agreed', []));
      await ended('weight', weighed('weight_decided'));
      await ended('running', undefined);
      for (const id of ['open', 'waived', 'corrected', 'confirmed']) await ended(id, weighed('disputed', []));
      await decide('waived', 'waive');
      await decide('corrected', 'correct');
      await decide('confirmed', 'confirm');
      const found = await past();
      assert.deepEqual(
        found.map(({ visitId, by, lines, scale }) => [visitId, by, lines.map(({ sku }) => sku), scale]).sort(),
        [
          ['agreed', 'agreed', ['cola'], SCALE],
          ['cameras', 'cameras', ['cola'], SCALE],
          ['confirmed', 'person', [], SCALE],
          ['corrected', 'person', ['soda'], SCALE],
          ['nothing', 'agreed', [], SCALE],
        ],
      );
    });

    it('the newest come first, of this case, since then, and no more than asked for', async () => {
      for (const nth of [1, 2, 3, 4]) await ended(`visit${nth}`, weighed('agreed', []), { atMs: NOW + nth * HOUR_MS });
      await ended('other', weighed('agreed', []), { caseId: '124' });
      const ids = async (part: Partial<typeof ALL>) => (await past(part)).map(({ visitId }) => visitId);
      assert.deepEqual(await ids({}), ['visit4', 'visit3', 'visit2', 'visit1']);
      assert.deepEqual(await ids({ limit: 2 }), ['visit4', 'visit3']);
      assert.deepEqual(await ids({ sinceMs: NOW + 3 * HOUR_MS }), ['visit4', 'visit3']);
      assert.deepEqual((await past({ limit: 1 }))[0]?.atMs, NOW + 4 * HOUR_MS);
      assert.deepEqual(await ids({ caseId: '125' }), []);
    });

    it('what was learned is kept for its case, the newest only', async () => {
      assert.equal(await ledger.learning('123'), null);
      const first = learnCase(DEMO, [], NOW);
      assert.equal(await ledger.saveLearning('123', first), true);
      const second = { ...first, learnedAtMs: NOW + 1, visits: 7, sigmaGrams: 4.25 };
      assert.equal(await ledger.saveLearning('123', second), true);
      assert.deepEqual(await ledger.learning('123'), second);
      assert.equal(await ledger.learning('124'), null);
    });

    it('what is forgotten is gone at once, and does not come back with what was being learned meanwhile', async () => {
      const mass = { massGrams: 330, pieces: 20, errorGrams: 1 };
      const learned = { ...learnCase(DEMO, [], NOW), masses: { cola: mass, soda: mass } };
      await ledger.saveLearning('123', learned);
      await ledger.saveLearning('124', learned);
      await ledger.forgetLearning({ caseId: '123', sku: 'cola', by: 'owner', atMs: NOW + 5 });
      assert.deepEqual((await ledger.learning('123'))?.masses, { soda: mass });
      assert.equal(await ledger.saveLearning('123', { ...learned, learnedAtMs: NOW + 5 }), false);
      assert.deepEqual((await ledger.learning('123'))?.masses, { soda: mass });
      await ledger.forgetLearning({ caseId: '123', sku: null, by: 'owner', atMs: NOW + 6 });
      await ledger.forgetLearning({ caseId: '123', sku: null, by: 'owner', atMs: NOW + 7 });
      assert.equal(await ledger.learning('123'), null);
      assert.deepEqual(await ledger.forgotten('123'), [
        { sku: null, atMs: NOW + 7 },
        { sku: 'cola', atMs: NOW + 5 },
      ]);
      assert.equal(await ledger.saveLearning('123', { ...learned, learnedAtMs: NOW + 8 }), true);
      assert.deepEqual([await ledger.learning('124'), await ledger.forgotten('124')], [learned, []]);
    });
  });
}
