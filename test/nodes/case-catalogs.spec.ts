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
