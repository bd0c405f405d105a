// detr-detect and its detr-model in a real Node-RED: what is in a picture, and what a model that fails does to the flow.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { IMAGE_EDGE_MAX } from '@tapcase/domain';
import sharp from 'sharp';
import detrDetect from '../../nodes/node-red-contrib-detr/src/detr-detect/detr-detect.ts';
import detrModel from '../../nodes/node-red-contrib-detr/src/detr-model/detr-model.ts';
import { bench, helper, type Outcome, withBench, withRuntime } from './harness.ts';
import { shelfPicture, shelfPng, type TinyOptions, tinyModelFolder, writeTinyModel } from './tiny-detr.ts';

const SHELF = shelfPicture({ cola: 3, soda: 1 });

const setupOf = (folder: string, config: object = {}, model: object = {}) => ({
  node: { id: 'detect', type: 'detr-detect', model: 'config.model', threshold: '0.7', ...config },
  outputs: 1,
  modules: [detrModel, detrDetect],
  configNodes: [{ id: 'config.model', type: 'detr-model', folder, threads: '1', ...model }],
});

describe('detr-detect, message by message', () => {
  let home: string;
  before(() => {
    home = tinyModelFolder();
  });
  after(() => rmSync(home, { recursive: true, force: true }));
  const running = withBench(() => setupOf(home));

  it('says what is in the picture, where, and which model saw it', async () => {
    const seen = detections(await running().send({ image: SHELF, topic: 'kept' }));
    assert.deepEqual(places(seen), ['cola 0 0 16 16', 'cola 16 0 16 16', 'cola 32 0 16 16', 'soda 48 0 16 16']);
    assert.deepEqual(seen.size, { width: 64, height: 48 });
    assert.deepEqual([seen.threshold, seen.dropped], [0.7, 0]);
  });

  it('names the model by its folder and by the hash of its file, and tells the milliseconds of each stage', async () => {
    const { name, model: short, sha256, ms, stages } = detections(await running().send({ image: SHELF }));
    const file = readFileSync(join(home, 'model.onnx'));
    assert.equal(sha256, createHash('sha256').update(file).digest('hex'));
    assert.equal(short, sha256.slice(0, 12));
    assert.equal(name, basename(home));
    assert.deepEqual(Object.keys(stages).sort(), ['decodeMs', 'inferMs', 'postprocessMs', 'preprocessMs', 'waitMs']);
    const sum = Object.values(stages).reduce((total, stage) => total + stage, 0);
    assert.ok(Math.abs(sum - ms) < 2, `${sum} ms in stages, ${ms} in all`);
  });

  it('finds nothing on an empty shelf', async () => {
    assert.deepEqual(detections(await running().send({ image: shelfPicture({}) })).boxes, []);
  });

  it('a larger picture is resized, and its boxes are in its own pixels', async () => {
    const rgb = new Uint8Array(128 * 96 * 3);
    for (let i = 0; i < 128 * 96; i += 1) if (i % 128 < 32 && i < 128 * 32) rgb.set([255, 0, 0], i * 3);
    const { boxes } = detections(await running().send({ image: { width: 128, height: 96, rgb } }));
    assert.deepEqual(
      boxes.map(({ label, w, h }) => [label, Math.round(w), Math.round(h)]),
      [['cola', 32, 32]],
    );
  });

  describe('takes a picture as', () => {
    const png = () => shelfPng({ cola: 3, soda: 1 });
    const encodings: [string, () => Promise<Uint8Array>, seen: number][] = [
      ['a PNG', png, 4],
      [
        'a PNG with transparency',
        async () =>
          sharp(await png())
            .ensureAlpha(0.5)
            .png()
            .toBuffer(),
        4,
      ],
      [
        'a PNG of 16 bits',
        async () =>
          sharp(await png())
            .toColourspace('rgb16')
            .png()
            .toBuffer(),
        4,
      ],
      [
        'a JPEG',
        async () =>
          sharp(await png())
            .jpeg({ quality: 95 })
            .toBuffer(),
        4,
      ],
      [
        'a grey JPEG, in which nothing has a colour',
        async () =>
          sharp(await png())
            .grayscale()
            .jpeg()
            .toBuffer(),
        0,
      ],
      [
        'a PNG with a palette',
        async () =>
          sharp(await png())
            .png({ palette: true })
            .toBuffer(),
        4,
      ],
      [
        'a JPEG in CMYK, which has no such green',
        async () =>
          sharp(await png())
            .toColourspace('cmyk')
            .jpeg()
            .toBuffer(),
        3,
      ],
    ];
    for (const [story, encode, seen] of encodings) {
      it(story, async () => {
        const { boxes, size } = detections(
          await running().send({ image: { encoded: await encode(), camera: '0', atMs: 1 } }),
        );
        assert.equal(boxes.length, seen);
        assert.deepEqual(size, { width: 64, height: 48 });
      });
    }

    it('a JPEG that is turned by its EXIF, with the boxes of the upright picture', async () => {
      const encoded = await sharp(await png())
        .rotate(90)
        .withMetadata({ orientation: 8 })
        .jpeg({ quality: 95 })
        .toBuffer();
      const seen = detections(await running().send({ image: { encoded } }));
      assert.deepEqual(seen.size, { width: 64, height: 48 });
      assert.equal(seen.boxes.length, 4);
    });

    it('I420 as a camera gives it, its rows padded', async () => {
      const image = toI420(SHELF, 128);
      assert.equal(detections(await running().send({ image })).boxes.length, 4);
      assert.equal(
        detections(await running().send({ image: { ...toI420(SHELF, 64), stride: undefined } })).boxes.length,
        4,
      );
    });
  });

  const pictures: [story: string, code: string, image: () => unknown][] = [
    ['there is none', 'image.malformed', () => undefined],
    ['it has no width', 'image.malformed', () => ({ ...SHELF, width: 0 })],
    ['bytes and size do not fit', 'image.malformed', () => ({ ...SHELF, width: 63 })],
    ['it is grey', 'image.malformed', () => ({ ...SHELF, rgb: new Uint8Array(64 * 48) })],
    ['it has four channels', 'image.malformed', () => ({ ...SHELF, rgb: new Uint8Array(64 * 48 * 4) })],
    ['it is empty', 'image.malformed', () => ({ encoded: new Uint8Array(0) })],
    [
      'its edge is too long',
      'image.too-large',
      () => ({ width: IMAGE_EDGE_MAX + 1, height: 1, rgb: new Uint8Array(3) }),
    ],
    ['it has too many bytes', 'image.too-large', () => ({ encoded: Buffer.alloc(20_000_001) })],
    ['it is no JPEG or PNG', 'image.unreadable', () => ({ encoded: Buffer.from('<html>busy</html>') })],
  ];
  for (const [story, code, image] of pictures) {
    it(`tells Catch ${code} of a picture when ${story}, and sees the next`, async () => {
      assertFault(await running().send({ image: image() }), code);
      assert.equal(detections(await running().send({ image: SHELF })).boxes.length, 4);
    });
  }

  it('tells Catch image.unreadable of a JPEG that was cut short, wherever it was cut', async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 320 * 240 * 3 }, (_, i) => (i * 7919) % 251));
    const jpeg = await sharp(noise, { raw: { width: 320, height: 240, channels: 3 } })
      .jpeg()
      .toBuffer();
    for (const part of [0.01, 0.2, 0.5, 0.9]) {
      const encoded = jpeg.subarray(0, Math.floor(jpeg.length * part));
      assertFault(await running().send({ image: { encoded } }), 'image.unreadable');
    }
  });

  it('tells Catch image.too-large of a small file that would become a huge picture', async () => {
    const create = { width: IMAGE_EDGE_MAX + 8, height: 8, channels: 3, background: 'red' } as const;
    const encoded = await sharp({ create }).png().toBuffer();
    assertFault(await running().send({ image: { encoded } }), 'image.too-large');
  });
});

describe('detr-detect', () => {
  withRuntime();
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const model = (options: TinyOptions = {}) => {
    const folder = tinyModelFolder(options);
    folders.push(folder);
    return folder;
  };
  const detect = (folder: string, config: object = {}) => bench(setupOf(folder, config));

  for (const mask of ['frozen', 'dynamic'] as const) {
    it(`feeds a model whose exporter wants a ${mask} mask`, async () => {
      const { send } = await detect(model({ mask }));
      assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
    });
  }

  for (const family of ['rt_detr', 'rf_detr'] as const) {
    it(`reads a model of the family ${family}, which scores each class for itself`, async () => {
      const { send } = await detect(model({ family }));
      const names = family === 'rf_detr' ? ['bottle', 'cup'] : ['cola', 'soda'];
      assert.deepEqual(places(detections(await send({ image: SHELF }))), [
        `${names[0]} 0 0 16 16`,
        `${names[0]} 16 0 16 16`,
        `${names[0]} 32 0 16 16`,
        `${names[1]} 48 0 16 16`,
      ]);
    });
  }

  it('an output of another name is found by its shape, while there is but one of that shape', async () => {
    const { send } = await detect(model({ logitsName: 'class_scores' }));
    assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
  });

  it('finds the model in the folder that the hub keeps it in', async () => {
    const folder = model();
    mkdirSync(join(folder, 'onnx'));
    renameSync(join(folder, 'model.onnx'), join(folder, 'onnx', 'model.onnx'));
    assert.equal(detections(await (await detect(folder)).send({ image: SHELF })).boxes.length, 4);
  });

  it('of live pictures that come too fast sees the newest, without a fault, and counts those it gave up', async () => {
    const { collect, node } = await detect(model());
    const outcomes = collect({ image: { ...SHELF, camera: '0' }, nth: 1 }, 3);
    for (let nth = 2; nth <= 5; nth += 1) node('detect').receive({ image: { ...SHELF, camera: '0' }, nth });
    node('detect').receive({ image: { ...SHELF, camera: '0' }, nth: 6, look: { moment: 'before', visit: 'v1' } });
    const seen = (await outcomes).map((outcome) => [outcome.message.nth, detections(outcome).dropped]);
    assert.deepEqual(seen, [
      [1, 3],
      [6, 3],
      [5, 3],
    ]);
  });

  const broken: [story: string, code: string, folder: () => string][] = [
    ['there is no folder', 'detr.model-missing', () => '/no/such/folder'],
    [
      'the model file is cut short',
      'detr.model-broken',
      () => {
        const folder = model();
        truncateSync(join(folder, 'model.onnx'), 100);
        return folder;
      },
    ],
    [
      'a configuration is not JSON',
      'detr.model-broken',
      () => {
        const folder = model();
        writeFileSync(join(folder, 'config.json'), '{');
        return folder;
      },
    ],
    ['the outputs are not those of DETR', 'detr.model-unfit', () => model({ logitsName: 'a', extra: 'output' })],
    ['the model wants more than a picture', 'detr.model-unfit', () => model({ extra: 'input' })],
    [
      'the labels leave no class for "no object"',
      'detr.model-unfit',
      () => model({ id2label: { 0: 'cola', 1: 'soda', 2: 'water' } }),
    ],
    ['the model answers nonsense', 'detr.bad-output', () => model({ bias: Number.POSITIVE_INFINITY })],
  ];
  for (const [story, code, folder] of broken) {
    it(`tells Catch ${code} when ${story}, on every picture, and lives on`, async () => {
      const { send } = await detect(folder());
      for (let time = 0; time < 2; time += 1) assertFault(await send({ image: SHELF }), code);
    });
  }

  it('a model that was put right is used without a Deploy', async () => {
    const folder = model();
    rmSync(folder, { recursive: true });
    const { send } = await detect(folder);
    assertFault(await send({ image: SHELF }), 'detr.model-missing');
    writeTinyModel(folder);
    assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
  });

  it('a model that does not fit is used without a Deploy once it was put right', async () => {
    const folder = model({ bias: Number.NaN });
    const { send } = await detect(folder);
    assertFault(await send({ image: SHELF }), 'detr.bad-output');
    assertFault(await send({ image: SHELF }), 'detr.bad-output');
    writeTinyModel(folder);
    assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
    // And one that works is not changed behind the flow's back.
    writeTinyModel(folder, { bias: Number.NaN });
    assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
  });

  it('tells Catch when its configuration is wrong', async () => {
    assertFault(await (await detect(model(), { threshold: '2' })).send({ image: SHELF }), 'config.invalid');
  });

  it('goes by the threshold of its model where it has none of its own', async () => {
    const folder = model();
    for (const [own, ofModel, expected] of [
      ['', '0.4', 0.4],
      ['0.6', '0.4', 0.6],
      // Both of an earlier release.
      ['0.5', undefined, 0.5],
      ['', undefined, 0.7],
    ] as const) {
      const { send } = await bench(setupOf(folder, { threshold: own }, { threshold: ofModel }));
      assert.equal(detections(await send({ image: SHELF })).threshold, expected);
      await helper.unload();
    }
    const wrong = await bench(setupOf(folder, { threshold: '' }, { threshold: 'much' }));
    assertFault(await wrong.send({ image: SHELF }), 'config.invalid');
  });

  it('tells Catch when no model is chosen', async () => {
    assertFault(await (await detect(model(), { model: '' })).send({ image: SHELF }), 'config.missing-node');
  });

  it('tells Catch when the model has no folder, or no sensible number of threads', async () => {
    assertFault(await (await detect(' ')).send({ image: SHELF }), 'config.invalid');
  });
});

interface Detections {
  readonly boxes: readonly { label: string; score: number; x: number; y: number; w: number; h: number }[];
  readonly model: string;
  readonly name: string;
  readonly sha256: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly ms: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly threshold: number;
  readonly dropped: number;
}

function detections(outcome: Outcome): Detections {
  assert.equal(outcome.kind, 'output', outcome.kind === 'fault' ? outcome.code : '');
  return outcome.message.detections as Detections;
}

function places({ boxes }: Detections): string[] {
  return boxes.map(({ label, x, y, w, h }) => [label, ...[x, y, w, h].map(Math.round)].join(' ')).sort();
}

function assertFault(outcome: Outcome, code: string): void {
  assert.equal(outcome.kind === 'fault' ? outcome.code : 'no fault', code);
}

/** BT.601 in full range, its formula written out; the colour of each 2 x 2 block is that of its first pixel. */
function toI420({ width, height, rgb }: typeof SHELF, stride: number) {
  const i420 = new Uint8Array(stride * height * 1.5);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [r, g, b] = rgb.subarray((y * width + x) * 3) as unknown as [number, number, number];
      i420[y * stride + x] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
      if (x % 2 === 1 || y % 2 === 1) continue;
      const at = stride * height + (y / 2) * (stride / 2) + x / 2;
      i420[at] = Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b);
      i420[at + (stride / 2) * (height / 2)] = Math.min(255, Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b));
    }
  }
  return { width, height, i420, stride };
}
