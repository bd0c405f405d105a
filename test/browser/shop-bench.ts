// A shop of its own with real browsers in front of it: what every test in a browser starts, does on its way, and clears up.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';
import { needs } from '../needs.ts';

const START_MS_MAX = 90_000;
const STOP_MS_MAX = 30_000;
/** Far above what any step takes; a page that hangs fails with its name. */
const STEP_MS_MAX = 20_000;
const POLL_MS = 200;
const FLOWS = join(import.meta.dirname, '..', '..', 'flows');

export const PASSWORD = 'a-long-desk-password';
const EMAIL = 'maria@example.com';
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 } };
/** Has given the owner's password; the shop must have been started with it. */
export const STAFF: BrowserContextOptions = {
  viewport: { width: 1280, height: 900 },
  httpCredentials: { username: 'owner', password: PASSWORD },
};

interface ShopOptions<Person extends string> {
  /** Names the temporary folder. */
  readonly name: string;
  /** Each gets a browser profile of its own. */
  readonly people: Readonly<Record<Person, BrowserContextOptions>>;
  /** What the shop is started with besides its defaults; `folder` is empty and gone after the tests. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

interface ShotOptions {
  /** How long the page moves before it can be shown. */
  readonly settleMs?: number;
  /** Or only what the window shows. */
  readonly fullPage?: boolean;
}

interface ShopBench<Person extends string> {
  shop(): DemoShop;
  context(person: Person): BrowserContext;
  /** The first page of this person. */
  page(person: Person): Promise<Page>;
  /** What no page should have thrown; a spec may add to it. */
  readonly mistakes: string[];
  /** The address of a path in the shop. */
  at(path: string): string;
  casePath(): string;
  /** Does something to the simulated case. */
  world(action: string, body: object): Promise<Response>;
  /** Gives the address and the code that was mailed to it. */
  signIn(page: Page, email?: string): Promise<void>;
  /** Adds a test card by its name, or the first one. */
  addCard(page: Page, card?: string): Promise<void>;
  /** Unlocks, opens, takes and closes. */
  take(page: Page, what: object): Promise<void>;
}

/** Call inside a describe: the shop and its people are there in every test, and in every `before` that comes after. */
export function withShop<Person extends string>(options: ShopOptions<Person>): ShopBench<Person> {
  const mistakes: string[] = [];
  const contexts = new Map<Person, BrowserContext>();
  let shop: DemoShop;
  let folder: string;

  before(async function () {
    this.timeout(START_MS_MAX);
    const executablePath = needs(this, 'chromium');
    folder = mkdtempSync(join(tmpdir(), `tapcase-${options.name}-`));
    shop = await startOwnShop(options.env?.(folder));
    for (const person of Object.keys(options.people) as Person[]) {
      const context = await chromium.launchPersistentContext(join(folder, person), {
        executablePath,
        args: ['--no-sandbox', '--disable-background-networking'],
        locale: 'en-US',
        ...options.people[person],
      });
      contexts.set(person, context);
      context.setDefaultTimeout(STEP_MS_MAX);
      context.on('weberror', (error) => mistakes.push(error.error().message));
    }
  });
  after(async function () {
    this.timeout(STOP_MS_MAX);
    for (const context of contexts.values()) await context.close();
    await shop?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const context = (person: Person) => contexts.get(person)!;
  const page = async (person: Person) => context(person).pages()[0] ?? (await context(person).newPage());
  return { shop: () => shop, context, page, mistakes, ...waysIn(() => shop) };
}

type WaysIn = Pick<ShopBench<never>, 'at' | 'casePath' | 'world' | 'signIn' | 'addCard' | 'take'>;

function waysIn(running: () => DemoShop): WaysIn {
  const world: WaysIn['world'] = (action, body) => {
    const { worldUrl, caseId } = running().shop;
    return fetch(`${worldUrl}/sim/cases/${caseId}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  };
  return {
    at: (path) => `${running().shop.shopUrl}${path}`,
    casePath: () => `/case/${running().shop.caseId}`,
    world,
    signIn: (page, email = EMAIL) => signIn(page, email, running().shop.logFile),
    addCard,
    async take(page, what) {
      await page.getByRole('button', { name: 'Unlock the door' }).click();
      await page.getByRole('heading', { name: 'Open the door' }).waitFor();
      await world('door', { open: true });
      await page.getByRole('heading', { name: 'Take what you like' }).waitFor();
      await world('take', what);
      await world('door', { open: false });
    },
  };
}

async function signIn(page: Page, email: string, logFile: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code of six digits').waitFor();
  const code = new RegExp(`${email.replaceAll('.', '\\.')}\\D*(\\d{6})`).exec(readFileSync(logFile, 'utf8'))?.[1];
  assert.ok(code, 'the code is in the log');
  await page.getByLabel('Code of six digits').fill(code);
}

async function addCard(page: Page, card?: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a card' }).click();
  await page
    .locator(card === undefined ? 'input[type=radio]' : `input[value="${card}"]`)
    .first()
    .check();
  await page.getByRole('button', { name: 'Save card' }).click();
}

/** A picture of the page for a person to look at, where TAPCASE_SHOTS names a folder for them. */
export async function shoot(page: Page, name: string, { settleMs = 0, fullPage = true }: ShotOptions = {}) {
  const shots = process.env.TAPCASE_SHOTS;
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  if (settleMs > 0) await page.waitForTimeout(settleMs);
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
}

/** The same page by day and by night. */
export async function shootLightAndDark(page: Page, name: string): Promise<void> {
  if (process.env.TAPCASE_SHOTS === undefined) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await shoot(page, `${name}-${colorScheme}`);
  }
}

/** The number of the visit that a page shows. */
export function visitIdOf(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1)!;
}

/** The project's flows in a folder of their own, with another config.json. */
export function flowsWith(folder: string, edit: (config: string) => string): string {
  cpSync(FLOWS, folder, { recursive: true });
  const file = join(folder, 'config.json');
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
  return folder;
}

/** For what no page announces. */
export async function until(test: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + STEP_MS_MAX;
  while (!(await test())) {
    if (Date.now() > untilMs) throw new Error('it never came true');
    await delay(POLL_MS);
  }
}

/** The flow editor, signed in as its owner, ready to be asked through its `RED`. */
export async function openEditor(page: Page, url: string, language: 'en-US' | 'es-ES' = 'en-US'): Promise<Page> {
  await page.addInitScript(`Object.defineProperty(navigator, 'languages', { get: () => ['${language}'] })`);
  await page.addInitScript(`localStorage.setItem('editor-language', '${language}')`);
  await page.goto(url);
  const name = page.locator('#node-dialog-login-username');
  const ready = 'window.RED?.nodes?.workspace !== undefined && RED.nodes.getWorkspaceOrder().length > 0';
  await Promise.race([name.waitFor(), page.waitForFunction(ready)]);
  if (await name.isVisible()) {
    await name.fill('owner');
    await page.locator('#node-dialog-login-password').fill(PASSWORD);
    await page.locator('#node-dialog-login-submit').click();
  }
  await page.waitForFunction(ready);
  return page;
}
