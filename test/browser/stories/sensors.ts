// What a case has learned, as staff see it: a can that has changed is told, shown, and forgotten on their word.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Catalog, PastBasket } from '@tapcase/domain';
import type { Page } from 'playwright-core';
import { basketOf } from '../../domain/demo-catalog.ts';
import { LEARN_NOW, pastVisits } from '../../domain/past-visits.ts';
import { type BrowserBench, PHONE, STAFF, shoot } from '../shop-bench.ts';

const CASE = '123';
const CHANGE_AT = 150;
const VISITS = 260;

export function sensors({ shop, at, staffAt, people, world, casePath }: BrowserBench): void {
  const { page } = people({ staff: STAFF, phone: PHONE });

  const ledger = () => join(shop().stateFolder, 'ledger.sqlite');
  before(() => visited(ledger(), shop().shop.caseId));
  after(() => forgotten(ledger()));

  const rowOf = (page: Page, product: string) =>
    page.getByRole('row').filter({ has: page.getByRole('cell', { name: product, exact: true }) });

  it('asks who is there', async () => {
    assert.equal((await fetch(staffAt('/dashboard/sensors'))).status, 401);
  });

  it('says that the can has changed, and what everything weighs', async () => {
    const desk = await page('staff');
    await desk.goto(staffAt('/dashboard/sensors'));
    await desk.getByRole('button', { name: 'Learn now' }).click();
    await desk.getByText(/^Cola weighs 3(29|30|31) g, the catalog says 355 g: has the pack changed\?$/).waitFor();
    await desk.getByText(/^Cola pesa 3\d\d g, el catálogo dice 355 g: ¿cambió el envase\?$/).waitFor();
    const cola = rowOf(desk, 'Cola');
    await cola.getByRole('cell', { name: /^3(29|30|31)\.\d g ± \d\.\d$/ }).waitFor();
    await cola.getByRole('cell', { name: 'yes', exact: true }).waitFor();
    await desk
      .getByRole('cell', { name: /^[456]\.\d g$/ })
      .first()
      .waitFor();
    await desk.locator('canvas, .nrdb-ui-chart svg').first().waitFor();
    await shoot(desk, 'sensors');
  });

  it('says how the case is: ready, with which firmware', async () => {
    const desk = await page('staff');
    const row = desk.getByRole('row').filter({ hasText: 'ready' });
    await row.getByRole('cell', { name: /^\d+\.\d+\.\d+, slot [ab]$/ }).waitFor();
    await desk.getByText('How the cases are').waitFor();
    await shoot(desk, 'sensors-cases');
  });

  it('tells staff that the bolt is stuck, and a customer that the fridge is being looked after', async () => {
    const [desk, phone] = [await page('staff'), await page('phone')];
    await world('conditions', { boltStuck: true });
    await desk.getByRole('row').filter({ hasText: 'lets nobody in, the bolt is not where it must be' }).waitFor();
    await desk.getByRole('cell', { name: 'no abre a nadie, el pestillo no está donde debe' }).waitFor();
    await shoot(desk, 'sensors-stuck');
    await phone.goto(at(casePath()));
    await phone.getByRole('heading', { name: 'This fridge is being looked after' }).waitFor();
    await shoot(phone, 'case-closed');
    await phone.getByRole('button', { name: 'Español' }).click();
    await phone.getByRole('heading', { name: 'Esta vitrina está en revisión' }).waitFor();
    await shoot(phone, 'case-closed-es');
    await world('conditions', { boltStuck: false });
    // The page looks again by itself.
    await phone.getByLabel('Correo electrónico').waitFor();
  });

  it('sells nothing with another board until staff press that it is right, and sells again', async () => {
    const [desk, phone] = [await page('staff'), await page('phone')];
    await world('board', {});
    const row = desk.getByRole('row').filter({ hasText: 'another board than before' });
    await row.waitFor();
    await row.getByRole('cell', { name: /otra placa que antes/ }).waitFor();
    await phone.goto(at(casePath()));
    await phone.getByRole('heading', { name: /looked after|en revisión/ }).waitFor();
    await row.getByRole('button', { name: 'New board …' }).click();
    await desk.waitForFunction((id) => [...document.querySelectorAll('input')].some(({ value }) => value === id), CASE);
    await shoot(desk, 'sensors-new-board');
    await desk.getByRole('button', { name: 'New board here', exact: true }).click();
    await desk.getByText('It counts from now on. Cuenta desde ahora.').waitFor();
    await row.waitFor({ state: 'detached' });
    await phone.getByLabel(/Email|Correo/).waitFor();
    assert.deepEqual(lastAct(ledger()), { act: 'board-expected', subject: CASE });
  });

  it('forgets what a person says it should, and goes by the catalog again', async () => {
    const desk = await page('staff');
    await rowOf(desk, 'Cola').getByRole('button', { name: 'Forget …' }).click();
    await desk.waitForFunction(() => [...document.querySelectorAll('input')].some(({ value }) => value === 'cola'));
    await shoot(desk, 'sensors-forget');
    await desk.getByRole('button', { name: 'Forget', exact: true }).click();
    await desk.getByText('Forgotten. The next visit goes by the catalog.').waitFor();
    await rowOf(desk, 'Cola').getByRole('cell', { name: 'no: none weighed yet' }).waitFor();
    await desk.getByText(/^Cola weighs/).waitFor({ state: 'detached' });
    await rowOf(desk, 'Water').getByRole('cell', { name: 'yes', exact: true }).waitFor();
  });

  it('says what is wrong with a word that cannot be', async () => {
    const desk = await page('staff');
    await desk.getByLabel(/Case$/).fill('999');
    await desk.getByRole('button', { name: 'Forget', exact: true }).click();
    await desk.getByText('no such case in this shop').waitFor();
  });
}

/** Puts visits of some weeks that have ended into the ledger of a shop that runs. */
function visited(file: string, caseId: string): void {
  const flows = readFileSync(join(import.meta.dirname, '..', '..', '..', 'flows', 'core', 'config.json'), 'utf8');
  const nodes = JSON.parse(flows) as (Catalog & { readonly id: string })[];
  const { currency, products } = nodes.find(({ id }) => id === 'config.catalog')!;
  const catalog: Catalog = { currency, products };
  const trueGrams = (sku: string, visit: number) => (sku === 'cola' && visit >= CHANGE_AT ? 330 : undefined);
  const database = new DatabaseSync(file);
  database.exec(`pragma busy_timeout = 5000; begin immediate;
    insert into customers (id, email, language, created_at_ms) values ('past', 'past@example.com', 'en', 0)`);
  const insert = database.prepare(`insert into visits (id, case_id, customer_id, request_id, language, phase, outcome,
    catalog, card, hold_minor, open_too_long, basket, total_minor, charged_minor, flagged, occupies_case, created_at_ms,
    entered_at_ms, ended_at_ms) values (?, ?, 'past', ?, 'en', 'done', 'charged', ?, '{}', 0, 0, ?, 0, 0, 0, 0, ?, ?, ?)`);
  const shiftMs = Date.now() - LEARN_NOW;
  for (const past of pastVisits({ seed: 6, visits: VISITS, catalog, trueGrams })) {
    const atMs = past.atMs + shiftMs;
    insert.run(past.visitId, caseId, past.visitId, JSON.stringify(catalog), basketText(past), atMs, atMs, atMs);
  }
  database.exec('commit');
  database.close();
}

function lastAct(file: string): object {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return { ...database.prepare("select act, subject from acts where act = 'board-expected' order by id desc").get() };
  } finally {
    database.close();
  }
}

/** Takes them away again, and what was learned of them. */
function forgotten(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`pragma busy_timeout = 5000; begin immediate; delete from case_learning; delete from learning_forgotten;
    delete from visits where customer_id = 'past'; delete from customers where id = 'past'; commit`);
  database.close();
}

function basketText({ lines, by, scale }: PastBasket): string {
  return JSON.stringify({ ...basketOf(lines, by === 'agreed' ? 'agreed' : 'vision_decided'), scale });
}
