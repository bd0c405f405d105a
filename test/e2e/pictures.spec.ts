// Pictures of a flagged visit, from the shelf to whoever decides: tapcase-scene-diff and tapcase-send as on a Pi, against a running
// shop; and everything that is not such a picture, refused.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PictureFacts, PicturesView, PictureUpload } from '@tapcase/domain';
import sharp from 'sharp';
import detrDetect from '../../nodes/node-red-contrib-detr/src/detr-detect/detr-detect.ts';
import detrModel from '../../nodes/node-red-contrib-detr/src/detr-model/detr-model.ts';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import { tapcaseSend } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import sceneDiff from '../../nodes/node-red-contrib-tapcase-edge/src/vision/scene-diff/scene-diff.ts';
import { takeCanInDoubt } from '../../scripts/demo-doubt.ts';
import type { DemoShop } from '../../scripts/demo-shop.ts';
import { bench, helper, type Message, type Outcome, withRuntime } from '../nodes/harness.ts';
import { until, within } from '../patience.ts';
import { MASTER_KEY, piKey, putAsPi, type UploadPart } from './pi-upload.ts';
import { ROOT, withPatientShop } from './shop-bench.ts';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

describe('pictures of a flagged visit', () => {
  withRuntime();
  // The shop's own Pi keeps its pictures to itself: these come from the nodes under test.
  const env = { CASE_MASTER_KEY: MASTER_KEY, CLOUD_URL: 'none' };
  const running = withPatientShop({ env });
  const customer = running.customer();
  const owner = running.staff('owner');
  let shop: DemoShop;
  let folder: string;
  let visit: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-pictures-'));
    shop = running.shop();
    await running.world('cameras', { covered: true });
    const { id, outcome } = await running.visit(customer(), async ({ atCase, mayTake }) => {
      await atCase('door', { open: true });
      await mayTake();
      await takeCanInDoubt(atCase);
      await atCase('door', { open: false });
    });
    assert.equal(outcome, 'in_review');
    await running.world('cameras', { covered: false });
    visit = id;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const url = (path: string) => `${shop.shop.shopUrl}${path}`;
  const staffUrl = (path: string) => `${shop.shop.staffUrl}${path}`;
  const asStaff = (path: string) => fetch(staffUrl(path), { headers: owner() });
  const listed = async (): Promise<PicturesView> =>
    (await (await asStaff(`/api/staff/visits/${visit}/pictures`)).json()) as PicturesView;

  it('the shelf is seen, cut out, kept and sent; staff see it with its boxes', async () => {
    const seen = await detected(['before', 'after'], ['0', '1']);
    const snapshots = join(folder, 'snapshots');
    await kept(snapshots, seen);
    const files = readdirSync(snapshots).sort();
    assert.equal(files.length, 8);
    await sent(snapshots, files.length);
    const { pictures } = await listed();
    assert.deepEqual(
      pictures.map(({ moment, camera }) => `${moment} ${camera}`),
      ['after 0', 'after 1', 'before 0', 'before 1'],
    );
    for (const { url: path, moment, camera, seen: boxes } of pictures) {
      const name = `${visit}-${moment}-${camera}`;
      const facts = JSON.parse(readFileSync(join(snapshots, `${name}.json`), 'utf8')) as PictureFacts;
      assert.deepEqual(boxes?.boxes, facts.boxes);
      assert.ok(facts.boxes.length > 10, `${facts.boxes.length} pieces on a full shelf`);
      const answer = await asStaff(path);
      assert.equal(answer.headers.get('content-type'), 'image/jpeg');
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), readFileSync(join(snapshots, `${name}.jpg`)));
    }
  });

  it('the cloud has asked the Pi for them, once', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const ledger = new DatabaseSync(join(shop.stateFolder, 'ledger.sqlite'), { readOnly: true });
    try {
      const asked = ledger.prepare(`SELECT body, done_at_ms FROM outbox WHERE kind = 'keep'`);
      const own = () =>
        asked.all().filter(({ body }) => (JSON.parse(String(body)) as { visitId: string }).visitId === visit);
      await until('the wish for them to be published', () => own()[0]?.done_at_ms != null);
      assert.equal(own().length, 1);
    } finally {
      ledger.close();
    }
  });

  describe('what is put there', () => {
    const picture = (part: Partial<PictureUpload> = {}): PictureUpload => {
      return { caseId: '123', visit, moment: 'before', camera: 'test', kind: 'jpg', ...part };
    };
    const put = async (part: Partial<PictureUpload> = {}, body: Uint8Array = JPEG, how: UploadPart = {}) => {
      const response = await putAsPi(shop.shop.shopUrl, picture(part), body, how);
      const { error } = (await response.json()) as { error?: { code: string } };
      return [response.status, error?.code];
    };

    it('is kept once; the same again changes nothing, another in its place is refused', async () => {
      assert.deepEqual(await put(), [201, undefined]);
      assert.deepEqual(await put(), [200, undefined]);
      assert.deepEqual(await put({}, Buffer.concat([JPEG, JPEG])), [409, 'picture.differs']);
    });

    it('is refused without the signature of this case’s Pi over just this', async () => {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const wrong: UploadPart[] = [
        { key: piKey('124') },
        { key: new Uint8Array(32) },
        { signedBody: Buffer.from('another') },
        { path: `/api/evidence/123/${visit}/after-test.jpg` },
        { headers: { 'x-tapcase-mac': '' } },
        { at: nowSeconds, headers: { 'x-tapcase-at': String(nowSeconds + 1) } },
        { headers: { 'x-tapcase-mac': 'f'.repeat(63) } },
      ];
      for (const how of wrong) assert.deepEqual(await put({}, JPEG, how), [403, 'picture.bad-signature']);
      // Another case's Pi, with its own key, for its own case: the visit is not that case's.
      assert.deepEqual(await put({ caseId: '124' }), [404, 'visit.unknown']);
    });

    it('is refused when it was signed long ago or in the future', async () => {
      for (const seconds of [-600, 600]) {
        const at = Math.floor(Date.now() / 1000) + seconds;
        assert.deepEqual(await put({}, JPEG, { at }), [403, 'picture.clock-skew']);
      }
    });

    it('is refused when nobody made such a visit, or its name is none', async () => {
      assert.deepEqual(await put({ visit: 'nosuchvisit' }), [404, 'visit.unknown']);
      for (const name of ['during-0.jpg', 'before-0.png', 'before-.jpg', 'before-toolongname.jpg', '..%2f..%2fx.jpg']) {
        const response = await fetch(url(`/api/evidence/123/${visit}/${name}`), { method: 'PUT', body: JPEG });
        assert.ok(response.status >= 400 && response.status < 500, `${name}: ${response.status}`);
      }
    });

    it('is refused when it is no JPEG, says nothing readable, or speaks of another picture', async () => {
      assert.deepEqual(await put({ camera: 'png' }, Buffer.from('\u0089PNG')), [415, 'picture.not-a-picture']);
      assert.deepEqual(await put({ camera: 'empty' }, Buffer.alloc(0)), [415, 'picture.not-a-picture']);
      const facts = { visit, moment: 'before', camera: 'test', atMs: 1, width: 9, height: 9, model: null };
      const said = (part: object) => Buffer.from(JSON.stringify({ ...facts, threshold: 0.5, boxes: [], ...part }));
      for (const bad of [said({ camera: '1' }), said({ width: -1 }), said({ boxes: 7 }), Buffer.from('{'), JPEG]) {
        assert.deepEqual(await put({ kind: 'json' }, bad), [400, 'picture.bad-facts']);
      }
      assert.deepEqual(await put({ kind: 'json' }, said({})), [201, undefined]);
    });

    it('may be as large as a picture is, and no larger; nothing else may', async () => {
      const large = Buffer.concat([JPEG, Buffer.alloc(2 * 1024 * 1024 - JPEG.length)]);
      assert.deepEqual(await put({ camera: 'large' }, large), [201, undefined]);
      const code = await put({ camera: 'larger' }, Buffer.concat([large, JPEG]));
      assert.deepEqual(code, [413, 'api.too-large']);
      assert.deepEqual(await put({ kind: 'json', camera: 'large' }, Buffer.alloc(65_537)), [413, 'picture.too-large']);
      const elsewhere = await fetch(url('/api/sign-out'), { method: 'POST', body: large });
      assert.equal(elsewhere.status, 413);
    });

    it('is shown to nobody but staff and the visit’s customer', async () => {
      for (const path of [`/api/visits/${visit}/pictures`, `/api/visits/${visit}/pictures/before-test.jpg`]) {
        assert.equal((await fetch(url(path))).status, 401, path);
        assert.equal((await fetch(url(path.replace('/api/', '/api/staff/')))).status, 404, path);
        assert.equal((await fetch(staffUrl(path.replace('/api/', '/api/staff/')))).status, 401, path);
      }
      assert.equal((await asStaff(`/api/staff/visits/${visit}/pictures/after-9.jpg`)).status, 404);
      assert.equal((await asStaff(`/api/staff/visits/${visit}/pictures/before-test.json`)).status, 404);
      assert.equal((await asStaff('/api/staff/visits/nosuchvisit/pictures')).status, 404);
    });
  });

  /** What the shop's own model sees on the shelf, as detr-detect hands it on. */
  async function detected(moments: readonly string[], cameras: readonly string[]): Promise<Message[]> {
    const { send } = await bench({
      node: { id: 'n', type: 'detr-detect', model: 'the-model', threshold: '0.5' },
      outputs: 1,
      modules: [detrModel, detrDetect],
      configNodes: [{ id: 'the-model', type: 'detr-model', folder: join(ROOT, 'models', 'demo-shelf'), threads: '2' }],
    });
    const messages: Message[] = [];
    for (const moment of moments) {
      for (const camera of cameras) {
        const png = await (await fetch(`${shop.shop.worldUrl}/sim/cases/123/camera/${camera}`)).arrayBuffer();
        const raw = sharp(png).removeAlpha().raw();
        const { data, info } = await raw.toBuffer({ resolveWithObject: true });
        const image = { width: info.width, height: info.height, rgb: new Uint8Array(data), camera, atMs: Date.now() };
        messages.push(messageOf(await send({ image, look: { moment, visit } })));
      }
    }
    await helper.unload();
    return messages;
  }

  async function kept(snapshots: string, messages: readonly Message[]): Promise<void> {
    const shelf = { cuts: { left: 0.02, top: 0.02, right: 0.02, bottom: 0.02 }, outside: 'cut' };
    const { node } = await bench({
      node: { id: 'n', type: 'tapcase-scene-diff', state: 'the-state' },
      outputs: 2,
      modules: [deviceState, sceneDiff],
      configNodes: [
        { id: 'the-state', type: 'tapcase-edge', folder: join(folder, 'scenes'), snapshotsFolder: snapshots },
      ],
    });
    for (const message of messages) {
      const picture = new Promise((resolve) => helper.getNode('out1').once('input', resolve));
      node('n').receive({ ...message, image: { ...(message.image as object), shelf } });
      await within('a picture', picture);
    }
    await helper.unload();
  }

  async function sent(snapshots: string, count: number): Promise<void> {
    const { send } = await bench({
      node: { id: 'n', type: 'tapcase-send', keys: 'the-keys', state: 'the-state' },
      outputs: 3,
      modules: [caseKeys, deviceState, tapcaseSend({ tickMs: 2 ** 31 - 1 })],
      configNodes: [
        { id: 'the-keys', type: 'hmac-keys', mode: 'device', caseId: '123', device: 'pi' },
        {
          ...{
            id: 'the-state',
            type: 'tapcase-edge',
            folder: join(folder, 'state'),
            caseId: '123',
            serialPort: 'none',
          },
          ...{ snapshotsFolder: snapshots, cloudUrl: shop.shop.shopUrl },
        },
      ],
      credentials: { 'the-keys': { deviceKey: Buffer.from(piKey('123')).toString('hex') } },
    });
    messageOf(await send({ command: { type: 'keep', id: visit } }));
    for (let i = 1; i < count; i += 1) messageOf(await send({ payload: 'tick' }));
    await helper.unload();
  }
});

function messageOf(outcome: Outcome): Message {
  assert.ok(outcome.kind === 'output', outcome.kind === 'fault' ? `${outcome.code}` : '');
  return outcome.message;
}
