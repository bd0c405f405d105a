// Money in whole minor units, and what becomes of a hold: both sides of every boundary.
import assert from 'node:assert/strict';
import {
  AMOUNT_MINOR_MAX,
  Fault,
  formatMinor,
  planSettlement,
  type SettlementInput,
  type SettlementStep,
  settledOutcome,
  totalMinor,
} from '@tapcase/domain';
import fc from 'fast-check';
import { DEMO, linesOf, product } from './demo-catalog.ts';

describe('the total of a basket', () => {
  it('defect 12: adds whole cents, so nothing is ever rounded', () => {
    assert.equal(totalMinor(linesOf({ cola: 2, soda: 1, chips: 3 }), DEMO), 2 * 200 + 180 + 3 * 150);
    assert.equal(totalMinor([], DEMO), 0);
  });

  it('refuses a product that the visit’s catalog does not have', () => {
    const total = totalMinor([{ sku: 'caviar', count: 1 }], DEMO);
    assert.ok(total instanceof Fault);
    assert.equal(total.code, 'basket.unknown-sku');
  });

  it('takes the largest amount that one charge can carry, and refuses one cent more', () => {
    const catalog = (priceMinor: number) => ({ currency: 'usd', products: [product('gold', 100, priceMinor)] });
    assert.equal(totalMinor([{ sku: 'gold', count: 1 }], catalog(AMOUNT_MINOR_MAX)), AMOUNT_MINOR_MAX);
    const total = totalMinor([{ sku: 'gold', count: 1 }], catalog(AMOUNT_MINOR_MAX + 1));
    assert.ok(total instanceof Fault);
    assert.equal(total.code, 'money.too-large');
  });

  it('writes yen without and dollars with two decimals', () => {
    assert.equal(formatMinor(405, 'usd'), '4.05 usd');
    assert.equal(formatMinor(405, 'jpy'), '405 jpy');
  });
});

describe('what becomes of a hold', () => {
  const base: SettlementInput = { holdMinor: 1000, totalMinor: 0, opened: true, review: false };
  const table: readonly [string, Partial<SettlementInput>, SettlementStep][] = [
    ['releases the hold when nothing was taken', {}, { kind: 'cancel', outcome: 'released' }],
    ['calls it unused when the door was never opened', { opened: false }, { kind: 'cancel', outcome: 'unused' }],
    ['captures one cent', { totalMinor: 1 }, { kind: 'capture', amountMinor: 1, outcome: 'charged' }],
    [
      'defect 1: captures exactly the total, never by changing the hold’s amount',
      { totalMinor: 400 },
      { kind: 'capture', amountMinor: 400, outcome: 'charged' },
    ],
    ['captures the whole hold', { totalMinor: 1000 }, { kind: 'capture', amountMinor: 1000, outcome: 'charged' }],
    [
      'captures the hold and leaves one cent open',
      { totalMinor: 1001 },
      { kind: 'capture', amountMinor: 1000, outcome: 'partly_paid' },
    ],
    [
      'defect 7: charges what was taken, however long the door was held',
      { totalMinor: 150, opened: true },
      { kind: 'capture', amountMinor: 150, outcome: 'charged' },
    ],
    ['releases the hold when a person must look', { review: true }, { kind: 'cancel', outcome: 'in_review' }],
    [
      'charges nothing while a person must look, whatever the total',
      { review: true, totalMinor: 500 },
      { kind: 'cancel', outcome: 'in_review' },
    ],
  ];
  for (const [title, given, wanted] of table) {
    it(title, () => assert.deepEqual(planSettlement({ ...base, ...given }), wanted));
  }

  const amounts = fc.integer({ min: 0, max: AMOUNT_MINOR_MAX });
  const inputs = fc.record({
    holdMinor: fc.integer({ min: 1, max: AMOUNT_MINOR_MAX }),
    totalMinor: amounts,
    opened: fc.boolean(),
    review: fc.boolean(),
  });

  it('never takes more than the total or more than the hold', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planSettlement(input);
        const takenMinor = plan.kind === 'capture' ? plan.amountMinor : 0;
        assert.ok(takenMinor <= input.totalMinor && takenMinor <= input.holdMinor);
        if (input.totalMinor === 0 || input.review) assert.equal(plan.kind, 'cancel');
        if (plan.kind === 'capture') assert.ok(plan.amountMinor > 0);
      }),
    );
  });

  it('never ends better than the money that came', () => {
    fc.assert(
      fc.property(inputs, amounts, (input, amountReceivedMinor) => {
        const step = planSettlement(input);
        const outcome = settledOutcome({ step, amountReceivedMinor });
        const wantedMinor = step.kind === 'capture' ? step.amountMinor : 0;
        if (amountReceivedMinor === wantedMinor) assert.equal(outcome, step.outcome);
        else assert.ok(['owed', 'partly_paid', 'in_review'].includes(outcome));
      }),
    );
  });

  const capture: SettlementStep = { kind: 'capture', amountMinor: 400, outcome: 'charged' };
  const cancel: SettlementStep = { kind: 'cancel', outcome: 'released' };
  const answers: readonly [string, SettlementStep, number, string][] = [
    ['is charged when all of it came', capture, 400, 'charged'],
    ['is owed when nothing came', capture, 0, 'owed'],
    ['is partly paid when a cent is missing', capture, 399, 'partly_paid'],
    ['goes to a person when a cent too much came', capture, 401, 'in_review'],
    ['is released when the hold is gone', cancel, 0, 'released'],
    ['goes to a person when a cancelled hold brought money', cancel, 1, 'in_review'],
  ];
  for (const [title, step, amountReceivedMinor, wanted] of answers) {
    it(title, () => assert.equal(settledOutcome({ step, amountReceivedMinor }), wanted));
  }
});
