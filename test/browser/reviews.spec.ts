// A basket that nobody can tell, as a person sees it: the receipt waits, staff decide, the customer pays for what it was.
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

describe('reviews in the browser', () => {
  let shop: DemoShop;
  let phone: BrowserContext;
  let staff: BrowserContext;
  let folder: string;
  const shots = process.env.TAPCASE_SHOTS;

  before(async function () {
    this.timeout(90_000);
    const executablePath = needs(this, 'chromium');
    folder = mkdtempSync(join(tmpdir(), 'tapcase-reviews-'));
    shop = await startOwnShop({ FLOWS_DIR: twins(join(folder, 'flows')), EDITOR_PASSWORD: PASSWORD });
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
  const phonePage = async () => phone.pages()[0] ?? (await phone.newPage());
  const deskPage = async () => staff.pages()[0] ?? (await staff.newPage());
  const fetched = (page: Page, path: string) => page.request.get(at(path));
  const idOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1)!;

  async function signIn(page: Page): Promise<void> {
    await page.goto(at(`/case/${shop.shop.caseId}`));
    await page.getByLabel('E-mail address').fill('maria@example.com');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await page.getByLabel('Code of six digits').waitFor();
    const code = /maria@example\.com\D*(\d{6})/.exec(readFileSync(shop.shop.logFile, 'utf8'))?.[1];
    assert.ok(code, 'the code is in the log');
    await page.getByLabel('Code of six digits').fill(code);
    await page.getByRole('button', { name: 'Add a card' }).click();
    await page.locator('input[type=radio]').first().check();
    await page.getByRole('button', { name: 'Save card' }).click();
  }

  /** One can, and nobody can tell which. */
  async function takeOne(page: Page): Promise<string> {
    await page.getByRole('button', { name: 'Unlock the door' }).click();
    await page.getByRole('heading', { name: 'Open the door' }).waitFor();
    await world('door', { open: true });
    await page.getByRole('heading', { name: 'Take what you like' }).waitFor();
    await world('take', { sku: 'cola', count: 1 });
    await world('door', { open: false });
    await page.getByRole('heading', { name: 'We are checking this visit' }).waitFor();
    return idOf(page);
  }

  async function choose(desk: Page, visitId: string): Promise<void> {
    await desk.goto(at('/dashboard/reviews'));
    const row = desk.getByRole('row').filter({ has: desk.getByRole('link', { name: visitId }) });
    await row.getByRole('button', { name: 'Choose' }).click();
    await desk.waitForFunction(
      (id) => [...document.querySelectorAll('input')].filter(({ value }) => value === id).length === 3,
      visitId,
    );
  }

  it('the receipt says that a person looks, and nothing is charged', async () => {
    const page = await phonePage();
    await signIn(page);
    const visitId = await takeOne(page);
    const view = await (await fetched(page, `/api/visits/${visitId}`)).json();
    assert.deepEqual([view.review.state, view.chargedMinor, view.hold.state], ['open', 0, 'released']);
    await shoot(page, 'review-waits');
  }).timeout(90_000);

  it('staff see it with its evidence, and say what it was', async () => {
    const desk = await deskPage();
    const visitId = idOf(await phonePage());
    await choose(desk, visitId);
    await desk
      .getByText(/3\d\d g ± \d+; .*Cola.*Lemon soda|Lemon soda.*Cola/)
      .first()
      .waitFor();
    await desk.getByLabel(/^Cola/).fill('1');
    await desk.getByLabel('Note: how you know').first().fill('the picture shows a cola');
    await shoot(desk, 'review-desk');
    await desk.getByRole('button', { name: 'Correct' }).click();
    await desk.getByText('Decided. The money follows within seconds.').waitFor();
    await desk.getByRole('link', { name: visitId }).waitFor({ state: 'detached' });
  }).timeout(60_000);

  it('the customer is charged for what it was, once, and reads it', async () => {
    const page = await phonePage();
    const visitId = idOf(page);
    await until(async () => (await (await fetched(page, `/api/visits/${visitId}`)).json()).chargedMinor === 200);
    await page.reload();
    await page.getByRole('heading', { name: 'A person checked this visit' }).waitFor();
    await page.getByText('This is what was taken. It costs $2.00.').waitFor();
    await page.getByRole('rowheader', { name: 'Cola' }).waitFor();
    await shoot(page, 'review-decided');
    await page.goto(at('/visits'));
    await page.getByText('1 item').waitFor();
    await page.getByText('$2.00').waitFor();
  }).timeout(60_000);

  it('where nobody can tell, nothing is asked', async () => {
    const page = await phonePage();
    await page.goto(at(`/case/${shop.shop.caseId}`));
    const visitId = await takeOne(page);
    const desk = await deskPage();
    await choose(desk, visitId);
    await desk.getByLabel('Note: why').fill('both look the same');
    await desk.getByRole('button', { name: 'Waive' }).click();
    await desk.getByText('Decided. The money follows within seconds.').waitFor();
    await page.reload();
    await page.getByText('Nothing more is asked.').waitFor();
  }).timeout(90_000);

  it('what was learned is handed to the owner only, one line for each decision', async () => {
    const refused = await fetch(at('/api/staff/reviews.jsonl'));
    assert.equal(refused.status, 401);
    for (const path of [
      '/API/STAFF/reviews.jsonl',
      '/api/staff/reviews.jsonl/',
      '/api/staff//reviews.jsonl',
      '/api/%73taff/reviews.jsonl',
    ]) {
      assert.ok((await fetch(at(path))).status >= 400, path);
    }
    const authorization = `Basic ${btoa(`owner:${PASSWORD}`)}`;
    const answer = await fetch(at('/api/staff/reviews.jsonl'), { headers: { authorization } });
    assert.match(answer.headers.get('content-type') ?? '', /^application\/x-ndjson/);
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ decision, truth }) => [decision, truth]),
      [
        ['correct', [{ sku: 'cola', count: 1 }]],
        ['waive', undefined],
      ],
    );
    assert.ok(lines.every(({ scale, catalog }) => scale.removedGrams > 300 && catalog.products.length === 6));
    const bad = await fetch(at('/api/staff/reviews.jsonl?after=x'), { headers: { authorization } });
    assert.equal(bad.status, 400);
  }).timeout(60_000);
});

/** The project's flows with a cola and a lemon soda that neither scale nor cameras can tell apart. */
function twins(folder: string): string {
  cpSync(join(ROOT, 'flows'), folder, { recursive: true });
  const file = join(folder, 'config.json');
  const alike = readFileSync(file, 'utf8')
    .replaceAll(/"labels":\["(cola|soda)"\]/g, '"labels":["cola","soda"]')
    .replace(/"massGrams":350/, '"massGrams":355');
  writeFileSync(file, alike);
  return folder;
}

async function until(test: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + STEP_MS_MAX;
  while (!(await test())) {
    if (Date.now() > untilMs) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
