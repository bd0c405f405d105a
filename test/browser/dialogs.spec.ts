// The dialogs that the build makes from contracts, in Node-RED's own editor: an older node opened, changed and deployed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../chromium.ts';
import { until, within } from '../patience.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FLOW = [
  { id: 'tab', type: 'tab', label: 'tab' },
  {
    id: 'account',
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
  { id: 'hold', type: 'stripe-hold', z: 'tab', name: '', account: 'account', x: 200, y: 100, wires: [[], [], []] },
  {
    id: 'list',
    type: 'stripe-call',
    z: 'tab',
    name: '',
    account: 'account',
    pages: 'all',
    max: '10000',
    x: 200,
    y: 200,
    wires: [[], []],
  },
  {
    id: 'page',
    type: 'stripe-page',
    z: 'tab',
    account: 'account',
    mode: 'pay',
    step: 'look',
    x: 200,
    y: 300,
    wires: [[], [], []],
  },
];

describe('a dialog made from a contract', () => {
  let folder: string;
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  before(async function () {
    browser = await startChromium(this);
    folder = mkdtempSync(join(tmpdir(), 'tapcase-dialogs-'));
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(FLOW));
    const settings = {
      flowFile: 'flows.json',
      credentialSecret: false,
      editorTheme: { tours: false },
      telemetry: { enabled: false },
    };
    writeFileSync(join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
    const port = await freePort();
    const args = [join(ROOT, 'node_modules/node-red/red.js'), '-u', folder, '-p', String(port)];
    server = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    server.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await until('Node-RED to start its flows', () => said.includes('Started flows'));
    page = await browser.newPage({ locale: 'es-ES' });
    page.on('pageerror', ({ message }) => problems.push(message));
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction("typeof RED === 'object' && RED.nodes && RED.nodes.node('hold')");
  });
  after(async () => {
    await browser?.close();
    if (server !== undefined) {
      const ended = once(server, 'exit');
      server.kill();
      await within('Node-RED to end', ended);
    }
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const open = async (id: string) => {
    await page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`);
    await page.locator('#node-dialog-ok').waitFor({ state: 'visible' });
  };
  const close = async () => {
    await page.locator('#node-dialog-ok').click();
    await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
  };
  const value = (field: string) => page.evaluate(`$('#node-input-${field}').val()`);

  it('takes no node of an earlier release for a wrong one', async () => {
    for (const id of ['hold', 'list', 'page']) {
      const wrong = await page.evaluate(`RED.nodes.node('${id}').validationErrors`);
      assert.deepEqual(wrong, [], id);
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

  it('saves where a value is looked for', async () => {
    await open('hold');
    await page.evaluate(`$('#node-input-currency').typedInput('type', 'str').typedInput('value', 'eur')`);
    await close();
    await page.locator('#red-ui-header-button-deploy').click();
    const saved = await until('the flow file to hold it', () => {
      const flow = JSON.parse(readFileSync(join(folder, 'flows.json'), 'utf8')) as Record<string, unknown>[];
      const hold = flow.find(({ id }) => id === 'hold');
      return hold?.currency === 'eur' ? { hold, list: flow.find(({ id }) => id === 'list') } : undefined;
    });
    assert.deepEqual([saved.hold.currencyType, saved.hold.amount, saved.list?.max], ['str', 'hold.amountMinor', '25']);
    assert.deepEqual(problems, []);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
