// What a Deploy leaves in the files, with the real editor: nothing by looking, its own lines by moving, and nothing over a pull.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Response } from 'playwright-core';
import { readFolders } from '../../../host/flows/disk.ts';
import type { FlowNode } from '../../../host/flows/node.ts';
import { splitFlows } from '../../../host/flows/tabs.ts';
import { until } from '../../patience.ts';
import { type BrowserBench, shoot } from '../shop-bench.ts';
import type { Editor } from './open-editor.ts';

const SHOT = { settleMs: 700, fullPage: false };
/** What somebody else put into git, and this machine pulled. */
const PULLED: readonly FlowNode[] = [
  { id: 'evening', type: 'tab', label: 'Evening', disabled: false, info: '' },
  { ...{ id: 'evening.a', type: 'comment', z: 'evening', name: 'first', info: '' }, x: 200, y: 100, wires: [] },
  { ...{ id: 'evening.b', type: 'comment', z: 'evening', name: 'second', info: '' }, x: 200, y: 200, wires: [] },
];

const DECIDES = { type: 'tapcase-decide', z: 'twins', question: 'cost', limitMs: 1_000, x: 200, wires: [[]] };
const TWINS: readonly FlowNode[] = [
  { id: 'twins', type: 'tab', label: 'Twins', disabled: false, info: '' },
  { ...DECIDES, id: 'twins.a', name: 'Ten off', y: 100 },
  { ...DECIDES, id: 'twins.b', name: 'Happy hour', y: 200 },
];

interface AdminRequest {
  /** Of a Deploy; without it the flows are read. */
  readonly type?: string;
  readonly body?: readonly FlowNode[];
  readonly language?: string;
}

/** What was shown to somebody who then deploys, and what was pulled meanwhile. */
export function looking({ shop }: BrowserBench, { english, edge }: Editor): void {
  it('opening every tab and deploying changes no line', async () => {
    const page = await english();
    const before = readFolders(shop().flowsFolder);
    await seen(page);
    assert.equal((await deploy(page)).status(), 200);
    assert.deepEqual(readFolders(shop().flowsFolder), before);
  });

  it('nor does it on the case’s computer', async () => {
    const page = await edge();
    const before = readFolders(shop().edgeFlowsFolder);
    await seen(page);
    assert.equal((await deploy(page)).status(), 200);
    assert.deepEqual(readFolders(shop().edgeFlowsFolder), before);
  });

  it('refuses a Deploy over what was pulled, and says so', async () => {
    writeFileSync(join(shop().flowsFolder, 'own', 'evening.json'), splitFlows(PULLED)['evening.json']!);
    const before = readFolders(shop().flowsFolder);
    const stale = await english();
    const answer = await deploy(stale);
    assert.equal(answer.status(), 400);
    assert.match(
      await answer.text(),
      /^Not deployed\. On the disk, own\/evening\.json changed.*\(flows\.changed-on-disk\)$/,
    );
    const notice = stale.locator('.red-ui-notification-error', { hasText: 'own/evening.json changed since' });
    await notice.waitFor();
    await shoot(stale, 'editor-deploy-refused', SHOT);
    assert.deepEqual(readFolders(shop().flowsFolder), before);
    assert.equal((await asked(stale, () => restart(stale))).status(), 200);
  });
}

/** Leaves what it changed as it was. */
export function deploying(bench: BrowserBench, { spanish }: Editor): void {
  const { shop } = bench;
  const files = () => readFolders(shop().flowsFolder);
  const own = (name: string) => join(shop().flowsFolder, 'own', name);
  after(async () => {
    for (const name of ['evening.json', 'overrides.json']) rmSync(own(name), { force: true });
    assert.equal((await admin(bench, { type: 'reload' })).status, 200);
  });

  it('shows what was pulled', async () => {
    const page = await spanish();
    await page.evaluate("RED.workspaces.show('evening')");
    await page.locator('#evening\\.a').waitFor();
  });

  it('moving a node changes its own lines and no other', async () => {
    const page = await spanish();
    const before = files();
    const box = (await page.locator('#evening\\.a').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    // Past the other one, which keeps its place in the file.
    await page.mouse.move(x + 100, y + 160, { steps: 8 });
    await page.mouse.up();
    assert.equal((await deploy(page)).status(), 200);
    const after = files();
    assert.deepEqual(after.core, before.core);
    const [old, now] = [before, after].map((each) => each.own['evening.json']!.split('\n')) as [string[], string[]];
    assert.equal(now.length, old.length);
    const changed = now.filter((line, number) => line !== old[number]);
    // The editor puts it onto its grid.
    assert.match(changed.join('\n'), /^ {4}"x": 3\d0,\n {4}"y": 260,$/);
    await until('nothing to be deployed', () => page.evaluate('!RED.nodes.dirty()'));
  });

  it('a price typed into the catalog’s dialog is the operator’s, and the shop’s own files stay', async () => {
    const page = await spanish();
    const before = files();
    const priced = async (price: string) => {
      await page.evaluate("RED.editor.editConfig('', 'tapcase-catalog', 'config.catalog')");
      await page.locator('#node-config-input-products-list .tapcase-price').first().fill(price);
      await page.locator('#node-config-dialog-ok').click();
      await page.locator('#node-config-input-products-list').waitFor({ state: 'detached' });
      assert.equal((await deploy(page)).status(), 200);
    };
    const shipped = await page.evaluate<number>("RED.nodes.node('config.catalog').products[0].priceMinor");
    await priced('2.10');
    assert.deepEqual(files().core, before.core);
    const overrides = JSON.parse(readFileSync(own('overrides.json'), 'utf8')) as Record<string, { products: object[] }>;
    assert.deepEqual(Object.keys(overrides), ['config.catalog']);
    assert.deepEqual(Object.keys(overrides['config.catalog']!), ['products']);
    assert.deepEqual(overrides['config.catalog']!.products[0], {
      ...overrides['config.catalog']!.products[0],
      priceMinor: 210,
    });
    await priced((shipped / 100).toFixed(2));
    assert.equal(existsSync(own('overrides.json')), false);
  });

  it('names two own flows that decide one question in a banner, in the language of the editor, until one goes', async () => {
    const page = await spanish();
    writeFileSync(own('twins.json'), splitFlows(TWINS)['twins.json']!);
    assert.equal((await admin(bench, { type: 'reload' })).status, 200);
    const banner = page.locator('.red-ui-notification-error', {
      hasText: '"Ten off", "Happy hour" deciden la misma pregunta (cost)',
    });
    await banner.waitFor();
    await shoot(page, 'editor-two-deciders', SHOT);
    rmSync(own('twins.json'));
    assert.equal((await admin(bench, { type: 'reload' })).status, 200);
    await banner.waitFor({ state: 'hidden' });
  });

  it('refuses what would change a locked tab, whoever sends it', async () => {
    const before = files();
    const nodes = (await (await admin(bench, {})).json()) as FlowNode[];
    const renamed = nodes.map((node) => (node.id === 'faults.in' ? { ...node, name: 'elsewhere' } : node));
    const answer = await admin(bench, { type: 'full', body: renamed });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /would change\. Undo this.*\(flows\.core-locked\)$/);
    const inSpanish = await admin(bench, { type: 'full', body: renamed, language: 'es-ES' });
    assert.match(
      await inSpanish.text(),
      /^No se ha desplegado.*cambiaría\. Deshaga el cambio.*\(flows\.core-locked\)$/,
    );
    assert.deepEqual(files(), before);
  });
}

/** Node-RED's own interface: reads the flows, or deploys `body`. */
async function admin(
  { staffAt, staff }: BrowserBench,
  { type, body, language = 'en' }: AdminRequest,
): Promise<globalThis.Response> {
  const owner = await staff('owner');
  const version = type === 'reload' ? 'v2' : 'v1';
  const headers = {
    ...owner.headers,
    'content-type': 'application/json',
    'node-red-api-version': version,
  };
  if (type === undefined) return fetch(staffAt('/editor/flows'), { headers });
  return fetch(staffAt('/editor/flows'), {
    method: 'POST',
    headers: { ...headers, 'node-red-deployment-type': type, 'accept-language': language },
    body: JSON.stringify(body ?? {}),
  });
}

async function deploy(page: Page): Promise<Response> {
  await page.evaluate('RED.nodes.dirty(true)');
  return asked(page, async () => page.locator('#red-ui-header-button-deploy').click());
}

/** Every tab is drawn once. */
async function seen(page: Page): Promise<void> {
  const tabs = await page.evaluate<string[]>('RED.nodes.getWorkspaceOrder()');
  assert.ok(tabs.length > 5);
  for (const tab of tabs) {
    await page.evaluate(`RED.workspaces.show(${JSON.stringify(tab)})`);
    await page.waitForFunction(`RED.workspaces.active() === ${JSON.stringify(tab)}`);
    await page.locator('#red-ui-workspace-chart .red-ui-flow-node').first().waitFor();
  }
}

/** The editor's answer to a Deploy or a reload that `act` asks for. */
export async function asked(page: Page, act: () => Promise<unknown>): Promise<Response> {
  const answer = page.waitForResponse((response) => {
    return new URL(response.url()).pathname === '/editor/flows' && response.request().method() === 'POST';
  });
  await act();
  const response = await answer;
  await response.finished();
  await page.locator('#red-ui-header-shade').waitFor({ state: 'hidden' });
  return response;
}

async function restart(page: Page): Promise<unknown> {
  return page.evaluate("RED.actions.invoke('core:restart-flows')");
}
