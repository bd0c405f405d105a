// A person buys a cola in a real browser: the phone's page beside the virtual case, the whole shop behind both.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';
import { needs } from '../needs.ts';

const PHONE = { width: 390, height: 844 };
/** Far above what any step takes; a page that hangs fails with its name. */
const STEP_MS_MAX = 20_000;

describe('a purchase in the browser', () => {
  let shop: DemoShop;
  let context: BrowserContext;
  let profile: string;
  const mistakes: string[] = [];

  before(async function () {
    this.timeout(90_000);
    const executablePath = needs(this, 'chromium');
    shop = await startOwnShop();
    profile = mkdtempSync(join(tmpdir(), 'tapcase-browser-'));
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: ['--no-sandbox', '--disable-background-networking'],
      viewport: PHONE,
      locale: 'en-US',
    });
    context.setDefaultTimeout(STEP_MS_MAX);
    context.on('weberror', (error) => mistakes.push(error.error().message));
  });
  after(async function () {
    this.timeout(30_000);
    await context?.close();
    await shop?.stop();
    if (profile) rmSync(profile, { recursive: true, force: true });
  });

  const open = async (path: string): Promise<Page> => {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 401/.test(message.text())) mistakes.push(message.text());
    });
    await page.goto(`${shop.shop.shopUrl}${path}`);
    return page;
  };

  it('signs in, stores a card, unlocks, takes a cola from the virtual case, and reads the receipt', async () => {
    const { caseId, logFile } = shop.shop;
    const phone = await open(`/case/${caseId}`);
    await phone.getByLabel('E-mail address').fill('maria@example.com');
    await phone.getByRole('button', { name: 'Send me a code' }).click();
    await phone.getByLabel('Code of six digits').waitFor();
    const code = /maria@example\.com\D*(\d{6})/.exec(readFileSync(logFile, 'utf8'))?.[1];
    assert.ok(code, 'the code is in the log');
    await phone.getByLabel('Code of six digits').fill(code);

    await phone.getByRole('button', { name: 'Add a card' }).click();
    await phone.waitForURL(/localhost|127\.0\.0\.1/);
    await phone.locator('input[type=radio]').first().check();
    await phone.getByRole('button').first().click();

    await phone.getByRole('button', { name: 'Unlock the door' }).click();
    await phone.getByRole('heading', { name: 'Open the door' }).waitFor();

    const fridge = await open(`/case/${caseId}/virtual`);
    await fridge.getByRole('button', { name: 'Open the door' }).click();
    await phone.getByRole('heading', { name: 'Take what you like' }).waitFor();
    await fridge.getByRole('button', { name: 'Take: cola' }).first().click();
    await fridge.locator('#held .piece').first().waitFor();
    await fridge.getByRole('button', { name: 'Close the door' }).click();

    await phone.getByRole('heading', { name: 'Thank you!' }).waitFor();
    assert.match((await phone.locator('table').textContent()) ?? '', /Cola[\s\S]*\$2\.00/);
    await phone.getByText('Cameras and scale agree.').waitFor();
  }).timeout(90_000);

  it('reads why: what the scale felt, what the cameras saw, and that it went by the cola', async () => {
    const phone = context.pages().find((page) => page.url().includes('/visit/'))!;
    await phone.getByRole('link', { name: 'Why was I charged?' }).click();
    await phone.getByRole('heading', { name: 'What the scale felt' }).waitFor();
    const counted = phone.locator('section', { has: phone.getByRole('heading', { name: 'What the cameras saw' }) });
    assert.match((await counted.textContent()) ?? '', /Cola[\s\S]*Camera 0[\s\S]*Camera 1/);
    const first = phone.locator('ol li').first();
    assert.match((await first.textContent()) ?? '', /1 × Cola[\s\S]*We went by this/);
    await phone.getByText('We counted all of it: 1 × Cola, $2.00.').waitFor();
    await phone.getByRole('link', { name: 'Back to the receipt' }).click();
  }).timeout(30_000);

  it('finds the receipt again after a reload, in Spanish too', async () => {
    const phone = context.pages().find((page) => page.url().includes('/visit/'))!;
    await phone.reload();
    await phone.getByRole('heading', { name: 'Thank you!' }).waitFor();
    await phone.getByRole('button', { name: 'Español' }).click();
    await phone.getByRole('heading', { name: '¡Gracias!' }).waitFor();
    await phone.getByRole('button', { name: 'English' }).click();
  }).timeout(30_000);

  it('says what to do for a case that is not there', async () => {
    const phone = await context.newPage();
    await phone.goto(`${shop.shop.shopUrl}/case/999`);
    await phone.getByRole('heading', { name: 'We do not know this case' }).waitFor();
    await phone.close();
  }).timeout(30_000);

  it('no page complained on the way', () => assert.deepEqual(mistakes, []));
});
