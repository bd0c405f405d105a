// npm run shots: pictures of everything a person sees, into shots/: the phone's pages in light and dark, the virtual case,
// every flow tab of both editors, the catalog's dialog. Starts a shop of its own; needs Chromium (Debian: chromium-headless-shell).
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startOwnShop } from './demo-shop.ts';
import { signInAs, signInAtEdge } from './demo-staff.ts';

const OUT = join(import.meta.dirname, '..', 'shots');
const PHONE = { width: 390, height: 844 };
const SCREEN = { width: 1920, height: 1080 };

mkdirSync(OUT, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'tapcase-shots-'));
const { shop, stateFolder, stop } = await startOwnShop();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  await phoneStory(browser, 'light');
  await phoneStory(browser, 'dark');
  await stories();
  await editorTabs(browser, 'cloud', `${shop.staffUrl}/editor/`);
  await editorTabs(browser, 'edge', `${shop.edgeUrl}/editor/`);
} finally {
  await browser.close();
  await stop();
  rmSync(profile, { recursive: true, force: true });
}
process.exit();

/** One purchase, with a picture of each step. */
async function phoneStory(chrome: Browser, colorScheme: 'light' | 'dark'): Promise<void> {
  const context = await chrome.newContext({ viewport: PHONE, colorScheme, locale: 'en-US', deviceScaleFactor: 2 });
  const page = await context.newPage();
  const shot = (name: string, from = page) => from.screenshot({ path: join(OUT, `${name}-${colorScheme}.png`) });
  const email = `${colorScheme}@example.com`;
  await page.goto(`${shop.shopUrl}/`);
  await page.getByRole('heading').first().waitFor();
  await shot('phone-0-home');
  await page.goto(`${shop.shopUrl}/case/${shop.caseId}`);
  await page.getByLabel('E-mail address').fill(email);
  await shot('phone-1-sign-in');
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code of six digits').waitFor();
  await shot('phone-2-code');
  const code = new RegExp(`${email}\\D*(\\d{6})`).exec(readFileSync(shop.logFile, 'utf8'))?.[1] ?? '';
  await page.getByLabel('Code of six digits').fill(code);
  await page.getByRole('button', { name: 'Add a card' }).waitFor();
  await shot('phone-3-card');
  await page.getByRole('button', { name: 'Add a card' }).click();
  await page.locator('input[type=radio]').first().check();
  await shot('phone-4-stripe');
  await page.getByRole('button').first().click();
  await page.getByRole('button', { name: 'Unlock the door' }).waitFor();
  await page.locator('li img').first().waitFor();
  await shot('phone-5-ready');
  await page.getByRole('button', { name: 'Unlock the door' }).click();
  await page.getByRole('heading', { name: 'Open the door' }).waitFor();
  await shot('phone-6-unlocked');
  const desk = await context.newPage();
  await desk.setViewportSize({ width: 1280, height: 900 });
  await desk.goto(`${shop.worldUrl}/case/${shop.caseId}/virtual`);
  await desk.getByRole('button', { name: 'Open the door' }).click();
  await page.getByRole('heading', { name: 'Take what you like' }).waitFor();
  await desk.getByRole('button', { name: 'Take: cola' }).first().click();
  await desk.locator('#held .piece').first().waitFor();
  await shot('phone-7-open');
  await shot('virtual-open', desk);
  await desk.getByRole('button', { name: 'Close the door' }).click();
  await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
  await shot('phone-8-receipt');
  await shot('virtual-receipt', desk);
  await desk.setViewportSize(PHONE);
  await desk.screenshot({ path: join(OUT, `virtual-phone-${colorScheme}.png`), fullPage: true });
  await page.getByRole('link', { name: 'Why was I charged?' }).click();
  await page.getByRole('heading', { name: 'What the scale felt' }).waitFor();
  await page.screenshot({ path: join(OUT, `phone-9-why-${colorScheme}.png`), fullPage: true });
  await context.close();
}

/**
 * What the browser tests take on their way: debts, pay page, refund and the staff's desk; what staff decide; a doubtful
 * visit, explained to its customer and to staff, and its pictures; what other thresholds would have done, in the editor; what
 * a case has learned; the Pi's own page; the virtual case in trouble, and what the staff read of it.
 */
async function stories(): Promise<void> {
  const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
  const env = { ...process.env, TAPCASE_SHOTS: OUT };
  await promisify(execFile)(process.execPath, [mocha, 'test/browser/shop.spec.ts', 'test/browser/staff.spec.ts'], {
    cwd: join(OUT, '..'),
    env,
  });
}

async function editorTabs(chrome: Browser, role: string, url: string): Promise<void> {
  const context = await chrome.newContext({ viewport: SCREEN });
  const session = await signInAs('owner', stateFolder);
  const atTheEdge = await signInAtEdge(shop.edgeUrl, session);
  await context.addCookies([
    { ...session.cookie, url: shop.staffUrl },
    { ...atTheEdge!, url: shop.edgeUrl },
  ]);
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction('window.RED?.nodes?.workspace !== undefined && RED.nodes.getWorkspaceOrder().length > 0');
  await settle(page);
  const tabs = (await page.evaluate('RED.nodes.getWorkspaceOrder()')) as string[];
  for (const id of tabs) {
    await page.evaluate(`RED.workspaces.show(${JSON.stringify(id)})`);
    await settle(page);
    await page.screenshot({ path: join(OUT, `editor-${role}-${id}.png`) });
  }
  if (role === 'cloud') await catalogDialog(page);
  await context.close();
}

async function catalogDialog(page: Page): Promise<void> {
  await page.evaluate("RED.editor.editConfig('', 'tapcase-catalog', 'config.catalog')");
  await page.locator('#node-config-input-products-list .tapcase-row').first().waitFor();
  await settle(page);
  await page.screenshot({ path: join(OUT, 'editor-cloud-catalog.png') });
}

/** The editor slides its trays and draws its wires in frames. */
async function settle(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => setTimeout(done, 700))');
}
