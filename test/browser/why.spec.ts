// One can that the scale cannot name, in a shop whose cameras have no model: the receipt in doubt, and the page that says
// why, read by the customer and by staff.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WhyView } from '@tapcase/domain';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';
import { needs } from '../needs.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const STEP_MS_MAX = 20_000;
const PASSWORD = 'a-long-desk-password';
/** A cola that is 2 g light: 353 g, where a cola weighs 355 g and a soda 350 g, each give or take. */
const CAN_IN_DOUBT = 15;
const EMAIL = 'maria@example.com';

describe('why, in the browser', () => {
  let shop: DemoShop;
  let phone: BrowserContext;
  let staff: BrowserContext;
  let folder: string;
  let visitId: string;
  const mistakes: string[] = [];
  const shots = process.env.TAPCASE_SHOTS;

  before(async function () {
    this.timeout(90_000);
    const executablePath = needs(this, 'chromium');
    folder = mkdtempSync(join(tmpdir(), 'tapcase-why-'));
    shop = await startOwnShop({ MODEL_DIR: join(folder, 'no-model'), EDITOR_PASSWORD: PASSWORD });
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
    for (const context of [phone, staff]) {
      context.setDefaultTimeout(STEP_MS_MAX);
      context.on('weberror', (error) => mistakes.push(error.error().message));
      context.on('console', (message) => {
        if (message.type() === 'error' && !/status of 40[14]/.test(message.text())) mistakes.push(message.text());
      });
    }
  });
  after(async function () {
    this.timeout(30_000);
    await phone?.close();
    await staff?.close();
    await shop?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const at = (path: string) => `${shop.shop.shopUrl}${path}`;
  const world = (action: string, body: object) =>
    fetch(`${shop.shop.worldUrl}/sim/cases/${shop.shop.caseId}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const shoot = async (page: Page, name: string) => {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`), fullPage: true });
    }
  };

  async function signIn(page: Page, email: string): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await page.getByLabel('Code of six digits').waitFor();
    const code = new RegExp(`${email}\\D*(\\d{6})`).exec(readFileSync(shop.shop.logFile, 'utf8'))?.[1];
    assert.ok(code, 'the code is in the log');
    await page.getByLabel('Code of six digits').fill(code);
  }

  it('a cola that could as well be a soda: nothing doubtful is charged, and the receipt says so', async () => {
    const page = phone.pages()[0] ?? (await phone.newPage());
    await page.goto(at(`/case/${shop.shop.caseId}`));
    await signIn(page, EMAIL);
    await page.getByRole('button', { name: 'Add a card' }).click();
    await page.locator('input[type=radio]').first().check();
    await page.getByRole('button', { name: 'Save card' }).click();
    await page.getByRole('button', { name: 'Unlock the door' }).click();
    await page.getByRole('heading', { name: 'Open the door' }).waitFor();
    await world('door', { open: true });
    await page.getByRole('heading', { name: 'Take what you like' }).waitFor();
    await world('take', { item: CAN_IN_DOUBT });
    await world('door', { open: false });
    await page.getByRole('heading', { name: 'We are checking this visit' }).waitFor();
    await page.getByText('fits more than one explanation').waitFor();
    await shoot(page, 'why-receipt');
    visitId = new URL(page.url()).pathname.split('/').at(-1)!;
  }).timeout(90_000);

  it('the customer reads what the scale felt, both cans, that no camera looked, and that a person checks', async () => {
    const page = phone.pages()[0]!;
    await page.getByRole('link', { name: 'Why was nothing charged?' }).click();
    await page.getByRole('heading', { name: 'Why was nothing charged?' }).waitFor();
    assert.deepEqual(await page.locator('h2').allTextContents(), [
      'What the scale felt',
      'What the cameras saw',
      'What we thought of',
      'What we did',
      'Is this wrong?',
    ]);
    assert.match(await sectionOf(page, 'What the scale felt'), /lighter, give or take \d+ g/);
    assert.match(await page.locator('svg[role=img]').getAttribute('aria-label').then(String), /35\d g/);
    assert.match(await sectionOf(page, 'What the cameras saw'), /No camera reported/);
    const thoughts = await sectionOf(page, 'What we thought of');
    assert.match(thoughts, /1 × Cola/);
    assert.match(thoughts, /1 × Lemon soda/);
    assert.match(thoughts, /\d%/);
    assert.doesNotMatch(thoughts, /We went by this/);
    assert.match(
      await sectionOf(page, 'What we did'),
      /nothing was charged, for nothing was certain enough\.[\s\S]*A person checks this visit/,
    );
    assert.match(await sectionOf(page, 'Is this wrong?'), new RegExp(visitId));
    await shoot(page, 'why-phone');
  }).timeout(60_000);

  it('reads the same in Spanish, and finds the way back to the receipt', async () => {
    const page = phone.pages()[0]!;
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByRole('heading', { name: 'Qué notó la báscula' }).waitFor();
    assert.match(await sectionOf(page, 'Qué consideramos'), /1 × Refresco de limón/);
    await shoot(page, 'why-phone-es');
    await page.getByRole('link', { name: 'Volver al recibo' }).click();
    await page.getByRole('heading', { name: 'Estamos revisando esta visita' }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
  }).timeout(60_000);

  it('staff read the same after giving the password, and neither the customer’s address nor the card', async () => {
    const desk = staff.pages()[0] ?? (await staff.newPage());
    await desk.goto(at(`/why/${visitId}`));
    await desk.getByRole('heading', { name: /Why this result\? Visit at Lobby fridge/ }).waitFor();
    const text = String(await desk.locator('main').textContent());
    assert.match(text, /1 × Cola[\s\S]*1 × Lemon soda/);
    assert.doesNotMatch(text, /maria|4242|visa/i);
    await desk.getByRole('link', { name: 'To the staff’s desk' }).waitFor();
    await shoot(desk, 'why-staff');
    const authorization = `Basic ${btoa(`owner:${PASSWORD}`)}`;
    const answer = await fetch(at(`/api/staff/visits/${visitId}/why`), { headers: { authorization } });
    const body = await answer.text();
    assert.equal((JSON.parse(body) as WhyView).id, visitId);
    assert.doesNotMatch(body, /maria|4242|visa|cus_|pm_|pi_/);
    await desk.goto(at('/why/nosuchvisit'));
    await desk.getByText('There is no such visit. Check the number in the address.').waitFor();
  }).timeout(60_000);

  it('is nobody else’s: a stranger must sign in, another customer has no such visit, a customer is not staff', async () => {
    assert.equal((await fetch(at(`/api/staff/visits/${visitId}/why`))).status, 401);
    const page = phone.pages()[0]!;
    assert.equal((await page.request.get(at(`/api/staff/visits/${visitId}/why`))).status(), 401);
    assert.equal((await page.request.get(at(`/why/${visitId}`))).status(), 401);
    const stranger = await staff.newPage();
    await stranger.goto(at(`/visit/${visitId}/why`));
    await signIn(stranger, 'juan@example.com');
    await stranger.getByRole('heading', { name: 'This visit cannot be shown' }).waitFor();
    await stranger.close();
  }).timeout(60_000);

  it('no page complained on the way', () => assert.deepEqual(mistakes, []));
});

/** All that stands in the panel under a heading. */
async function sectionOf(page: Page, title: string): Promise<string> {
  const section = page.locator('section', { has: page.getByRole('heading', { name: title, exact: true }) });
  return String(await section.textContent());
}
