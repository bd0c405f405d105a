// Logits and boxes become detections by the Python reference's rule.
import assert from 'node:assert/strict';
import { type DetrOutput, Fault, parseModelConfig, postprocess } from '@tapcase/domain';
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

  it('is refused for a family that scores in another way', () => {
    const read = parseModelConfig({ model_type: 'rt_detr', id2label: { 0: 'person' } });
    assert.equal(read instanceof Fault && read.code, 'detr.model-unfit');
  });

  it('any JSON gives labels or a fault', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ id2label: fc.dictionary(fc.string(), fc.string()) })),
        (value) => {
          const read = parseModelConfig(value);
          assert.ok(read instanceof Fault ? read.code === 'detr.model-broken' : read.size > 0);
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
