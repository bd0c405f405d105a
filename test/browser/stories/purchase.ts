// A person buys a cola in a real browser: the phone's page beside the virtual case, the whole shop behind both.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type BrowserBench, PHONE } from '../shop-bench.ts';

const EMAIL = 'maria-buys@example.com';

export function purchase({ at, casePath, people, signIn, addCard, unlock, mayTake }: BrowserBench): void {
  const { context, mistakes } = people({ phone: PHONE });

  const open = async (path: string): Promise<Page> => {
    const page = await context('phone').newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 401/.test(message.text())) mistakes.push(message.text());
    });
    await page.goto(at(path));
    return page;
  };

  it('signs in, stores a card, unlocks, takes a cola from the virtual case, and reads the receipt', async () => {
    const phone = await open(casePath());
    await signIn(phone, EMAIL);
    await addCard(phone);

    await unlock(phone);

    const fridge = await open(`${casePath()}/virtual`);
    await fridge.getByRole('button', { name: 'Open the door' }).click();
    await mayTake(phone);
    await fridge.getByRole('button', { name: 'Take: cola' }).first().click();
    await fridge.locator('#held .piece').first().waitFor();
    await fridge.getByRole('button', { name: 'Close the door' }).click();

    await phone.getByRole('heading', { name: 'Thank you!' }).waitFor();
    assert.match((await phone.locator('table').textContent()) ?? '', /Cola[\s\S]*\$2\.00/);
    await phone.getByText('Cameras and scale agree.').waitFor();
  });

  it('reads why: what the scale felt, what the cameras saw, and that it went by the cola', async () => {
    const phone = context('phone')
      .pages()
      .find((page) => page.url().includes('/visit/'))!;
    await phone.getByRole('link', { name: 'Why was I charged?' }).click();
    await phone.getByRole('heading', { name: 'What the scale felt' }).waitFor();
    const counted = phone.locator('section', { has: phone.getByRole('heading', { name: 'What the cameras saw' }) });
    assert.match((await counted.textContent()) ?? '', /Cola[\s\S]*Camera 0[\s\S]*Camera 1/);
    const first = phone.locator('ol li').first();
    assert.match((await first.textContent()) ?? '', /1 × Cola[\s\S]*We went by this/);
    await phone.getByText('We counted all of it: 1 × Cola, $2.00.').waitFor();
    await phone.getByRole('link', { name: 'Back to the receipt' }).click();
  });

  it('finds the receipt again after a reload, in Spanish too', async () => {
    const phone = context('phone')
      .pages()
      .find((page) => page.url().includes('/visit/'))!;
    await phone.reload();
    await phone.getByRole('heading', { name: 'Thank you!' }).waitFor();
    await phone.getByRole('button', { name: 'Español' }).click();
    await phone.getByRole('heading', { name: '¡Gracias!' }).waitFor();
    await phone.getByRole('button', { name: 'English' }).click();
  });

  it('says what to do for a case that is not there', async () => {
    const phone = await context('phone').newPage();
    await phone.goto(at('/case/999'));
    await phone.getByRole('heading', { name: 'We do not know this case' }).waitFor();
    await phone.close();
  });

  it('no page complained on the way', () => assert.deepEqual(mistakes, []));
}
