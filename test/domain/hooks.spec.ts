// What own flows may take off a price, and which of their answers count: tables, and what holds for any answer at all.
import assert from 'node:assert/strict';
import {
  type Catalog,
  correctedBasket,
  Fault,
  type PriceAdjustment,
  parseAnswer,
  priced,
  QUESTION_NAMES,
} from '@tapcase/domain';
import fc from 'fast-check';
import { DEMO, linesOf, product } from './demo-catalog.ts';

const label = { en: 'Off', es: 'Menos' };
const off = (part: Omit<PriceAdjustment, 'label'>): PriceAdjustment => ({ label, ...part });
const price = (counts: Record<string, number>, adjustments: readonly PriceAdjustment[], catalog: Catalog = DEMO) => {
  const result = priced(linesOf(counts, catalog), catalog, adjustments);
  assert.ok(!(result instanceof Fault));
  return result;
};

describe('what comes off a price', () => {
  for (const [title, counts, adjustments, total] of [
    ['nothing', { cola: 2 }, [], 400],
    ['10 % of the whole', { cola: 2 }, [off({ percent: 10 })], 360],
    ['an amount of the whole', { cola: 2 }, [off({ minor: 50 })], 350],
    ['10 % of one product', { cola: 2, chips: 1 }, [off({ sku: 'chips', percent: 10 })], 535],
    ['more than there is', { chips: 1 }, [off({ minor: 1_000 })], 0],
    ['more than a product costs: the others stay', { cola: 1, chips: 1 }, [off({ sku: 'chips', minor: 1_000 })], 200],
    ['a product that was not taken', { cola: 1 }, [off({ sku: 'chips', percent: 50 })], 200],
    ['two in a row: the second of what is left', { cola: 2 }, [off({ minor: 200 }), off({ percent: 10 })], 180],
    ['a line that the whole has used up', { chips: 1 }, [off({ percent: 100 }), off({ sku: 'chips', minor: 10 })], 0],
    ['half a cent, in the customer’s favour', { soda: 1 }, [off({ percent: 12.5 })], 157],
  ] as const) {
    it(`takes off ${title}`, () => assert.equal(price(counts, adjustments).totalMinor, total));
  }

  it('lists what really came off, in order, and nothing else', () => {
    const { adjustments } = price({ chips: 1 }, [off({ minor: 100 }), off({ percent: 0 }), off({ minor: 100 })]);
    assert.deepEqual(
      adjustments.map(({ minor }) => minor),
      [100, 50],
    );
  });

  it('leaves amounts that the currency’s charges can have', () => {
    const catalog: Catalog = { currency: 'kwd', products: [product('cola', 355, 1_000)] };
    assert.equal(price({ cola: 1 }, [off({ percent: 33.33 })], catalog).totalMinor, 670);
  });

  it('goes off what a person corrects as well: nobody loses a discount by being looked at', () => {
    const corrected = correctedBasket(linesOf({ cola: 1, chips: 1 }), DEMO, [off({ percent: 10 })]);
    assert.ok(!(corrected instanceof Fault));
    assert.equal(corrected.totalMinor, 315);
  });

  it('asks from nothing to the list price, and the lines of the receipt add up, whatever is taken off', () => {
    const adjustment = fc.record(
      {
        label: fc.constant(label),
        sku: fc.constantFrom('cola', 'chips', 'juice', 'nothing'),
        percent: fc.double({ min: -50, max: 150 }),
        minor: fc.integer({ min: -1_000, max: 100_000 }),
      },
      { requiredKeys: ['label'] },
    );
    const counts = fc.record({ cola: fc.nat(5), chips: fc.nat(5), juice: fc.nat(5) });
    fc.assert(
      fc.property(counts, fc.array(adjustment, { maxLength: 30 }), (taken, adjustments) => {
        const { listMinor, totalMinor, adjustments: lines } = price(taken, adjustments as PriceAdjustment[]);
        assert.ok(Number.isSafeInteger(totalMinor) && totalMinor >= 0 && totalMinor <= listMinor);
        assert.equal(
          totalMinor,
          lines.reduce((rest, { minor }) => rest - minor, listMinor),
        );
      }),
    );
  });
});

describe('an own flow’s answer', () => {
  const fault = (question: (typeof QUESTION_NAMES)[number], raw: unknown) => {
    const answer = parseAnswer(question, raw, 'visit1');
    return answer instanceof Fault ? answer.code : answer;
  };

  it('is any value at all, and comes out bounded or as a fault', () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUESTION_NAMES), fc.anything({ withBigInt: true }), (question, raw) => {
        const answer = parseAnswer(question, raw, 'visit1');
        assert.ok(answer instanceof Fault || JSON.stringify(answer).length < 10_000);
      }),
    );
  });

  it('is picked, not cloned: what else it carries is left behind', () => {
    const raw = { allow: true, secret: 'x', say: 'nothing' };
    assert.deepEqual(parseAnswer('open', raw), { allow: true });
  });

  it('is refused where it names another visit, or throws when it is read', () => {
    assert.equal(fault('charge', { visit: { id: 'visit2' }, ruling: 'review' }), 'hook.other-visit');
    assert.deepEqual(fault('charge', { visit: { id: 'visit1' }, ruling: 'as-shipped' }), {
      visit: { id: 'visit1' },
      ruling: 'as-shipped',
    });
    const trap = {
      get allow() {
        throw new Error('boom');
      },
    };
    assert.equal(fault('open', trap), 'hook.bad-answer');
  });

  it('turns nobody away without a sentence in every language', () => {
    for (const say of [undefined, 'closed', { en: 'Closed' }, { en: '', es: '' }, { en: 'x'.repeat(161), es: 'x' }]) {
      assert.equal(fault('open', { allow: false, say }), 'hook.bad-answer');
    }
  });
});
