// Money in whole minor units: what a basket costs and what a currency allows, both sides of every boundary.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AMOUNT_MINOR_MAX,
  decimalsOf,
  Fault,
  formatMinor,
  isChargeable,
  minimumMinor,
  minorOf,
  stepMinor,
  totalMinor,
} from '@tapcase/domain';
import { money } from '../../pwa/src/money.ts';
import { DEMO, linesOf, product } from './demo-catalog.ts';

const SHOP_DIALOG = '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.html';
const CATALOG_TABLE = '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.html';

describe('the total of a basket', () => {
  it('defect 12: adds whole cents, so nothing is ever rounded', () => {
    assert.equal(totalMinor(linesOf({ cola: 2, soda: 1, chips: 3 }), DEMO), 2 * 200 + 180 + 3 * 150);
    assert.equal(totalMinor([], DEMO), 0);
  });

  it('refuses a product that the visit’s catalog does not have', () => {
    const total = totalMinor([{ sku: 'caviar', count: 1 }], DEMO);
    assert.ok(total instanceof Fault);
    assert.equal(total.code, 'basket.unknown-sku');
  });

  it('takes the largest amount that one charge can carry, and refuses one cent more', () => {
    const catalog = (priceMinor: number) => ({ currency: 'usd', products: [product('gold', 100, priceMinor)] });
    assert.equal(totalMinor([{ sku: 'gold', count: 1 }], catalog(AMOUNT_MINOR_MAX)), AMOUNT_MINOR_MAX);
    const total = totalMinor([{ sku: 'gold', count: 1 }], catalog(AMOUNT_MINOR_MAX + 1));
    assert.ok(total instanceof Fault);
    assert.equal(total.code, 'money.too-large');
  });

  it('writes yen without and dollars with two decimals', () => {
    assert.equal(formatMinor(405, 'usd'), '4.05 usd');
    assert.equal(formatMinor(405, 'jpy'), '405 jpy');
    assert.equal(formatMinor(4050, 'kwd'), '4.050 kwd');
  });
});

describe('what one charge may be', () => {
  it('knows the least that Stripe charges in each currency', () => {
    assert.equal(minimumMinor('usd'), 50);
    assert.equal(minimumMinor('gbp'), 30);
    assert.equal(minimumMinor('jpy'), 50);
    assert.ok(isChargeable(50, 'usd'));
    assert.ok(!isChargeable(49, 'usd'));
  });

  it('asks nothing of a currency it has no minimum for, and lets Stripe say', () => {
    assert.ok(isChargeable(1, 'kes'));
    assert.ok(!isChargeable(0, 'kes'));
  });

  it('refuses more than eight digits', () => {
    assert.ok(isChargeable(AMOUNT_MINOR_MAX, 'usd'));
    assert.ok(!isChargeable(AMOUNT_MINOR_MAX + 1, 'usd'));
  });

  it('a dinar’s last digit must be 0', () => {
    assert.ok(isChargeable(1_230, 'kwd'));
    assert.ok(!isChargeable(1_234, 'kwd'));
  });

  it('Ugandan shillings and Icelandic crowns are hundredths that are always 00', () => {
    for (const currency of ['ugx', 'isk']) {
      assert.equal(decimalsOf(currency), 2);
      assert.equal(formatMinor(50_000, currency), `500.00 ${currency}`);
      assert.ok(isChargeable(50_000, currency));
      assert.ok(!isChargeable(50_050, currency));
    }
  });
});

describe('what the phone shows', () => {
  it('has the decimals that are charged, in every currency', () => {
    const all = Intl.supportedValuesOf('currency').map((code) => code.toLowerCase());
    assert.ok(all.includes('ugx') && all.includes('kwd') && all.includes('jpy'));
    for (const currency of all) {
      const [, part = ''] = /\.(\d+)$/.exec(money(123_456, currency, 'en-US')) ?? [];
      assert.equal(part.length, decimalsOf(currency), currency);
    }
    assert.match(money(4_050, 'kwd', 'en-US'), /4\.050/);
  });
});

describe('what the catalog’s table in the editor keeps', () => {
  it('has the decimals that are charged, in every currency', () => {
    const table = readFileSync(join(import.meta.dirname, CATALOG_TABLE), 'utf8');
    const listed = (name: string) => new RegExp(`${name} = '([a-z ]+)'`).exec(table)?.[1]?.split(' ') ?? [];
    const [none, three] = [listed('ZERO_DECIMAL'), listed('THREE_DECIMAL')];
    assert.ok(none.length > 0 && three.length > 0);
    for (const code of Intl.supportedValuesOf('currency')) {
      const currency = code.toLowerCase();
      const decimals = none.includes(currency) ? 0 : three.includes(currency) ? 3 : 2;
      assert.equal(decimals, decimalsOf(currency), currency);
    }
  });
});

describe('what the shop’s dialog takes for a hold', () => {
  it('has the decimals, the steps and the least that are charged, in every currency', () => {
    const dialog = readFileSync(join(import.meta.dirname, SHOP_DIALOG), 'utf8');
    const listed = (name: string) => new RegExp(`${name} =\\s+'([a-z0-9 ]+)'`).exec(dialog)![1]!.split(' ');
    const [none, three, whole] = [listed('ZERO_DECIMAL'), listed('THREE_DECIMAL'), listed('WHOLE_UNITS')];
    const least = listed('LEAST_MINOR');
    for (const code of Intl.supportedValuesOf('currency')) {
      const currency = code.toLowerCase();
      assert.equal(none.includes(currency) ? 0 : three.includes(currency) ? 3 : 2, decimalsOf(currency), currency);
      assert.equal(three.includes(currency) ? 10 : whole.includes(currency) ? 100 : 1, stepMinor(currency), currency);
      const at = least.indexOf(currency);
      assert.equal(at < 0 ? 1 : Number(least[at + 1]), minimumMinor(currency), currency);
    }
    assert.equal(Number(/HOLD_MINOR_MAX = (\d+)/.exec(dialog)?.[1]), AMOUNT_MINOR_MAX);
  });
});

describe('what a person types', () => {
  it('is read in the currency’s own minor units', () => {
    assert.equal(minorOf('1.5', 'usd'), 150);
    assert.equal(minorOf('150', 'jpy'), 150);
    assert.equal(minorOf('1.230', 'kwd'), 1_230);
    assert.equal(minorOf('500', 'ugx'), 50_000);
  });

  it('is refused where Stripe would not take it', () => {
    const bad = [
      ['1.505', 'usd'],
      ['1.5', 'jpy'],
      ['1.234', 'kwd'],
      ['500.50', 'ugx'],
      ['', 'usd'],
      ['1e3', 'usd'],
      ['١٢', 'usd'],
    ] as const;
    for (const [text, currency] of bad) {
      const amount = minorOf(text, currency);
      assert.ok(amount instanceof Fault, `${text} ${currency} was taken for ${amount}`);
      assert.equal(amount.code, 'money.bad-amount');
    }
  });
});
