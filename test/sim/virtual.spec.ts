// The virtual case's page in a real browser: a person opens, drags, puts back and closes.
import assert from 'node:assert/strict';
import { type Browser, chromium, type Page } from 'playwright-core';
import { needs } from '../needs.ts';
import { startWorldBench, type WorldBench } from './world-bench.ts';

const FLAGS = ['--no-sandbox', '--disable-background-networking'];

describe('The virtual case', () => {
  let browser: Browser;
  let world: WorldBench;
  let page: Page;
  let errors: string[];

  before(async function () {
    browser = await chromium.launch({ executablePath: needs(this, 'chromium'), args: FLAGS });
  });
  after(() => browser?.close());
  beforeEach(async () => {
    world = await startWorldBench();
    page = await browser.newPage({ locale: 'en-US', viewport: { width: 1200, height: 900 } });
    errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${world.url}/case/123/virtual`);
    await page.getByText('Ready').waitFor();
  });
  afterEach(async () => {
    await page.close();
    await world.close();
    assert.deepEqual(errors, []);
  });

  const held = () => page.locator('#held .piece');
  async function openDoor(): Promise<void> {
    world.setFace({ locked: false });
    await page.getByRole('button', { name: 'Open the door' }).click();
    await page.getByRole('button', { name: 'Close the door' }).waitFor();
    // The glass swings away.
    await page.locator('#door').evaluate((door) => Promise.all(door.getAnimations().map(({ finished }) => finished)));
  }

  it('shows a locked door that nobody can open, and all thirty-six products', async () => {
    assert.equal(await page.getByRole('button', { name: 'Door is locked' }).isDisabled(), true);
    assert.equal(await page.locator('#shelves .piece').count(), 36);
    await page.locator('#door').click();
    await page.getByText('The door is locked. Tap to unlock it.').waitFor();
    assert.equal(world.cabinet.doorOpen(), false);
  });

  it('lets a person drag a cola into the hand and back', async () => {
    await openDoor();
    const cola = page.getByRole('button', { name: 'Take: cola' }).first();
    await cola.dragTo(page.locator('#hand'));
    await held().first().waitFor();
    assert.deepEqual(
      world.cabinet.hand().map(({ sku }) => sku),
      ['cola'],
    );
    await held().first().dragTo(page.locator('#slot-20'));
    await page.getByText('Your hand is empty.').waitFor();
    assert.equal(world.cabinet.items().length, 36);
  });

  it('can be played with the keyboard alone', async () => {
    await openDoor();
    await page.getByRole('button', { name: 'Take: water' }).first().focus();
    await page.keyboard.press('Enter');
    await held().first().waitFor();
    await page.keyboard.press('Enter');
    await held().nth(1).waitFor();
    assert.deepEqual(
      world.cabinet.hand().map(({ sku }) => sku),
      ['water', 'water'],
    );
    await page.getByRole('button', { name: 'Close the door' }).press('Enter');
    await page.getByRole('button', { name: 'Open the door' }).waitFor();
    assert.equal(world.cabinet.doorOpen(), false);
  });

  it("draws the display's memory pixel for pixel, the light in its colour, and the weight", async () => {
    const oled = new Uint8Array(1024);
    // Column 5 of the second page, third bit from the top: pixel (5, 10).
    oled[128 + 5] = 0b100;
    const drawn = page.locator('#oled');
    const lit = () =>
      drawn.evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, 128, 64);
        return Array.from({ length: 128 * 64 }, (_, at) => at).filter((at) => data[at * 4]! > 100);
      });
    assert.deepEqual(await lit(), []);
    world.setFace({ oled, led: [40, 0, 0], buzzer: true });
    await page.locator('#buzzer[data-on="true"]').waitFor();
    assert.deepEqual(await lit(), [10 * 128 + 5]);
    assert.equal(await page.locator('#led').getAttribute('title'), 'RGB 40 0 0');
    assert.match((await page.locator('#mass').textContent()) ?? '', /^1[01],\d{3}\.\d g$/);
  });

  it('speaks Spanish, and links to the page that a tap opens', async () => {
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByText('Puerta cerrada con llave').waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'es');
    assert.equal(await page.locator('#tap').getAttribute('href'), 'http://localhost:8080/case/123');
  });

  it('says when the connection is lost', async () => {
    const stopped = world;
    await stopped.close();
    await page.getByText('Connection lost, trying again…').waitFor();
    world = await startWorldBench();
  });
});
