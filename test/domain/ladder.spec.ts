// From a hold and a basket to money received, or a debt: every rung, and the promises that hold on all of them.
import assert from 'node:assert/strict';
import { type Move, minimumMinor, nextMove } from '@tapcase/domain';
import fc from 'fast-check';
import { type Bank, play } from './bank.ts';

const CURRENCY = 'usd';
const bank: Bank = {
  holdMinor: 1000,
  captureMaxMinor: 0,
  canIncrement: false,
  minimumMinor: minimumMinor(CURRENCY),
  refusesSmallCaptures: true,
  answers: {},
};
const visit = { totalMinor: 0, opened: true, review: false, currency: CURRENCY };

function told(moves: readonly Move[]): string[] {
  return moves.map((move) => (move.kind === 'end' ? move.outcome : `${move.step.kind} ${move.step.amountMinor}`));
}

describe('the ladder from a hold to a paid basket', () => {
  const table: readonly [string, Partial<Bank>, Partial<typeof visit>, string[], number][] = [
    ['lets the hold go at once when nothing was taken', {}, {}, ['cancel 0', 'released'], 0],
    ['calls it unused when the door was never opened', {}, { opened: false }, ['cancel 0', 'unused'], 0],
    [
      'captures one cent where the bank takes it',
      { refusesSmallCaptures: false },
      { totalMinor: 1 },
      ['capture 1', 'charged'],
      0,
    ],
    [
      'below the least charge: asks once, then the hold goes back and all of it is unpaid',
      {},
      { totalMinor: 49 },
      ['capture 49', 'cancel 0', 'owed'],
      49,
    ],
    ['captures exactly the least charge', {}, { totalMinor: 50 }, ['capture 50', 'charged'], 0],
    [
      'defect 1: captures exactly the total, never by changing the hold’s amount',
      {},
      { totalMinor: 400 },
      ['capture 400', 'charged'],
      0,
    ],
    ['captures the whole hold', {}, { totalMinor: 1000 }, ['capture 1000', 'charged'], 0],
    [
      'lets go and asks a person in review, whatever the total',
      {},
      { totalMinor: 400, review: true },
      ['cancel 0', 'in_review'],
      0,
    ],
    [
      'raises the hold where the card allows it',
      { canIncrement: true },
      { totalMinor: 1600 },
      ['increment 1600', 'capture 1600', 'charged'],
      0,
    ],
    [
      'captures above the hold where the card allows it',
      { captureMaxMinor: 1150 },
      { totalMinor: 1150 },
      ['capture 1150', 'charged'],
      0,
    ],
    [
      'one cent above what overcapture allows: the hold, then the rest apart',
      { captureMaxMinor: 1150, minimumMinor: 50 },
      { totalMinor: 1151 },
      ['capture 1000', 'charge 151', 'charged'],
      0,
    ],
    [
      'a raise that is declined leaves the hold good',
      { canIncrement: true, answers: { increment: ['refused'] } },
      { totalMinor: 1600 },
      ['increment 1600', 'capture 1000', 'charge 600', 'charged'],
      0,
    ],
    [
      'secures the hold first, then charges the rest',
      {},
      { totalMinor: 1600 },
      ['capture 1000', 'charge 600', 'charged'],
      0,
    ],
    [
      'a rest below the least charge: the whole basket apart, then the hold goes back',
      {},
      { totalMinor: 1049 },
      ['charge 1049', 'cancel 0', 'charged'],
      0,
    ],
    [
      'a rest of exactly the least charge is charged',
      {},
      { totalMinor: 1050 },
      ['capture 1000', 'charge 50', 'charged'],
      0,
    ],
    [
      'a hold of a fifth of the basket: one line on the statement',
      {},
      { totalMinor: 5000 },
      ['charge 5000', 'cancel 0', 'charged'],
      0,
    ],
    [
      'a hold a little larger than a fifth is secured first',
      {},
      { totalMinor: 4999 },
      ['capture 1000', 'charge 3999', 'charged'],
      0,
    ],
    [
      'never lets a small hold go before the whole basket is paid: declined, it captures the hold',
      { answers: { charge: ['refused'] } },
      { totalMinor: 5000 },
      ['charge 5000', 'capture 1000', 'partly_paid'],
      4000,
    ],
    [
      'a declined rest is a debt',
      { answers: { charge: ['refused'] } },
      { totalMinor: 1600 },
      ['capture 1000', 'charge 600', 'partly_paid'],
      600,
    ],
    [
      'an expired hold with an uncharged basket: charged apart',
      { lapsesBefore: 0 },
      { totalMinor: 400 },
      ['charge 400', 'charged'],
      0,
    ],
    [
      'an expired hold and a declined card: all of it is owed',
      { lapsesBefore: 0, answers: { charge: ['refused'] } },
      { totalMinor: 400 },
      ['charge 400', 'owed'],
      400,
    ],
    [
      'a capture that is refused while the hold stands: charged apart, then the hold goes back',
      { answers: { capture: ['refused'] } },
      { totalMinor: 400 },
      ['capture 400', 'charge 400', 'cancel 0', 'charged'],
      0,
    ],
    [
      'everything refused: the hold goes back and all is owed',
      { answers: { capture: ['refused'], charge: ['refused'] } },
      { totalMinor: 400 },
      ['capture 400', 'charge 400', 'cancel 0', 'owed'],
      400,
    ],
    [
      'a small total whose capture is refused is never charged apart below the least charge',
      { answers: { capture: ['refused'] } },
      { totalMinor: 49 },
      ['capture 49', 'cancel 0', 'owed'],
      49,
    ],
    [
      'a capture that never happened is asked again under a new key',
      { answers: { capture: ['not_done', 'not_done'] } },
      { totalMinor: 400 },
      ['capture 400', 'capture 400', 'capture 400', 'charged'],
      0,
    ],
    [
      'a capture that was not done four times is asked a fifth time',
      { answers: { capture: Array(4).fill('not_done') } },
      { totalMinor: 400 },
      [...Array(5).fill('capture 400'), 'charged'],
      0,
    ],
    [
      'a capture that was not done five times counts as refused: charged apart, then the hold goes back',
      { answers: { capture: Array(5).fill('not_done') } },
      { totalMinor: 400 },
      [...Array(5).fill('capture 400'), 'charge 400', 'cancel 0', 'charged'],
      0,
    ],
    [
      'raises the hold, where the card allows that and overcapture too: what was raised is promised by the bank',
      { canIncrement: true, captureMaxMinor: 1150 },
      { totalMinor: 1150 },
      ['increment 1150', 'capture 1150', 'charged'],
      0,
    ],
    [
      'captures above the hold where it may be raised, and the bank declined that',
      { canIncrement: true, captureMaxMinor: 1150, answers: { increment: ['refused'] } },
      { totalMinor: 1150 },
      ['increment 1150', 'capture 1150', 'charged'],
      0,
    ],
    [
      'defect 7: charges what was taken, however long the door was held',
      {},
      { totalMinor: 150 },
      ['capture 150', 'charged'],
      0,
    ],
  ];
  for (const [title, atBank, ofVisit, moves, debtMinor] of table) {
    it(title, () => {
      const story = play({ ...bank, ...atBank }, { ...visit, ...ofVisit });
      assert.deepEqual(told(story.moves), moves);
      assert.equal(story.end.debtMinor, debtMinor);
    });
  }

  it('a hold that the bank will not take back is told to a person, and the visit ends', () => {
    const { end } = play({ ...bank, answers: { cancel: ['refused'] } }, visit);
    assert.deepEqual(end, { kind: 'end', outcome: 'released', debtMinor: 0, holdLeft: true });
  });

  it('more received than asked for is nobody’s success: a person gives it back', () => {
    const story = play(bank, { ...visit, totalMinor: 400 });
    const [paid] = story.facts.intents;
    const more = { ...story.facts, intents: [{ ...paid!, receivedMinor: 500 }] };
    const move = nextMove(more);
    assert.equal(move.kind === 'end' && move.outcome, 'in_review');
  });
});

describe('promises of the ladder, whatever the bank answers', () => {
  const answers = fc.array(fc.constantFrom('ok', 'refused', 'not_done'), { maxLength: 4 });
  const banks = fc.record({
    holdMinor: fc.integer({ min: 1, max: 3_000 }),
    captureMaxMinor: fc.integer({ min: 0, max: 4_000 }),
    canIncrement: fc.boolean(),
    minimumMinor: fc.constant(minimumMinor(CURRENCY)),
    refusesSmallCaptures: fc.boolean(),
    answers: fc.record({ increment: answers, capture: answers, charge: answers, cancel: answers }),
    lapsesBefore: fc.integer({ min: 0, max: 6 }),
  }) as fc.Arbitrary<Bank>;
  const visits = fc.record({
    totalMinor: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 20_000 })),
    opened: fc.boolean(),
    review: fc.boolean(),
    currency: fc.constant(CURRENCY),
  });
  const runs = { numRuns: 3_000 };

  it('never receives more than the total, at any step', () => {
    fc.assert(
      fc.property(banks, visits, (each, taken) => {
        const { received } = play(each, taken);
        assert.ok(received.every((minor) => minor <= taken.totalMinor));
      }),
      runs,
    );
  });

  it('reaches the total, or the rest is a debt', () => {
    fc.assert(
      fc.property(banks, visits, (each, taken) => {
        const { received, end } = play(each, taken);
        const paidMinor = received.at(-1) ?? 0;
        assert.equal(paidMinor + end.debtMinor, taken.review ? 0 : taken.totalMinor);
      }),
      runs,
    );
  });

  it('captures and charges nothing when nothing was taken or a person must look', () => {
    fc.assert(
      fc.property(banks, visits, fc.boolean(), (each, taken, review) => {
        const { moves } = play(each, review ? { ...taken, review } : { ...taken, totalMinor: 0 });
        assert.ok(moves.every((move) => move.kind === 'end' || move.step.kind === 'cancel'));
      }),
      runs,
    );
  });

  it('leaves no hold behind without saying so', () => {
    fc.assert(
      fc.property(banks, visits, (each, taken) => {
        const { facts, end } = play(each, taken);
        const isHeld = facts.intents.some(({ status }) => status === 'requires_capture');
        assert.equal(isHeld, end.holdLeft);
      }),
      runs,
    );
  });

  it('never lets a hold go while something is owed that it could still pay', () => {
    fc.assert(
      fc.property(banks, visits, (each, taken) => {
        const { moves, received } = play(each, taken);
        moves.forEach((move, index) => {
          if (move.kind === 'end' || move.step.kind !== 'cancel' || taken.review) return;
          const owedMinor = taken.totalMinor - (received[index - 1] ?? 0);
          const captures = moves.slice(0, index).filter((each) => each.kind === 'step' && each.step.kind === 'capture');
          assert.ok(owedMinor === 0 || captures.length > 0);
        });
      }),
      runs,
    );
  });
});
