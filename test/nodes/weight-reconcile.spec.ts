// weight-reconcile in a real Node-RED: door and cameras become a basket, and the basket goes one of four ways.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import {
  type Basket,
  type CaseLearning,
  type Catalog,
  DEFAULT_MODEL,
  DEFAULT_THRESHOLDS,
  Fault,
  type VisionReport,
} from '@tapcase/domain';
import {
  PARAMETER_NAMES,
  parseConfig,
  policyDefaults,
} from '../../nodes/node-red-contrib-tapcase/src/shop/tapcase-policy/contract.ts';
import tapcasePolicy from '../../nodes/node-red-contrib-tapcase/src/shop/tapcase-policy/tapcase-policy.ts';
import weightReconcile from '../../nodes/node-red-contrib-tapcase/src/visit/weight-reconcile/weight-reconcile.ts';
import { basketOf, DEMO, linesOf, massOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { assertFault, sent, type VisitOptions, visionReport, withVisits } from './visit-bench.ts';

const NODE = { type: 'weight-reconcile', module: weightReconcile, outputs: 4 };
/** Nine to one is enough: what these tests are about is where a basket goes, not how careful the defaults are. */
const BOLD_VALUES = { charge: 0.9, certain: 0.9 };
const BOLD = withPolicy(BOLD_VALUES);
/** What a node of an earlier release stores. */
const OWN = { charge: '0,5', certain: '0.5', asksAlone: true };
const [AGREED, PARTLY, REVIEW, NOTHING] = [0, 1, 2, 3];
const SOURCES = join(import.meta.dirname, '../../nodes/node-red-contrib-tapcase/src');
/** Where the build puts a dialog that it makes of a contract. */
const MADE = join(SOURCES, '../dist');
const LEARNED: CaseLearning = { visits: 40, learnedAtMs: 1, sigmaGrams: null, masses: {}, popularity: {} };
/** Between a cola of 355 g and a soda of 350 g. */
const COLA_OR_SODA_GRAMS = 353;
/** Cola and soda only. */
const CANS: Catalog = { ...DEMO, products: DEMO.products.slice(0, 2) };
const TWO_COLAS: Partial<VisionReport> = {
  before: { '0': { cola: 6 } },
  after: { '0': { cola: 4 } },
};

describe('weight-reconcile', () => {
  withRuntime();

  describe('as it comes, without a policy', () => {
    const { send, closedWith } = shopWith(NODE);

    it('leaves to a person what is fourteen to one and no more', async () => {
      const basket = basketFrom(await send(await closedWith(70, null)), REVIEW);
      assert.deepEqual([basket.lines, basket.candidates[0]?.lines], [[], linesOf({ chips: 1 })]);
    });
  });

  describe('of a shop that charges from nine to one', () => {
    const { send, closedWith } = shopWith(BOLD);

    it('defect 8: charges for what this case’s cameras and scale say', async () => {
      const basket = basketFrom(await send(await closedWith(710, TWO_COLAS)), AGREED);
      assert.deepEqual([basket.lines, basket.verdict], [linesOf({ cola: 2 }), 'agreed']);
    });

    it('charges for two colas when one camera saw one, and the other and the scale say two', async () => {
      const before = { '0': { cola: 6 }, '1': { cola: 6 } };
      const after = { '0': { cola: 5 }, '1': { cola: 4 } };
      const basket = basketFrom(await send(await closedWith(710, { ...TWO_COLAS, before, after })), AGREED);
      assert.deepEqual([basket.lines, basket.verdict], [linesOf({ cola: 2 }), 'agreed']);
    });

    it('charges for the cola that was seen, and leaves the second can to a person', async () => {
      const basket = basketFrom(
        await send(await closedWith(710, { ...TWO_COLAS, after: { '0': { cola: 5 } } })),
        PARTLY,
      );
      assert.deepEqual([basket.lines, basket.verdict], [linesOf({ cola: 1 }), 'disputed']);
    });

    it('goes by weight when the cameras could not look or never came, and asks nobody', async () => {
      for (const report of [null, { fault: 'detr.model-missing', model: null }, { fault: 'camera.silent' }]) {
        const outcome = await send(await closedWith(70, report));
        const basket = basketFrom(outcome, AGREED);
        assert.deepEqual(
          [basket.lines, basket.verdict, basket.cameras],
          [linesOf({ chips: 1 }), 'weight_decided', null],
        );
        assert.equal(sent(outcome, AGREED).asksPerson, false);
      }
    });

    it('charges the chips and leaves the can to a person, when the can may be a cola or a soda', async () => {
      const catalog = { ...DEMO, products: DEMO.products.filter(({ sku }) => sku !== 'juice' && sku !== 'candy') };
      const grams = COLA_OR_SODA_GRAMS + massOf({ chips: 1 });
      const basket = basketFrom(await send(await closedWith(grams, null, { catalog })), PARTLY);
      assert.deepEqual([basket.lines, basket.verdict], [linesOf({ chips: 1 }), 'disputed']);
    });

    it('charges nothing for a can that may be a cola or a soda', async () => {
      const basket = basketFrom(await send(await closedWith(COLA_OR_SODA_GRAMS, null)), REVIEW);
      assert.deepEqual([basket.lines, basket.verdict], [[], 'disputed']);
    });

    it('says that nothing was taken when scale and cameras say so', async () => {
      const still = { before: { '0': { cola: 6 } }, after: { '0': { cola: 6 } } };
      const basket = basketFrom(await send(await closedWith(0, still)), NOTHING);
      assert.deepEqual([basket.lines, basket.verdict], [[], 'agreed']);
    });

    it('keeps a basket that was decided before', async () => {
      const { visit, evidence } = await closedWith(710, TWO_COLAS);
      const decided = basketOf(linesOf({ chips: 1 }));
      assert.deepEqual(basketFrom(await send({ visit: { ...visit, basket: decided }, evidence }), AGREED), decided);
    });

    it('weighs nothing for a door that nobody opened', async () => {
      const { visits } = shop;
      const visit = await visits().visitIn('timeout');
      const { door } = await visits().ledger.evidence(visit.id);
      assert.equal(sent(await send({ visit, evidence: { door, vision: null } }), NOTHING).basket, undefined);
    });

    it('believes what the case has learned: a cola that really weighs 330 g', async () => {
      const message = await closedWith(330, null, { catalog: CANS });
      assert.notDeepEqual(basketFrom(await send({ ...message, learned: null }), REVIEW).lines, linesOf({ cola: 1 }));
      const masses = { cola: { massGrams: 330, pieces: 40, errorGrams: 0.5 } };
      const basket = basketFrom(await send({ ...message, learned: { ...LEARNED, masses } }), AGREED);
      assert.deepEqual(basket.lines, linesOf({ cola: 1 }));
      assert.equal(basket.evidence.find(({ sku }) => sku === 'cola')?.grams, 330);
    });

    it('believes what sells: the same mass is a cola where nobody ever buys the soda', async () => {
      const message = await closedWith(COLA_OR_SODA_GRAMS, null);
      const popularity = { cola: 1_000, soda: 0.5 };
      const basket = basketFrom(await send({ ...message, learned: { ...LEARNED, popularity } }), AGREED);
      assert.deepEqual(basket.lines, linesOf({ cola: 1 }));
    });

    it('charges no cola when none was in the case', async () => {
      // The can stood behind the five sodas that the camera sees before and after.
      const hidden = { before: { '0': { soda: 5 } }, after: { '0': { soda: 5 } } };
      const message = await closedWith(COLA_OR_SODA_GRAMS, hidden, { catalog: CANS });
      basketFrom(await send(message), REVIEW);
      const basket = basketFrom(await send({ ...message, stock: { cola: 0, soda: 6 } }), AGREED);
      assert.deepEqual(basket.lines, linesOf({ soda: 1 }));
    });

    it('refuses a message without a visit, or with evidence that is none', async () => {
      const { visit, evidence } = await closedWith(0, null);
      assertFault(await send({ visit, evidence: { vision: null } }), 'message.incomplete');
      assertFault(await send({ evidence }), 'message.incomplete');
    });

    it('refuses learning and stock that would mislead it', async () => {
      const message = await closedWith(355, null);
      for (const learned of [
        'much',
        [],
        {},
        { ...LEARNED, sigmaGrams: Number.NaN },
        { ...LEARNED, sigmaGrams: -1 },
        { ...LEARNED, popularity: { cola: -1 } },
        { ...LEARNED, masses: { cola: { massGrams: '330', pieces: 1, errorGrams: 1 } } },
      ]) {
        assertFault(await send({ ...message, learned }), 'reconcile.bad-learning');
      }
      for (const stock of ['full', [3], null, { cola: -1 }, { cola: 1.5 }, { cola: Number.NaN }, { cola: 1_000 }]) {
        assertFault(await send({ ...message, stock }), 'reconcile.bad-stock');
      }
    });
  });

  describe('with thresholds of the operator’s', () => {
    const { send, closedWith } = shopWith(withPolicy({ charge: '0,5', certain: '0.5' }));

    it('charges the likelier of two cans where that is enough', async () => {
      const basket = basketFrom(await send(await closedWith(355, null)), AGREED);
      assert.deepEqual(basket.lines, linesOf({ cola: 1 }));
      assert.ok(basket.probability > 0.5 && basket.probability < DEFAULT_THRESHOLDS.charge, `${basket.probability}`);
    });
  });

  describe('with a noisier scale', () => {
    const { send, closedWith } = shopWith(withPolicy({ ...BOLD_VALUES, scaleSigmaGrams: 60 }));

    it('is no longer sure of one bag of chips', async () => {
      basketFrom(await send(await closedWith(70, null)), REVIEW);
    });
  });

  describe('that asks a person also where one source decided alone', () => {
    const { send, closedWith } = shopWith(withPolicy({ ...BOLD_VALUES, asksAlone: true }));

    it('charges what only the scale says, and asks', async () => {
      assert.equal(sent(await send(await closedWith(70, null)), AGREED).asksPerson, true);
    });

    it('asks nobody where scale and cameras agree, or where nothing was taken', async () => {
      assert.equal(sent(await send(await closedWith(710, TWO_COLAS)), AGREED).asksPerson, false);
      assert.equal(sent(await send(await closedWith(0, null)), NOTHING).asksPerson, false);
    });
  });

  describe('of an earlier release, which decided by values of its own', () => {
    const { send, closedWith } = shopWith({ ...NODE, ...OWN });

    it('goes on as it was set', async () => {
      const outcome = await send(await closedWith(355, null));
      assert.deepEqual(basketFrom(outcome, AGREED).lines, linesOf({ cola: 1 }));
      assert.equal(sent(outcome, AGREED).asksPerson, true);
    });

    it('keeps its values in the editor, which stores none for a new node', () => {
      const { defaults } = registered(MADE, 'visit/weight-reconcile');
      assert.deepEqual(Object.keys(defaults), ['name', 'policy', 'ledger', ...Object.keys(policyDefaults)]);
      for (const name of Object.keys(policyDefaults)) assert.equal(defaults[name]!.value, undefined, name);
    });
  });

  describe('of an earlier release, and with a policy now', () => {
    const { send, closedWith } = shopWith({ ...withPolicy({}), ...OWN, temperature: 'hot' });

    it('goes by the policy, whatever it still stores', async () => {
      assert.deepEqual(basketFrom(await send(await closedWith(355, null)), REVIEW).lines, []);
    });
  });

  describe('whose policy is not there', () => {
    const { send, closedWith } = shopWith({ ...NODE, policy: 'gone', charge: 0.5 });

    it('decides nothing, not even by values of its own', async () => {
      assertFault(await send(await closedWith(710, TWO_COLAS)), 'config.missing-node');
    });
  });

  for (const [property, value, code] of [
    ['charge', '0.4', 'reconcile.bad-thresholds'],
    ['certain', 'high', 'reconcile.bad-thresholds'],
    ['scaleSigmaGrams', 0, 'reconcile.bad-model'],
    ['cameraMissRate', '0.6', 'reconcile.bad-model'],
    ['temperature', '${NOBODY_SET_THIS}', 'reconcile.bad-model'],
  ] as const) {
    for (const [where, node] of [
      ['in its policy', withPolicy({ [property]: value })],
      ['of its own', { ...NODE, [property]: value }],
    ] as const) {
      describe(`with ${property} at ${value} ${where}`, () => {
        const { send, closedWith } = shopWith(node);

        it(`decides nothing: every message is the fault ${code}`, async () => {
          assertFault(await send(await closedWith(710, TWO_COLAS)), code);
        });
      });
    }
  }
});

describe('the numbers in the dialog of tapcase-policy', () => {
  it('are the domain’s own, and a node of an earlier release has the same', () => {
    const policy = { model: DEFAULT_MODEL, thresholds: DEFAULT_THRESHOLDS, asksAlone: false };
    assert.deepEqual(parseConfig({}), policy);
    const shown = Object.entries(dialog()).filter(([name]) => name !== 'name' && name !== 'ledger');
    const stored = Object.fromEntries(shown.map(([name, { value }]) => [name, value]));
    assert.deepEqual(parseConfig(stored), policy);
    const asText = Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, String(value)]));
    assert.deepEqual(parseConfig({ ...asText, asksAlone: false }), policy);
    assert.deepEqual(parseConfig(Object.fromEntries(Object.keys(stored).map((name) => [name, '']))), policy);
  });

  it('are all that an operator may set of the model', () => {
    const { scale, camera, basket } = DEFAULT_MODEL;
    const count = [...Object.values({ ...scale }), ...Object.values(camera), ...Object.values(basket)].filter(
      (value) => typeof value === 'number',
    ).length;
    assert.equal(PARAMETER_NAMES.length, count + 1, 'and the temperature');
    for (const name of PARAMETER_NAMES) assert.ok(Object.hasOwn(dialog(), name), name);
  });

  it('reach the model under their own name', () => {
    for (const name of PARAMETER_NAMES) {
      const halved = (policyDefaults as unknown as Record<string, { value: number }>)[name]!.value / 2;
      const policy = parseConfig({ [name]: halved });
      assert.ok(!(policy instanceof Fault), name);
      const group = /^(scale|camera|basket)([A-Z])(.*)$/.exec(name);
      const model = policy.model as unknown as Record<string, Record<string, number>>;
      const value = group === null ? model[name] : model[group[1]!]![group[2]!.toLowerCase() + group[3]!];
      assert.equal(value, halved, name);
    }
  });

  it('are refused by the editor exactly where a Deploy refuses them', () => {
    const tried = [
      -1, 0, 1e-10, 1e-9, 0.04, 0.05, 0.1, 0.19, 0.2, 0.49, 0.5, 0.51, 0.9999, 0.99995, 1, 1.01, 5, 5.1, 9,
    ];
    const larger = [10, 20, 21, 200, 201, 1000, 1001, 50_000, 50_001, Number.NaN];
    const texts = ['', ' ', '0,3', '0.3', '1e-3', '.5', '0.3 g', 'NaN', '0x1', '-0.3', '1.000,5'];
    for (const [name, { validate }] of Object.entries(dialog())) {
      if (validate === undefined) continue;
      for (const value of [...[...tried, ...larger].map((number) => decimal(number)), ...texts, undefined]) {
        const isDeployed = !(parseConfig({ [name]: value }) instanceof Fault);
        assert.equal(validate.call(EDITED, value, {}) === true, isDeployed, `${name} = ${value}`);
      }
    }
  });

  it('have a label with a unit and a sentence with a source, in English and Spanish', () => {
    for (const [language, source] of [
      ['en-US', / Source: .+\.$/],
      ['es', / Fuente: .+\.$/],
    ] as const) {
      const text = readFileSync(join(SOURCES, 'shop/tapcase-policy/locales', language, 'tapcase-policy.json'), 'utf8');
      const { parameter } = (JSON.parse(text) as Labels)['tapcase-policy'];
      assert.deepEqual(Object.keys(parameter).sort(), [...PARAMETER_NAMES].sort());
      for (const [name, { label, note }] of Object.entries(parameter)) {
        assert.match(label, /\(.+\)$/, `${name} says no unit`);
        assert.match(note, source, `${name} says no source`);
      }
    }
  });
});

interface Labels {
  readonly 'tapcase-policy': { readonly parameter: Record<string, { label: string; note: string }> };
}
interface Property {
  readonly value: unknown;
  readonly validate?: (this: object, value: unknown, options: object) => unknown;
}
const EDITED = { _: (key: string) => key };

/** The properties as the editor registers them. */
function dialog(): Record<string, Property> {
  return registered(SOURCES, 'shop/tapcase-policy').defaults;
}

/** `folder` as `shop/tapcase-policy`. */
function registered(home: string, folder: string): { readonly defaults: Record<string, Property> } {
  const html = readFileSync(join(home, folder, `${basename(folder)}.html`), 'utf8');
  const [, script = ''] = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html) ?? [];
  let found: { defaults: Record<string, Property> } | undefined;
  const nodes = {
    registerType: (_type: string, definition: { defaults: Record<string, Property> }) => {
      found = definition;
    },
  };
  runInNewContext(script, { RED: { nodes } });
  assert.ok(found !== undefined);
  return found;
}

/** As a person types it. */
function decimal(number: number): string {
  return Number.isNaN(number) ? 'NaN' : number.toFixed(12).replace(/\.?0+$/, '');
}

/** The node, and a policy that stores these. */
function withPolicy(values: object) {
  const configNodes = [{ id: 'the-policy', type: 'tapcase-policy', ...values }];
  return { ...NODE, policy: 'the-policy', beside: { modules: [tapcasePolicy], configNodes } };
}

const shop: { visits: ReturnType<typeof withVisits> } = { visits: () => assert.fail('no shop yet') };

function shopWith(node: Parameters<typeof withVisits>[0]) {
  const visits = withVisits(node);
  beforeEach(() => {
    shop.visits = visits;
  });
  const closedWith = async (grams: number, report: Partial<VisionReport> | null, options: VisitOptions = {}) => {
    const visit = await visits().visitIn('closed', { grams, ...options });
    const { door } = await visits().ledger.evidence(visit.id);
    return { visit, evidence: { door, vision: report === null ? null : visionReport(visit.id, 1, report) } };
  };
  return { closedWith, send: (message: object) => visits().send(message) };
}

function basketFrom(outcome: Parameters<typeof sent>[0], port: number): Basket {
  return sent(outcome, port).basket as Basket;
}
