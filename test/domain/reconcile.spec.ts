// What was taken, from what the scale and the cameras say: the stories of a shop, then what holds for any evidence.
import assert from 'node:assert/strict';
import {
  type Basket,
  type Catalog,
  CHARGE_PROBABILITY_MIN,
  chargeable,
  evidenceOf,
  GATE_SIGMAS,
  reconcile,
  type SeenRemoval,
  type Verdict,
  type VisionReport,
} from '@tapcase/domain';
import fc from 'fast-check';
import { kindCost, kindsOf } from '../../domain/src/reconcile/camera-model.ts';
import { pieceSigmaGrams, scaleModel } from '../../domain/src/reconcile/scale-model.ts';
import { searchBaskets, WORK_MAX } from '../../domain/src/reconcile/search.ts';
import { sizeCosts } from '../../domain/src/reconcile/steps.ts';
import { DEMO, linesOf, massOf, product } from './demo-catalog.ts';

const SIGMA_GRAMS = 2.1;
const SURE = 0.97;

const weighed = (removedGrams: number, sigmaGrams = SIGMA_GRAMS) => ({ removedGrams, sigmaGrams });
const saw = (counts: Readonly<Record<string, number>>, score = SURE): SeenRemoval[] =>
  Object.entries(counts).map(([label, count]) => [label, count, score]);

interface Story {
  readonly title: string;
  readonly grams: number | null;
  readonly seen: Readonly<Record<string, number>> | null;
  readonly charged: Readonly<Record<string, number>>;
  readonly verdict: Verdict;
}

const STORIES: readonly Story[] = [
  { title: 'charges nothing when the mass moved by noise', grams: 1.4, seen: {}, charged: {}, verdict: 'agreed' },
  { title: 'charges one cola', grams: 355.2, seen: { cola: 1 }, charged: { cola: 1 }, verdict: 'agreed' },
  {
    title: 'defect 9: charges for two of three colas, because it counts',
    grams: 710,
    seen: { cola: 2 },
    charged: { cola: 2 },
    verdict: 'agreed',
  },
  {
    title: 'charges for two colas when the camera saw one and the scale says two',
    grams: 710,
    seen: { cola: 1 },
    charged: { cola: 2 },
    verdict: 'weight_decided',
  },
  {
    title: 'tells a soda of 350 g from a cola of 355 g by what the camera saw',
    grams: 353,
    seen: { soda: 1 },
    charged: { soda: 1 },
    verdict: 'agreed',
  },
  {
    title: 'charges nothing when only the scale speaks and a cola and a soda fit alike',
    grams: 353,
    seen: null,
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'sells chips by weight alone when there is no model',
    grams: 70.8,
    seen: null,
    charged: { chips: 1 },
    verdict: 'weight_decided',
  },
  {
    title: 'believes the cameras when the scale is silent',
    grams: null,
    seen: { cola: 1, chips: 1 },
    charged: { cola: 1, chips: 1 },
    verdict: 'vision_decided',
  },
  {
    title: 'charges nothing when neither scale nor cameras speak',
    grams: null,
    seen: null,
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'charges nothing for a cola that came back',
    grams: 0.5,
    seen: {},
    charged: {},
    verdict: 'agreed',
  },
  {
    title: 'charges nothing when the camera lost a cola that still weighs on the shelf',
    grams: 0.5,
    seen: { cola: 1 },
    charged: {},
    verdict: 'weight_decided',
  },
  {
    title: 'pays nobody for a cola that was put in',
    grams: -355,
    seen: { cola: -1 },
    charged: {},
    verdict: 'agreed',
  },
  {
    title: 'charges nothing for a mass that no basket has',
    grams: 25,
    seen: {},
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'charges nothing when something unknown was put in',
    grams: -200,
    seen: null,
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'charges only the chips when the rest may be chips or candy',
    grams: 123,
    seen: {},
    charged: { chips: 1 },
    verdict: 'disputed',
  },
];

describe('reconcile', () => {
  for (const { title, grams, seen, charged, verdict } of STORIES) {
    it(title, () => {
      const basket = reconcile({
        catalog: DEMO,
        scale: grams === null ? null : weighed(grams),
        cameras: seen === null ? null : saw(seen),
      });
      assert.deepEqual(basket.lines, linesOf(charged), basket.reason);
      assert.equal(basket.verdict, verdict, basket.reason);
    });
  }

  it('defect 10: sells a cola that the detector only knows as a bottle', () => {
    const catalog = withLabels({ cola: ['bottle'], water: ['bottle'] });
    const basket = reconcile({ catalog, scale: weighed(355), cameras: saw({ bottle: 1 }) });
    assert.deepEqual(basket.lines, [{ sku: 'cola', count: 1 }]);
    assert.equal(basket.verdict, 'agreed');
  });

  it('counts a product that is seen now under one label and now under another once', () => {
    const catalog = withLabels({ cola: ['bottle', 'can'] });
    const basket = reconcile({ catalog, scale: weighed(710), cameras: saw({ bottle: 1, can: 1 }) });
    assert.deepEqual(basket.lines, [{ sku: 'cola', count: 2 }]);
  });

  it('takes a hand or a bag in the picture for no product', () => {
    const basket = reconcile({ catalog: DEMO, scale: weighed(355), cameras: saw({ cola: 1, person: 1, handbag: -2 }) });
    assert.deepEqual(basket.lines, [{ sku: 'cola', count: 1 }]);
    assert.equal(basket.verdict, 'agreed');
  });

  it('tells the operator the runner-up and the reason', () => {
    const basket = reconcile({ catalog: DEMO, scale: weighed(355), cameras: null });
    assert.deepEqual(basket.runnerUp?.lines, [{ sku: 'soda', count: 1 }]);
    assert.match(basket.reason, /355 g: 59 % for 1 cola, 39 % for 1 soda; certain is nothing\./);
  });

  it('is exact for every basket of up to four pieces when scale and cameras are clean', () => {
    for (const counts of basketsUpTo(4)) {
      const cameras = saw(counts);
      const basket = reconcile({ catalog: DEMO, scale: weighed(massOf(counts)), cameras });
      assert.deepEqual(basket.lines, linesOf(counts), JSON.stringify(counts));
      assert.equal(basket.verdict, 'agreed', JSON.stringify(counts));
    }
  });

  it('is exact for every basket of up to three pieces when the scale is two sigmas off', () => {
    for (const counts of basketsUpTo(3)) {
      for (const offGrams of [-2 * SIGMA_GRAMS, 2 * SIGMA_GRAMS]) {
        const scale = weighed(massOf(counts) + offGrams);
        const basket = reconcile({ catalog: DEMO, scale, cameras: saw(counts) });
        assert.deepEqual(basket.lines, linesOf(counts), JSON.stringify({ counts, offGrams }));
      }
    }
  });

  it('gives up within its bound, and charges nothing, when 5 kg are gone from 200 products and no camera saw it', () => {
    const catalog = large();
    const found = searchBaskets(catalog, { scale: weighed(5000), cameras: null });
    assert.equal(found.kind, 'too_many');
    assert.ok(found.work <= WORK_MAX, `${found.work} pieces tried`);
    const basket = reconcile({ catalog, scale: weighed(5000), cameras: null });
    assert.deepEqual([basket.verdict, basket.lines, basket.probability], ['disputed', [], 0]);
  });

  it('finds ten pieces among 200 products within a tenth of its bound when the cameras saw them go', () => {
    const catalog = large();
    const counts = Object.fromEntries(catalog.products.slice(0, 10).map(({ sku }) => [sku, 1]));
    const evidence = { scale: weighed(massOf(counts, catalog)), cameras: saw(counts) };
    assert.ok(searchBaskets(catalog, evidence).work <= WORK_MAX / 10);
    assert.deepEqual(reconcile({ catalog, ...evidence }).lines, linesOf(counts, catalog));
  });
});

describe('what is charged of a basket', () => {
  const basket = (verdict: Verdict, counts: Record<string, number>) => ({ verdict, lines: linesOf(counts) });

  it('charges an agreed basket whole and asks for nobody', () => {
    assert.deepEqual(chargeable(basket('agreed', { cola: 1 })), {
      lines: linesOf({ cola: 1 }),
      flagged: false,
      review: false,
    });
  });

  it('flags a basket that one source decided', () => {
    for (const verdict of ['weight_decided', 'vision_decided'] as const) {
      assert.deepEqual(chargeable(basket(verdict, { cola: 1 })), {
        lines: linesOf({ cola: 1 }),
        flagged: true,
        review: false,
      });
    }
  });

  it('charges what is certain of a disputed basket, and hands it to a person when nothing is', () => {
    assert.equal(chargeable(basket('disputed', { chips: 1 })).review, false);
    assert.equal(chargeable(basket('disputed', {})).review, true);
  });
});

describe('evidence of a visit', () => {
  const closed = (seq: number, dmass: number) =>
    ({ type: 'closed', id: 'abc123', seq, at: 1, mass: 0, dmass, sigma: 2 }) as const;
  const report: VisionReport = {
    type: 'report',
    id: 'abc123',
    seq: 1,
    at: 1,
    model: '0123456789ab',
    before: {},
    after: {},
    removed: [['cola', 1, 0.97]],
    ms: 90,
  };

  it('takes the newest weighing, whichever arrived last', () => {
    const { scale } = evidenceOf({ door: [closed(8, 710), closed(7, 355)], vision: null });
    assert.deepEqual(scale, { removedGrams: 710, sigmaGrams: 2 });
  });

  it('knows no weight of a door that was never closed', () => {
    const opened = { type: 'opened', id: 'abc123', seq: 2, at: 1 } as const;
    assert.equal(evidenceOf({ door: [opened], vision: report }).scale, null);
  });

  it('takes cameras that could not look as silent, never as "nothing went"', () => {
    assert.deepEqual(evidenceOf({ door: [], vision: report }).cameras, report.removed);
    assert.equal(evidenceOf({ door: [], vision: { ...report, fault: 'detr.model-missing' } }).cameras, null);
    assert.equal(evidenceOf({ door: [], vision: { ...report, model: null } }).cameras, null);
    assert.equal(evidenceOf({ door: [], vision: null }).cameras, null);
  });
});

describe('reconcile, for any catalog and any evidence', () => {
  const catalogs = fc
    .array(
      fc.record({
        massGrams: fc.integer({ min: 1, max: 2000 }),
        toleranceGrams: fc.double({ min: 0.1, max: 100, noNaN: true }),
        labels: fc.subarray(['bottle', 'can', 'bag']),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map(
      (rows): Catalog => ({
        currency: 'usd',
        products: rows.map(({ massGrams, toleranceGrams, labels }, i) => ({
          ...product(`p${i}`, massGrams, 100, toleranceGrams),
          labels,
        })),
      }),
    );
  const scales = fc.option(
    fc.record({
      removedGrams: fc.double({ min: -3000, max: 6000, noNaN: true }),
      sigmaGrams: fc.double({ min: 0, max: 60, noNaN: true }),
    }),
  );
  const cameras = fc.option(
    fc.array(
      fc.tuple(
        fc.constantFrom('bottle', 'can', 'bag', 'person'),
        fc.integer({ min: -3, max: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      { maxLength: 4 },
    ),
  );
  const cases = fc.record({ catalog: catalogs, scale: scales, cameras });
  const RUNS = 150;

  it('gives probabilities from 0 to 1, whole counts above zero, and the same basket every time', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const basket = reconcile(input);
        assert.ok(basket.probability >= 0 && basket.probability <= 1);
        const second = basket.runnerUp?.probability ?? 0;
        assert.ok(second >= 0 && second <= basket.probability && second + basket.probability <= 1 + 1e-9);
        for (const { count } of basket.lines) assert.ok(Number.isSafeInteger(count) && count > 0);
        assert.equal(basket.verdict === 'disputed', basket.probability < CHARGE_PROBABILITY_MIN);
        assert.deepEqual(reconcile(input), basket);
      }),
      { numRuns: RUNS },
    );
  });

  it('never charges for more pieces than the missing mass can carry', () => {
    fc.assert(
      fc.property(cases, ({ catalog, scale, cameras: seen }) => {
        fc.pre(scale !== null && !(seen ?? []).some(([, count]) => count < 0));
        const basket = reconcile({ catalog, scale, cameras: seen });
        if (basket.lines.length === 0) return;
        assert.ok(lightestMass(basket, catalog) <= scale!.removedGrams + GATE_SIGMAS * Math.max(2, scale!.sigmaGrams));
      }),
      { numRuns: RUNS },
    );
  });

  it('finds what trying every single basket finds', () => {
    const small = fc.record({
      catalog: fc
        .array(fc.integer({ min: 100, max: 600 }), { minLength: 1, maxLength: 3 })
        .map(
          (masses): Catalog => ({ currency: 'usd', products: masses.map((grams, i) => product(`p${i}`, grams, 1)) }),
        ),
      removedGrams: fc.integer({ min: 0, max: 1500 }),
      seen: fc.option(fc.dictionary(fc.constantFrom('p0', 'p1', 'p2'), fc.integer({ min: 0, max: 3 }))),
    });
    fc.assert(
      fc.property(small, ({ catalog, removedGrams, seen }) => {
        const evidence = { scale: weighed(removedGrams), cameras: seen === null ? null : saw(seen) };
        const costs = everyBasket(catalog, evidence);
        const result = searchBaskets(catalog, evidence);
        if (costs.length === 0) return assert.equal(result.kind, 'unexplained');
        assert.ok(result.kind === 'found');
        const weight = (all: readonly number[]) =>
          all.reduce((sum, cost) => sum + Math.exp(Math.min(...costs) - cost), 0);
        const found = weight(result.explanations.map(({ costNats }) => costNats));
        assert.ok(Math.abs(found / weight(costs) - 1) < 1e-3, `${found} of ${weight(costs)}`);
      }),
      { numRuns: RUNS },
    );
  });

  it('never tries more than its bound', () => {
    fc.assert(
      fc.property(cases, ({ catalog, scale, cameras: seen }) => {
        assert.ok(searchBaskets(catalog, { scale, cameras: seen }).work <= WORK_MAX);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Costs of all baskets that the mass allows, without any pruning: at most 15 pieces of 100 g and up make 1,500 g. */
function everyBasket(catalog: Catalog, evidence: Parameters<typeof searchBaskets>[1]): number[] {
  const kinds = kindsOf(catalog, evidence.cameras);
  const scale = scaleModel(evidence.scale);
  const sizes = sizeCosts(catalog.products.length);
  const costs: number[] = [];
  const counts = catalog.products.map(() => 0);
  const walk = (index: number, left: number): void => {
    if (index < counts.length) {
      for (let count = 0; count <= left; count += 1) {
        counts[index] = count;
        walk(index + 1, left - count);
      }
      counts[index] = 0;
      return;
    }
    const sum = (of: (i: number) => number) => counts.reduce((total, count, i) => total + count * of(i), 0);
    const mass = scale.cost(
      sum((i) => catalog.products[i]!.massGrams),
      sum((i) => pieceSigmaGrams(catalog.products[i]!) ** 2),
    );
    const seen = counts.reduce((total, count, i) => total + kindCost(kinds[i]!, count), 0);
    if (Number.isFinite(mass)) costs.push(mass + seen + sizes[sum(() => 1)]!);
  };
  walk(0, 16);
  return costs;
}

/** The basket's mass with every piece as light as the gate allows. */
function lightestMass({ lines }: Basket, { products }: Catalog): number {
  let massGrams = 0;
  let variance = 0;
  for (const { sku, count } of lines) {
    const found = products.find((one) => one.sku === sku)!;
    massGrams += count * found.massGrams;
    variance += count * found.toleranceGrams ** 2;
  }
  return massGrams - GATE_SIGMAS * Math.sqrt(variance);
}

function withLabels(labels: Readonly<Record<string, readonly string[]>>): Catalog {
  const products = DEMO.products.map((one) => ({ ...one, labels: [...(labels[one.sku] ?? [])] }));
  return { ...DEMO, products };
}

/** 200 products of 50 to 1,000 g, always the same. */
function large(): Catalog {
  let state = 1;
  const masses = Array.from({ length: 200 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 50 + Math.round((950 * state) / 2_147_483_647);
  });
  return { currency: 'usd', products: masses.map((massGrams, i) => product(`p${i}`, massGrams, 100)) };
}

function basketsUpTo(size: number): Record<string, number>[] {
  const skus = DEMO.products.map(({ sku }) => sku);
  const grow = (left: number, from: number): Record<string, number>[] => [
    {},
    ...(left === 0
      ? []
      : skus.flatMap((sku, i) =>
          i < from ? [] : grow(left - 1, i).map((rest) => ({ ...rest, [sku]: (rest[sku] ?? 0) + 1 })),
        )),
  ];
  return grow(size, 0);
}
