// Pictures of a doubtful visit, as people see them: staff with the detector's boxes, the visit's own customer, and nobody else.
import assert from 'node:assert/strict';
import type { Moment, PictureFacts, PictureUpload } from '@tapcase/domain';
import { seededRandom } from '@tapcase/sim/shelf/random';
import { createRenderer } from '@tapcase/sim/shelf/renderer';
import { randomScene } from '@tapcase/sim/shelf/scene';
import type { CameraNumber, Scene } from '@tapcase/sim/shelf/types';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { putAsPi } from '../../e2e/pi-upload.ts';
import { type BrowserBench, PHONE, STAFF, shoot, shootLightAndDark, visitIdOf } from '../shop-bench.ts';

const STRANGE_LABEL = '<b onclick="alert(1)">cola</b>';

const EMAIL = 'maria-looks@example.com';

export function pictures(shop: BrowserBench): void {
  const {
    context,
    page: pageOf,
    mistakes,
  } = shop.people({
    ...{ phone: PHONE, staff: STAFF, colleague: STAFF, stranger: PHONE },
  });
  let visitId: string;

  it('a doubtful visit has none at first, and staff read that', async () => {
    const page = await pageOf('phone');
    await page.goto(shop.at(shop.casePath()));
    await shop.signIn(page, EMAIL);
    await shop.addCard(page);
    await shop.world('cameras', { covered: true });
    await shop.take(page, { sku: 'soda' });
    await page.getByRole('heading', { name: 'We are checking this visit' }).waitFor();
    visitId = visitIdOf(page);
    const desk = await pageOf('staff');
    await desk.goto(shop.staffAt(`/why/${visitId}`));
    await desk.getByText('No picture of this visit has come.').waitFor();
  });

  it('staff see the shelf before and after from both cameras, what was seen boxed and named', async () => {
    const scene = randomScene(seededRandom(11));
    const less: Scene = { ...scene, items: scene.items.filter(({ sku }, index) => sku !== 'cola' || index % 4 > 0) };
    for (const camera of [0, 1] as const) {
      await putPicture('before', camera, scene);
      await putPicture('after', camera, less);
    }
    const desk = await pageOf('staff');
    await desk.goto(shop.staffAt(`/why/${visitId}`));
    await desk.getByRole('heading', { name: 'Camera 0' }).waitFor();
    const pictures = camerasPanel(desk).getByRole('img');
    assert.equal(await pictures.count(), 4);
    for (const picture of await pictures.all()) {
      await picture.scrollIntoViewIfNeeded();
      await picture.evaluate((image) => (image as unknown as { decode(): Promise<void> }).decode());
      assert.match(String(await picture.getAttribute('alt')), /^Camera [01]\. (Before the door|After it was)/);
    }
    assert.match(String(await pictures.first().getAttribute('alt')), /\d\s× cola/);
    // The model's words are text: what looks like markup is read as it was written.
    const labels = await camerasPanel(desk).locator('svg text').allTextContents();
    assert.ok(
      labels.some((label) => label.startsWith(STRANGE_LABEL.slice(0, 10))),
      labels.join(),
    );
    await camerasPanel(desk).getByText(`1 × ${STRANGE_LABEL}`).waitFor();
    assert.equal(await desk.locator('b[onclick]').count(), 0);
    await shootLightAndDark(desk, 'pictures-staff');
  });

  it('the customer sees those of the own visit, on the phone and in Spanish too', async () => {
    const page = await pageOf('phone');
    await page.goto(shop.at(`/visit/${visitId}/why`));
    await page.getByRole('heading', { name: 'Camera 1' }).waitFor();
    assert.equal(await camerasPanel(page).getByRole('img').count(), 4);
    const first = camerasPanel(page).getByRole('img').first();
    await first.scrollIntoViewIfNeeded();
    await shootLightAndDark(page, 'pictures-customer');
    const width = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(Number(width) <= 390, `the page is ${String(width)} px wide`);
    const spanish = await context('phone').newPage();
    await spanish.addInitScript(`localStorage.setItem('tapcase.language', 'es')`);
    await spanish.goto(shop.at(`/visit/${visitId}/why`));
    await spanish.getByText('Antes de abrir la puerta').first().waitFor();
    await shoot(spanish, 'pictures-spanish');
    await spanish.close();
  });

  it('another customer sees none of them', async () => {
    const page = await pageOf('stranger');
    await page.goto(shop.at(`/visit/${visitId}/why`));
    await shop.signIn(page, 'juan-looks@example.com');
    await page.getByRole('heading', { name: 'This visit cannot be shown' }).waitFor();
    for (const path of ['pictures', 'pictures/before-0.jpg']) {
      assert.equal((await page.request.get(shop.at(`/api/visits/${visitId}/${path}`))).status(), 404);
      assert.equal((await page.request.get(shop.staffAt(`/api/staff/visits/${visitId}/${path}`))).status(), 401);
    }
  });

  it('the reviews desk shows those of the chosen visit, and leads to them with their boxes', async () => {
    const desk = await pageOf('staff');
    await (await pageOf('colleague')).goto(shop.staffAt('/dashboard/reviews'));
    await desk.goto(shop.staffAt('/dashboard/reviews'));
    await desk.getByRole('columnheader', { name: 'Evidence and pictures' }).waitFor();
    const row = desk.getByRole('row').filter({ has: desk.getByRole('link', { name: visitId }) });
    await row.getByRole('button', { name: 'Choose' }).click();
    const first = desk.locator(`img[src="/api/staff/visits/${visitId}/pictures/before-0.jpg"]`);
    await first.waitFor();
    await first.evaluate((image) => (image as unknown as { decode(): Promise<void> }).decode());
    assert.equal(await desk.locator(`img[src*="/${visitId}/pictures/"]`).count(), 4);
    await shoot(desk, 'pictures-desk');
  });

  it('a colleague who looks at the same desk is shown nothing of that choice, now or later, and is answered alone', async () => {
    const [desk, colleague] = [await pageOf('staff'), await pageOf('colleague')];
    const answer = 'nobody was asked about such a visit';
    const waive = colleague.locator('form').filter({ has: colleague.getByRole('button', { name: 'Waive' }) });
    await waive.getByLabel('Visit').fill('no-such-visit');
    await waive.getByLabel('Note: why').fill('I only ask');
    await waive.getByRole('button', { name: 'Waive' }).click();
    // What is said to a browser comes in turn: the choice would have been seen by now.
    await colleague.getByText(answer).waitFor();
    const chosen = (page: Page) =>
      page.evaluate(
        (id) => [
          [...document.querySelectorAll('img')].filter(({ src }) => src.includes(id)).length,
          [...document.querySelectorAll('input')].filter(({ value }) => value === id).length,
        ],
        visitId,
      );
    assert.deepEqual(await chosen(colleague), [0, 0]);
    assert.deepEqual(await chosen(desk), [4, 3]);
    assert.equal(await desk.getByText(answer).count(), 0);
    await colleague.reload();
    await colleague.getByRole('link', { name: visitId }).waitFor();
    assert.deepEqual(await chosen(colleague), [0, 0]);
  });

  it('no page complained on the way', () => assert.deepEqual(mistakes, []));

  async function putPicture(moment: Moment, camera: CameraNumber, scene: Scene): Promise<void> {
    const renderer = await createRenderer();
    const { width, height, rgb } = renderer.render(scene, camera, seededRandom(3));
    const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer();
    const boxes = renderer.boxes(scene, camera).map(({ sku, cx, cy, w, h }) => ({
      ...{ label: sku, score: 0.97, x: (cx - w / 2) * width, y: (cy - h / 2) * height },
      ...{ w: w * width, h: h * height },
    }));
    const strange = { label: STRANGE_LABEL, score: 0.5, x: 4, y: 4, w: 20, h: 20 };
    const facts: PictureFacts = {
      ...{ visit: visitId, moment, camera: String(camera), atMs: Date.now(), width, height },
      ...{
        model: '0123456789ab',
        threshold: 0.5,
        boxes: moment === 'before' && camera === 0 ? [...boxes, strange] : boxes,
      },
    };
    const upload = { caseId: shop.shop().shop.caseId, visit: visitId, moment, camera: String(camera) };
    for (const [kind, body] of [
      ['jpg', jpeg],
      ['json', Buffer.from(JSON.stringify(facts))],
    ] as const) {
      const picture: PictureUpload = { ...upload, kind };
      assert.equal((await putAsPi(shop.shop().shop.shopUrl, picture, body)).status, 201);
    }
  }
}

function camerasPanel(page: Page) {
  return page.locator('section', { has: page.getByRole('heading', { name: 'What the cameras saw', exact: true }) });
}
