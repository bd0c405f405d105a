// The pictures of tapcase-scene-diff, on rendered shelves: what is kept and shown of one, and what never is.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineNode } from '@tapcase/define-node';
import { Fault, type PictureFacts, parsePictureFacts } from '@tapcase/domain';
import { seededRandom } from '@tapcase/sim/shelf/random';
import { createRenderer } from '@tapcase/sim/shelf/renderer';
import { randomScene } from '@tapcase/sim/shelf/scene';
import type { Picture } from '@tapcase/sim/shelf/types';
import fc from 'fast-check';
import sharp from 'sharp';
import { parseConfig as parseCamera } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { boxesIn, fitted, shelfIn } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/picture/frame.ts';
import { overlayOf } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/picture/overlay.ts';
import { parseAlbum, parsePicture } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/picture/picture.ts';
import { openPictures } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/picture/pictures.ts';
import { bench, helper, type Outcome, withRuntime } from './harness.ts';

const DAY_MS = 86_400_000;
const AT = 1_763_678_400_000; // fixed day: the time stands still at it, where a test does not say otherwise.
const CONFIG = {
  edge: '1280',
  quality: '80',
  megabytes: '500',
  days: '7',
};
const LOOK = { moment: 'before', visit: 'abc123' };
/** Nothing but the pictures, each message an answer: beside the comparison they are in scene-diff.spec.ts. */
const pictures = defineNode({
  type: 'pictures',
  outputs: ['picture'],
  parseConfig: parseAlbum,
  parseMessage: parsePicture,
  build: (config, node) => {
    const { show, close } = openPictures(config, () => node.now());
    node.onClose(close);
    return async (message) => {
      const shown = await show(message);
      return shown === undefined ? undefined : { to: 'picture', add: { ...shown } };
    };
  },
});
/** As a camera's dialog stores it. */
const cameraWith = (cut: object) => parseCamera({ address: 'rpicam:0', ...cut });
const shelfOf = (cut: object) => {
  const camera = cameraWith(cut);
  assert.ok('shelf' in camera && camera.shelf !== undefined, String(camera));
  return camera.shelf;
};

describe('pictures of a visit and live ones', () => {
  withRuntime();
  let folder: string;
  let shelf: Picture;
  let jpeg: Buffer;
  before(async () => {
    shelf = (await createRenderer()).render(randomScene(seededRandom(7)), 0, seededRandom(8));
    jpeg = await sharp(shelf.rgb, { raw: { width: shelf.width, height: shelf.height, channels: 3 } })
      .jpeg()
      .toBuffer();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (config: object = {}) =>
    bench({ node: { id: 'n', type: 'pictures', folder, ...CONFIG, ...config }, outputs: 1, modules: [pictures] });
  const image = (part: object = {}) => ({ encoded: jpeg, camera: '0', atMs: AT, ...part });
  const detections = (boxes: object[] = [], part: object = {}) => ({
    model: '0123456789ab',
    threshold: 0.5,
    size: { width: shelf.width, height: shelf.height },
    boxes,
    ...part,
  });
  const facts = (name = 'abc123-before-0.json'): PictureFacts => {
    const parsed = parsePictureFacts(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    assert.ok(!(parsed instanceof Fault), String(parsed));
    return parsed;
  };

  it('keeps a visit’s picture without a mark on it, and beside it what was seen where', async () => {
    const { send } = await load();
    const cola = { label: 'cola', score: 0.98, x: 40, y: 60, w: 20, h: 30 };
    const message = sent(await send({ image: image(), detections: detections([cola]), look: LOOK, topic: 'kept' }));
    assert.equal(message.topic, 'kept');
    assert.deepEqual(readdirSync(folder).sort(), ['abc123-before-0.jpg', 'abc123-before-0.json']);
    const { width, height } = shelf;
    assert.deepEqual(facts(), {
      visit: 'abc123',
      moment: 'before',
      camera: '0',
      atMs: AT,
      width,
      height,
      model: '0123456789ab',
      threshold: 0.5,
      boxes: [cola],
    });
    const kept = await rgbOf(readFileSync(join(folder, 'abc123-before-0.jpg')));
    const given = await rgbOf(jpeg);
    assert.ok(differenceOf(kept, given) < 3, 'the kept picture is the camera’s');
    assert.ok(
      differenceOf(await rgbOf(message.payload as Buffer), given) > differenceOf(kept, given),
      'boxes are drawn',
    );
    assert.deepEqual(message.snapshot, {
      ...{ visit: 'abc123', moment: 'before', camera: '0', file: 'abc123-before-0.jpg' },
      bytes: statSync(join(folder, 'abc123-before-0.jpg')).size,
    });
  });

  it('a picture of a door that fell shut belongs to the visit that was begun last, also after a restart, and once', async () => {
    const { send } = await load();
    const after = { image: image(), look: { moment: 'after' } };
    assert.equal(sent(await send(after)).snapshot, undefined);
    await send({ image: image(), look: LOOK });
    await helper.unload();
    const again = await load();
    const { visit } = sent(await again.send(after)).snapshot as { visit: string };
    assert.equal(visit, 'abc123');
    assert.equal(sent(await again.send(after)).snapshot, undefined);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.jpg')),
      ['abc123-after-0.jpg', 'abc123-before-0.jpg'],
    );
  });

  it('cuts as the picture’s camera says, and nothing where it says nothing', async () => {
    const { send } = await load();
    const widthOf = async (part: object) => {
      const { payload } = sent(await send({ image: image(part) }));
      return (await sharp(payload as Buffer).metadata()).width;
    };
    assert.equal(
      await widthOf({ shelf: { cuts: { left: 0.5, top: 0, right: 0, bottom: 0 }, outside: 'cut' } }),
      shelf.width / 2,
    );
    assert.equal(await widthOf({}), shelf.width);
    assert.equal(await widthOf({ shelf: shelfOf({ cutRight: '25' }) }), (shelf.width * 3) / 4);
    assert.equal(await widthOf({ shelf: shelfOf({ cutLeft: '0', outside: 'cut' }) }), shelf.width);
  });

  it('keeps and shows nothing of a picture whose cut makes no sense', async () => {
    const { send } = await load();
    const cuts = { left: 0.5, top: 0, right: 0, bottom: 0 };
    for (const nonsense of [
      null,
      'half',
      { cuts },
      { cuts: { ...cuts, right: 0.41 }, outside: 'cut' },
      { cuts: { ...cuts, top: -1 }, outside: 'cut' },
      { cuts: { ...cuts, top: Number.NaN }, outside: 'blur' },
    ]) {
      assert.equal(codeOf(await send({ image: image({ shelf: nonsense }), look: LOOK })), 'image.malformed');
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it('shows a live picture and keeps nothing of it; folder none keeps nothing at all', async () => {
    const { send } = await load();
    const { payload, snapshot: kept } = sent(await send({ image: image(), detections: detections() }));
    assert.equal((await sharp(payload as Buffer).metadata()).format, 'jpeg');
    assert.equal(kept, undefined);
    await helper.unload();
    sent(await (await load({ folder: 'none' })).send({ image: image(), look: LOOK }));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('cuts who stands in front of the door away, from what is kept and from what is shown', async () => {
    const { send } = await load();
    const cut = { shelf: shelfOf({ cutLeft: '25', cutTop: '50' }) };
    const boxes = [
      { label: 'person', score: 0.9, x: 0, y: 0, w: shelf.width / 4, h: shelf.height / 2 },
      { label: 'cola', score: 0.8, x: shelf.width / 4 - 10, y: shelf.height / 2, w: 30, h: 40 },
    ];
    const { payload } = sent(await send({ image: image(cut), detections: detections(boxes), look: LOOK }));
    const size = { width: (shelf.width * 3) / 4, height: shelf.height / 2 };
    assert.deepEqual([facts().width, facts().height], [size.width, size.height]);
    // The person is gone; of the cola only what lies on the shelf is left.
    assert.deepEqual(facts().boxes, [{ label: 'cola', score: 0.8, x: 0, y: 0, w: 20, h: 40 }]);
    for (const bytes of [payload as Buffer, readFileSync(join(folder, 'abc123-before-0.jpg'))]) {
      const { width, height } = await sharp(bytes).metadata();
      assert.deepEqual({ width, height }, size);
    }
  });

  it('or blurs it beyond recognition, and leaves the shelf as it was', async () => {
    const { width, height } = shelf;
    const stripes = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % 8 < 4 ? 0 : 255));
    const { send } = await load({ quality: '95' });
    const blurred = shelfOf({ cutLeft: '50', outside: 'blur' });
    sent(
      await send({
        image: { width, height, rgb: stripes, camera: '1', shelf: blurred },
        look: { ...LOOK, moment: 'after' },
      }),
    );
    const kept = await rgbOf(readFileSync(join(folder, 'abc123-after-1.jpg')));
    const spread = (fromX: number, toX: number) => {
      const row = Math.floor(height / 2) * width;
      const values = Array.from({ length: toX - fromX }, (_, i) => kept[(row + fromX + i) * 3]!);
      return Math.max(...values) - Math.min(...values);
    };
    assert.ok(spread(20, width / 2 - 20) < 12, `outside: ${spread(20, width / 2 - 20)}`);
    assert.ok(spread(width / 2 + 20, width - 20) > 200, 'on the shelf every stripe is there');
  });

  it('takes raw RGB and I420 for the same picture', async () => {
    const { width, height } = shelf;
    const { send } = await load({ quality: '95' });
    const from = async (part: object) =>
      rgbOf(sent(await send({ image: { width, height, camera: '0', ...part } })).payload as Buffer);
    const wanted = await from({ rgb: shelf.rgb });
    for (const range of ['full', 'limited'] as const) {
      for (const padding of [0, 16]) {
        const stride = width + padding;
        const i420 = toI420(shelf, stride, range);
        assert.ok(differenceOf(await from({ i420, stride, range }), wanted) < 4, `${range} ${padding}`);
      }
    }
  });

  it('keeps no edge above the limit, and puts the boxes where they then are', async () => {
    const { send } = await load({ edge: '160' });
    const box = { label: 'cola', score: 0.5, x: 100, y: 50, w: 40, h: 20 };
    sent(await send({ image: image(), detections: detections([box]), look: LOOK }));
    assert.deepEqual([facts().width, facts().height], [160, 120]);
    assert.deepEqual(facts().boxes, [{ ...box, x: 50, y: 25, w: 20, h: 10 }]);
  });

  it('draws a label that tries to be markup as the text it is, and one that XML has no place for', async () => {
    const { send } = await load();
    const boxes = ['<script>alert(1)</script>', '"/><image href="file:///etc/passwd"/>', '\u0000\ud800&amp;', '🥤'].map(
      (label, i) => ({ label, score: 0.9, x: 10 * i, y: 10, w: 40, h: 40 }),
    );
    sent(await send({ image: image(), detections: detections(boxes), look: LOOK }));
    const svg = overlayOf(boxes, { width: 320, height: 240 });
    assert.doesNotMatch(svg, /<(script|image)/);
    assert.match(svg, /&lt;script&gt;/);
    assert.equal(facts().boxes.length, 4);
  });

  it('takes a picture of which nothing was said, and leaves out boxes that are none', async () => {
    const { send } = await load();
    sent(await send({ image: image(), look: LOOK }));
    assert.deepEqual([facts().model, facts().threshold, facts().boxes], [null, null, []]);
    const bad = [null, 'x', { label: 'a', score: Number.NaN, x: 0, y: 0, w: 1, h: 1 }, { label: 'b', score: 0.5 }];
    sent(await send({ image: image(), detections: { boxes: bad }, look: { ...LOOK, moment: 'after' } }));
    assert.deepEqual(facts('abc123-after-0.json').boxes, []);
  });

  it('says that a picture is broken, and takes the next one', async () => {
    const { send } = await load();
    const { width, height } = shelf;
    for (const broken of [
      undefined,
      { encoded: Buffer.alloc(0) },
      { encoded: Buffer.from('no picture') },
      { encoded: jpeg.subarray(0, jpeg.length / 2) },
      { width, height, rgb: new Uint8Array(10) },
      { width: 0, height: 0, rgb: new Uint8Array(0) },
      { width: 1e9, height: 1e9, rgb: new Uint8Array(3) },
      { width, height, i420: new Uint8Array(width * height) },
    ]) {
      assert.equal(codeOf(await send({ image: broken, look: undefined })), 'image.malformed');
    }
    sent(await send({ image: image() }));
  });

  it('makes no file of a name that could be a path', async () => {
    const { send } = await load();
    for (const look of [{ ...LOOK, visit: '../../etc' }, { ...LOOK, moment: 'during' }, { visit: 'abc123' }]) {
      assert.equal(codeOf(await send({ image: image(), look })), 'snapshot.bad-name');
    }
    assert.equal(codeOf(await send({ image: image({ camera: '../0' }), look: LOOK })), 'snapshot.bad-name');
    assert.equal(codeOf(await send({ image: { encoded: jpeg }, look: LOOK })), 'snapshot.bad-name');
    assert.deepEqual(readdirSync(folder), []);
  });

  it('says that the card cannot be written, and leaves no half of a file', async () => {
    const { send } = await load({ folder: join(folder, 'file', 'in') });
    writeFileSync(join(folder, 'file'), 'a file where the folder should be');
    assert.equal(codeOf(await send({ image: image(), look: LOOK })), 'snapshot.unwritable');
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('lets what is too old go at the start, and half a file that a pulled plug left; nothing else', async () => {
    const old = (name: string, daysAgo: number) => {
      writeFileSync(join(folder, name), name);
      const atSeconds = (Date.now() - daysAgo * DAY_MS) / 1000;
      utimesSync(join(folder, name), atSeconds, atSeconds);
    };
    old('oldvisit-before-0.jpg', 8);
    old('newvisit-before-0.jpg', 6);
    old('newvisit-after-0.json.new', 1);
    old('notes.txt', 400);
    const { send } = await load();
    sent(await send({ image: image(), look: LOOK }));
    assert.deepEqual(readdirSync(folder).sort(), [
      'abc123-before-0.jpg',
      'abc123-before-0.json',
      'newvisit-before-0.jpg',
      'notes.txt',
    ]);
  });

  it('lets the oldest go where all no longer fit', async () => {
    for (const [index, visit] of ['visit1', 'visit2'].entries()) {
      writeFileSync(join(folder, `${visit}-before-0.jpg`), Buffer.alloc(600_000));
      utimesSync(join(folder, `${visit}-before-0.jpg`), AT / 1000 + index, Date.now() / 1000 - 100 + index);
    }
    const { send } = await load({ megabytes: '1' });
    sent(await send({ image: image(), look: LOOK }));
    assert.deepEqual(readdirSync(folder).sort(), [
      'abc123-before-0.jpg',
      'abc123-before-0.json',
      'visit2-before-0.jpg',
    ]);
  });

  it('lets live pictures go while it is busy, and keeps every one of a visit up to its limit', async () => {
    const { collect, node } = await load();
    const rest = Array.from({ length: 20 }, (_, i) => ({ image: image({ camera: String(i) }), look: LOOK }));
    const outcomes = collect({ image: image() }, 21);
    for (const message of rest) node('n').receive(message);
    for (let i = 0; i < 5; i += 1) node('n').receive({ image: image() });
    const faults = (await outcomes).filter(({ kind }) => kind === 'fault');
    assert.deepEqual(
      faults.map((outcome) => codeOf(outcome)),
      Array.from({ length: 5 }, () => 'snapshot.too-many'),
    );
    assert.equal(readdirSync(folder).filter((name) => name.endsWith('.jpg')).length, 15);
  });

  it('refuses settings that mean nothing', async () => {
    for (const bad of [
      { cutLeft: '60', cutRight: '31' },
      { cutTop: '-1' },
      { cutBottom: '91' },
      { cutTop: '1', outside: 'paint' },
    ]) {
      const cut = cameraWith(bad);
      assert.ok(cut instanceof Fault && cut.code === 'config.invalid', JSON.stringify(bad));
    }
    for (const bad of [{ folder: '' }, { quality: '0' }, { edge: 'wide' }, { days: '0' }]) {
      assert.equal(codeOf(await (await load(bad)).send({ image: image() })), 'config.invalid', JSON.stringify(bad));
      await helper.unload();
    }
  });
});

describe('the shelf in a picture', () => {
  const part = fc.double({ min: 0, max: 0.45, noNaN: true });
  const edge = fc.integer({ min: 1, max: 2000 });

  it('always has a pixel, lies in the picture, and every box lies in what is kept', () => {
    const number = fc.double({ min: -3000, max: 3000, noNaN: true });
    const box = fc.record({
      label: fc.string(),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      x: number,
      y: number,
      w: number,
      h: number,
    });
    fc.assert(
      fc.property(
        edge,
        edge,
        part,
        part,
        part,
        part,
        fc.array(box),
        (width, height, left, top, right, bottom, boxes) => {
          const shown = shelfIn({ width, height }, { left, top, right, bottom });
          assert.ok(shown.left >= 0 && shown.top >= 0 && shown.width >= 1 && shown.height >= 1);
          assert.ok(shown.left + shown.width <= width && shown.top + shown.height <= height);
          const kept = fitted(shown, 320);
          assert.ok(Math.max(kept.width, kept.height) <= 320);
          const original = { width, height };
          for (const { x, y, w, h } of boxesIn(boxes, { seenIn: original, original, shown, kept })) {
            assert.ok(x >= 0 && y >= 0 && x + w <= kept.width + 0.2 && y + h <= kept.height + 0.2);
          }
        },
      ),
    );
  });
});

async function rgbOf(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes).removeAlpha().raw().toBuffer();
}

/** Mean difference of two pictures' pixels. */
function differenceOf(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** BT.601 the other way, each chroma sample the mean of its four pixels. */
function toI420({ width, height, rgb }: Picture, stride: number, range: 'full' | 'limited'): Uint8Array {
  const half = Math.ceil(stride / 2);
  const out = new Uint8Array(stride * height + 2 * half * Math.ceil(height / 2));
  const [black, gain, chroma] = range === 'full' ? [0, 1, 1] : [16, 219 / 255, 224 / 255];
  const luma = (r: number, g: number, b: number) => 0.299 * r + 0.587 * g + 0.114 * b;
  const at = (x: number, y: number) => [0, 1, 2].map((c) => rgb[(y * width + x) * 3 + c]!) as [number, number, number];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) out[y * stride + x] = Math.round(black + gain * luma(...at(x, y)));
  }
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const four = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
      const [r, g, b] = [0, 1, 2].map((c) => four.reduce((sum, pixel) => sum + pixel[c]!, 0) / 4) as [
        number,
        number,
        number,
      ];
      const to = stride * height + (y / 2) * half + x / 2;
      out[to] = Math.round(128 + chroma * ((b - luma(r, g, b)) / 1.772));
      out[to + half * Math.ceil(height / 2)] = Math.round(128 + chroma * ((r - luma(r, g, b)) / 1.402));
    }
  }
  return out;
}

function sent(outcome: Outcome): Record<string, unknown> {
  assert.ok(outcome.kind === 'output', outcome.kind === 'fault' ? outcome.code : '');
  return outcome.message;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : 'no fault';
}
