// What a case sells: the editor's table as it becomes a catalog, or a fault that names the row.
import assert from 'node:assert/strict';
import { type Catalog, Fault, PRODUCTS_MAX, parseCatalog, productBySku } from '@tapcase/domain';
import fc from 'fast-check';
import { DEMO, product } from './demo-catalog.ts';

describe('parseCatalog', () => {
  const row = { ...product('cola', 355, 200), labels: ['bottle'] };
  const withRow = (change: object) => parseCatalog({ currency: 'usd', products: [{ ...row, ...change }] });
  const refused = (result: Catalog | Fault, code: string, where?: string) => {
    assert.ok(result instanceof Fault);
    assert.equal(result.code, code);
    if (where !== undefined) assert.equal(result.details.where, where);
  };

  it('takes the demo shop as it is', () => assert.deepEqual(parseCatalog(DEMO), DEMO));

  it('finds a product by its SKU', () => {
    assert.equal(productBySku(DEMO, 'soda')?.priceMinor, 180);
    assert.equal(productBySku(DEMO, 'caviar'), undefined);
  });

  it('refuses two rows with one SKU', () => {
    refused(parseCatalog({ currency: 'usd', products: [row, row] }), 'catalog.duplicate-sku');
  });

  it('refuses a price that Stripe could not charge in that currency', () => {
    const priced = (currency: string, priceMinor: number) =>
      parseCatalog({ currency, products: [{ ...row, priceMinor }] });
    for (const [currency, price] of [['kwd', 1_235] as const, ['ugx', 50_050] as const]) {
      refused(priced(currency, price), 'catalog.invalid', 'products.0.priceMinor');
    }
    assert.ok(!(priced('kwd', 1_230) instanceof Fault));
    assert.ok(!(priced('ugx', 50_000) instanceof Fault));
    assert.ok(!(priced('usd', 201) instanceof Fault));
  });

  const bounds: readonly [field: string, good: readonly unknown[], bad: readonly unknown[]][] = [
    ['sku', ['a', 'a'.repeat(24), 'cola-0-33'], ['', 'a'.repeat(25), 'Cola', '-cola', 'co la']],
    ['priceMinor', [0, 1_000_000], [-1, 1_000_001, 1.5, Number.NaN, '200']],
    ['massGrams', [1, 50_000], [0.99, 50_001, Number.POSITIVE_INFINITY]],
    ['toleranceGrams', [0.1, 5_000], [0.09, 5_001]],
    [
      'labels',
      [[], Array.from({ length: 10 }, (_, i) => `l${i}`)],
      [Array.from({ length: 11 }, (_, i) => `l${i}`), ['']],
    ],
  ];
  for (const [field, good, bad] of bounds) {
    it(`holds ${field} within its bounds and names the row of a bad one`, () => {
      for (const value of good) assert.ok(!(withRow({ [field]: value }) instanceof Fault), String(value));
      for (const value of bad) {
        const result = withRow({ [field]: value });
        refused(result, 'catalog.invalid');
        assert.match(String((result as Fault).details.where), new RegExp(`^products\\.0\\.${field}`));
      }
    });
  }

  it('wants a name in both languages', () => refused(withRow({ name: { en: 'Cola' } }), 'catalog.invalid'));

  it('takes 200 products, and not one more or none', () => {
    const rows = (length: number) => Array.from({ length }, (_, i) => ({ ...row, sku: `p${i}` }));
    assert.ok(!(parseCatalog({ currency: 'usd', products: rows(PRODUCTS_MAX) }) instanceof Fault));
    refused(parseCatalog({ currency: 'usd', products: rows(PRODUCTS_MAX + 1) }), 'catalog.invalid', 'products');
    refused(parseCatalog({ currency: 'usd', products: [] }), 'catalog.invalid', 'products');
  });

  it('makes a catalog or a fault of anything', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const result = parseCatalog(value);
        assert.ok(result instanceof Fault || result.products.length > 0);
      }),
    );
  });
});
