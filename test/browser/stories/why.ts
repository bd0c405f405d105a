// One can that the scale cannot name, in a case whose cameras are covered: the receipt in doubt, and the page that says
// why, read by the customer and by staff.
import assert from 'node:assert/strict';
import type { WhyView } from '@tapcase/domain';
import type { Page } from 'playwright-core';
import { type BrowserBench, PHONE, STAFF, shootLightAndDark, visitIdOf } from '../shop-bench.ts';

/** A cola that is 2 g light: 353 g, where a cola weighs 355 g and a soda 350 g, each give or take. */
const CAN_IN_DOUBT = 15;

const EMAIL = 'maria-asks@example.com';

export function why({ at, staffAt, casePath, people, staff, world, signIn, addCard, take }: BrowserBench): void {
  const { context, page: pageOf, mistakes } = people({ phone: PHONE, staff: STAFF });
  let visitId: string;

  before(() => {
    for (const person of ['phone', 'staff'] as const) {
      context(person).on('console', (message) => {
        if (message.type() === 'error' && !/status of 40[14]/.test(message.text())) mistakes.push(message.text());
      });
    }
  });

  it('a cola that could as well be a soda: nothing doubtful is charged, and the receipt says so', async () => {
    const page = await pageOf('phone');
    await page.goto(at(casePath()));
    await signIn(page, EMAIL);
    await addCard(page);
    await world('cameras', { covered: true });
    await take(page, { item: CAN_IN_DOUBT });
    await page.getByRole('heading', { name: 'We are checking this visit' }).waitFor();
    await page.getByText('fits more than one explanation').waitFor();
    await shootLightAndDark(page, 'why-receipt');
    visitId = visitIdOf(page);
  });

  it('the customer reads what the scale felt, both cans, that no camera looked, and that a person checks', async () => {
    const page = await pageOf('phone');
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
    await shootLightAndDark(page, 'why-phone');
  });

  it('reads the same in Spanish, and finds the way back to the receipt', async () => {
    const page = await pageOf('phone');
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByRole('heading', { name: 'Qué notó la báscula' }).waitFor();
    assert.match(await sectionOf(page, 'Qué consideramos'), /1 × Refresco de limón/);
    await shootLightAndDark(page, 'why-phone-es');
    await page.getByRole('link', { name: 'Volver al recibo' }).click();
    await page.getByRole('heading', { name: 'Estamos revisando esta visita' }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
  });

  it('staff read the same after giving the password, and neither the customer’s address nor the card', async () => {
    const desk = await pageOf('staff');
    await desk.goto(staffAt(`/why/${visitId}`));
    await desk.getByRole('heading', { name: /Why this result\? Visit at Lobby fridge/ }).waitFor();
    const text = String(await desk.locator('main').textContent());
    assert.match(text, /1 × Cola[\s\S]*1 × Lemon soda/);
    assert.doesNotMatch(text, /maria|4242|visa/i);
    await desk.getByRole('link', { name: 'To the staff’s desk' }).waitFor();
    await shootLightAndDark(desk, 'why-staff');
    const { headers } = await staff('owner');
    const answer = await fetch(staffAt(`/api/staff/visits/${visitId}/why`), { headers });
    const body = await answer.text();
    assert.equal((JSON.parse(body) as WhyView).id, visitId);
    assert.doesNotMatch(body, /maria|4242|visa|cus_|pm_|pi_/);
    await desk.goto(staffAt('/why/nosuchvisit'));
    await desk.getByText('There is no such visit. Check the number in the address.').waitFor();
  });

  it('is nobody else’s: a stranger must sign in, another customer has no such visit, a customer is not staff', async () => {
    assert.equal((await fetch(staffAt(`/api/staff/visits/${visitId}/why`))).status, 401);
    const page = await pageOf('phone');
    assert.equal((await page.request.get(staffAt(`/api/staff/visits/${visitId}/why`))).status(), 401);
    assert.equal((await page.request.get(staffAt(`/why/${visitId}`))).status(), 401);
    assert.equal((await page.request.get(at(`/why/${visitId}`))).status(), 404);
    assert.equal((await page.request.get(at(`/api/staff/visits/${visitId}/why`))).status(), 404);
    const stranger = await context('staff').newPage();
    await stranger.goto(at(`/visit/${visitId}/why`));
    await signIn(stranger, 'juan-asks@example.com');
    await stranger.getByRole('heading', { name: 'This visit cannot be shown' }).waitFor();
    await stranger.close();
  });

  it('no page complained on the way', () => assert.deepEqual(mistakes, []));
}

/** All that stands in the panel under a heading. */
async function sectionOf(page: Page, title: string): Promise<string> {
  const section = page.locator('section', { has: page.getByRole('heading', { name: title, exact: true }) });
  return String(await section.textContent());
}
