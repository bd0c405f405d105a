// The detector against transformers.js, on the same model files: what both must say alike, and where they differ on purpose.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Detection, Fault, postprocess, preprocess, type RgbImage, type Size } from '@tapcase/domain';
import { type Detector, openDetector } from '../../nodes/node-red-contrib-detr/src/detr-model/detector.ts';
import { writeRandomDetr } from '../../tools/make-random-detr.ts';
import type { DetrSizes } from '../../tools/random-detr.ts';
import { needsTransformers, type OracleBoxes, type Transformers } from '../oracle/transformers.ts';
import { shelfPicture, writeTinyModel } from './tiny-detr.ts';

/** DETR in small: every layer of it, little of each. */
const SMALL: DetrSizes = {
  blocks: [1, 1, 1, 1],
  channels: 8,
  width: 32,
  heads: 4,
  feedForward: 64,
  encoders: 2,
  decoders: 2,
  queries: 20,
  classes: 92,
};
/** COCO's 92 classes and DETR's 100 queries. */
const [QUERIES, CLASSES] = [100, 92];
const LABELS = new Map(Array.from({ length: CLASSES - 1 }, (_, id) => [id, `class ${id}`]));
const SIZE = { width: 1280, height: 720 };

describe('the detector and transformers.js', () => {
  let oracle: Transformers;
  const models = mkdtempSync(join(tmpdir(), 'tapcase-oracle-'));
  before(async function () {
    oracle = await needsTransformers(this);
    oracle.env.localModelPath = models;
  });
  after(() => rmSync(models, { recursive: true, force: true }));

  it('make the same numbers of a picture that has the model’s size already', async () => {
    const image = noise(320, 240);
    const config = {
      size: { width: 320, height: 240 },
      image_mean: [0.485, 0.456, 0.406],
      image_std: [0.229, 0.224, 0.225],
    };
    const processor = new oracle.DetrImageProcessor({ ...config, ...STEPS });
    const { pixel_values: theirs } = await processor([
      new oracle.RawImage(new Uint8ClampedArray(image.rgb), 320, 240, 3),
    ]);
    const how = { size: null, factor: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
    const ours = preprocess(image, how);
    assert.deepEqual(theirs.dims, [1, 3, 240, 320]);
    assert.ok(ours.data.every((value, i) => Math.abs(value - theirs.data[i]!) < 1e-5));
  });

  for (const mask of ['frozen', 'none'] as const) {
    it(`find the same on a shelf with a model of mask ${mask}`, async () => {
      const folder = join(models, `tiny-${mask}`);
      writeTinyModel(folder, { mask });
      mkdirSync(join(folder, 'onnx'));
      renameSync(join(folder, 'model.onnx'), join(folder, 'onnx', 'model.onnx'));
      const compared = await compareOn(folder, shelfPicture({ cola: 5, soda: 3 }), 0.7);
      assert.equal(compared, 8);
    });
  }

  it('find the same with a DETR of random weights, ResNet, encoder and decoder and all', async () => {
    const folder = join(models, 'small');
    await writeRandomDetr(folder, SMALL, { width: 192, height: 160 });
    const counts = [];
    for (let seed = 1; seed <= 5; seed += 1) counts.push(await compareOn(folder, stripes(192, 160, seed), 0.5));
    assert.ok(
      counts.some((count) => count > 0),
      `${counts} detections`,
    );
  });

  it('keep the same of a hundred random outputs, at every threshold from one half up', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const { logits, boxes, output } = randomOutput(seed, CLASSES);
      for (const threshold of [0.5, 0.7, 0.9]) {
        const [theirs] = processorOf().post_process_object_detection(output, threshold, [[SIZE.height, SIZE.width]]);
        const ours = found({ queries: QUERIES, classes: CLASSES, logits, boxes }, threshold);
        assertSame(ours, theirs!, LABELS, SIZE);
      }
    }
  });

  it('keep the same of random outputs that are scored with a sigmoid', () => {
    const labels = new Map(Array.from({ length: 80 }, (_, id) => [id, `class ${id}`]));
    for (let seed = 1; seed <= 20; seed += 1) {
      const { logits, boxes, output } = randomOutput(seed, 80);
      const threshold = 0.981;
      // Its own RT-DETR path takes a softmax, which is wrong for the family; "zero shot" is the one with a sigmoid.
      const [theirs] = processorOf().post_process_object_detection(
        output,
        threshold,
        [[SIZE.height, SIZE.width]],
        true,
      );
      // Fewer than there are queries: beyond that the reference cuts, and transformers.js does not.
      assert.ok(theirs!.scores.length > 0 && theirs!.scores.length <= QUERIES);
      const how = { labels, size: SIZE, threshold, scores: 'sigmoid' } as const;
      const ours = postprocess({ queries: QUERIES, classes: 80, logits, boxes }, how);
      assert.ok(!(ours instanceof Fault));
      assertSame(ours, theirs!, labels, SIZE);
    }
  });

  it('differ below one half, where only the Python reference’s rule keeps what "no object" outscores', () => {
    const logits = Float32Array.from([0.35, 0.25, 0.4], Math.log);
    const boxes = Float32Array.of(0.5, 0.5, 1, 1);
    const output = {
      logits: new oracle.Tensor('float32', logits, [1, 1, 3]),
      pred_boxes: new oracle.Tensor('float32', boxes, [1, 1, 4]),
    };
    assert.deepEqual(processorOf().post_process_object_detection(output, 0.3, [[1, 1]])[0]!.scores, []);
    const ours = postprocess(
      { queries: 1, classes: 3, logits, boxes },
      { labels: new Map([[0, 'cola']]), size: SIZE, threshold: 0.3 },
    );
    assert.ok(!(ours instanceof Fault));
    assert.deepEqual(
      ours.map(({ label }) => label),
      ['cola'],
    );
  });

  const processorOf = () => new oracle.DetrImageProcessor(STEPS);

  /** How many detections both gave alike. */
  async function compareOn(folder: string, image: RgbImage, threshold: number): Promise<number> {
    assert.equal(dirname(folder), models);
    const id = basename(folder);
    const model = await oracle.AutoModelForObjectDetection.from_pretrained(id, { dtype: 'fp32' });
    const processor = await oracle.AutoProcessor.from_pretrained(id);
    const { width, height, rgb } = image;
    const inputs = await processor([new oracle.RawImage(new Uint8ClampedArray(rgb), width, height, 3)]);
    const output = await model(inputs);
    const [theirs] = processor.image_processor.post_process_object_detection(output, threshold, [[height, width]]);
    const detector: Detector = await openDetector(folder, 1);
    try {
      const { boxes } = await detector.detect(image, threshold);
      assertSame(boxes, theirs!, detector.folder.labels, image);
      return boxes.length;
    } finally {
      await detector.close();
    }
  }

  function randomOutput(seed: number, classes: number) {
    const random = generator(seed);
    const logits = Float32Array.from({ length: QUERIES * classes }, () => 14 * random() - 10);
    const boxes = Float32Array.from({ length: QUERIES * 4 }, (_, i) =>
      i % 4 < 2 ? 0.4 + 0.2 * random() : 0.3 * random(),
    );
    const output = {
      logits: new oracle.Tensor('float32', logits, [1, QUERIES, classes]),
      pred_boxes: new oracle.Tensor('float32', boxes, [1, QUERIES, 4]),
    };
    // One class in twenty queries stands out.
    for (let query = 0; query < QUERIES; query += 5)
      logits[query * classes + Math.floor(random() * classes)] = 6 + 6 * random();
    return { logits, boxes, output };
  }
});

const STEPS = {
  do_resize: true,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  resample: 2,
  do_pad: false,
};

function found(output: Parameters<typeof postprocess>[0], threshold: number): readonly Detection[] {
  const result = postprocess(output, { labels: LABELS, size: SIZE, threshold });
  assert.ok(!(result instanceof Fault));
  return result;
}

/** The same labels, scores and boxes, in whatever order; theirs are cut at the picture's edge here, as ours are. */
function assertSame(
  ours: readonly Detection[],
  theirs: OracleBoxes,
  labels: ReadonlyMap<number, string>,
  { width, height }: Size,
): void {
  const cut = ([left, top, right, bottom]: readonly number[]) =>
    [Math.max(0, left!), Math.max(0, top!), Math.min(width, right!), Math.min(height, bottom!)] as const;
  const expected = theirs.scores.map((score, i) => ({
    label: labels.get(theirs.classes[i]!),
    score,
    sides: cut(theirs.boxes[i]!),
  }));
  const given = ours.map(({ label, score, x, y, w, h }) => ({ label, score, sides: [x, y, x + w, y + h] as const }));
  assert.equal(given.length, expected.length);
  for (const one of given) {
    const near = (score: number, sides: readonly number[]) =>
      Math.abs(score - one.score) < 1e-4 && sides.every((side, i) => Math.abs(side - one.sides[i]!) < 0.05);
    const match = expected.findIndex(({ label, score, sides }) => label === one.label && near(score, sides));
    assert.ok(match >= 0, `only ours: ${JSON.stringify(one)}, theirs: ${JSON.stringify(expected)}`);
    expected.splice(match, 1);
  }
}

function noise(width: number, height: number): RgbImage {
  const random = generator(7);
  return { width, height, rgb: Uint8Array.from({ length: width * height * 3 }, () => 256 * random()) };
}

/** Something to look at: bars and blocks, other ones for each seed. */
function stripes(width: number, height: number, seed: number): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 1) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    rgb[i] = ((Math.floor(x / (8 * seed)) * 71 + Math.floor(y / 20) * 53 + (i % 3) * 97) * seed) % 256;
  }
  return { width, height, rgb };
}

/** 0..1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
