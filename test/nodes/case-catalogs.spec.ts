// Cases that sell from catalogs of their own, as the shop's config node hands them to every flow.
import assert from 'node:assert/strict';
import { type Catalog, Fault } from '@tapcase/domain';
import { parseConfig } from '../../nodes/node-red-contrib-tapcase/src/shop/shop/contract.ts';
import { createShop } from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { DEMO } from '../domain/demo-catalog.ts';

const ROW = { name: 'Lobby', holdMinor: 1_000, visionWaitMs: 0, offlineAfterMs: 90_000 };
const GYM: Catalog = { ...DEMO, products: DEMO.products.slice(0, 1) };
const CATALOGS: Readonly<Record<string, Catalog>> = { shared: DEMO, gym: GYM };

function shopOf(cases: readonly object[]) {
  const catalogOf = (id: string): Catalog => {
    const found = CATALOGS[id];
    if (found === undefined) throw new Fault('config.missing-node', `no catalog ${id}`);
    return found;
  };
  return createShop(parseConfig({ catalog: 'shared', cases }), catalogOf, () => '');
}

describe('the catalog of a case', () => {
  it('is the shop’s, unless it has one of its own', () => {
    const shop = shopOf([
      { ...ROW, id: '1' },
      { ...ROW, id: '2', catalog: 'gym' },
      { ...ROW, id: '3', catalog: '' },
    ]);
    const products = shop.cases().map(({ id, catalog }) => [id, catalog.products.length]);
    assert.deepEqual(products, [
      ['1', DEMO.products.length],
      ['2', 1],
      ['3', DEMO.products.length],
    ]);
  });

  it('that is gone closes this case and no other, and says so', () => {
    const shop = shopOf([
      { ...ROW, id: '1' },
      { ...ROW, id: '2', catalog: 'sold' },
    ]);
    const second = shop.case('2');
    assert.equal(second instanceof Fault && second.code, 'config.missing-node');
    assert.ok(!(shop.case('1') instanceof Fault));
    assert.deepEqual(
      shop.cases().map(({ id }) => id),
      ['1'],
    );
  });

  it('is a name and nothing else', () => {
    for (const catalog of [7, {}, null, 'x'.repeat(101)]) {
      const found = shopOf([{ ...ROW, id: '1', catalog }]).case('1');
      assert.equal(found instanceof Fault && found.code, 'shop.invalid');
    }
  });
});

describe('the hold of a case', () => {
  const inCurrency = (currency: string, holdMinor: number) => {
    const catalogOf = () => ({ ...GYM, currency });
    const cases = [{ ...ROW, id: '1', holdMinor }];
    return createShop(parseConfig({ catalog: 'any', cases }), catalogOf, () => '').case('1');
  };

  for (const [currency, holdMinor, words] of [
    ['usd', 1, 'case 1: 0.01 usd cannot be held or charged: the least is 0.50 usd, in steps of 0.01 usd'],
    ['usd', 49, 'case 1: 0.49 usd cannot'],
    ['huf', 2_500, 'case 1: 25.00 huf cannot be held or charged: the least is 175.00 huf'],
    ['kwd', 1_005, 'case 1: 1.005 kwd cannot'],
    ['ugx', 250_050, 'case 1: 2500.50 ugx cannot'],
  ] as const) {
    it(`that no card could carry is refused by the shop, and says why: ${holdMinor} ${currency}`, () => {
      const found = inCurrency(currency, holdMinor);
      assert.ok(found instanceof Fault);
      assert.equal(found.code, 'shop.bad-hold');
      assert.ok(found.message.startsWith(words), found.message);
    });
  }

  it('at the least that Stripe charges is taken', () => {
    for (const [currency, holdMinor] of [['usd', 50] as const, ['huf', 17_500] as const, ['kwd', 1_010] as const])
      assert.ok(!(inCurrency(currency, holdMinor) instanceof Fault), currency);
  });
});
