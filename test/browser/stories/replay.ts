// The dialog of the policy in the editor, opened from its node on the tab and as a config node: thresholds, the numbers behind them, and what they would have done.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DoorReport, orThrow } from '@tapcase/domain';
import type { Page } from 'playwright-core';
import { openLedger } from '../../../ledger/src/open.ts';
import type { Ledger } from '../../../ledger/src/port.ts';
import { basketOf, DEMO, linesOf } from '../../domain/demo-catalog.ts';
import { type BrowserBench, shoot } from '../shop-bench.ts';
import type { Editor } from './open-editor.ts';

/** The editor slides its trays in. */
const SHOT = { settleMs: 700, fullPage: false };
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
/** One that is no longer there: the numbers of its reports are nobody else's. */
const CASE = 'hall';
/** Each weighed by a case without cameras: bags of chips, nothing, and two cans that are cola or soda. */
const PAST = [
  [70, basketOf(linesOf({ chips: 1 }), 'weight_decided')],
  [70, basketOf(linesOf({ chips: 1 }), 'weight_decided')],
  [0, basketOf([], 'weight_decided')],
  [355, basketOf([], 'disputed')],
  [355, basketOf([], 'disputed')],
] as const;

export function replay({ shop, staffAt, staff }: BrowserBench, { english, spanish, mistakes }: Editor): void {
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-past-'));
    try {
      // Made in a ledger of their own: the shop's clock would move on what it finds half-way there.
      const past = join(folder, 'past.sqlite');
      const ledger = await openLedger({ file: past });
      for (const [index, [grams, basket]] of PAST.entries()) await endedVisit(ledger, index, grams, basket);
      await ledger.close();
      moveInto(join(shop().stateFolder, 'ledger.sqlite'), past);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const endedVisit = async (ledger: Ledger, index: number, grams: number, basket: (typeof PAST)[number][1]) => {
    const atMs = Date.now() - 3_600_000 * (PAST.length - index);
    const at = { atMs, visionWaitMs: 0 };
    const [id, customerId] = [`visit000${index}`, `customer-${index}`];
    await ledger.customerByEmail(`${customerId}@example.com`, { id: customerId, language: 'en', atMs });
    const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: 1000 } as const;
    await ledger.openVisit({ id, caseId: CASE, customerId, requestId: `tap-${id}`, atMs, ...fixed });
    for (const event of ['hold_made', 'unlock_sent', 'door_opened'] as const) {
      orThrow(await ledger.advanceVisit(id, { event, ...at }));
    }
    const report = { type: 'closed', id, seq: 1 + index, at: Math.floor(atMs / 1000), mass: 0 } as const;
    const closed: DoorReport = { ...report, dmass: grams, sigma: 2.1 };
    await ledger.recordReport(CASE, { channel: 'door', report: closed }, at);
    for (const change of [
      { event: 'basket_decided', set: { basket } },
      { event: 'settle_started' },
      { event: 'settled', dueAtMs: null },
    ] as const) {
      orThrow(await ledger.advanceVisit(id, { ...change, ...at }));
    }
  };

  const editor = () => staffAt('/editor/');
  /** Where the editor lists config nodes: there also what a locked tab refers to can be changed. */
  async function openDialog(page: Page): Promise<void> {
    await page.evaluate("RED.editor.editConfig('', 'tapcase-policy', 'config.policy')");
    await page.locator('#tapcase-replay-ask').waitFor();
  }
  const cancel = async (page: Page) => {
    await page.locator('#node-config-dialog-cancel').click();
    await page.locator('#tapcase-replay-ask').waitFor({ state: 'detached' });
  };
  const field = (page: Page, property: string) => page.locator(`#node-config-input-${property}`);
  const typedIn = (page: Page, property: string) => field(page, property).inputValue();
  const askIn = async (page: Page) => {
    await page.locator('#tapcase-replay-ask').click();
    await page.locator('#tapcase-replay-answer caption').waitFor();
    return (await page.locator('#tapcase-replay-answer :is(caption, tr, p)').allInnerTexts()).join('\n');
  };

  it('says what a lower threshold would have charged, and which visits would have ended otherwise', async () => {
    const page = await english();
    await openDialog(page);
    assert.equal(await typedIn(page, 'scaleSigmaGrams'), '5.7');
    assert.match(await askIn(page), /every visit would end as with the policy as it is/);
    await field(page, 'charge').fill('0,5');
    const answer = await askIn(page);
    assert.match(answer, /5 of 5 visits looked at/);
    assert.match(answer, /Charged whole\s+2\s+0\s+4/);
    assert.match(answer, /Reviewed, nothing charged\s+2\s+4\s+0/);
    assert.match(answer, /Charged without a person\s+3\.00 usd\s+0\.00 usd\s+7\.00 usd/);
    assert.match(answer, /4 would end otherwise/);
    assert.match(answer, /review 0\.00 usd → charged 2\.00 usd\s+1 cola \(5\d %\)/);
    const link = page.locator('.tapcase-changes a').first();
    assert.equal(await link.getAttribute('href'), '/why/visit0004');
    await shoot(page, 'editor-cloud-replay-en', SHOT);
    await field(page, 'charge').fill('0.3');
    await page.locator('#tapcase-replay-ask').click();
    await page.getByText('(reconcile.bad-thresholds)').waitFor();
    await page.locator('.tapcase-policy summary').click();
    await field(page, 'cameraMissRate').fill('0.7');
    await field(page, 'cameraMissRate').press('Tab');
    await page.locator('#node-config-input-cameraMissRate.input-error').waitFor();
    await shoot(page, 'editor-cloud-replay-advanced', SHOT);
    await page.locator('#tapcase-reset').click();
    const restored = [await typedIn(page, 'charge'), await typedIn(page, 'cameraMissRate')];
    assert.deepEqual(restored, ['0.98', '0.03']);
    await cancel(page);
    assert.deepEqual(mistakes, []);
  });

  it('says it in Spanish', async () => {
    const page = await spanish();
    await openDialog(page);
    await field(page, 'charge').fill('0,5');
    const answer = await askIn(page);
    assert.match(answer, /5 de 5 visitas miradas/);
    assert.match(answer, /revisión 0\.00 usd → cobrada 2\.00 usd/);
    await shoot(page, 'editor-cloud-replay-es', SHOT);
    await cancel(page);
  });

  it('answers nobody who may not change flows', async () => {
    const ask = (headers: Record<string, string> = {}) =>
      fetch(`${editor()}tapcase-policy/replay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ ledger: 'config.ledger', caseId: null, before: {}, after: {} }),
      });
    assert.equal((await ask()).status, 401);
    assert.equal((await ask({ 'x-tapcase-pass': 'a', authorization: 'Bearer a' })).status, 401);
    assert.equal((await ask((await staff('technician')).headers)).status, 401);
    assert.equal((await ask((await staff('restocker')).headers)).status, 403);
    for (const role of ['owner', 'operator'] as const)
      assert.equal((await ask((await staff(role)).headers)).status, 200);
  });
}

/** The visits of one ledger into that of a shop that runs, all at once. */
function moveInto(file: string, past: string): void {
  const database = new DatabaseSync(file);
  try {
    const evidence = 'case_id, visit_id, channel, seq, report, at_ms';
    database.exec(`pragma busy_timeout = 5000; attach '${past}' as past; begin immediate;
      insert into customers select * from past.customers; insert into visits select * from past.visits;
      insert into evidence (${evidence}) select ${evidence} from past.evidence; commit; detach past`);
  } finally {
    database.close();
  }
}
