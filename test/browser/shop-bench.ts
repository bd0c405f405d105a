// A shop with a real browser in front of it: what every story in a browser finds, does on its way, and leaves behind.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StaffRole } from '@tapcase/domain';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { camerasAtRest, camerasHaveLooked } from '../../scripts/demo-cameras.ts';
import { type StaffSession, signInAs, signInAtEdge } from '../../scripts/demo-staff.ts';
import { caseOf } from '../../scripts/demo-visit.ts';
import { startChromium } from '../chromium.ts';
import { MASTER_KEY } from '../e2e/pi-upload.ts';
import { HANG_MS, until, within } from '../patience.ts';
import { type PatientShop, replaced, restored, startPatientShop } from '../patient-shop.ts';

/** The Pi's own. */
export const PASSWORD = 'a-long-desk-password';
export const TECHNICIAN = { username: 'technician', password: 'a-long-technician-password' };
/** What the case reserves on a card, in cents: less than two colas. */
const HOLD_MINOR = 300;

/** Of the staff: signed in at the cloud, and by it at the Pi. */
type PersonOptions = BrowserContextOptions & { readonly staff?: StaffRole };

export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 } };
export const STAFF: PersonOptions = { viewport: { width: 1280, height: 900 }, staff: 'owner' };

interface ShotOptions {
  /** How long the page moves before it can be shown. */
  readonly settleMs?: number;
  /** Or only what the window shows. */
  readonly fullPage?: boolean;
}

export interface BrowserBench {
  shop(): PatientShop;
  /** The address of a path of the shop's, as customers have it. */
  at(path: string): string;
  /** The same of the editor's and the desk's. */
  staffAt(path: string): string;
  casePath(): string;
  /** Does something to the simulated case; fails where it refuses. */
  world(action: string, body: object): Promise<unknown>;
  /** A profile of its own for each of these, through all the tests of a describe. */
  people<Person extends string>(options: Readonly<Record<Person, PersonOptions>>): People<Person>;
  /** Signs somebody of the staff in. */
  staff(role: StaffRole): Promise<StaffSession>;
  /** Gives the address and the code that was mailed to it. */
  signIn(page: Page, email: string): Promise<void>;
  /** Adds a test card by its name, or the first one. */
  addCard(page: Page, card?: string): Promise<void>;
  /** Taps, and waits until the door can be opened. */
  unlock(page: Page): Promise<void>;
  /** Resolves when the phone shows that the door is open, and the cameras have looked: hands may move. */
  mayTake(page: Page): Promise<void>;
  /** Unlocks, opens, takes and closes. */
  take(page: Page, what: object): Promise<void>;
  /** Resolves once the ledger says so of a visit: asked as often as a test asks, the API would say that it is too often. */
  untilVisit(id: string, what: string, wanted: (row: Readonly<Record<string, unknown>>) => boolean): Promise<void>;
}

interface People<Person extends string> {
  context(person: Person): BrowserContext;
  /** The first page of this person. */
  page(person: Person): Promise<Page>;
  /** What no page should have thrown; a story may add to it. */
  readonly mistakes: string[];
}

/** Call inside a describe: shop and browser are there in every test, and in every `before` that comes after. */
export function withBrowser(): BrowserBench {
  let shop: PatientShop;
  let browser: Browser;
  before(async function () {
    browser = await startChromium(this);
    shop = await startPatientShop({
      env: {
        ...{ EDITOR_PASSWORD: PASSWORD, TECHNICIAN_PASSWORD: TECHNICIAN.password },
        // The pictures of these stories come from a test that signs as the Pi does; the shop's own keeps its to itself.
        ...{ CASE_MASTER_KEY: MASTER_KEY, CLOUD_URL: 'none' },
      },
      // Says oftener how it is than every half minute, for a page shows it no sooner.
      limits: { status_ms: 3_000 },
      config: (text) => replaced(text, /"holdMinor":\d+/, () => `"holdMinor":${HOLD_MINOR}`),
    });
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
  });
  return { people: (options) => withPeople(() => ({ browser, shop }), options), ...waysIn(() => shop) };
}

/** A describe of its own that leaves the shop as it found it, whatever went wrong in it. */
export function story(title: string, bench: BrowserBench, tell: (bench: BrowserBench) => void): void {
  describe(title, () => {
    tell(bench);
    after(() => restored(bench.shop()));
  });
}

function withPeople<Person extends string>(
  running: () => { readonly browser: Browser; readonly shop: PatientShop },
  options: Readonly<Record<Person, PersonOptions>>,
): People<Person> {
  const mistakes: string[] = [];
  const contexts = new Map<Person, BrowserContext>();
  before(async () => {
    for (const person of Object.keys(options) as Person[]) {
      const { browser, shop } = running();
      const { staff, ...asked }: PersonOptions = options[person];
      // Who wants no motion is shown the same, and no spinner is drawn sixty times a second while a test waits.
      const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...asked });
      if (staff !== undefined) {
        const session = await signInAs(staff, shop.stateFolder);
        const { staffUrl, edgeUrl } = shop.shop;
        const atTheEdge = await signInAtEdge(edgeUrl, session);
        await context.addCookies([
          { ...session.cookie, url: staffUrl, httpOnly: true, sameSite: 'Strict' },
          ...(atTheEdge === undefined ? [] : [{ ...atTheEdge, url: edgeUrl, httpOnly: true }]),
        ]);
      }
      contexts.set(person, context);
      context.setDefaultTimeout(HANG_MS); // real time: playwright's own guard, as long as ours.
      context.on('weberror', (error) => mistakes.push(error.error().message));
    }
  });
  after(async () => {
    for (const context of contexts.values()) await context.close();
  });
  const context = (person: Person) => contexts.get(person)!;
  const page = async (person: Person) => context(person).pages()[0] ?? (await context(person).newPage());
  return { context, page, mistakes };
}

function waysIn(shop: () => PatientShop): Omit<BrowserBench, 'people'> {
  const world: BrowserBench['world'] = (action, body) => caseOf(shop().shop)(action, body);
  const unlock: BrowserBench['unlock'] = async (page) => {
    await within('the cameras to rest', camerasAtRest(shop().shop));
    await page.getByRole('button', { name: 'Unlock the door' }).click();
    await page.getByRole('heading', { name: 'Open the door' }).waitFor();
  };
  const mayTake: BrowserBench['mayTake'] = async (page) => {
    await page.getByRole('heading', { name: 'Take what you like' }).waitFor();
    await within('the cameras to look', camerasHaveLooked(shop().shop, visitIdOf(page)));
  };
  return {
    shop,
    at: (path) => `${shop().shop.shopUrl}${path}`,
    staffAt: (path) => `${shop().shop.staffUrl}${path}`,
    casePath: () => `/case/${shop().shop.caseId}`,
    world,
    staff: (role) => signInAs(role, shop().stateFolder),
    signIn: (page, email) => signIn(page, email, shop().shop.logFile),
    addCard,
    unlock,
    mayTake,
    async take(page, what) {
      await unlock(page);
      await world('door', { open: true });
      await mayTake(page);
      await world('take', what);
      await world('door', { open: false });
    },
    async untilVisit(id, what, wanted) {
      const ledger = new DatabaseSync(join(shop().stateFolder, 'ledger.sqlite'), { readOnly: true });
      try {
        const visit = ledger.prepare('select * from visits where id = ?');
        await until(what, () => wanted(visit.get(id) ?? {}));
      } finally {
        ledger.close();
      }
    },
  };
}

async function signIn(page: Page, email: string, logFile: string): Promise<void> {
  const told = () => [
    ...readFileSync(logFile, 'utf8').matchAll(new RegExp(`${email.replaceAll('.', '\\.')}\\D*(\\d{6})`, 'g')),
  ];
  // Somebody who signs in once more has had a code before.
  const had = told().length;
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code of six digits').waitFor();
  // The cloud's log comes by another way than its answer.
  const code = await until('the code in the log', () => (told().length > had ? told().at(-1)![1] : undefined));
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
  // real time: what moves on the page comes to rest; only where a picture is wanted.
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

const UNUSED = `
  body:not(.all-shown) :is(#red-ui-palette, #red-ui-sidebar) { display: none !important; }
  * { transition: none !important; animation: none !important; }`;

/** The flow editor, whose page's person has signed in, ready to be asked through its `RED`. */
export async function openEditor(page: Page, url: string, language: 'en-US' | 'es-ES' = 'en-US'): Promise<Page> {
  await page.addInitScript(`Object.defineProperty(navigator, 'languages', { get: () => ['${language}'] })`);
  await page.addInitScript(`localStorage.setItem('editor-language', '${language}')`);
  await page.goto(url);
  const ready = 'window.RED?.nodes?.workspace !== undefined && RED.nodes.getWorkspaceOrder().length > 0';
  await page.waitForFunction(ready);
  // Nobody but `withSidebars` uses these here, and the editor lays them out anew with every dialog: a third of its time.
  if (process.env.TAPCASE_SHOTS === undefined) await page.addStyleTag({ content: UNUSED });
  return page;
}

/** With the editor's palette and sidebar, as its owner sees it. */
export async function withSidebars(page: Page, act: () => Promise<void>): Promise<void> {
  const show = (isShown: boolean) =>
    page.evaluate(`document.body.classList.toggle('all-shown', ${isShown}), window.dispatchEvent(new Event('resize'))`);
  await show(true);
  await act();
  await show(false);
}
