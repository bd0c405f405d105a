// Money that does not go smoothly, as a person sees it: a basket above the hold, a declined rest, a debt that is paid,
// and money that the staff give back.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';
import { needs } from '../needs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const STEP_MS_MAX = 20_000;
const PASSWORD = 'a-long-desk-password';
/** Less than two colas. */
const HOLD_MINOR = 300;

describe('money in the browser', () => {
  let shop: DemoShop;
  let phone: BrowserContext;
  let staff: BrowserContext;
  let folder: string;
  const shots = process.env.TAPCASE_SHOTS;

  before(async function () {
    this.timeout(90_000);
    const executablePath = needs(this, 'chromium');
    folder = mkdtempSync(join(tmpdir(), 'tapcase-money-'));
    shop = await startOwnShop({ FLOWS_DIR: smallHolds(join(folder, 'flows')), EDITOR_PASSWORD: PASSWORD });
    const launch = (name: string, viewport: typeof PHONE, more: object = {}) =>
      chromium.launchPersistentContext(join(folder, name), {
        executablePath,
        args: ['--no-sandbox', '--disable-background-networking'],
        viewport,
        locale: 'en-US',
        ...more,
      });
    phone = await launch('phone', PHONE);
    staff = await launch('staff', DESK, { httpCredentials: { username: 'owner', password: PASSWORD } });
    for (const context of [phone, staff]) context.setDefaultTimeout(STEP_MS_MAX);
  });
  after(async function () {
    this.timeout(30_000);
    await phone?.close();
    await staff?.close();
    await shop?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const at = (path: string) => `${shop.shop.shopUrl}${path}`;
  const shoot = async (page: Page, name: string) => {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  };
  const world = (action: string, body: object) =>
    fetch(`${shop.shop.worldUrl}/sim/cases/${shop.shop.caseId}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  async function signInWith(page: Page, card: string): Promise<void> {
    await page.goto(at(`/case/${shop.shop.caseId}`));
    await page.getByLabel('E-mail address').fill('maria@example.com');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await page.getByLabel('Code of six digits').waitFor();
    const code = /maria@example\.com\D*(\d{6})/.exec(readFileSync(shop.shop.logFile, 'utf8'))?.[1];
    assert.ok(code, 'the code is in the log');
    await page.getByLabel('Code of six digits').fill(code);
    await page.getByRole('button', { name: 'Add a card' }).click();
    await page.locator(`input[value="${card}"]`).check();
    await page.getByRole('button', { name: 'Save card' }).click();
    await page.getByRole('button', { name: 'Unlock' }).waitFor();
  }

  /** Unlocks, takes, closes, and waits for the receipt. */
  async function take(page: Page, sku: string, count: number): Promise<void> {
    await page.getByRole('button', { name: 'Unlock the door' }).click();
    await page.getByRole('heading', { name: 'Open the door' }).waitFor();
    await world('door', { open: true });
    await page.getByRole('heading', { name: 'Take what you like' }).waitFor();
    await world('take', { sku, count });
    await world('door', { open: false });
  }

  it('two colas above the hold and a bank that declines the rest: the phone says what is owed and why', async () => {
    const page = phone.pages()[0] ?? (await phone.newPage());
    await signInWith(page, 'declines-when-away');
    await take(page, 'cola', 2);
    await page.getByRole('heading', { name: 'Partly paid' }).waitFor();
    await page.getByText('$3.00 was charged. Your bank declined the rest').waitFor();
    await page.getByText('What happened with the money').click();
    await page.getByText('Declined by the bank').waitFor();
    await shoot(page, 'debt-receipt');
  }).timeout(120_000);

  it('opens no door until it is paid', async () => {
    const page = phone.pages()[0]!;
    await page.goto(at(`/case/${shop.shop.caseId}`));
    await page.getByRole('heading', { name: 'Something is not paid yet' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Unlock' }).count(), 0);
    await shoot(page, 'debt-case');
  }).timeout(60_000);

  it('is paid on the payment page with another card, and the door opens again', async () => {
    const page = phone.pages()[0]!;
    await page.getByRole('button', { name: 'Pay $1.00 now' }).click();
    await page.getByRole('heading', { name: 'Pay' }).waitFor();
    await shoot(page, 'debt-page');
    await page.locator('input[value="mastercard"]').check();
    await page.getByRole('button', { name: 'Pay $1.00' }).click();
    await page.getByText('All $4.00 is paid now').waitFor();
    await shoot(page, 'debt-paid');
    await page.goto(at(`/case/${shop.shop.caseId}`));
    await page.getByRole('button', { name: 'Unlock' }).waitFor();
    await page.getByText('Mastercard •• 4444').waitFor();
  }).timeout(60_000);

  it('staff give a part back with a reason, and the customer reads it', async () => {
    const desk = staff.pages()[0] ?? (await staff.newPage());
    await desk.goto(at('/dashboard/money'));
    await desk.getByText('Latest visits').waitFor();
    const page = phone.pages()[0]!;
    await page.goto(at('/visits'));
    await page.getByRole('link', { name: /Receipt of/ }).click();
    await page.waitForURL(/\/visit\//);
    const visitId = new URL(page.url()).pathname.split('/').at(-1)!;
    await desk.getByText(visitId).first().waitFor();
    await desk.getByLabel('What').click({ force: true });
    await desk.getByText('Give money back', { exact: true }).last().click();
    await desk.getByLabel('Visit', { exact: false }).first().fill(visitId);
    await desk.getByLabel(/Amount/).fill('1.50');
    await desk.getByLabel('Reason').fill('the cola was warm');
    await shoot(desk, 'desk');
    await desk.getByRole('button', { name: 'Do it' }).click();
    await desk.getByText('Written down').waitFor();
    await until(
      async () => (await (await page.request.get(at(`/api/visits/${visitId}`))).json()).refundedMinor === 150,
    );
    await page.reload();
    await page.getByText('$1.50 is on its way back').waitFor();
    await shoot(page, 'refunded');
    await page.goto(at('/visits'));
    await page.getByText('$1.50 given back').waitFor();
    await shoot(page, 'visits');
  }).timeout(90_000);

  it('the desk is nobody’s but the owner’s', async () => {
    const answer = await fetch(at('/dashboard/money'));
    assert.equal(answer.status, 401);
    const wrong = await fetch(at('/dashboard'), { headers: { authorization: `Basic ${btoa('owner:guess')}` } });
    assert.equal(wrong.status, 401);
  });
});

/** The project's flows with a case that reserves too little. */
function smallHolds(folder: string): string {
  cpSync(join(ROOT, 'flows'), folder, { recursive: true });
  const file = join(folder, 'config.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"holdMinor":\d+/, `"holdMinor":${HOLD_MINOR}`));
  return folder;
}

async function until(test: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + STEP_MS_MAX;
  while (!(await test())) {
    if (Date.now() > untilMs) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
