// A basket that nobody can tell, as a person sees it: the receipt waits, staff decide, the customer pays for what it was.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type BrowserBench, PHONE, STAFF, shoot, visitIdOf } from '../shop-bench.ts';

const EMAIL = 'maria-waits@example.com';

export function reviews({
  at,
  staffAt,
  staff,
  casePath,
  people,
  world,
  signIn,
  addCard,
  take,
  untilVisit,
}: BrowserBench): void {
  const { page: pageOf } = people({ phone: PHONE, staff: STAFF });
  before(() => world('cameras', { covered: true }));
  const fetched = (page: Page, path: string) => page.request.get(at(path));

  /** One can, and nobody can tell which. */
  async function takeOne(page: Page): Promise<string> {
    await take(page, { sku: 'soda' });
    await page.getByRole('heading', { name: 'We are checking this visit' }).waitFor();
    return visitIdOf(page);
  }

  async function choose(desk: Page, visitId: string): Promise<void> {
    await desk.goto(staffAt('/dashboard/reviews'));
    const row = desk.getByRole('row').filter({ has: desk.getByRole('link', { name: visitId }) });
    await row.getByRole('button', { name: 'Choose' }).click();
    await desk.waitForFunction(
      (id) => [...document.querySelectorAll('input')].filter(({ value }) => value === id).length === 3,
      visitId,
    );
  }

  it('the receipt says that a person looks, and nothing is charged', async () => {
    const page = await pageOf('phone');
    await page.goto(at(casePath()));
    await signIn(page, EMAIL);
    await addCard(page);
    const visitId = await takeOne(page);
    const view = await (await fetched(page, `/api/visits/${visitId}`)).json();
    assert.deepEqual([view.review.state, view.chargedMinor, view.hold.state], ['open', 0, 'released']);
    await shoot(page, 'review-waits');
  });

  it('staff see it with its evidence, and say what it was', async () => {
    const desk = await pageOf('staff');
    const visitId = visitIdOf(await pageOf('phone'));
    await choose(desk, visitId);
    await desk
      .getByText(/3\d\d g ± \d+; .*Cola.*Lemon soda|Lemon soda.*Cola/)
      .first()
      .waitFor();
    await desk.getByLabel(/^Cola/).fill('1');
    await desk.getByLabel('Note: how you know').first().fill('the picture shows a cola');
    await shoot(desk, 'review-desk');
    await desk.getByRole('button', { name: 'Correct' }).click();
    await desk.getByText('Decided. The money follows within seconds.').waitFor();
    await desk.getByRole('link', { name: visitId }).waitFor({ state: 'detached' });
  });

  it('the customer is charged for what it was, once, and reads it', async () => {
    const page = await pageOf('phone');
    const visitId = visitIdOf(page);
    await untilVisit(visitId, 'the customer to be charged', (row) => row.charged_minor === 200);
    await page.reload();
    await page.getByRole('heading', { name: 'A person checked this visit' }).waitFor();
    await page.getByText('This is what was taken. It costs $2.00.').waitFor();
    await page.getByRole('rowheader', { name: 'Cola' }).waitFor();
    await shoot(page, 'review-decided');
    await page.goto(at('/visits'));
    await page.getByText('1 item').waitFor();
    await page.getByText('$2.00').waitFor();
  });

  it('where nobody can tell, nothing is asked', async () => {
    const page = await pageOf('phone');
    await page.goto(at(casePath()));
    const visitId = await takeOne(page);
    const desk = await pageOf('staff');
    await choose(desk, visitId);
    await desk.getByLabel('Note: why').fill('both look the same');
    await desk.getByRole('button', { name: 'Waive' }).click();
    await desk.getByText('Decided. The money follows within seconds.').waitFor();
    await page.reload();
    await page.getByText('Nothing more is asked.').waitFor();
  });

  it('what was learned is handed to the owner only, one line for each decision', async () => {
    const refused = await fetch(staffAt('/api/staff/reviews.jsonl'));
    assert.equal(refused.status, 401);
    for (const path of ['/API/STAFF/reviews.jsonl', '/api/staff/reviews.jsonl/', '/api/%73taff/reviews.jsonl']) {
      assert.equal((await fetch(staffAt(path))).status, 401, path);
      assert.ok((await fetch(at(path))).status === 404, path);
    }
    assert.equal((await fetch(staffAt('/api/staff//reviews.jsonl'))).status, 404);
    const { headers } = await staff('owner');
    const answer = await fetch(staffAt('/api/staff/reviews.jsonl'), { headers });
    assert.match(answer.headers.get('content-type') ?? '', /^application\/x-ndjson/);
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ decision, truth }) => [decision, truth]),
      [
        ['correct', [{ sku: 'cola', count: 1 }]],
        ['waive', undefined],
      ],
    );
    assert.ok(lines.every(({ scale, catalog }) => scale.removedGrams > 300 && catalog.products.length === 6));
    const bad = await fetch(staffAt('/api/staff/reviews.jsonl?after=x'), { headers });
    assert.equal(bad.status, 400);
  });
}
