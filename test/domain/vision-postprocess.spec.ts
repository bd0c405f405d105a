// Logits and boxes become detections by the Python reference's rule.
import assert from 'node:assert/strict';
import {
  bindGraph,
  type DetectorProfile,
  type DetrOutput,
  Fault,
  fitSize,
  type Port,
  parseModelConfig,
  parseProfile,
  postprocess,
} from '@tapcase/domain';
import fc from 'fast-check';

const labels = new Map([
  [0, 'cola'],
  [1, 'soda'],
]);
const size = { width: 200, height: 100 };

describe('post-processing', () => {
  it('keeps what scores above the threshold, in pixels of the original picture, the surest first', () => {
    const found = detect([
      { probabilities: [0.6, 0.1, 0.3], box: [0.5, 0.5, 0.2, 0.4] },
      { probabilities: [0.05, 0.9, 0.05], box: [0.25, 0.5, 0.1, 0.2] },
      { probabilities: [0.1, 0.1, 0.8], box: [0.5, 0.5, 1, 1] },
    ]);
    assert.deepEqual(rounded(found), [
      { label: 'soda', score: 0.9, x: 40, y: 40, w: 20, h: 20 },
      { label: 'cola', score: 0.6, x: 80, y: 30, w: 40, h: 40 },
    ]);
  });

  it('a score equal to the threshold is not enough', () => {
    // Softmax of [0, 0, -inf-like] is exactly one half each.
    const output = { queries: 1, classes: 3, logits: [0, -1000, 0], boxes: [0.5, 0.5, 1, 1] };
    assert.deepEqual(postprocess(output, { labels, size, threshold: 0.5 }), []);
    assert.equal((postprocess(output, { labels, size, threshold: 0.4999 }) as unknown[]).length, 1);
  });

  it('below one half a thing is kept even where "no object" scores higher', () => {
    const query = { probabilities: [0.35, 0.25, 0.4], box: [0.5, 0.5, 1, 1] } as const;
    assert.equal(detect([query], 0.3)[0]?.label, 'cola');
    assert.deepEqual(detect([query], 0.35001), []);
  });

  it('cuts a box at the edge of the picture', () => {
    assert.deepEqual(rounded(detect([{ probabilities: [0.98, 0.01, 0.01], box: [0, 1, 0.5, 0.5] }]))[0], {
      label: 'cola',
      score: 0.98,
      x: 0,
      y: 75,
      w: 50,
      h: 25,
    });
  });

  it("names a class that the model's labels leave out by its number", () => {
    const output = { queries: 1, classes: 4, logits: [0, 0, 50, 0], boxes: [0.5, 0.5, 1, 1] };
    const found = postprocess(output, { labels, size, threshold: 0.5 });
    assert.ok(!(found instanceof Fault));
    assert.equal(found[0]?.label, 'class 2');
  });

  it('refuses numbers that are not finite and sizes that do not fit', () => {
    const good: DetrOutput = { queries: 1, classes: 3, logits: [0, 0, 0], boxes: [0, 0, 0, 0] };
    const bad: DetrOutput[] = [
      { ...good, logits: [0, Number.NaN, 0] },
      { ...good, boxes: [0, 0, Number.POSITIVE_INFINITY, 0] },
      { ...good, logits: [0, 0] },
      { ...good, boxes: [0, 0, 0] },
      { ...good, classes: 1, logits: [0] },
      { ...good, queries: 5_000, logits: new Float32Array(15_000), boxes: new Float32Array(20_000) },
    ];
    for (const output of bad) {
      const found = postprocess(output, { labels, size, threshold: 0.5 });
      assert.equal(found instanceof Fault && found.code, 'detr.bad-output');
    }
  });

  it('gives the same whatever the order of the queries, every box inside the picture, scores falling', () => {
    const number = fc.float({ min: -20, max: 20, noNaN: true });
    const query = fc.record({
      logits: fc.tuple(number, number, number),
      box: fc.tuple(number, number, number, number),
    });
    fc.assert(
      fc.property(
        fc
          .array(query, { maxLength: 12 })
          .chain((queries) =>
            fc.tuple(fc.constant(queries), fc.shuffledSubarray(queries, { minLength: queries.length })),
          ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ([queries, shuffled], threshold) => {
          const run = (list: typeof queries) =>
            postprocess(
              {
                queries: list.length,
                classes: 3,
                logits: list.flatMap(({ logits }) => logits),
                boxes: list.flatMap(({ box }) => box),
              },
              { labels, size, threshold },
            );
          const found = run(queries);
          assert.deepEqual(run(shuffled), found);
          assert.ok(!(found instanceof Fault));
          let last = 1;
          for (const { score, x, y, w, h } of found) {
            assert.ok(score > threshold && score <= last);
            assert.ok(x >= 0 && y >= 0 && w >= 0 && h >= 0 && x + w <= 200.001 && y + h <= 100.001);
            last = score;
          }
        },
      ),
    );
  });
});

describe('post-processing with a sigmoid', () => {
  const one = (score: number) => Math.log(score / (1 - score));
  const boxes = [0.5, 0.5, 0.2, 0.4, 0.25, 0.5, 0.1, 0.2];
  const look = (scores: readonly number[], threshold: number) =>
    rounded(
      found(
        postprocess(
          { queries: 2, classes: 2, logits: scores.map(one), boxes },
          { labels, size, threshold, scores: 'sigmoid' },
        ),
      ),
    );
  const middle = { x: 80, y: 30, w: 40, h: 40 };
  const left = { x: 40, y: 40, w: 20, h: 20 };

  it('scores every class of every query for itself, so one place may hold two things', () => {
    assert.deepEqual(look([0.9, 0.6, 0.2, 0.1], 0.5), [
      { label: 'cola', score: 0.9, ...middle },
      { label: 'soda', score: 0.6, ...middle },
    ]);
  });

  it('keeps no more than there are queries, the surest of all', () => {
    assert.deepEqual(look([0.9, 0.6, 0.2, 0.7], 0.1), [
      { label: 'cola', score: 0.9, ...middle },
      { label: 'soda', score: 0.7, ...left },
    ]);
  });

  it('wants a score above the threshold, and none is missed just above it', () => {
    assert.deepEqual(look([0.5, 0.5, 0.5, 0.5], 0.5), []);
    assert.equal(look([0.5001, 0.4, 0.4, 0.4], 0.5).length, 1);
    assert.equal(look([0.001, 0.0001, 0.0001, 0.0001], 0).length, 2);
  });

  it('is what RT-DETR, D-FINE and RF-DETR score with; DETR takes a softmax', () => {
    for (const type of ['rt_detr', 'rt_detr_v2', 'd_fine', 'rf_detr', 'rf-detr']) {
      assert.equal((parseProfile({ model_type: type }) as DetectorProfile).scores, 'sigmoid');
    }
    for (const config of [{ model_type: 'detr' }, { model_type: 'table-transformer' }, {}]) {
      assert.equal((parseProfile(config) as DetectorProfile).scores, 'softmax');
    }
  });

  it('refuses labels beyond the last class, in either way of scoring', () => {
    const output = { queries: 1, classes: 2, logits: [0, 0], boxes: [0.5, 0.5, 1, 1] };
    assert.ok(!(postprocess(output, { labels, size, threshold: 0.5, scores: 'sigmoid' }) instanceof Fault));
    for (const [scores, known] of [
      ['softmax', labels],
      ['sigmoid', new Map([[2, 'water']])],
    ] as const) {
      const refused = postprocess(output, { labels: known, size, threshold: 0.5, scores });
      assert.equal(refused instanceof Fault && refused.code, 'detr.model-unfit');
    }
  });
});

describe('what a graph says of itself', () => {
  const pixels = { name: 'pixel_values', type: 'float32', shape: ['batch', 3, 'h', 'w'] };
  const outputs = [
    { name: 'logits', type: 'float32', shape: ['batch', 100, 92] },
    { name: 'pred_boxes', type: 'float32', shape: ['batch', 100, 4] },
  ];

  it('tells the names, the size of the mask and the size of the picture of all three generations of exporters', () => {
    const mask = (shape: (string | number)[]) => ({ name: 'pixel_mask', type: 'int64', shape });
    const bound = { pixels: 'pixel_values', frozen: null, mask: null, logits: 'logits', boxes: 'pred_boxes' };
    assert.deepEqual(bindGraph([pixels], outputs), bound);
    assert.deepEqual(bindGraph([mask(['batch', 64, 64]), pixels], outputs), {
      ...bound,
      mask: { name: 'pixel_mask', size: { height: 64, width: 64 } },
    });
    assert.deepEqual(bindGraph([pixels, mask(['batch', 'h', 'w'])], outputs), {
      ...bound,
      mask: { name: 'pixel_mask', size: null },
    });
  });

  it('tells the square of an RF-DETR, to which the picture is stretched', () => {
    const [dets, scores] = [
      { ...outputs[1]!, name: 'dets' },
      { ...outputs[0]!, name: 'labels' },
    ];
    const binding = bindGraph([{ name: 'input', type: 'float32', shape: [1, 3, 384, 384] }], [dets, scores]);
    assert.ok(!(binding instanceof Fault));
    assert.deepEqual([binding.pixels, binding.logits, binding.boxes], ['input', 'labels', 'dets']);
    const how = { size: null, factor: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
    assert.deepEqual(fitSize(how, binding), { ...how, size: { kind: 'exact', width: 384, height: 384 } });
    const other = fitSize({ ...how, size: { kind: 'exact', width: 640, height: 640 } }, binding);
    assert.equal(other instanceof Fault && other.code, 'detr.model-unfit');
  });

  it('is refused where something is missing, unknown or of another kind', () => {
    const logits = outputs[0]!;
    const bad: [Port[], Port[]][] = [
      [[], outputs],
      [[{ ...pixels, shape: ['batch', 1, 'h', 'w'] }], outputs],
      [[{ ...pixels, type: 'uint8' }], outputs],
      [[pixels, { name: 'orig_target_sizes', type: 'int64', shape: ['batch', 2] }], outputs],
      [[pixels, { name: 'pixel_mask', type: 'bool', shape: ['batch', 'h', 'w'] }], outputs],
      [[pixels], [logits]],
      [[pixels], [{ ...logits, name: 'a' }, { ...logits, name: 'b' }, outputs[1]!]],
    ];
    for (const [inputs, given] of bad) {
      const binding = bindGraph(inputs, given);
      assert.equal(binding instanceof Fault && binding.code, 'detr.model-unfit');
    }
  });
});

describe('config.json', () => {
  it('gives the labels by class', () => {
    assert.deepEqual(
      parseModelConfig({ model_type: 'detr', id2label: { 0: 'N/A', 44: 'bottle' } }),
      new Map([
        [0, 'N/A'],
        [44, 'bottle'],
      ]),
    );
  });

  it('is refused for a family that we do not read', () => {
    for (const type of ['yolos', 'grounding-dino', '__proto__', 'constructor']) {
      const read = parseModelConfig({ model_type: type, id2label: { 0: 'person' } });
      assert.equal(read instanceof Fault && read.code, 'detr.model-unfit');
    }
  });

  it('may be missing beside an RF-DETR, which knows COCO’s 80 things by their numbers from 1 to 90', () => {
    const read = parseModelConfig(undefined);
    assert.ok(!(read instanceof Fault));
    assert.equal(read.size, 80);
    const known: [number, string][] = [
      [1, 'person'],
      [27, 'backpack'],
      [31, 'handbag'],
      [44, 'bottle'],
      [53, 'apple'],
      [61, 'cake'],
      [67, 'dining table'],
      [77, 'cell phone'],
      [82, 'refrigerator'],
      [90, 'toothbrush'],
    ];
    for (const [id, label] of known) assert.equal(read.get(id), label);
    for (const gap of [0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83, 91]) assert.equal(read.get(gap), undefined);
    const own = parseModelConfig({ model_type: 'rf_detr', id2label: { 0: 'cola' } });
    assert.deepEqual(own, new Map([[0, 'cola']]));
  });

  it('any JSON gives labels or a fault', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ id2label: fc.dictionary(fc.string(), fc.string()) })),
        (value) => {
          const read = parseModelConfig(value);
          assert.ok(read instanceof Fault ? /^detr\.model-(broken|unfit)$/.test(read.code) : read.size > 0);
        },
      ),
    );
  });
});

type Query = { readonly probabilities: readonly number[]; readonly box: readonly number[] };

/** The softmax of a probability's logarithm is the probability. */
function detect(queries: readonly Query[], threshold = 0.5) {
  const found = postprocess(
    {
      queries: queries.length,
      classes: 3,
      logits: queries.flatMap(({ probabilities }) => probabilities.map(Math.log)),
      boxes: queries.flatMap(({ box }) => box),
    },
    { labels, size, threshold },
  );
  assert.ok(!(found instanceof Fault));
  return found;
}

function found<T>(result: T | Fault): T {
  assert.ok(!(result instanceof Fault));
  return result;
}

function rounded(found: readonly object[]) {
  return found.map((detection) =>
    Object.fromEntries(
      Object.entries(detection).map(([key, value]) => [
        key,
        typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value,
      ]),
    ),
  );
}
