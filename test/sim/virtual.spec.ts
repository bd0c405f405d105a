// The virtual case's page in a real browser: a person opens, drags, puts back and closes.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../chromium.ts';
import { HANG_MS, until } from '../patience.ts';
import { startWorldBench, type WorldBench } from './world-bench.ts';

describe('The virtual case', () => {
  let browser: Browser;
  let world: WorldBench;
  let page: Page;
  let errors: string[];

  before(async function () {
    browser = await startChromium(this);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    world = await startWorldBench();
    page = await browser.newPage({ locale: 'en-US', viewport: { width: 1200, height: 900 } });
    // real time: Playwright's own guard is half a minute.
    page.setDefaultTimeout(HANG_MS);
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

  it('lets a person pull the plug, and shows that the controller is dark', async () => {
    await page.getByRole('button', { name: 'Nothing at all' }).click();
    await page.locator('#dark').getByText('The controller is dark').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Dip for a moment' }).isDisabled(), true);
    await page.getByRole('button', { name: 'Plugged in' }).click();
    await page.locator('#dark').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Dip for a moment' }).click();
    await page.waitForFunction(() => (document.querySelector('#brown-out') as HTMLButtonElement).disabled === false);
    assert.equal(world.brownOuts(), 1);
    await page.getByRole('button', { name: 'Swap the board' }).click();
    await until('another board', () => world.swaps() === 1);
  });

  it('lets a person copy the ledger and restore the cloud from the copy, and says what that means', async () => {
    const restore = page.getByRole('button', { name: 'Restore the cloud' });
    await page.getByText('make one first').waitFor();
    assert.equal(await restore.isDisabled(), true);
    await page.getByRole('button', { name: 'Copy the ledger' }).click();
    await page.getByText('One moment…').waitFor();
    world.ledgerIs(Date.now());
    await page.locator('#copy').getByText('There is a copy of ').waitFor();
    await restore.click();
    await until('the wish', () => world.wishes().join() === 'copy,put-back');
    await page.getByText('One moment…').waitFor();
    assert.equal(await restore.isDisabled(), true);
    world.ledgerIs(Date.now());
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByText('Hay una copia de las ').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Restaurar la nube' }).isEnabled(), true);
  });

  it('lets a person cut the radio, jam the bolt and unplug the display, each on and off with one button', async () => {
    const names: [string, string][] = [
      ['No radio', 'radio'],
      ['Bolt stuck back', 'boltStuck'],
      ['Contact says open', 'contactOpen'],
      ['Cell wire torn off', 'cellTorn'],
      ['Scale silent', 'cellSilent'],
      ['Display unplugged', 'displayGone'],
    ];
    const before = world.conditions();
    for (const [name, condition] of names) {
      const button = page.getByRole('button', { name, exact: true });
      for (const pressed of ['true', 'false']) {
        await button.click();
        await page.locator(`[data-switch="${condition}"][aria-pressed="${pressed}"]`).waitFor();
        const isTrouble = Reflect.get(world.conditions(), condition) !== Reflect.get(before, condition);
        assert.equal(String(isTrouble), pressed, name);
      }
    }
    assert.deepEqual(world.conditions(), before);
  });

  it('a door whose bolt is stuck back can be pulled open, although it should be locked', async () => {
    await page.getByRole('button', { name: 'Bolt stuck back' }).click();
    await page.getByRole('button', { name: 'Open the door' }).click();
    await page.getByRole('button', { name: 'Close the door' }).waitFor();
    assert.equal(world.cabinet.doorOpen(), true);
  });

  it('lets a person warm the fridge, and shows how warm it is', async () => {
    await page.getByLabel('Temperature').fill('12.5');
    await page.locator('#fact-temperature').getByText('12.5 °C').waitFor();
    assert.equal(world.conditions().temperatureC, 12.5);
  });

  it('shows what the controller does and says, the newest on top, and what repeats itself once', async () => {
    world.note({ kind: 'does', what: 'released', detail: '' });
    world.note({ kind: 'sends', what: 'closed', detail: '#17 · abc123 · dmass 355.2' });
    for (let n = 0; n < 3; n += 1) world.note({ kind: 'says', what: 'scale: <b>hx711</b>', detail: '' });
    await page.locator('#log').getByText('×3').waitFor();
    assert.deepEqual(await page.locator('#log li span').allTextContents(), [
      'scale: <b>hx711</b> ×3',
      'door shut and weighed #17 · abc123 · 355.2 g taken',
      'lets the door open',
    ]);
    for (let n = 0; n < 60; n += 1) world.note({ kind: 'says', what: `line ${n}`, detail: '' });
    await page.locator('#log').getByText('line 59').waitFor();
    assert.equal(await page.locator('#log li').count(), 24);
    await page.getByRole('button', { name: 'Español' }).click();
    world.note({ kind: 'does', what: 'locked', detail: '' });
    await page.locator('#log').getByText('cierra la puerta').waitFor();
    world.note({
      kind: 'sends',
      what: 'status',
      detail: '#18 · state fault · faults door.bolt · mass 9844.4 · power mains',
    });
    await page
      .locator('#log')
      .getByText('cómo está #18 · no funciona · roto: door.bolt · 9844.4 g en la balanza · corriente: red')
      .waitFor();
  });

  it('says at the top why nobody can be served: no radio, no power', async () => {
    await page.getByRole('button', { name: 'No radio' }).click();
    await page.locator('#link[data-lost="true"]').getByText('No radio').waitFor();
    assert.equal(await page.locator('#fact-radio').textContent(), 'no coverage');
    await page.getByRole('button', { name: 'Nothing at all' }).click();
    await page.locator('#link[data-lost="true"]').getByText('The controller is dark').waitFor();
    assert.equal(await page.locator('#fact-radio').textContent(), 'off');
  });

  it('fits a phone, and every button is big enough for a thumb', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    // Whoever makes trouble sees the display above it, and need not scroll past the log.
    const tops = await page
      .locator('.controller, .trouble, #log')
      .evaluateAll((all) =>
        all.map((one) => [one.classList[0], one.getBoundingClientRect().top] as const).sort((a, b) => a[1] - b[1]),
      );
    assert.deepEqual(
      tops.map(([name]) => name),
      ['controller', 'trouble', 'log'],
    );
    const heights = await page.locator('.switches button').evaluateAll((all) => all.map((one) => one.clientHeight));
    assert.equal(heights.length, 13);
    assert.ok(
      heights.every((height) => height >= 42),
      String(heights),
    );
  });

  it('says when the connection is lost', async () => {
    const stopped = world;
    await stopped.close();
    await page.getByText('Connection lost, trying again…').waitFor();
    world = await startWorldBench();
  });
});
