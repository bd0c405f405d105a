// Money in whole minor units: what a basket costs and what a currency allows, both sides of every boundary.
import assert from 'node:assert/strict';
import { AMOUNT_MINOR_MAX, Fault, formatMinor, isChargeable, minimumMinor, totalMinor } from '@tapcase/domain';
import { DEMO, linesOf, product } from './demo-catalog.ts';

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
    assert.ok(isChargeable(1, 'isk'));
    assert.ok(!isChargeable(0, 'isk'));
  });

  it('refuses more than eight digits', () => {
    assert.ok(isChargeable(AMOUNT_MINOR_MAX, 'usd'));
    assert.ok(!isChargeable(AMOUNT_MINOR_MAX + 1, 'usd'));
  });

  it('a dinar’s last digit must be 0', () => {
    assert.ok(isChargeable(1_230, 'kwd'));
    assert.ok(!isChargeable(1_234, 'kwd'));
  });
});
