// The search for baskets: exact against trying every single one, bounded, the same every time, for any evidence.
import assert from 'node:assert/strict';
import {
  type CameraView,
  type Catalog,
  DEFAULT_MODEL,
  DEFAULT_THRESHOLDS,
  MARGIN_NATS,
  parseModel,
  parseThresholds,
  type ReconcileInput,
  reconcile,
  WORK_MAX,
} from '@tapcase/domain';
import fc from 'fast-check';
import { Effort } from '../../../domain/src/reconcile/effort.ts';
import { familiesOf } from '../../../domain/src/reconcile/families.ts';
import { FamilyLikelihood } from '../../../domain/src/reconcile/family-likelihood.ts';
import { posteriorOf } from '../../../domain/src/reconcile/posterior.ts';
import { priorOf } from '../../../domain/src/reconcile/prior.ts';
import { pieceVariance, scaleModel } from '../../../domain/src/reconcile/scale-model.ts';
import { camerasOf, familySighting, kindSighting } from '../../../domain/src/reconcile/sightings.ts';
import { DEMO, linesOf, massOf, product } from '../demo-catalog.ts';
import { clean, minus, STOCK, views, weighed } from './shelf.ts';

const RUNS = 150;
/** Without the calibration on top. */
const RAW = { ...DEFAULT_MODEL, temperature: 1 };

describe('the search for baskets', () => {
  it('finds what trying every single basket finds', () => {
    fc.assert(
      fc.property(smallCases, (input) => {
        const found = posteriorOf(input, RAW)!;
        const every = everyBasket(input);
        for (const { lines, probability } of found.candidates.slice(0, 3)) {
          const expected = every.get(JSON.stringify(lines)) ?? 0;
          assert.ok(
            Math.abs(probability - expected) < LEFT_OUT,
            `${JSON.stringify(lines)}: ${probability}, ${expected}`,
          );
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('gives up within its bound, says so, and charges nothing, when 5 kg are gone from 200 products and no camera saw it', () => {
    const basket = reconcile({ catalog: large(200), scale: weighed(5000), zones: [], cameras: null });
    assert.ok(basket.work.limited);
    assert.ok(basket.work.tried <= WORK_MAX, `${basket.work.tried} tried`);
    assert.deepEqual([basket.verdict, basket.lines], ['disputed', []]);
    assert.match(basket.reason.es, /Demasiadas cestas/);
  });

  it('finds twelve pieces among 200 products within a twentieth of its bound when the cameras saw them go', () => {
    const catalog = large(200);
    const stock = Object.fromEntries(catalog.products.map(({ sku }) => [sku, 3]));
    const taken = Object.fromEntries(catalog.products.slice(0, 12).map(({ sku }) => [sku, 1]));
    const cameras = views(taken, stock);
    const basket = reconcile({ catalog, scale: weighed(massOf(taken, catalog)), zones: [], cameras, stock });
    assert.deepEqual(basket.lines, linesOf(taken, catalog));
    assert.ok(basket.work.tried < WORK_MAX / 20, `${basket.work.tried} tried`);
  });

  it('works no harder for masses that were learned and are no whole grams', () => {
    // Sums of such masses differ in the last digit with the order of adding: a search that waits for equality never ends.
    const products = DEMO.products.map((one, i) => ({ ...one, massGrams: one.massGrams + (0.1 * (i + 1)) / 3 }));
    const catalog = { ...DEMO, products };
    const taken = { water: 1, juice: 1, chips: 2 };
    const cameras = views(taken, { ...STOCK, juice: 2 });
    for (let offGrams = 15; offGrams <= 26; offGrams += 1) {
      const scale = weighed(massOf(taken, catalog) + offGrams);
      const { work } = reconcile({ ...clean(taken), catalog, cameras, scale });
      assert.ok(work.tried < 1_000, `${offGrams} g off: ${work.tried} tried`);
    }
  });

  it('splits what one label stands for by mass, also when all products share it', () => {
    const products = large(50).products.map((one) => ({ ...one, labels: ['bottle'] }));
    const catalog = { currency: 'usd', products };
    const taken = { p3: 1, p7: 1 };
    const cameras: CameraView[] = [{ camera: '0', before: { bottle: 100 }, after: { bottle: 98 } }];
    const basket = reconcile({ catalog, scale: weighed(massOf(taken, catalog)), zones: [], cameras });
    const total = ({ lines }: { lines: readonly { sku: string; count: number }[] }) =>
      lines.reduce((sum, { sku, count }) => sum + count * products.find((one) => one.sku === sku)!.massGrams, 0);
    for (const candidate of basket.candidates) assert.ok(Math.abs(total(candidate) - massOf(taken, catalog)) < 25);
  });
});

describe('reconcile, for any catalog and any evidence', () => {
  it('gives probabilities from 0 to 1, whole counts above zero, and the same basket every time', () => {
    fc.assert(
      fc.property(anyCases, (input) => {
        const basket = reconcile(input);
        assert.ok(basket.probability >= 0 && basket.probability <= 1);
        const sum = basket.candidates.reduce((whole, { probability }) => whole + probability, 0);
        assert.ok(sum <= 1 + 1e-9, `${sum}`);
        for (const { count } of basket.lines) assert.ok(Number.isSafeInteger(count) && count > 0);
        for (const { probability } of basket.evidence) assert.ok(probability >= 0 && probability <= 1);
        if (basket.verdict !== 'disputed') assert.ok(basket.probability >= DEFAULT_THRESHOLDS.charge);
        assert.deepEqual(reconcile(input), basket);
      }),
      { numRuns: RUNS },
    );
  });

  it('never tries more than its bound', () => {
    fc.assert(
      fc.property(anyCases, (input) => {
        assert.ok(reconcile(input).work.tried <= WORK_MAX);
      }),
      { numRuns: RUNS },
    );
  });

  it('never charges more pieces than the stock and the cameras have', () => {
    fc.assert(
      fc.property(anyCases, (input) => {
        const basket = reconcile(input);
        if (input.stock === undefined || basket.verdict !== 'agreed') return;
        for (const { sku, count } of basket.lines) assert.ok(count <= input.stock[sku]! + 1, `${count} ${sku}`);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('broken evidence', () => {
  const certain = (input: ReconcileInput) => reconcile(input).verdict !== 'disputed';

  it('has no basket for an empty catalog', () => {
    const basket = reconcile({ ...clean({}), catalog: { currency: 'usd', products: [] } });
    assert.deepEqual(
      [basket.verdict, basket.lines, basket.reason.en],
      ['disputed', [], 'Nothing is for sale in this case.'],
    );
  });

  it('takes a mass that is no number for silence', () => {
    for (const removedGrams of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const basket = reconcile({ ...clean({ cola: 1 }), scale: weighed(removedGrams) });
      assert.deepEqual([basket.scale, basket.verdict, basket.lines], [null, 'vision_decided', linesOf({ cola: 1 })]);
      assert.equal(certain({ ...clean({}), scale: weighed(removedGrams), cameras: null }), false);
    }
  });

  it('is sure of nothing without any source', () => {
    assert.equal(certain({ ...clean({}), scale: null, cameras: null }), false);
    assert.equal(certain({ ...clean({}), scale: null, cameras: [] }), false);
  });

  it('is not sure when both cameras saw more go than there ever was', () => {
    const cameras = [0, 1].map((n): CameraView => ({ camera: `${n}`, before: { cola: 900 }, after: { cola: 1 } }));
    const basket = reconcile({ catalog: DEMO, scale: weighed(0), zones: [], cameras, stock: STOCK });
    assert.deepEqual(basket.lines, []);
  });

  it('is not sure when the cameras contradict one another and no scale decides', () => {
    const cameras = [
      { camera: '0', before: STOCK, after: minus(STOCK, { cola: 2 }) },
      { camera: '1', before: STOCK, after: minus(STOCK, { juice: 2 }) },
    ];
    assert.equal(certain({ catalog: DEMO, scale: null, zones: [], cameras, stock: STOCK }), false);
  });

  it('knows no zone that the scale reports and no product names', () => {
    const zones = [
      { zone: 'attic', removedGrams: 355, sigmaGrams: 1 },
      { zone: 'cellar', removedGrams: Number.NaN, sigmaGrams: 1 },
    ];
    assert.deepEqual(reconcile({ ...clean({ cola: 1 }), zones }).lines, linesOf({ cola: 1 }));
  });

  it('refuses parameters that are no probabilities, and names the field', () => {
    const bad = { ...DEFAULT_MODEL, camera: { ...DEFAULT_MODEL.camera, missRate: 1.5 } };
    const fault = parseModel(bad);
    assert.ok('code' in fault && fault.code === 'reconcile.bad-model' && /camera\.missRate/.test(fault.message));
    assert.deepEqual(parseModel(DEFAULT_MODEL), DEFAULT_MODEL);
  });

  it('refuses thresholds below one half and above 0.9999', () => {
    for (const charge of [0.2, 1, Number.NaN, '0.9']) {
      const fault = parseThresholds({ charge, certain: 0.99 });
      assert.ok('code' in fault && fault.code === 'reconcile.bad-thresholds');
    }
    assert.deepEqual(parseThresholds(DEFAULT_THRESHOLDS), DEFAULT_THRESHOLDS);
  });
});

/** Explanations that the margin leaves out, each a factor of 22,000 below the best. */
const LEFT_OUT = 2e-3 + 10 * Math.exp(-MARGIN_NATS);
const SMALL_COUNT_MAX = 4;

const smallCases = fc
  .record({
    masses: fc.array(fc.integer({ min: 20, max: 600 }), { minLength: 1, maxLength: 3 }),
    taken: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 3 }),
    offGrams: fc.integer({ min: -15, max: 15 }),
    miscount: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 3, maxLength: 3 }),
    hasCameras: fc.boolean(),
    alike: fc.boolean(),
  })
  .map(({ masses, taken, offGrams, miscount, hasCameras, alike }): ReconcileInput => {
    const products = masses.map((grams, i) => ({
      ...product(`p${i}`, grams, 100),
      ...(alike ? { alike: 'twins' } : {}),
    }));
    const catalog = { currency: 'usd', products };
    const named = (counts: readonly number[]) => Object.fromEntries(masses.map((_, i) => [`p${i}`, counts[i]!]));
    const stock = named([SMALL_COUNT_MAX, SMALL_COUNT_MAX, SMALL_COUNT_MAX]);
    const gone = named(taken);
    const seen = named(taken.map((count, i) => Math.max(0, count - miscount[i]!)));
    const cameras = hasCameras ? views([gone, seen], stock) : null;
    return { catalog, scale: weighed(massOf(gone, catalog) + offGrams), zones: [], cameras, stock };
  });

/** Lines to probability, by every combination of counts that the stock allows, and one piece put in. */
function everyBasket({ catalog, scale, cameras, stock }: ReconcileInput): Map<string, number> {
  const model = RAW;
  const prior = priorOf(catalog, stock, model.basket);
  const weighing = scaleModel({ scale, zones: [], planogram: new Set(['']) }, model.scale)!;
  const families = familiesOf(catalog);
  const known = { catalog, views: cameras ?? [], stock, prior, model };
  const kinds = families.map((family) => family.kinds.map((kind) => kindSighting(kind, known)));
  const eyes = cameras === null ? [] : camerasOf(cameras, kinds.flat(), model);
  const context = { cameras: eyes, model, kinds: kinds.flat().length, effort: new Effort(), shapes: new Map() };
  const likelihoods =
    eyes.length === 0 ? null : kinds.map((own) => new FamilyLikelihood(familySighting(own, eyes), context));
  const weights = new Map<string, number>();
  let whole = 0;
  const counts = catalog.products.map(() => 0);
  const visit = (index: number): void => {
    if (index < counts.length) {
      for (let count = -1; count <= SMALL_COUNT_MAX; count += 1) {
        counts[index] = count;
        visit(index + 1);
      }
      counts[index] = 0;
      return;
    }
    let nats = counts.reduce((sum, count, i) => sum + prior.cost(i, count), 0);
    likelihoods?.forEach((likelihood, family) => {
      nats += likelihood.cost(families[family]!.kinds.map(({ products }) => counts[products[0]!]!));
    });
    const sum = (of: (i: number) => number) => counts.reduce((total, count, i) => total + count * of(i), 0);
    const massGrams = sum((i) => catalog.products[i]!.massGrams);
    const variance = counts.reduce(
      (total, count, i) => total + Math.abs(count) * pieceVariance(catalog.products[i]!),
      0,
    );
    nats += weighing.cost({ massGrams, variance, zoneGrams: [], zoneVariance: [] });
    const lines = counts.flatMap((count, i) => (count > 0 ? [{ sku: catalog.products[i]!.sku, count }] : []));
    const key = JSON.stringify(lines);
    const weight = Math.exp(-nats);
    weights.set(key, (weights.get(key) ?? 0) + weight);
    whole += weight;
  };
  visit(0);
  return new Map([...weights].map(([key, weight]) => [key, weight / whole]));
}

const labelCounts = fc.dictionary(fc.constantFrom('bottle', 'can', 'bag', 'person'), fc.integer({ min: 0, max: 999 }));
const anyCases = fc
  .record({
    rows: fc.array(
      fc.record({
        massGrams: fc.integer({ min: 1, max: 2000 }),
        toleranceGrams: fc.double({ min: 0.1, max: 100, noNaN: true }),
        labels: fc.subarray(['bottle', 'can', 'bag']),
        alike: fc.constantFrom('', 'a', 'b'),
        zone: fc.constantFrom('', 'top', 'low'),
        stock: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 999 })),
      }),
      { minLength: 1, maxLength: 10 },
    ),
    scale: fc.option(
      fc.record({
        removedGrams: fc.double({ min: -3000, max: 6000, noNaN: true }),
        sigmaGrams: fc.double({ min: 0, max: 60, noNaN: true }),
      }),
    ),
    hasZones: fc.boolean(),
    cameras: fc.option(
      fc.array(
        fc.record({
          camera: fc.constantFrom('0', '1', '2', '3'),
          before: labelCounts,
          after: labelCounts,
          partial: fc.boolean(),
        }),
        { maxLength: 6 },
      ),
    ),
    hasStock: fc.boolean(),
  })
  .map(({ rows, scale, hasZones, cameras, hasStock }): ReconcileInput => {
    const products = rows.map(({ massGrams, toleranceGrams, labels, alike, zone }, i) => ({
      ...product(`p${i}`, massGrams, 100, toleranceGrams),
      labels,
      ...(alike === '' ? {} : { alike }),
      ...(zone === '' ? {} : { zone }),
    }));
    const catalog: Catalog = { currency: 'usd', products };
    const zones =
      hasZones && scale !== null
        ? [
            { ...scale, zone: 'top' },
            { removedGrams: 0, sigmaGrams: 1, zone: 'low' },
          ]
        : [];
    const stock = Object.fromEntries(rows.map((row, i) => [`p${i}`, row.stock]));
    return { catalog, scale, zones, cameras, ...(hasStock ? { stock } : {}) };
  });

/** Products of 50 to 1,000 g, always the same. */
function large(count: number): Catalog {
  let state = 1;
  const masses = Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 50 + Math.round((950 * state) / 2_147_483_647);
  });
  return { currency: 'usd', products: masses.map((massGrams, i) => product(`p${i}`, massGrams, 100)) };
}
