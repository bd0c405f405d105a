// Pictures become tensors exactly as the Python reference makes them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createPreprocessor,
  Fault,
  type I420Image,
  parseImage,
  parsePicture,
  parsePreprocessorConfig,
  parseProfile,
  preprocess,
  resizedSize,
} from '@tapcase/domain';
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
      const { data } = preprocess(image, bytesAt({ width: to[0], height: to[1] }));
      assert.equal(createHash('sha256').update(interleaved(data)).digest('hex'), sha256);
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
    assert.deepEqual(interleaved(preprocess(image, bytesAt(image)).data), image.rgb);
  });

  it('takes one picture after the other, of any size, into the same numbers', () => {
    const seen = createPreprocessor(bytesAt({ width: 40, height: 30 }));
    for (const [width, height] of [
      [64, 48],
      [64, 48],
      [8, 9],
      [40, 30],
      [500, 3],
      [64, 48],
    ] as const) {
      const image = noise(width, height);
      const values = seen(image);
      assert.ok(!(values instanceof Fault));
      assert.deepEqual(values.data, preprocess(image, bytesAt({ width: 40, height: 30 })).data);
    }
    const [one, other] = [seen(noise(1, 1)), seen(noise(2, 2))];
    assert.ok(!(one instanceof Fault) && !(other instanceof Fault) && one.data.buffer === other.data.buffer);
  });

  it('refuses a picture that its size rule would blow up beyond all bounds', () => {
    const how = parsePreprocessorConfig({ size: { shortest_edge: 800 } });
    assert.ok(!(how instanceof Fault));
    assert.equal(codeOf(createPreprocessor(how)(noise(2000, 1))), 'image.too-large');
  });
});

describe('a picture in I420', () => {
  for (const [width, height, stride] of [
    [8, 6, 8],
    [7, 5, 8],
    [6, 4, 64],
  ] as const) {
    for (const range of ['full', 'limited'] as const) {
      it(`of ${width} x ${height} in rows of ${stride} bytes, ${range} range, has the colours of BT.601`, () => {
        const image = { ...noiseI420(width, height, stride), range };
        const { data } = preprocess(image, bytesAt(image));
        for (let i = 0; i < data.length; i += 1) {
          const [channel, pixel] = [Math.floor(i / (width * height)), i % (width * height)];
          const expected = bt601(image, pixel % width, Math.floor(pixel / width))[channel]!;
          assert.ok(
            Math.abs(data[i]! - expected) <= 0.51,
            `channel ${channel} of pixel ${pixel}: ${data[i]}, ${expected}`,
          );
        }
      });
    }
  }

  it('is resized like the same picture in RGB', () => {
    const image = noiseI420(64, 48, 64);
    const rgb = interleaved(preprocess(image, bytesAt(image)).data);
    const how = bytesAt({ width: 17, height: 29 });
    assert.deepEqual(preprocess(image, how).data, preprocess({ width: 64, height: 48, rgb }, how).data);
  });

  it('must have the bytes that its size and its rows ask for', () => {
    assert.deepEqual(parsePicture(noiseI420(7, 5, 8)), { ...noiseI420(7, 5, 8), range: 'full' });
    assert.deepEqual(parsePicture({ ...noiseI420(7, 5, 8), stride: undefined }), parsePicture(noiseI420(7, 5, 8)));
    const good = noiseI420(8, 6, 8);
    for (const bad of [
      { ...good, stride: 6 },
      { ...good, stride: 9 },
      { ...good, stride: 1e9 },
      { ...good, stride: 64 },
      { ...good, range: 'wide' },
      { ...good, height: 8 },
      { ...good, i420: 'bytes' },
    ]) {
      assert.equal(codeOf(parsePicture(bad)), 'image.malformed');
    }
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

  it('where it is silent, says what is usual in its family', () => {
    const usual = (modelType: string) => {
      const profile = parseProfile({ model_type: modelType });
      assert.ok(!(profile instanceof Fault));
      const how = parsePreprocessorConfig({}, profile);
      assert.ok(!(how instanceof Fault));
      return how;
    };
    assert.deepEqual(usual('detr').size, DETR);
    assert.deepEqual(usual('rt_detr').size, { kind: 'exact', height: 640, width: 640 });
    assert.deepEqual(usual('d_fine').mean, [0, 0, 0]);
    assert.deepEqual(usual('rf_detr').size, null);
    assert.deepEqual(usual('rf_detr').mean, [0.485, 0.456, 0.406]);
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
    assert.equal(codeOf(parsePreprocessorConfig({ pad_size: { height: 9, width: 9 } })), 'detr.model-broken');
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
      { width: 1, height: 1, rgb: [1, 2, 3] },
    ]) {
      assert.equal(codeOf(parseImage(bad)), 'image.malformed');
      assert.equal(codeOf(parsePicture(bad)), 'image.malformed');
    }
    assert.equal(codeOf(parsePicture({ width: 9000, height: 1, rgb: new Uint8Array(27_000) })), 'image.too-large');
  });
});

function codeOf(value: unknown): string | undefined {
  return value instanceof Fault ? value.code : undefined;
}

/** Bytes stay bytes: what the model would see, before it is normalised. */
function bytesAt({ width, height }: { readonly width: number; readonly height: number }) {
  return { size: { kind: 'exact', width, height }, factor: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
}

function interleaved(planes: Float32Array): Uint8Array {
  const plane = planes.length / 3;
  const bytes = new Uint8Array(planes.length);
  // Millions of them: Uint8Array.from would take most of this spec's time.
  for (let colour = 0; colour < 3; colour += 1) {
    for (let i = 0; i < plane; i += 1) bytes[i * 3 + colour] = planes[colour * plane + i]!;
  }
  return bytes;
}

function noiseI420(width: number, height: number, stride: number): I420Image {
  const bytes = stride * height + stride * Math.ceil(height / 2);
  return { width, height, stride, i420: noise(bytes, 1).rgb.subarray(0, bytes) };
}

/** ITU-R BT.601 written out, in real numbers, cut to a byte. */
function bt601({ height, i420, stride = 0, range }: I420Image, x: number, y: number): number[] {
  const chroma = (plane: number) =>
    i420[stride * height + plane * (stride / 2) * Math.ceil(height / 2) + (y >> 1) * (stride / 2) + (x >> 1)]! - 128;
  const isFull = range === 'full';
  const light = isFull ? i420[y * stride + x]! : ((i420[y * stride + x]! - 16) * 255) / 219;
  const [u, v] = isFull ? [chroma(0), chroma(1)] : [(chroma(0) * 255) / 224, (chroma(1) * 255) / 224];
  const colours = [light + 1.402 * v, light - 0.344136 * u - 0.714136 * v, light + 1.772 * u];
  return colours.map((colour) => Math.min(255, Math.max(0, colour)));
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
