// What the score says of answers whose truth is known: every figure worked out by hand, and what must hold for any visits.
import assert from 'node:assert/strict';
import {
  type Basket,
  BIN_EDGES,
  type Catalog,
  createScore,
  mergeScores,
  rateOf,
  type ScoreResult,
} from '@tapcase/domain';
import fc from 'fast-check';
import { basketOf, DEMO, linesOf } from './demo-catalog.ts';

type Counts = Readonly<Record<string, number>>;

/** A visit whose most probable basket is `best`; `charged` is the same unless it is said. */
interface Visit {
  readonly best: Counts | null;
  readonly truth: Counts;
  readonly charged?: Counts;
  readonly probability?: number;
  readonly verdict?: Basket['verdict'];
  readonly limited?: boolean;
  readonly catalog?: Catalog;
}

function scoreOf(visits: readonly Visit[]) {
  const score = createScore(DEMO);
  for (const { best, truth, charged = best ?? {}, probability = 1, verdict, limited = false, catalog } of visits) {
    const lines = linesOf(best ?? {});
    const basket: Basket = {
      ...basketOf(lines, verdict),
      probability: best === null ? 0 : probability,
      candidates: best === null ? [] : [{ lines, probability }],
      work: { tried: 1, limited },
    };
    score.add(basket, linesOf(truth), linesOf(charged), catalog);
  }
  return score;
}

const resultOf = (...visits: readonly Visit[]): ScoreResult => scoreOf(visits).result();

function near(actual: number | null, expected: number, within = 1e-9) {
  assert.ok(actual !== null && Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
}

describe('the score', () => {
  it('counts a basket as exact only when every piece is right', () => {
    const { visits, exactBaskets, exactCharges } = resultOf(
      { best: { cola: 2 }, truth: { cola: 2 } },
      { best: { cola: 1 }, truth: { cola: 2 } },
      { best: { cola: 1, chips: 1 }, truth: { cola: 1 } },
      { best: {}, truth: {} },
    );
    assert.equal(visits, 4);
    assert.deepEqual([exactBaskets.count, exactBaskets.rate], [2, 0.5]);
    assert.equal(exactCharges.count, 2);
  });

  it('tells the basket from the charge: right in its belief, careful with the money', () => {
    const result = resultOf({ best: { soda: 1 }, truth: { soda: 1 }, charged: {}, verdict: 'disputed' });
    assert.equal(result.exactBaskets.count, 1);
    assert.equal(result.exactCharges.count, 0);
    assert.equal(result.review.count, 1);
    assert.equal(result.undercharged.count, 1);
    assert.equal(result.overcharged.count, 0);
  });

  it('takes lines in any order, and a product that stands on two lines as one', () => {
    const score = createScore(DEMO);
    const lines = [
      { sku: 'chips', count: 1 },
      { sku: 'cola', count: 1 },
      { sku: 'cola', count: 1 },
    ];
    score.add(basketOf(lines), linesOf({ cola: 2, chips: 1 }), lines);
    assert.deepEqual([score.result().exactBaskets.count, score.result().exactCharges.count], [1, 1]);
  });

  it('counts pieces over all visits: 4 right of 6 named and 5 taken', () => {
    const { items, chargedItems } = resultOf(
      { best: { cola: 3, chips: 1 }, truth: { cola: 2, juice: 1 }, charged: { cola: 2 } },
      { best: { water: 1, candy: 1 }, truth: { water: 1, candy: 1 } },
    );
    assert.deepEqual([items.right, items.named, items.taken], [4, 6, 5]);
    near(items.precision, 4 / 6);
    near(items.recall, 4 / 5);
    near(items.f1, 8 / 11);
    assert.deepEqual([chargedItems.right, chargedItems.named, chargedItems.precision], [4, 4, 1]);
  });

  it('calls it overcharged when one product is too many, even where the total is too low', () => {
    // Charged candy for 1.00 that nobody took, and forgot a cola for 2.00.
    const result = resultOf({ best: { candy: 1 }, truth: { cola: 1 } });
    assert.deepEqual([result.overcharged.count, result.undercharged.count, result.netOvercharged.count], [1, 1, 0]);
    assert.deepEqual(result.money, {
      usd: {
        chargedMinor: 100,
        truthMinor: 200,
        overchargedMinor: 100,
        underchargedMinor: 200,
        netOverchargedMinor: 0,
        netUnderchargedMinor: 100,
      },
    });
  });

  it('does not let a visit charged too much and one charged too little cancel out', () => {
    const { money, netOvercharged } = resultOf(
      { best: { cola: 2 }, truth: { cola: 1 } },
      { best: { cola: 1 }, truth: { cola: 2 } },
    );
    assert.deepEqual([money.usd?.netOverchargedMinor, money.usd?.netUnderchargedMinor], [200, 200]);
    assert.equal(netOvercharged.count, 1);
  });

  it('prices a visit by its own catalog and adds no currencies together', () => {
    const yen = {
      currency: 'jpy',
      products: DEMO.products.map((one) => ({ ...one, priceMinor: one.priceMinor * 150 })),
    };
    const { money, visits } = resultOf(
      { best: { cola: 1 }, truth: { cola: 1 } },
      { best: { cola: 2 }, truth: { cola: 1 }, catalog: yen },
    );
    assert.equal(visits, 2);
    assert.deepEqual([money.usd?.chargedMinor, money.jpy?.chargedMinor], [200, 60_000]);
    assert.deepEqual([money.usd?.overchargedMinor, money.jpy?.overchargedMinor], [0, 30_000]);
  });

  it('takes an evidence that nothing explains for no answer, not for a right guess at nothing', () => {
    const result = resultOf({ best: null, truth: {}, verdict: 'disputed' });
    assert.deepEqual([result.exactBaskets.count, result.unanswered, result.calibration.visits], [0, 1, 0]);
    assert.equal(result.exactCharges.count, 1, 'nothing was taken and nothing charged');
  });

  it('counts verdicts, and searches that ended at their limit', () => {
    const { verdicts, limited } = resultOf(
      { best: {}, truth: {}, verdict: 'agreed' },
      { best: {}, truth: {}, verdict: 'disputed', limited: true },
      { best: {}, truth: {}, verdict: 'disputed' },
    );
    assert.deepEqual(verdicts, { agreed: 1, weight_decided: 0, vision_decided: 0, disputed: 2 });
    assert.equal(limited, 1);
  });

  it('says nothing about nothing: no visit, no rate, no division by zero', () => {
    const { visits, exactBaskets, items, calibration, money } = resultOf();
    assert.equal(visits, 0);
    assert.deepEqual(exactBaskets, { count: 0, of: 0, rate: null, low: 0, high: 1 });
    assert.deepEqual([items.precision, items.recall, items.f1], [null, null, null]);
    assert.deepEqual([calibration.expectedError, calibration.brier, calibration.logLossNats], [null, null, null]);
    assert.deepEqual(money, {});
  });

  it('refuses what only a mistake of ours can hand it, and then counts nothing of it', () => {
    const score = createScore(DEMO);
    const caviar = [{ sku: 'caviar', count: 1 }];
    assert.throws(() => score.add(basketOf([]), caviar, []), TypeError);
    assert.throws(() => score.add({ ...basketOf([]), probability: 1.5 }, [], []), RangeError);
    assert.throws(() => score.add({ ...basketOf([]), probability: Number.NaN }, [], []), RangeError);
    assert.throws(() => createScore().add(basketOf([]), [], []), TypeError);
    assert.deepEqual(score.result(), resultOf());
  });

  it('hands out figures that do not change with the next visit', () => {
    const score = scoreOf([{ best: { cola: 1 }, truth: { cola: 1 } }]);
    const before = score.result();
    const frozen = structuredClone(before);
    score.add(basketOf(linesOf({ cola: 2 })), linesOf({ cola: 1 }), linesOf({ cola: 2 }));
    assert.deepEqual(before, frozen);
  });
});

describe('the 95 % interval', () => {
  it('is Wilson’s', () => {
    // 8 of 10: (0.8 + z²/20 ± z √(0.016 + z²/400)) / (1 + z²/10), z² = 3.841459.
    const { low, high } = rateOf(8, 10);
    near(low, 0.490163, 1e-6);
    near(high, 0.943318, 1e-6);
  });

  it('does not call none of 1,000 impossible', () => {
    const { rate, low, high } = rateOf(0, 1000);
    assert.deepEqual([rate, low], [0, 0]);
    near(high, 0.0038267, 1e-6);
    assert.deepEqual([rateOf(1000, 1000).high, rateOf(1000, 1000).low > 0.99], [1, true]);
  });

  it('holds the rate for any count, and is narrower with ten times the visits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, share) => {
        const count = Math.round(share * of);
        const [few, many] = [rateOf(count, of), rateOf(10 * count, 10 * of)];
        assert.ok(few.low >= 0 && few.low <= count / of && count / of <= few.high && few.high <= 1);
        assert.ok(many.high - many.low < few.high - few.low);
      }),
    );
  });
});

describe('the calibration', () => {
  const right = { best: { cola: 1 }, truth: { cola: 1 } };
  const wrong = { best: { cola: 1 }, truth: { soda: 1 } };
  const times = (n: number, visit: Visit) => Array.from({ length: n }, () => visit);

  it('is perfect when 0.8 is right 8 times in 10', () => {
    const { calibration } = resultOf(
      ...times(8, { ...right, probability: 0.8 }),
      ...times(2, { ...wrong, probability: 0.8 }),
    );
    near(calibration.expectedError, 0);
    near(calibration.brier, 0.16);
    near(calibration.logLossNats, -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.2)));
  });

  it('weighs each bin’s error by its visits: 0.1 for three quarters and 0.5 for one', () => {
    const { calibration } = resultOf(...times(3, { ...right, probability: 0.9 }), { ...wrong, probability: 0.5 });
    near(calibration.expectedError, 0.75 * 0.1 + 0.25 * 0.5);
    const filled = calibration.bins.filter((bin) => bin.right.of > 0);
    assert.deepEqual(
      filled.map(({ from, to, right: { count, of } }) => [from, to, count, of]),
      [
        [0.5, 0.6, 0, 1],
        [0.9, 0.95, 3, 3],
      ],
    );
    near(filled[1]!.statedMean, 0.9);
  });

  it('puts an edge into the bin that begins there, and 1 into the last', () => {
    for (const [bin, edge] of BIN_EDGES.entries()) {
      const { bins } = resultOf({ ...right, probability: edge }).calibration;
      assert.equal(
        bins.findIndex((one) => one.right.of === 1),
        bin,
        `${edge}`,
      );
    }
    assert.equal(resultOf({ ...right, probability: 1 }).calibration.bins.at(-1)?.right.of, 1);
  });

  it('makes a certain answer that is wrong very dear, and not infinite', () => {
    near(resultOf({ ...wrong, probability: 1 }).calibration.logLossNats, -Math.log(1e-12));
  });
});

describe('scores of any visits', () => {
  const counts = fc.dictionary(fc.constantFrom(...DEMO.products.map(({ sku }) => sku)), fc.integer({ min: 1, max: 4 }));
  const visit: fc.Arbitrary<Visit> = fc.record({
    best: fc.option(counts, { freq: 8 }),
    truth: counts,
    charged: counts,
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    verdict: fc.constantFrom('agreed', 'weight_decided', 'vision_decided', 'disputed'),
    limited: fc.boolean(),
  });

  it('add up: scenario by scenario, through JSON, in any order, it is the score of all of them', () => {
    fc.assert(
      fc.property(fc.array(fc.array(visit, { maxLength: 6 }), { maxLength: 5 }), (scenarios) => {
        const tallies = scenarios.map((visits) => JSON.parse(JSON.stringify(scoreOf(visits).tally())));
        const whole = resultOf(...scenarios.flat());
        for (const merged of [mergeScores(tallies), mergeScores([...tallies].reverse())]) {
          const { calibration, ...figures } = merged;
          const { calibration: expected, ...others } = whole;
          assert.deepEqual(figures, others);
          assert.deepEqual(
            calibration.bins.map((bin) => bin.right),
            expected.bins.map((bin) => bin.right),
          );
          for (const figure of ['expectedError', 'brier', 'logLossNats'] as const) {
            if (expected[figure] === null) assert.equal(calibration[figure], null);
            else near(calibration[figure], expected[figure]);
          }
        }
      }),
    );
  });

  it('never have more net than gross, and call a charge exact just when nothing is over or under', () => {
    fc.assert(
      fc.property(visit, (one) => {
        const { money, exactCharges, overcharged, undercharged, netOvercharged } = resultOf(one);
        const usd = money.usd!;
        assert.ok(usd.netOverchargedMinor <= usd.overchargedMinor);
        assert.ok(usd.netUnderchargedMinor <= usd.underchargedMinor);
        assert.equal(usd.chargedMinor - usd.truthMinor, usd.overchargedMinor - usd.underchargedMinor);
        assert.ok(netOvercharged.count <= overcharged.count);
        assert.equal(exactCharges.count === 1, overcharged.count + undercharged.count === 0);
      }),
    );
  });

  it('keep every figure within its bounds', () => {
    fc.assert(
      fc.property(fc.array(visit, { maxLength: 12 }), (visits) => {
        const { items, calibration, exactBaskets } = resultOf(...visits);
        for (const share of [items.precision, items.recall, items.f1, calibration.expectedError, calibration.brier]) {
          assert.ok(share === null || (share >= 0 && share <= 1), String(share));
        }
        assert.ok(calibration.logLossNats === null || calibration.logLossNats >= 0);
        assert.ok(exactBaskets.low <= exactBaskets.high);
      }),
    );
  });
});
