// Money that does not go smoothly, as a person sees it: a basket above the hold, a declined rest, a debt that is paid,
// and money that the staff give back.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type BrowserBench, PHONE, STAFF, shoot, visitIdOf } from '../shop-bench.ts';

const EMAIL = 'maria-pays@example.com';

/** The case holds less than two colas cost. */
export function money({ at, staffAt, casePath, people, signIn, addCard, take, untilVisit }: BrowserBench): void {
  const { page: pageOf } = people({ phone: PHONE, staff: STAFF });

  async function signInWith(page: Page, card: string): Promise<void> {
    await page.goto(at(casePath()));
    await signIn(page, EMAIL);
    await addCard(page, card);
    await page.getByRole('button', { name: 'Unlock' }).waitFor();
  }

  it('two colas above the hold and a bank that declines the rest: the phone says what is owed and why', async () => {
    const page = await pageOf('phone');
    await signInWith(page, 'declines-when-away');
    await take(page, { sku: 'cola', count: 2 });
    await page.getByRole('heading', { name: 'Partly paid' }).waitFor();
    await page.getByText('$3.00 was charged. Your bank declined the rest').waitFor();
    await page.getByText('What happened with the money').click();
    await page.getByText('Declined by the bank').waitFor();
    await shoot(page, 'debt-receipt');
  });

  it('opens no door until it is paid', async () => {
    const page = await pageOf('phone');
    await page.goto(at(casePath()));
    await page.getByRole('heading', { name: 'Something is not paid yet' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Unlock' }).count(), 0);
    await shoot(page, 'debt-case');
  });

  it('is paid on the payment page with another card, and the door opens again', async () => {
    const page = await pageOf('phone');
    await page.getByRole('button', { name: 'Pay $1.00 now' }).click();
    await page.getByRole('heading', { name: 'Pay' }).waitFor();
    await shoot(page, 'debt-page');
    await page.locator('input[value="mastercard"]').check();
    await page.getByRole('button', { name: 'Pay $1.00' }).click();
    await page.getByText('All $4.00 is paid now').waitFor();
    await shoot(page, 'debt-paid');
    await page.goto(at(casePath()));
    await page.getByRole('button', { name: 'Unlock' }).waitFor();
    await page.getByText('Mastercard •• 4444').waitFor();
  });

  it('staff give a part back with a reason, and the customer reads it', async () => {
    const desk = await pageOf('staff');
    await desk.goto(staffAt('/dashboard/money'));
    await desk.getByText('Latest visits').waitFor();
    const page = await pageOf('phone');
    await page.goto(at('/visits'));
    await page.getByRole('link', { name: /Receipt of/ }).click();
    await page.waitForURL(/\/visit\//);
    const visitId = visitIdOf(page);
    await desk.getByText(visitId).first().waitFor();
    await desk.getByLabel('What').click({ force: true });
    await desk.getByText('Give money back', { exact: true }).last().click();
    await desk.getByLabel('Visit', { exact: false }).first().fill(visitId);
    await desk.getByLabel(/Amount/).fill('1.50');
    await desk.getByLabel('Reason').fill('the cola was warm');
    await shoot(desk, 'desk');
    await desk.getByRole('button', { name: 'Do it' }).click();
    await desk.getByText('Written down').waitFor();
    await untilVisit(visitId, 'the money to be on its way back', (row) => row.refunded_minor === 150);
    await page.reload();
    await page.getByText('$1.50 is on its way back').waitFor();
    await shoot(page, 'refunded');
    await page.goto(at('/visits'));
    await page.getByText('$1.50 given back').waitFor();
    await shoot(page, 'visits');
  });

  it('the desk is nobody’s but the owner’s', async () => {
    assert.equal((await fetch(at('/dashboard/money'))).status, 404);
    const answer = await fetch(staffAt('/dashboard/money'));
    assert.equal(answer.status, 401);
    const wrong = await fetch(staffAt('/dashboard'), { headers: { authorization: `Basic ${btoa('owner:guess')}` } });
    assert.equal(wrong.status, 401);
  });
}
