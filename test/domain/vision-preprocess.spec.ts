// Pictures become tensors exactly as the Python reference makes them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fault, parseImage, parsePreprocessorConfig, preprocess, resizeBilinear, resizedSize } from '@tapcase/domain';
import fc from 'fast-check';

/** Made by detr-resize.py with Pillow. */
const golden = JSON.parse(readFileSync(new URL('../vectors/detr-resize.json', import.meta.url), 'utf8')) as {
  cases: { from: [number, number]; to: [number, number]; sha256: string; normalised: [number, number][] }[];
};
const DETR = { kind: 'edges', shortest: 800, longest: 1333 } as const;

describe('the size a DETR model sees', () => {
  const sizes: [height: number, width: number, seenHeight: number, seenWidth: number][] = [
    [720, 1280, 750, 1333],
    [1280, 720, 1333, 750],
    [1080, 1920, 750, 1333],
    [480, 640, 800, 1066],
    [800, 800, 800, 800],
    [480, 853, 750, 1333],
    [256, 256, 800, 800],
  ];
  for (const [height, width, seenHeight, seenWidth] of sizes) {
    it(`${width} x ${height} is seen as ${seenWidth} x ${seenHeight}`, () => {
      assert.deepEqual(resizedSize({ height, width }, DETR), { height: seenHeight, width: seenWidth });
    });
  }

  it('never passes the longest edge by more than the rounding of the shorter one, and never loses an edge', () => {
    const edge = fc.integer({ min: 1, max: 8192 });
    fc.assert(
      fc.property(edge, edge, (height, width) => {
        const seen = resizedSize({ height, width }, DETR);
        const shorter = Math.min(seen.height, seen.width);
        assert.ok(shorter >= 1);
        assert.ok(shorter < 32 || Math.max(seen.height, seen.width) <= 1333 * (1 + 0.5 / shorter) + 1);
      }),
    );
  });

  it("is the picture's own size for a model that does not resize, and the exact one where the model names it", () => {
    assert.deepEqual(resizedSize({ height: 7, width: 9 }, null), { height: 7, width: 9 });
    assert.deepEqual(resizedSize({ height: 7, width: 9 }, { kind: 'exact', height: 4, width: 5 }), {
      height: 4,
      width: 5,
    });
  });
});

describe('resizing', () => {
  for (const { from, to, sha256, normalised } of golden.cases) {
    const image = noise(...from);
    it(`gives Pillow's bytes for ${from.join(' x ')} to ${to.join(' x ')}`, () => {
      const { rgb } = resizeBilinear(image, { width: to[0], height: to[1] });
      assert.equal(createHash('sha256').update(rgb).digest('hex'), sha256);
    });
    it(`gives the reference's tensor for ${from.join(' x ')} to ${to.join(' x ')}`, () => {
      const how = parsePreprocessorConfig({ size: { width: to[0], height: to[1] } });
      assert.ok(!(how instanceof Fault));
      const { data } = preprocess(image, how);
      assert.equal(data.length, 3 * to[0] * to[1]);
      for (const [at, value] of normalised) assert.ok(Math.abs(data[at]! - value) < 2e-6, `at ${at}`);
    });
  }

  it('leaves a picture alone that has the size already', () => {
    const image = noise(6, 4);
    assert.equal(resizeBilinear(image, image).rgb, image.rgb);
  });
});

describe('preprocessor_config.json', () => {
  it('is read as facebook/detr-resnet-50 ships it, in both of its historic forms', () => {
    const modern = {
      do_normalize: true,
      do_pad: true,
      do_rescale: true,
      do_resize: true,
      image_mean: [0.485, 0.456, 0.406],
      image_std: [0.229, 0.224, 0.225],
      resample: 2,
      rescale_factor: 0.00392156862745098,
      size: { shortest_edge: 800, longest_edge: 1333 },
    };
    const expected = {
      size: DETR,
      factor: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    };
    assert.deepEqual(parsePreprocessorConfig(modern), expected);
    assert.deepEqual(parsePreprocessorConfig({ size: 800, max_size: 1333 }), expected);
  });

  it('turns every step off that it says is off', () => {
    assert.deepEqual(parsePreprocessorConfig({ do_resize: false, do_rescale: false, do_normalize: false }), {
      size: null,
      factor: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
  });

  it('is refused where it asks for an interpolation that we do not have, or divides by zero', () => {
    assert.equal(codeOf(parsePreprocessorConfig({ resample: 3 })), 'detr.model-unfit');
    assert.equal(codeOf(parsePreprocessorConfig({ image_std: [1, 0, 1] })), 'detr.model-broken');
    assert.equal(codeOf(parsePreprocessorConfig({ size: { width: 100_000, height: 1 } })), 'detr.model-broken');
  });

  it('any JSON is a configuration or a fault', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = parsePreprocessorConfig(value);
        assert.ok(read instanceof Fault || read.factor !== undefined);
      }),
    );
  });
});

describe('a picture from outside', () => {
  it('must have the bytes that its size asks for', () => {
    assert.deepEqual(parseImage({ ...noise(3, 2), camera: '0' }), noise(3, 2));
    for (const bad of [
      null,
      'picture',
      {},
      { width: 0, height: 2, rgb: new Uint8Array(0) },
      { width: 3, height: 2, rgb: new Uint8Array(17) },
      { width: 1.5, height: 2, rgb: new Uint8Array(9) },
      { width: 9000, height: 1, rgb: new Uint8Array(27_000) },
      { width: 1, height: 1, rgb: [1, 2, 3] },
    ]) {
      assert.equal(codeOf(parseImage(bad)), 'image.malformed');
    }
  });
});

function codeOf(value: unknown): string | undefined {
  return value instanceof Fault ? value.code : undefined;
}

/** The picture of detr-resize.py. */
function noise(width: number, height: number) {
  let state = 1;
  const rgb = new Uint8Array(width * height * 3).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, rgb };
}
