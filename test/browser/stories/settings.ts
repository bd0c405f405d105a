// The dialogs of config nodes in both editors: opened and shut without a change they change nothing, and what is typed there
// is what is stored. A locked tab opens no dialog, so these are where a shop is set up.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { shoot } from '../shop-bench.ts';
import type { Editor } from './open-editor.ts';

const SHOT = { settleMs: 700, fullPage: false };
type Stored = Readonly<Record<string, unknown>>;
/** What goes out to the cases, what staff see and order, what runs by the clock. */
const DESK = ['firmware.offer', 'firmware.file', 'tell.frames', 'desk.debts', 'desk.do', 'clock.due', 'books.audit'];

/** In this page alone, nothing of it is deployed: what the dialogs of nodes do for an operator who unlocks a tab. */
const unlock = (page: Page) => page.evaluate('RED.nodes.eachWorkspace((tab) => { tab.locked = false; })');

export function cloudSettings({ english, mistakes }: Editor): void {
  let page: Page;
  before(async () => {
    page = await english();
    await unlock(page);
  });
  for (const id of [
    'config.policy',
    'config.shop',
    'config.ledger',
    'config.keys',
    'config.stripe',
    'tell.sign',
    'settle.reconcile',
    'debt.pay',
    'tell.push',
    ...DESK,
  ]) {
    it(`${id} is as it was after a look at it`, () => looksAt(page, id));
  }

  it('so is a node that could refer to what only the case’s computer has', () => looksAt(page, 'door.verify'));

  it('a case sells from the catalog that is chosen in its row; without a choice nothing is stored of it', async () => {
    const chosen = async () => {
      const { cases } = await stored(page, 'config.shop');
      return (cases as { readonly catalog?: string }[])[0]!.catalog;
    };
    for (const catalog of ['config.catalog', '']) {
      await open(page, 'config.shop');
      await page.locator('.tapcase-case-catalog').first().selectOption(catalog);
      if (catalog !== '') await shoot(page, 'editor-cloud-cases', SHOT);
      await done(page);
      assert.equal(await chosen(), catalog === '' ? undefined : catalog);
    }
  });

  it('a hold below the least that is charged, or off its step, is marked, and the least is said', async () => {
    await open(page, 'config.shop');
    const hold = page.locator('.tapcase-case-hold').first();
    const isMarked = () => hold.evaluate((input) => input.classList.contains('input-error'));
    const before = await hold.inputValue();
    for (const [typed, marked] of [
      ['0.49', true],
      ['0.50', false],
      ['0,50', false],
      ['0.505', true],
      ['0', true],
      ['1000000.00', true],
      ['999999.99', false],
    ] as const) {
      await hold.fill(typed);
      assert.equal(await isMarked(), marked, typed);
    }
    assert.match((await hold.getAttribute('title'))!, /least is 0\.50 usd/);
    // The same words are another sum where the case sells in another currency.
    await page.evaluate(`RED.nodes.add({ id: 'kyoto', type: 'tapcase-catalog', name: 'Kyoto', users: [],
      _def: RED.nodes.getType('tapcase-catalog'), _config: {}, products: [], currency: 'jpy' })`);
    const choice = page.locator('.tapcase-case-catalog').first();
    await choice.focus();
    await choice.selectOption('kyoto');
    assert.equal(await isMarked(), true, 'yen have no cents');
    await hold.fill('500');
    assert.equal(await isMarked(), false);
    await choice.selectOption('');
    await page.evaluate("RED.nodes.remove('kyoto')");
    await hold.fill(before);
    await done(page);
  });

  it('a catalog that is made while the dialog is open can be chosen at once', async () => {
    await open(page, 'config.shop');
    // What the button beside the shop’s catalog does in the end.
    await page.evaluate(`RED.nodes.add({ id: 'kitchen', type: 'tapcase-catalog', name: 'Kitchen', users: [],
      _def: RED.nodes.getType('tapcase-catalog'), _config: {}, products: [], currency: 'usd' })`);
    const choice = page.locator('.tapcase-case-catalog').first();
    await choice.focus();
    assert.ok((await choice.locator('option').allTextContents()).includes('Kitchen'));
    assert.equal(await choice.inputValue(), '');
    await page.evaluate("RED.nodes.remove('kitchen')");
    await done(page);
  });

  it('the shop’s address and its rollout are what is typed; the editor refuses what would stop them', async () => {
    await open(page, 'config.shop');
    await section(page, 'Firmware over the air');
    await field(page, 'firmwareVersion').fill('1.4.0');
    await field(page, 'firmwareCases').fill('123');
    await field(page, 'firmwarePercent').fill('101');
    await field(page, 'firmwarePercent').press('Tab');
    await page.locator('#node-config-input-firmwarePercent.input-error').waitFor();
    await field(page, 'firmwarePercent').fill('10');
    await field(page, 'firmwarePercent').press('Tab');
    await shoot(page, 'editor-cloud-shop', SHOT);
    await done(page);
    const { firmwareVersion, firmwareCases, firmwarePercent, publicUrl } = await stored(page, 'config.shop');
    const expected = ['1.4.0', '123', '10', '${PUBLIC_URL}'];
    assert.deepEqual([firmwareVersion, firmwareCases, firmwarePercent, publicUrl], expected);
  });

  it('the shop’s mail server is what is typed, and its password stands in no property', async () => {
    await open(page, 'config.shop');
    await section(page, 'Mail');
    await field(page, 'mailPort').fill('0');
    await field(page, 'mailPort').press('Tab');
    await page.locator('#node-config-input-mailPort.input-error').waitFor();
    await field(page, 'mailPort').fill('465');
    await field(page, 'mailSecure').selectOption({ label: 'from the first byte' });
    await field(page, 'mailPassword').fill('only-a-credential');
    await done(page);
    const shop = await stored(page, 'config.shop');
    assert.deepEqual([shop.mailPort, shop.mailSecure, shop.mailHost], ['465', 'true', '${SMTP_HOST}']);
    assert.doesNotMatch(JSON.stringify(shop), /only-a-credential/);
  });

  it('values of its own that weight-reconcile stored in an earlier release stay until a policy is chosen', async () => {
    const earlier = {
      id: 'of-before',
      type: 'weight-reconcile',
      z: 'settle',
      name: 'Before',
      x: 100,
      y: 700,
      wires: [],
    };
    await page.evaluate(`RED.nodes.import(${JSON.stringify([{ ...earlier, charge: '0,9', asksAlone: true }])})`);
    const { charge, asksAlone, policy = '' } = await stored(page, 'of-before');
    assert.deepEqual([charge, asksAlone, policy], ['0,9', true, '']);
    await page.evaluate("RED.workspaces.show('settle')");
    await open(page, 'of-before');
    await page.getByText('decides by values of its own').waitFor();
    await page.locator('#node-input-earlier').getByText('charge 0,9, asksAlone true').waitFor();
    await page.locator('#node-input-policy').selectOption('config.policy');
    await done(page);
    const after = await stored(page, 'of-before');
    assert.deepEqual([after.charge, after.asksAlone, after.policy], [undefined, undefined, 'config.policy']);
    await page.evaluate("RED.nodes.remove('of-before')");
    assert.deepEqual(mistakes, []);
  });
}

export function edgeSettings({ edge, mistakes }: Editor): void {
  let page: Page;
  before(async () => {
    page = await edge();
    await unlock(page);
  });

  const CONFIGS = ['config.state', 'config.keys', 'config.model', 'config.camera-left', 'config.camera-right'];
  const NODES = [
    'wake.verify',
    'wake.line',
    'wake.pir',
    'see.camera-left',
    'see.detect',
    'see.diff',
    'record.left',
    'send.queue',
  ];
  for (const id of [...CONFIGS, ...NODES, 'technician.board']) {
    it(`${id} is as it was after a look at it`, () => looksAt(page, id));
  }

  it('lines and the recorder’s ring are set once for this computer; the editor refuses what no node would take', async () => {
    await open(page, 'config.state');
    await field(page, 'ringHours').fill('0');
    await field(page, 'ringHours').press('Tab');
    await page.locator('#node-config-input-ringHours.input-error').waitFor();
    await field(page, 'ringHours').fill('48');
    await field(page, 'signalLine').fill('gpio:5');
    await page.locator('#node-config-input-signalPull').selectOption('up');
    await shoot(page, 'editor-edge-computer', SHOT);
    await done(page);
    const { ringHours, signalLine, signalPull } = await stored(page, 'config.state');
    assert.deepEqual([ringHours, signalLine, signalPull], ['48', 'gpio:5', 'up']);
  });

  it('a line of a node’s own asks for a resistor and a level, the computer’s does not', async () => {
    await open(page, 'wake.line');
    await page.locator('#node-input-pull').waitFor({ state: 'hidden' });
    await page.locator('#node-input-line').fill('gpio:7');
    await page.locator('#node-input-pull').waitFor();
    await page.locator('#node-input-which').waitFor({ state: 'hidden' });
    await page.locator('#node-dialog-cancel').click();
    await page.locator('#node-input-line').waitFor({ state: 'detached' });
    assert.deepEqual(mistakes, []);
  });
}

const isConfig = (id: string) => id.startsWith('config.');
/** Of the shop’s dialog, opened. */
const section = (page: Page, title: string) =>
  page.locator('.tapcase-sections summary').getByText(title, { exact: true }).click();
const field = (page: Page, property: string) => page.locator(`#node-config-input-${property}`);
const stored = (page: Page, id: string) =>
  page.evaluate<Stored>(
    `RED.nodes.createExportableNodeSet([RED.nodes.node('${id}')]).find(({ id }) => id === '${id}')`,
  );

async function open(page: Page, id: string): Promise<void> {
  const node = `RED.nodes.node('${id}')`;
  if (isConfig(id)) await page.evaluate(`RED.editor.editConfig('', ${node}.type, '${id}')`);
  else await page.evaluate(`RED.workspaces.show(${node}.z), RED.editor.edit(${node})`);
  await page.locator(isConfig(id) ? '#node-config-input-name' : '#node-input-name').waitFor();
}

async function done(page: Page): Promise<void> {
  await page.locator('#node-config-dialog-ok, #node-dialog-ok').last().click();
  await page.locator('#node-config-input-name, #node-input-name').waitFor({ state: 'detached' });
}

/** Opens the dialog and shuts it with Done. */
async function looksAt(page: Page, id: string): Promise<void> {
  const before = await stored(page, id);
  await open(page, id);
  assert.equal(await page.locator('.red-ui-editor .input-error').count(), 0, 'fields are marked as wrong');
  await done(page);
  assert.deepEqual(await stored(page, id), before);
  assert.equal(await page.evaluate(`RED.nodes.node('${id}').valid`), true);
}
