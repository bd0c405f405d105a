// The table of products in the editor: what is typed is what the shop sells, and what is not touched stays.
import assert from 'node:assert/strict';
import type { Product } from '@tapcase/domain';
import type { Page } from 'playwright-core';
import type { Editor } from './open-editor.ts';

export function catalog({ english, mistakes }: Editor): void {
  let page: Page;
  before(async () => {
    page = await english();
  });
  const products = () => page.evaluate<Product[]>("RED.nodes.node('config.catalog').products");
  const open = async () => {
    await page.evaluate("RED.editor.editConfig('', 'tapcase-catalog', 'config.catalog')");
    await page.locator('#node-config-input-products-list .tapcase-sku').first().waitFor();
  };
  const done = async () => {
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#node-config-input-products-list').waitFor({ state: 'detached' });
  };
  const cell = (column: string) => page.locator(`#node-config-input-products-list .tapcase-${column}`).first();

  it('keeps a product’s shelf and look-alikes, and lets them be typed', async () => {
    const before = await products();
    await open();
    await cell('zone').fill(' top ');
    await cell('alike').fill('can');
    await done();
    const [cola, ...others] = await products();
    assert.deepEqual(cola, { ...before[0]!, zone: 'top', alike: 'can' });
    assert.deepEqual(others, before.slice(1));
    await open();
    assert.deepEqual([await cell('zone').inputValue(), await cell('alike').inputValue()], ['top', 'can']);
    await done();
    assert.deepEqual(await products(), [cola, ...others]);
  });

  it('takes a price in every currency as Stripe counts it', async () => {
    for (const [currency, typed, priceMinor] of [
      ['usd', '2.50', 250],
      ['jpy', '500', 500],
      ['ugx', '500', 50_000],
      ['kwd', '1.250', 1_250],
      // And back: other dialogs of this editor are looked at after this one.
      ['usd', '2.50', 250],
    ] as const) {
      await open();
      await page.locator('#node-config-input-currency').fill(currency);
      await cell('price').fill(typed);
      await done();
      assert.equal((await products())[0]!.priceMinor, priceMinor, `${typed} ${currency}`);
    }
    assert.deepEqual(mistakes, []);
  });
}
