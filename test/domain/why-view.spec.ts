// What customer and staff are shown of a decision: names, masses and pictures of the frozen catalog, and nothing personal.
import assert from 'node:assert/strict';
import { type Basket, evidenceView, type Visit, whyView } from '@tapcase/domain';
import { basketOf, DEMO } from './demo-catalog.ts';

const COLA_OR_SODA: Basket = {
  ...basketOf([], 'disputed'),
  probability: 0.52,
  candidates: [
    { lines: [{ sku: 'cola', count: 1 }], probability: 0.52 },
    {
      lines: [
        { sku: 'soda', count: 2 },
        { sku: 'candy', count: 1 },
      ],
      probability: 0.47,
    },
    { lines: [], probability: 0.001 },
  ],
  evidence: [
    {
      sku: 'cola',
      count: 1,
      probability: 0.53,
      grams: 355,
      cameras: [{ camera: '0', before: 6, after: 5 }],
    },
    { sku: 'soda', count: 0, probability: 1, grams: 0, cameras: [] },
  ],
  scale: { removedGrams: 353, sigmaGrams: 2.1 },
  zones: [{ zone: 'top', removedGrams: 353, sigmaGrams: 2.1 }],
  cameras: [
    { camera: '0', before: { cola: 6 }, after: { cola: 5 } },
    { camera: '1', before: {}, after: {} },
  ],
};

const VISIT: Visit = {
  id: 'visit1',
  caseId: '123',
  customerId: 'customer-7',
  requestId: 'request-7',
  language: 'en',
  phase: 'done',
  outcome: 'in_review',
  catalog: {
    currency: 'usd',
    products: DEMO.products.map((product) => ({
      ...product,
      name: { en: `the ${product.sku}`, es: `el ${product.sku}` },
      picture: `/pictures/${product.sku}.svg`,
    })),
  },
  card: { stripeCustomer: 'cus_secret', paymentMethod: 'pm_secret', brand: 'visa', last4: '4242' },
  holdMinor: 2500,
  intent: 'pi_secret',
  openTooLong: false,
  opened: true,
  turnedAway: null,
  review: true,
  basket: COLA_OR_SODA,
  totalMinor: 0,
  chargedMinor: 0,
  refundedMinor: 0,
  flagged: true,
  createdAtMs: 1,
  enteredAtMs: 2,
  dueAtMs: null,
  endedAtMs: 3,
};

describe('what is shown of a decision', () => {
  it('names every candidate from the frozen catalog and says what its pieces weigh', () => {
    const { candidates } = evidenceView(VISIT)!;
    assert.deepEqual(candidates[0]!.lines, [{ sku: 'cola', name: { en: 'the cola', es: 'el cola' }, count: 1 }]);
    assert.deepEqual(
      candidates.map(({ grams, probability }) => [grams, probability]),
      [
        [355, 0.52],
        [750, 0.47],
        [0, 0.001],
      ],
    );
  });

  it('says how much what a candidate weighs may vary: two sodas of 5 g and a candy bar of 3 g by 7.7 g', () => {
    const [cola, mixed, nothing] = evidenceView(VISIT)!.candidates.map(({ sigmaGrams }) => sigmaGrams);
    assert.equal(cola, 5);
    assert.ok(Math.abs(mixed! - Math.sqrt(2 * 25 + 9)) < 1e-9);
    assert.equal(nothing, 0);
  });

  it('shows each product with its picture, its mass and what each camera counted', () => {
    const [cola, soda] = evidenceView(VISIT)!.products;
    assert.deepEqual(cola, {
      sku: 'cola',
      name: { en: 'the cola', es: 'el cola' },
      picture: '/pictures/cola.svg',
      unitGrams: 355,
      count: 1,
      probability: 0.53,
      cameras: [{ camera: '0', before: 6, after: 5 }],
    });
    assert.deepEqual(soda!.cameras, []);
  });

  it('tells what was weighed, shelf by shelf, and which cameras looked', () => {
    const { scale, zones, cameras, verdict, reason } = evidenceView(VISIT)!;
    assert.deepEqual(scale, { removedGrams: 353, sigmaGrams: 2.1 });
    assert.deepEqual(zones, [{ zone: 'top', removedGrams: 353, sigmaGrams: 2.1 }]);
    assert.deepEqual(cameras, ['0', '1']);
    assert.equal(verdict, 'disputed');
    assert.deepEqual(reason, { en: 'because', es: 'porque sí' });
  });

  it('tells a silent camera from one that saw nothing change', () => {
    assert.equal(evidenceView({ ...VISIT, basket: { ...COLA_OR_SODA, cameras: null } })!.cameras, null);
    assert.deepEqual(evidenceView({ ...VISIT, basket: { ...COLA_OR_SODA, cameras: [] } })!.cameras, []);
  });

  it('has nothing to show before the decision', () => {
    assert.equal(evidenceView({ ...VISIT, basket: null }), null);
  });

  it('tells what a person found, and neither who it was nor their note', () => {
    const shown = whyView(VISIT, 'Lobby', {
      visitId: VISIT.id,
      caseId: VISIT.caseId,
      cause: 'disputed',
      state: 'decided',
      openedAtMs: 3,
      decision: 'correct',
      lines: [{ sku: 'soda', count: 1 }],
      totalMinor: 180,
      raisedMinor: 180,
      decidedBy: 'secret-somebody',
      note: 'a secret note',
      decidedAtMs: 4,
    });
    assert.deepEqual(shown.review, {
      state: 'decided',
      decision: 'correct',
      lines: [{ sku: 'soda', name: { en: 'the soda', es: 'el soda' }, count: 1, priceMinor: 180 }],
      totalMinor: 180,
    });
    assert.doesNotMatch(JSON.stringify(shown), /secret/);
  });

  it('still shows a line whose product the catalog lacks', () => {
    const basket = { ...COLA_OR_SODA, lines: [{ sku: 'ghost', count: 1 }] };
    const [line] = whyView({ ...VISIT, basket }, 'Lobby', null).lines;
    assert.deepEqual(line, { sku: 'ghost', name: { en: 'ghost', es: 'ghost' }, count: 1, priceMinor: 0 });
  });

  it('shows staff the case, the outcome and the money, and nothing of the customer or the card', () => {
    const shown = whyView(VISIT, 'Lobby', null);
    assert.equal(shown.caseName, 'Lobby');
    assert.equal(shown.outcome, 'in_review');
    assert.equal(shown.totalMinor, 0);
    assert.doesNotMatch(JSON.stringify(shown), /secret|4242|visa|customer-7|request-7/);
  });
});
