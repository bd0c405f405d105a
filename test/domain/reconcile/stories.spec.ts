// What was taken, from what the scale and the cameras say: the stories of a shop.
import assert from 'node:assert/strict';
import {
  type Basket,
  type CameraView,
  type Catalog,
  chargeable,
  DEFAULT_MODEL,
  evidenceOf,
  popularityOf,
  type ReconcileInput,
  reconcile,
  rulingOf,
  type Verdict,
  type VisionReport,
} from '@tapcase/domain';
import { DEMO, linesOf, massOf } from '../demo-catalog.ts';
import { clean, minus, type Pieces, SIGMA_GRAMS, STOCK, views, weighed } from './shelf.ts';

interface Story {
  readonly title: string;
  readonly grams: number | null;
  /** What each camera saw go. */
  readonly gone: Pieces | readonly [Pieces, Pieces] | null;
  readonly stock?: Pieces;
  readonly charged: Pieces;
  readonly verdict: Verdict;
}

const STORIES: readonly Story[] = [
  { title: 'charges nothing when the mass moved by noise', grams: 1.4, gone: {}, charged: {}, verdict: 'agreed' },
  { title: 'charges one cola', grams: 355.2, gone: { cola: 1 }, charged: { cola: 1 }, verdict: 'agreed' },
  {
    title: 'defect 9: charges for two of three colas, because it counts',
    grams: 710,
    gone: { cola: 2 },
    charged: { cola: 2 },
    verdict: 'agreed',
  },
  {
    title: 'charges the one cola that both cameras saw go though two cans are missing: both others are in sight',
    grams: 710,
    gone: { cola: 1 },
    charged: { cola: 1 },
    verdict: 'vision_decided',
  },
  {
    title: 'tells a soda of 350 g from a cola of 355 g by what the cameras saw',
    grams: 353,
    gone: { soda: 1 },
    charged: { soda: 1 },
    verdict: 'agreed',
  },
  {
    title: 'charges nothing when only the scale speaks and a cola and a soda fit alike',
    grams: 353,
    gone: null,
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'tells a cola from a soda without cameras when there is no soda',
    grams: 353,
    gone: null,
    stock: { ...STOCK, soda: 0 },
    charged: { cola: 1 },
    verdict: 'weight_decided',
  },
  {
    title: 'sells chips by weight alone when there is no model',
    grams: 70.8,
    gone: null,
    charged: { chips: 1 },
    verdict: 'weight_decided',
  },
  {
    title: 'believes the cameras when the scale is silent',
    grams: null,
    gone: { cola: 1, chips: 1 },
    charged: { cola: 1, chips: 1 },
    verdict: 'vision_decided',
  },
  {
    title: 'charges nothing when neither scale nor cameras speak',
    grams: null,
    gone: null,
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'charges nothing when the cameras lost a cola that still weighs on the shelf',
    grams: 0.5,
    gone: { cola: 1 },
    charged: {},
    verdict: 'weight_decided',
  },
  {
    title: 'pays nobody for a cola that was put in',
    grams: -355,
    gone: { cola: -1 },
    charged: {},
    verdict: 'agreed',
  },
  {
    title: 'charges nothing for a mass that no basket has, when the cameras saw nothing go',
    grams: 25,
    gone: {},
    charged: {},
    verdict: 'vision_decided',
  },
  {
    title: 'charges nothing when something unknown was put in and no camera looked',
    grams: -200,
    gone: null,
    charged: {},
    verdict: 'disputed',
  },
  {
    title: 'charges what both cameras saw go though something heavy was left behind',
    grams: 355 - 420,
    gone: { cola: 1 },
    charged: { cola: 1 },
    verdict: 'vision_decided',
  },
];

/** An operator who charges when it is nine to one: the stories are about what is believed. */
const THRESHOLDS = { charge: 0.9, certain: 0.9 };

const inputOf = ({ grams, gone, stock = STOCK }: Story): ReconcileInput => ({
  catalog: DEMO,
  scale: grams === null ? null : weighed(grams),
  zones: [],
  cameras: gone === null ? null : views(gone, stock),
  stock,
  thresholds: THRESHOLDS,
});

const AMBIGUOUS = STORIES.find(({ grams, gone, stock }) => grams === 353 && gone === null && stock === undefined)!;

describe('reconcile', () => {
  for (const story of STORIES) {
    it(story.title, () => {
      const basket = reconcile(inputOf(story));
      assert.deepEqual(basket.lines, linesOf(story.charged), basket.reason.en);
      assert.equal(basket.verdict, story.verdict, basket.reason.en);
    });
  }

  it('defect 10: sells a cola that the detector only knows as a bottle', () => {
    const catalog = withLabels({ cola: ['bottle'], water: ['bottle'] });
    const cameras = sameView({ bottle: 5 }, { bottle: 4 });
    const basket = reconcile({ catalog, scale: weighed(355), zones: [], cameras });
    assert.deepEqual(basket.lines, [{ sku: 'cola', count: 1 }]);
    assert.equal(basket.verdict, 'agreed');
  });

  it('counts a product that is seen now under one label and now under another once', () => {
    const catalog = withLabels({ cola: ['bottle', 'can'] });
    const cameras = sameView({ bottle: 2, can: 1 }, { bottle: 1 });
    assert.deepEqual(reconcile({ catalog, scale: weighed(710), zones: [], cameras }).lines, [
      { sku: 'cola', count: 2 },
    ]);
  });

  it('takes a hand or a bag in the picture for no product', () => {
    const cameras = views({ cola: 1 }).map(
      (view): CameraView => ({ ...view, after: { ...view.after, person: 1, handbag: 2 } }),
    );
    const basket = reconcile({ ...clean({ cola: 1 }), cameras });
    assert.deepEqual([basket.lines, basket.verdict], [[{ sku: 'cola', count: 1 }], 'agreed']);
  });

  it('charges neither of two cans that weigh the same and that cameras, which look well, know by the same labels', () => {
    const labels = ['cola', 'soda'];
    const twins = DEMO.products.map((one) => (isCan(one.sku) ? { ...one, labels, massGrams: 355 } : one));
    const input = { ...clean({ cola: 1 }), catalog: { ...DEMO, products: twins } };
    const basket = reconcile(input);
    assert.deepEqual([basket.lines, basket.verdict], [[], 'disputed']);
    const named = basket.candidates
      .slice(0, 2)
      .map(({ lines }) => lines.map(({ sku, count }) => `${count} ${sku}`).join());
    assert.deepEqual(named.sort(), ['1 cola', '1 soda']);
    // With a label each, the same pictures tell.
    assert.deepEqual(reconcile({ ...input, catalog: DEMO }).lines, linesOf({ cola: 1 }));
  });

  it('knows a cola that was mistaken for a soda before it went', () => {
    const catalog = {
      ...DEMO,
      products: DEMO.products.map((one) => (isCan(one.sku) ? { ...one, alike: 'can' } : one)),
    };
    const mistaken = { ...STOCK, cola: 2, soda: 4 };
    const cameras = [
      { camera: '0', before: mistaken, after: { ...STOCK, cola: 2, soda: 3 } },
      { camera: '1', before: STOCK, after: minus(STOCK, { cola: 1 }) },
    ];
    const basket = reconcile({ catalog, scale: weighed(352), zones: [], cameras, stock: STOCK });
    assert.deepEqual(basket.candidates[0]?.lines, [{ sku: 'cola', count: 1 }]);
    assert.ok(basket.probability > 0.95, `${basket.probability}`);
  });

  it('charges for two colas when one camera never saw the second', () => {
    const cameras = [
      { camera: '0', before: { ...STOCK, cola: 2 }, after: { ...STOCK, cola: 1 } },
      { camera: '1', before: STOCK, after: { ...STOCK, cola: 1 } },
    ];
    const basket = reconcile({ ...clean({ cola: 2 }), cameras });
    assert.deepEqual([basket.lines, basket.verdict], [linesOf({ cola: 2 }), 'agreed']);
  });

  it('believes that a piece went unseen only where one stood unseen', () => {
    const hidden = { ...STOCK, chips: 3 };
    const unseen = sameView(hidden, minus(hidden, { cola: 1 }));
    const taken = { cola: 1, chips: 1 };
    const input = { catalog: DEMO, scale: weighed(massOf(taken)), zones: [], cameras: unseen, stock: STOCK };
    assert.deepEqual(reconcile(input).candidates[0]?.lines, linesOf(taken));
    const inSight = reconcile({ ...input, cameras: views({ cola: 1 }) });
    assert.deepEqual([inSight.lines, inSight.verdict], [linesOf({ cola: 1 }), 'vision_decided']);
  });

  it('does without a dead camera, and without one that went dark during the visit', () => {
    const [left, right] = views({ cola: 1 }) as [CameraView, CameraView];
    const dark = { ...right, before: {}, after: {} };
    const darkened = { ...right, after: {} };
    for (const cameras of [[left], [left, dark], [left, darkened]]) {
      const basket = reconcile({ ...clean({ cola: 1 }), cameras });
      assert.deepEqual([basket.lines, basket.verdict], [[{ sku: 'cola', count: 1 }], 'agreed']);
    }
  });

  it('trusts a fogged camera less than a clear one', () => {
    const foggy = { cola: 2, soda: 2, water: 1, chips: 2, juice: 2, candy: 2 };
    const cameras: CameraView[] = [
      views({ cola: 1 })[0]!,
      { camera: '1', before: foggy, after: { ...foggy, cola: 2, soda: 1, chips: 3 } },
    ];
    const basket = reconcile({ ...clean({ cola: 1 }), cameras });
    assert.deepEqual(basket.lines, [{ sku: 'cola', count: 1 }], basket.reason.en);
  });

  it('uses what sells here to tell two products of the same mass apart, but only a little', () => {
    const popularity = popularityOf(['cola', 'soda'], Array<Basket['lines']>(200).fill([{ sku: 'cola', count: 1 }]));
    const model = { ...DEFAULT_MODEL, basket: { ...DEFAULT_MODEL.basket, popularity } };
    const input = { ...inputOf(AMBIGUOUS), model };
    assert.deepEqual(reconcile(input).candidates[0]?.lines, [{ sku: 'cola', count: 1 }]);
    const seen = { ...input, cameras: views({ soda: 1 }) };
    assert.deepEqual(reconcile(seen).lines, [{ sku: 'soda', count: 1 }]);
  });

  it('tells the operator the candidates, what speaks for each product, and why, in two languages', () => {
    const basket = reconcile({ ...inputOf(AMBIGUOUS), scale: weighed(352.6) });
    assert.deepEqual(
      basket.candidates.slice(0, 2).map(({ lines }) => lines),
      [[{ sku: 'cola', count: 1 }], [{ sku: 'soda', count: 1 }]],
    );
    assert.deepEqual(
      basket.evidence.map(({ sku }) => sku),
      ['cola', 'soda'],
    );
    assert.match(basket.reason.en, /^352\.6 g: \d\d % for 1 cola, \d\d % for 1 soda; certain is nothing\.$/);
    assert.match(basket.reason.es, /^352,6 g: \d\d % para 1 cola, \d\d % para 1 soda; seguro: nada\.$/);
  });

  it('shows for every product what each camera counted', () => {
    const { evidence } = reconcile(clean({ cola: 1, chips: 2 }));
    assert.deepEqual(
      evidence.map(({ sku, count, grams, cameras }) => [
        sku,
        count,
        grams,
        cameras.map(({ before, after }) => [before, after]),
      ]),
      [
        [
          'cola',
          1,
          355,
          [
            [3, 2],
            [3, 2],
          ],
        ],
        [
          'chips',
          2,
          140,
          [
            [4, 2],
            [4, 2],
          ],
        ],
      ],
    );
  });

  it('is exact for every basket of up to four pieces when scale and cameras are clean', () => {
    for (const taken of basketsUpTo(4)) {
      const basket = reconcile(clean(taken));
      assert.deepEqual(basket.lines, linesOf(taken), JSON.stringify(taken));
      assert.equal(basket.verdict, 'agreed', JSON.stringify(taken));
    }
  });

  it('is exact for every basket of up to three pieces when the scale is two sigmas off', () => {
    for (const taken of basketsUpTo(3)) {
      for (const offGrams of [-2 * SIGMA_GRAMS, 2 * SIGMA_GRAMS]) {
        const input = { ...clean(taken), scale: weighed(massOf(taken) + offGrams) };
        assert.deepEqual(reconcile(input).lines, linesOf(taken), JSON.stringify({ taken, offGrams }));
      }
    }
  });
});

describe('reconcile with a plate under each shelf', () => {
  const zoneOf: Readonly<Record<string, string>> = {
    cola: 'top',
    water: 'top',
    soda: 'low',
    chips: 'low',
    juice: 'low',
    candy: 'top',
  };
  const catalog = { ...DEMO, products: DEMO.products.map((one) => ({ ...one, zone: zoneOf[one.sku]! })) };
  const plates = (top: number, low: number) => [
    { zone: 'top', removedGrams: top, sigmaGrams: 1.5 },
    { zone: 'low', removedGrams: low, sigmaGrams: 1.5 },
  ];

  it('tells a cola from a soda by the shelf that it stood on', () => {
    const basket = reconcile({ catalog, scale: weighed(353), zones: plates(353, 0), cameras: null, stock: STOCK });
    assert.deepEqual([basket.lines, basket.verdict], [[{ sku: 'cola', count: 1 }], 'weight_decided']);
  });

  it('charges nothing for a cola that was put back on the other shelf', () => {
    const basket = reconcile({
      catalog,
      scale: weighed(0),
      zones: plates(355, -355),
      cameras: views({}),
      stock: STOCK,
    });
    assert.deepEqual([basket.lines, basket.verdict], [[], 'agreed']);
  });

  it('charges the cola that was taken while chips changed their shelf', () => {
    const zones = plates(355 - 70, 70);
    const basket = reconcile({ catalog, scale: weighed(355), zones, cameras: views({ cola: 1 }), stock: STOCK });
    assert.deepEqual(basket.lines, [{ sku: 'cola', count: 1 }]);
  });

  it('goes by the whole where a product stands on a shelf without a plate', () => {
    const products = catalog.products.map((one) => (one.sku === 'water' ? { ...one, zone: 'door' } : one));
    const input = {
      catalog: { ...catalog, products },
      scale: weighed(510),
      zones: plates(0, 0),
      cameras: views({ water: 1 }),
    };
    assert.deepEqual(reconcile(input).lines, [{ sku: 'water', count: 1 }]);
  });
});

describe('what is charged of a basket', () => {
  const basket = (verdict: Verdict, counts: Record<string, number>) => ({ verdict, lines: linesOf(counts) });

  it('charges an agreed basket whole and asks for nobody', () => {
    const lines = linesOf({ cola: 1 });
    assert.deepEqual(chargeable(basket('agreed', { cola: 1 })), { lines, flagged: false, review: false });
    assert.equal(rulingOf(basket('agreed', { cola: 1 })), 'agreed');
    assert.equal(rulingOf(basket('agreed', {})), 'nothing');
  });

  it('flags a basket that one source decided', () => {
    const lines = linesOf({ cola: 1 });
    for (const verdict of ['weight_decided', 'vision_decided'] as const) {
      assert.deepEqual(chargeable(basket(verdict, { cola: 1 })), { lines, flagged: true, review: false });
      assert.equal(rulingOf(basket(verdict, { cola: 1 })), 'agreed');
    }
  });

  it('charges what is certain of a disputed basket, and hands it to a person when nothing is', () => {
    assert.equal(chargeable(basket('disputed', { chips: 1 })).review, false);
    assert.equal(rulingOf(basket('disputed', { chips: 1 })), 'partly');
    assert.equal(chargeable(basket('disputed', {})).review, true);
    assert.equal(rulingOf(basket('disputed', {})), 'review');
  });
});

describe('evidence of a visit', () => {
  const closed = (seq: number, dmass: number, zones?: [string, number, number][]) =>
    ({
      type: 'closed',
      id: 'abc123',
      seq,
      at: 1,
      mass: 0,
      dmass,
      sigma: 2,
      ...(zones === undefined ? {} : { zones }),
    }) as const;
  const report: VisionReport = {
    type: 'report',
    id: 'abc123',
    seq: 1,
    at: 1,
    model: '0123456789ab',
    before: { 0: { cola: 2 }, 1: { cola: 2 } },
    after: { 0: { cola: 1 }, 1: { cola: 1 } },
    ms: 90,
  };

  it('takes the newest weighing, whichever arrived last', () => {
    const { scale } = evidenceOf({ door: [closed(8, 710), closed(7, 355)], vision: null });
    assert.deepEqual(scale, { removedGrams: 710, sigmaGrams: 2 });
  });

  it('knows each plate of the newest weighing', () => {
    const { zones } = evidenceOf({ door: [closed(8, 355, [['top', 355, 1]])], vision: null });
    assert.deepEqual(zones, [{ zone: 'top', removedGrams: 355, sigmaGrams: 1 }]);
  });

  it('knows no weight of a door that was never closed', () => {
    const opened = { type: 'opened', id: 'abc123', seq: 2, at: 1 } as const;
    assert.equal(evidenceOf({ door: [opened], vision: report }).scale, null);
  });

  it('takes cameras that could not look as silent, never as "nothing went"', () => {
    assert.equal(evidenceOf({ door: [], vision: report }).cameras?.length, 2);
    assert.equal(evidenceOf({ door: [], vision: { ...report, fault: 'detr.model-missing' } }).cameras, null);
    assert.equal(evidenceOf({ door: [], vision: { ...report, model: null } }).cameras, null);
    assert.equal(evidenceOf({ door: [], vision: null }).cameras, null);
  });

  it('compares only cameras that looked both times', () => {
    const { cameras } = evidenceOf({ door: [], vision: { ...report, after: { 1: { cola: 1 } } } });
    assert.deepEqual(
      cameras?.map(({ camera }) => camera),
      ['1'],
    );
  });
});

function isCan(sku: string): boolean {
  return sku === 'cola' || sku === 'soda';
}

function sameView(before: Pieces, after: Pieces): CameraView[] {
  return ['0', '1'].map((camera) => ({ camera, before, after }));
}

function withLabels(labels: Readonly<Record<string, readonly string[]>>): Catalog {
  const products = DEMO.products.map((one) => ({ ...one, labels: [...(labels[one.sku] ?? [])] }));
  return { ...DEMO, products };
}

/** Baskets that the stock allows. */
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
  return grow(size, 0).filter((basket) => Object.entries(basket).every(([sku, count]) => count <= STOCK[sku]!));
}
