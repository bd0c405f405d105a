// What a person can break at the virtual case in the middle of a purchase: the phone and the money come out right all the
// same, and the case is well again when the trouble is over.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type BrowserBench, PHONE, STAFF, shoot, shootLightAndDark } from '../shop-bench.ts';

const EMAIL = 'maria-breaks@example.com';

export function troubles({ at, staffAt, casePath, people, signIn, addCard, unlock, mayTake }: BrowserBench): void {
  const { page, mistakes } = people({
    phone: PHONE,
    fridge: { viewport: { width: 1280, height: 1000 } },
    staff: STAFF,
  });
  let phone: Page;
  let fridge: Page;
  before(async () => {
    phone = await page('phone');
    await phone.goto(at(casePath()));
    await signIn(phone, EMAIL);
    await addCard(phone);
    fridge = await page('fridge');
    await fridge.goto(at(`${casePath()}/virtual`));
    await fridge.getByText('Ready', { exact: true }).waitFor();
  });

  const press = (name: string) => fridge.getByRole('button', { name, exact: true }).click();
  const logged = (text: string | RegExp) => fridge.locator('#log').getByText(text).first().waitFor();
  /** Unlocks, opens, and has one of these in the hand. */
  async function takeOne(name: string): Promise<void> {
    await phone.goto(at(casePath()));
    await unlock(phone);
    const held = await fridge.locator('#held .piece').count();
    await press('Open the door');
    await mayTake(phone);
    await fridge
      .getByRole('button', { name: `Take: ${name}` })
      .first()
      .click();
    await fridge.locator('#held .piece').nth(held).waitFor();
  }
  async function pays(line: RegExp): Promise<void> {
    await phone.getByRole('heading', { name: 'Thank you!' }).waitFor();
    assert.match((await phone.locator('table').textContent()) ?? '', line);
  }

  it('the plug is pulled with a can in the hand: once it is in again and the door shut, the receipt is right', async () => {
    await takeOne('cola');
    await press('Nothing at all');
    await fridge.locator('#dark').getByText('The controller is dark').waitFor();
    await shoot(fridge, 'virtual-dark', { settleMs: 800 });
    await press('Plugged in');
    await fridge.locator('#dark').waitFor({ state: 'hidden' });
    await press('Close the door');
    await pays(/Cola[\s\S]*1 × \$2\.00[\s\S]*Total\$2\.00/);
  });

  it('the radio is gone when the door shuts: the receipt comes with it, and exactly one', async () => {
    await takeOne('water');
    await press('No radio');
    await fridge.locator('#link').getByText('No radio').waitFor();
    await press('Close the door');
    await logged('locks the door');
    await shoot(fridge, 'virtual-no-radio', { settleMs: 800 });
    await press('No radio');
    await pays(/Water[\s\S]*1 × \$1\.20[\s\S]*Total\$1\.20/);
    await phone.goto(at('/visits'));
    await phone.getByText('$1.20').waitFor();
    assert.deepEqual(await phone.locator('.sum').allInnerTexts(), ['$1.20', '$2.00']);
  });

  it('the scale falls silent: the visit ends all the same, and nothing is charged before a person has looked', async () => {
    await takeOne('cola');
    await press('Scale silent');
    await press('Close the door');
    await phone.getByRole('heading', { name: 'We are checking this visit' }).waitFor();
    await phone.getByText('Nothing is charged until then').waitFor();
    await logged('scale.silent');
    await press('Scale silent');
    await takeOne('chips');
    await press('Close the door');
    await pays(/Chips[\s\S]*Total\$1\.50/);
  });

  it('the bolt sticks: what was taken is paid, nobody else is let in, and it is well again when the bolt is', async () => {
    await takeOne('chips');
    await press('Bolt stuck back');
    await press('Close the door');
    await pays(/Chips[\s\S]*Total\$1\.50/);
    await logged(/a fault .* door\.bolt/);
    await shoot(fridge, 'virtual-bolt');
    // After the receipt its light says that it is out of order.
    await fridge.locator('#led[title="RGB 170 0 0"]').waitFor();
    await shootLightAndDark(fridge, 'virtual-out-of-order');
    await phone.goto(at(casePath()));
    const unlock = phone.getByRole('button', { name: 'Unlock the door' });
    await unlock
      .or(phone.getByRole('heading', { name: 'This fridge is being looked after' }))
      .first()
      .waitFor();
    if (await unlock.isVisible()) {
      await unlock.click();
      await logged('refused: case.fault');
    }
    await press('Bolt stuck back');
    await fridge.locator('#led[title="RGB 0 90 20"]').waitFor();
    await fridge.getByRole('button', { name: 'Door is locked' }).waitFor();
  });

  it('the fridge is warm, and the supply dips: the cloud knows how warm it is', async () => {
    await fridge.getByLabel('Temperature').fill('12');
    await fridge.locator('#fact-temperature').getByText('12.0 °C').waitFor();
    // A controller that starts measures before it says how it is; one that runs does so every half minute.
    await press('Dip for a moment');
    await logged('the supply dips');
    const desk = await page('staff');
    await desk.goto(staffAt('/dashboard/sensors'));
    await desk.getByRole('cell', { name: '12.0 °C' }).waitFor();
    await shoot(desk, 'virtual-warm-desk');
  });

  it('no page complained on the way', () => assert.deepEqual(mistakes, []));
}
