// The dialogs that the build makes from contracts: a node of an earlier release, imported, opened, changed and kept.
import assert from 'node:assert/strict';
import { contract } from '@tapcase/define-node';
import type { Page } from 'playwright-core';
import { dialogHtml } from '../../../nodes/define-node/build/dialog.ts';
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

/** No type of the shop has a list yet: one for this page alone. */
const SHELVES = contract({
  type: 'earlier-shelves',
  category: 'stripe',
  color: '#FFFFFF',
  icon: 'font-awesome/fa-archive',
  inputs: 1,
  outputs: [],
  properties: {
    zones: {
      kind: 'rows',
      max: 3,
      of: {
        name: { kind: 'text', default: '', required: true },
        grams: { kind: 'number', default: 1, min: 0, max: 9, unit: 'g' },
        side: { kind: 'choice', of: ['left', 'right'], default: 'left' },
        on: { kind: 'flag', default: true },
      },
    },
  },
});

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

  it('shows what a case holds in the decimals of what it sells in, and keeps it so', async () => {
    const catalog = (id: string, currency: string) => ({
      id,
      type: 'tapcase-catalog',
      name: '',
      currency,
      products: [],
    });
    const held = { visionWaitMs: 30_000, offlineAfterMs: 90_000 };
    const cases = [
      { ...held, id: 'a', name: 'A', holdMinor: 2_500 },
      { ...held, id: 'b', name: 'B', holdMinor: 2_500, catalog: 'earlier.kwd' },
    ];
    const shop = { id: 'earlier.shop', type: 'tapcase-shop', name: '', catalog: 'earlier.jpy', cases };
    const nodes = [catalog('earlier.jpy', 'jpy'), catalog('earlier.kwd', 'kwd'), shop];
    await page.evaluate(
      `RED.nodes.import(${JSON.stringify(nodes)}), RED.editor.editConfig('', 'tapcase-shop', 'earlier.shop')`,
    );
    const holds = page.locator('input.tapcase-case-hold');
    await holds.nth(1).waitFor({ state: 'visible' });
    assert.deepEqual([await holds.nth(0).inputValue(), await holds.nth(1).inputValue()], ['2500', '2.500']);
    await holds.nth(0).fill('30.50');
    await page.locator('input.tapcase-case-hold.input-error').waitFor();
    await holds.nth(0).fill('3000');
    await holds.nth(1).fill('4,5');
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' });
    const kept = (await stored('shop')).cases as { holdMinor: number }[];
    assert.deepEqual(
      kept.map(({ holdMinor }) => holdMinor),
      [3_000, 4_500],
    );
  });

  it('tells of a hook’s question what it brings, and names the node by it', async () => {
    const decide = {
      id: 'earlier.decide',
      type: 'tapcase-decide',
      z: 'earlier',
      name: '',
      question: 'open',
      limitMs: 1000,
    };
    await page.evaluate(`RED.nodes.import(${JSON.stringify([{ ...decide, x: 200, y: 400, wires: [[]] }])})`);
    await open('decide');
    const facts = page.locator('#node-input-question-facts');
    assert.equal(await facts.textContent(), 'case, customer, at, language');
    await page.locator('#node-input-question').selectOption('cost');
    assert.match((await facts.textContent()) ?? '', /lines, listMinor/);
    assert.match((await page.locator('#node-input-question-answer').textContent()) ?? '', /adjustments: \[/);
    await close();
    assert.equal((await stored('decide')).question, 'cost');
    assert.equal(
      await page.evaluate("RED.utils.getNodeLabel(RED.nodes.node('earlier.decide'))"),
      '¿cuánto cuesta esta visita?',
    );
  });

  describe('with a list', () => {
    const ROWS = [{ name: 'top', grams: '2.5', side: 'right', on: false }];
    const rows = (part: string) => page.locator(`#node-input-zones-rows ${part}`);
    before(async () => {
      const [, script, template] = /<script type="text\/javascript">([\s\S]*?)<\/script>\s*([\s\S]*)/.exec(
        dialogHtml(SHELVES),
      )!;
      await page.evaluate(`$('body').append(${JSON.stringify(template)})`);
      const set = { id: 'trial/shelves', module: 'trial', name: 'shelves', version: '1.0.0', types: [SHELVES.type] };
      await page.evaluate(
        `RED.nodes.addNodeSet(${JSON.stringify({ ...set, enabled: true, loaded: true, local: true })})`,
      );
      await page.evaluate(script!);
      const node = { id: 'earlier.shelves', type: SHELVES.type, z: 'earlier', name: '', zones: ROWS, x: 200, y: 500 };
      await page.evaluate(`RED.nodes.import(${JSON.stringify([{ ...node, wires: [] }])})`);
    });

    it('shows each column in a field of its kind, and stores nothing new after a look', async () => {
      await open('shelves');
      assert.equal(await rows('.row-grams').getAttribute('type'), 'number');
      assert.equal(await rows('.row-grams').inputValue(), '2.5');
      assert.equal(await rows('.row-side').inputValue(), 'right');
      assert.equal(await rows('.row-on').isChecked(), false);
      assert.equal(await rows('.row-grams + span').count(), 1);
      await close();
      assert.deepEqual((await stored('shelves')).zones, ROWS);
    });

    it('marks a cell that is wrong, and stores numbers as numbers', async () => {
      await open('shelves');
      await rows('.row-grams').fill('10');
      await page.locator('#node-input-zones-rows .row-grams.input-error').waitFor();
      await rows('.row-grams').fill('3');
      assert.equal(await page.locator('#node-input-zones-rows .input-error').count(), 0);
      await page.locator('.red-ui-editableList-addButton').last().click();
      await rows('.row-name').last().fill('low');
      await close();
      assert.deepEqual((await stored('shelves')).zones, [
        { name: 'top', grams: 3, side: 'right', on: false },
        { name: 'low', grams: 1, side: 'left', on: true },
      ]);
      assert.equal(await page.evaluate("RED.nodes.node('earlier.shelves').valid"), true);
      assert.deepEqual(mistakes, []);
    });
  });
}
