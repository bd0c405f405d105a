// Money in whole minor units: what a basket costs and what a currency allows, both sides of every boundary.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
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

const SHOP_DIALOGS = '../../nodes/node-red-contrib-tapcase/src/shop';

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

describe('what the editor’s tables of products and cases keep', () => {
  const html = (file: string) => readFileSync(join(import.meta.dirname, SHOP_DIALOGS, file), 'utf8');
  /** As the editor has it, once the palette is loaded. */
  const table = () => {
    const RED: { nodes: object; tapcaseMoney?: EditorsMoney } = { nodes: { registerType: () => {} } };
    runInNewContext(/<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html('catalog/catalog.html'))![1]!, {
      RED,
    });
    return RED.tapcaseMoney!;
  };

  it('are amounts as they are charged, in every currency, there and back', () => {
    const { toMajor, toMinor, leastMinor, stepMinor: step, isCharge } = table();
    for (const code of Intl.supportedValuesOf('currency')) {
      const currency = code.toLowerCase();
      assert.equal(`${toMajor(123_400, currency)} ${currency}`, formatMinor(123_400, currency));
      assert.deepEqual([leastMinor(currency), step(currency)], [minimumMinor(currency), stepMinor(currency)], currency);
      for (const minor of [
        0,
        minimumMinor(currency) - 1,
        minimumMinor(currency),
        AMOUNT_MINOR_MAX,
        AMOUNT_MINOR_MAX + 1,
      ]) {
        const isOne = minor >= minimumMinor(currency) && minor <= AMOUNT_MINOR_MAX;
        assert.equal(isCharge(minor, currency), isOne, `${minor} ${currency}`);
      }
      for (const text of ['25.00', '25.50', '25.5', '2500', '2.555', '2.550', '0.29', 'x', '']) {
        const minor = minorOf(text, currency);
        assert.equal(toMinor(text, currency), minor instanceof Fault ? Number.NaN : minor, `${text} ${currency}`);
        if (!(minor instanceof Fault)) assert.equal(toMinor(toMajor(minor, currency), currency), minor, currency);
      }
    }
  });

  it('are what is held in yen, dinars and crowns, not hundredths of it', () => {
    const { toMajor, toMinor } = table();
    assert.deepEqual(
      [toMajor(2_500, 'jpy'), toMajor(2_500, 'kwd'), toMajor(250_000, 'isk')],
      ['2500', '2.500', '2500.00'],
    );
    assert.deepEqual([toMinor('2500', 'jpy'), toMinor('2,5', 'kwd'), toMinor('2500', 'isk')], [2_500, 2_500, 250_000]);
    // One table knows of decimals, and no dialog divides by itself.
    assert.match(html('shop/shop.html'), /RED\.tapcaseMoney\.toMinor\(/);
    assert.doesNotMatch(html('shop/shop.html'), /[/*] 100\b|toFixed/);
  });
});

interface EditorsMoney {
  toMajor(minor: number, currency: string): string;
  toMinor(text: string, currency: string): number;
  leastMinor(currency: string): number;
  stepMinor(currency: string): number;
  isCharge(minor: number, currency: string): boolean;
}

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
