// The dialogs that the build makes from contracts: a node of an earlier release, imported, opened, changed and kept.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Editor } from './open-editor.ts';

const FIXED = { z: 'earlier', name: '', account: 'earlier.account', x: 200 };
const FLOW = [
  { id: 'earlier', type: 'tab', label: 'Earlier' },
  {
    id: 'earlier.account',
    type: 'stripe-account',
    name: 'till',
    secretKeyEnv: 'STRIPE_SECRET_KEY',
    webhookSecretEnv: 'STRIPE_WEBHOOK_SECRET',
    live: false,
    host: '',
    port: '',
    protocol: 'https',
  },
  // As a release without typed inputs saved it.
  { ...FIXED, id: 'earlier.hold', type: 'stripe-hold', y: 100, wires: [[], [], []] },
  { ...FIXED, id: 'earlier.list', type: 'stripe-call', pages: 'all', max: '10000', y: 200, wires: [[], []] },
  { ...FIXED, id: 'earlier.page', type: 'stripe-page', mode: 'pay', step: 'look', y: 300, wires: [[], [], []] },
];

export function dialogs({ spanish, mistakes }: Editor): void {
  let page: Page;
  before(async () => {
    page = await spanish();
    await page.evaluate(`RED.nodes.import(${JSON.stringify(FLOW)}), RED.workspaces.show('earlier')`);
  });

  const open = async (name: string) => {
    await page.evaluate(`RED.editor.edit(RED.nodes.node('earlier.${name}'))`);
    await page.locator('#node-dialog-ok').waitFor({ state: 'visible' });
  };
  const close = async () => {
    await page.locator('#node-dialog-ok').click();
    await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
  };
  const value = (field: string) => page.evaluate(`$('#node-input-${field}').val()`);
  const stored = (name: string) =>
    page.evaluate<Record<string, unknown>>(`RED.nodes.convertNode(RED.nodes.node('earlier.${name}'))`);

  it('takes no node of an earlier release for a wrong one', async () => {
    for (const name of ['hold', 'list', 'page']) {
      const wrong = await page.evaluate(`RED.nodes.node('earlier.${name}').validationErrors`);
      assert.deepEqual(wrong, [], name);
    }
  });

  it('shows an older node as the runtime reads it, in the editor’s language', async () => {
    await open('hold');
    assert.deepEqual([await value('amount'), await value('amountType')], ['hold.amountMinor', 'msg']);
    assert.deepEqual([await value('card'), await value('cardType')], ['hold.paymentMethod', 'msg']);
    assert.equal(await page.locator('label[for=node-input-amount]').textContent(), ' Importe');
    assert.equal(await page.locator('.red-ui-typedInput-container').count(), 5);
    await close();
    await open('page');
    assert.equal(await value('step'), 'look');
    assert.equal(await page.locator('#node-input-step option:checked').textContent(), 'Mirarla');
    assert.equal(await page.locator('#node-input-mode option:checked').textContent(), 'para pagar un importe');
    await close();
  });

  it('refuses a number out of its bounds, and keeps what is typed', async () => {
    await open('list');
    assert.equal(await value('max'), '10000');
    // What it reads is done once anyway.
    assert.equal(await page.locator('#node-input-ownId').isVisible(), false);
    await page.locator('#node-input-max').fill('0');
    await page.locator('#node-input-max').dispatchEvent('change');
    await page.locator('#node-input-max.input-error').waitFor();
    await page.locator('#node-input-max').fill('25');
    await close();
  });

  it('keeps where a value is looked for', async () => {
    await open('hold');
    await page.evaluate("$('#node-input-currency').typedInput('type', 'str').typedInput('value', 'eur')");
    await close();
    const [hold, list] = [await stored('hold'), await stored('list')];
    assert.deepEqual([hold.currency, hold.currencyType], ['eur', 'str']);
    assert.deepEqual([hold.amount, list.max], ['hold.amountMinor', '25']);
    assert.deepEqual(mistakes, []);
  });
}
