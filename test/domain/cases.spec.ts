// What a line of a replay may say: good cases become inputs, everything else a fault that names the field.
import assert from 'node:assert/strict';
import { CASE_ID_CHARS_MAX, type CaseInput, type CaseRecord, Fault, parseCase, reconcile } from '@tapcase/domain';
import fc from 'fast-check';
import { DEMO } from './demo-catalog.ts';

const view = { camera: '0', before: { cola: 3 }, after: { cola: 2 }, scores: { cola: 0.9 } };
const scale = { removedGrams: 355, sigmaGrams: 2 };
const good = { id: 'v1', scale, cameras: [view] } satisfies CaseRecord;

function taken(value: unknown, catalog: typeof DEMO | null = DEMO): CaseInput {
  const result = parseCase(value, catalog);
  assert.ok(!(result instanceof Fault), String(result));
  return result;
}

function refused(value: unknown, code: string, where?: string, catalog: typeof DEMO | null = DEMO) {
  const result = parseCase(value, catalog);
  assert.ok(result instanceof Fault, JSON.stringify(value));
  assert.equal(result.code, code, result.message);
  if (where !== undefined) assert.equal(result.details.where, where);
}

const with_ = (change: object) => ({ ...good, ...change });

describe('parseCase', () => {
  it('makes of a full line what reconcile takes', () => {
    const zones = [{ zone: 'top', removedGrams: 355, sigmaGrams: 1 }];
    const record: CaseRecord = { ...good, zones, stock: { cola: 3, soda: 0 }, truth: [{ sku: 'cola', count: 1 }] };
    assert.deepEqual(taken(JSON.parse(JSON.stringify(record))), {
      id: 'v1',
      input: { catalog: DEMO, scale, zones, cameras: [view], stock: { cola: 3, soda: 0 } },
      truth: [{ sku: 'cola', count: 1 }],
    });
  });

  it('takes silence for silence: no scale, no cameras, no zones, no truth', () => {
    assert.deepEqual(taken({ id: 'x', scale: null, cameras: null }), {
      id: 'x',
      input: { catalog: DEMO, scale: null, zones: [], cameras: null },
      truth: null,
    });
  });

  it('keeps a truth of nothing apart from no truth', () => assert.deepEqual(taken(with_({ truth: [] })).truth, []));

  it('lets a program keep keys of its own', () => assert.equal(taken(with_({ scenario: 'swap' })).id, 'v1'));

  it('goes by the catalog that was frozen for the visit, not by today’s', () => {
    const old = { currency: 'eur', products: [{ ...DEMO.products[0]!, sku: 'old-cola', massGrams: 330 }] };
    const visit = taken(with_({ catalog: old, truth: [{ sku: 'old-cola', count: 1 }] }));
    assert.deepEqual(visit.input.catalog, old);
    refused(with_({ catalog: old, truth: [{ sku: 'cola', count: 1 }] }), 'cases.unknown-sku', 'truth');
    assert.deepEqual(taken(with_({ catalog: old }), null).input.catalog, old);
  });

  it('says so when a case has no catalog at all', () => refused(good, 'cases.no-catalog', undefined, null));

  it('refuses a catalog of its own that is none', () => {
    refused(with_({ catalog: { currency: 'usd', products: [] } }), 'catalog.invalid', 'products');
    refused(with_({ catalog: null }), 'catalog.invalid');
    const twice = { currency: 'usd', products: [DEMO.products[0], DEMO.products[0]] };
    refused(with_({ catalog: twice }), 'catalog.duplicate-sku');
  });

  it('refuses a truth or a stock of something the catalog does not have', () => {
    refused(with_({ truth: [{ sku: 'caviar', count: 1 }] }), 'cases.unknown-sku', 'truth');
    refused(with_({ stock: { caviar: 1 } }), 'cases.unknown-sku', 'stock');
  });

  const wrong: readonly [what: string, change: object, where: string][] = [
    ['an id that is none', { id: '' }, 'id'],
    ['an id that is longer than a line of a report', { id: 'x'.repeat(CASE_ID_CHARS_MAX + 1) }, 'id'],
    ['a scale that is not said to be silent', { scale: undefined }, 'scale'],
    ['cameras that are not said to be silent', { cameras: undefined }, 'cameras'],
    ['a mass that is no number', { scale: { ...scale, removedGrams: Number.NaN } }, 'scale.removedGrams'],
    ['a mass without end', { scale: { ...scale, removedGrams: Number.POSITIVE_INFINITY } }, 'scale.removedGrams'],
    ['a mass of a ship', { scale: { ...scale, removedGrams: 1e308 } }, 'scale.removedGrams'],
    ['a mass as words', { scale: { ...scale, removedGrams: '355' } }, 'scale.removedGrams'],
    ['a negative sigma', { scale: { ...scale, sigmaGrams: -1 } }, 'scale.sigmaGrams'],
    ['a negative count', { cameras: [{ ...view, before: { cola: -1 } }] }, 'cameras.0.before.cola'],
    ['half a piece', { cameras: [{ ...view, after: { cola: 0.5 } }] }, 'cameras.0.after.cola'],
    ['a count of a warehouse', { cameras: [{ ...view, after: { cola: 1_000 } }] }, 'cameras.0.after.cola'],
    ['a score above 1', { cameras: [{ ...view, scores: { cola: 1.1 } }] }, 'cameras.0.scores.cola'],
    ['counts as a list', { cameras: [{ ...view, before: [3] }] }, 'cameras.0.before'],
    ['one camera that says two things', { cameras: [view, { ...view, after: { cola: 3 } }] }, 'cameras'],
    ['one zone that says two things', { zones: [scale, scale].map((one) => ({ zone: 'a', ...one })) }, 'zones'],
    ['a stock below nothing', { stock: { cola: -1 } }, 'stock.cola'],
    ['a stock as a list', { stock: [] }, 'stock'],
    ['a truth of no pieces', { truth: [{ sku: 'cola', count: 0 }] }, 'truth.0.count'],
    ['a truth of pieces put in', { truth: [{ sku: 'cola', count: -1 }] }, 'truth.0.count'],
    ['a truth that says one product twice', { truth: [1, 2].map((count) => ({ sku: 'cola', count })) }, 'truth'],
  ];
  for (const [what, change, where] of wrong) {
    it(`refuses ${what}`, () => refused(with_(change), 'cases.invalid', where));
  }

  it('takes the bounds themselves: a negative mass is something put in, a sigma of nothing a perfect scale', () => {
    for (const removedGrams of [-1_000_000, -0.5, 0, 1_000_000]) {
      for (const sigmaGrams of [0, 100_000]) taken(with_({ scale: { removedGrams, sigmaGrams } }));
    }
    taken(
      with_({ id: 'x'.repeat(CASE_ID_CHARS_MAX), cameras: [{ ...view, before: { cola: 0 }, after: { cola: 999 } }] }),
    );
  });

  it('loses no count to a name that programs reserve', () => {
    for (const name of ['constructor', '__proto__', 'prototype']) {
      const line = `{"id":"x","scale":null,"cameras":[{"camera":"0","before":{"${name}":1},"after":{}}]}`;
      refused(JSON.parse(line), 'cases.invalid', 'cameras.0.before');
    }
  });

  it('quotes no more than a line of what it found', () => {
    const result = parseCase(with_({ scale: { removedGrams: 'x'.repeat(1_000_000), sigmaGrams: 1 } }), DEMO);
    assert.ok(result instanceof Fault);
    assert.ok(result.message.length < 500);
  });

  it('answers any JSON with a case or a fault, and reconcile answers any case', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = parseCase(value, DEMO);
        assert.ok(result instanceof Fault, 'a value at random is no case');
      }),
    );
    // A good case with one part replaced by anything: mostly refused, sometimes taken; never thrown.
    const part = fc.constantFrom('id', 'scale', 'zones', 'cameras', 'stock', 'catalog', 'truth');
    let cases = 0;
    fc.assert(
      fc.property(part, fc.oneof(fc.jsonValue(), anything()), (key, value) => {
        const result = parseCase(with_({ [key]: value }), DEMO);
        if (result instanceof Fault) {
          assert.match(result.code, /^(cases\.(invalid|unknown-sku)|catalog\.(invalid|duplicate-sku))$/);
          return;
        }
        cases += 1;
        const { probability } = reconcile(result.input);
        assert.ok(probability >= 0 && probability <= 1);
      }),
      { numRuns: 500 },
    );
    assert.ok(cases > 0, 'some of them must have been cases');
  });
});

/** Near misses: the right shapes with numbers at random. */
function anything() {
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1, 355, -1));
  const named = fc.dictionary(fc.constantFrom('cola', 'soda', '__proto__', ''), number);
  const reading = fc.record({ removedGrams: number, sigmaGrams: number });
  return fc.oneof(
    reading,
    named,
    fc.array(fc.record({ zone: fc.constantFrom('a', 'b'), removedGrams: number, sigmaGrams: number })),
    fc.array(fc.record({ camera: fc.constantFrom('0', '1'), before: named, after: named })),
    fc.array(fc.record({ sku: fc.constantFrom('cola', 'caviar'), count: number })),
  );
}
