// Renders random shelves and their labels for the detector's training: --scenes N --seed S --out folder/name.
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../sim/src/shelf/frame.ts';
import { PRODUCTS } from '../sim/src/shelf/products.ts';
import { seededRandom } from '../sim/src/shelf/random.ts';
import { createRenderer } from '../sim/src/shelf/renderer.ts';
import { randomScene } from '../sim/src/shelf/scene.ts';
import { HELD_OUT_SEED } from './held-out.ts';

/** 460 kB of pixels a scene: this many fill about 9 GB. */
const SCENES_MAX = 20_000;

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '2400' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'tools/data/train' },
  },
});
const scenes = wholeNumber('scenes', values.scenes, SCENES_MAX);
const seed = wholeNumber('seed', values.seed, 2 ** 32 - 1);
if (seed === HELD_OUT_SEED) throw new RangeError(`seed ${HELD_OUT_SEED} is kept for the held-out scenes`);

const renderer = await createRenderer();
const random = seededRandom(seed);
const classOf = new Map(PRODUCTS.map(({ sku }, index) => [sku, index]));
const labels: number[][][] = [];

await mkdir(dirname(values.out), { recursive: true });
const pixels = createWriteStream(`${values.out}.rgb`);
for (let n = 0; n < scenes; n++) {
  const scene = randomScene(random);
  for (const camera of [0, 1] as const) {
    // The label of a piece: class, then cx, cy, w, h as shares of the frame.
    labels.push(
      renderer.boxes(scene, camera).map(({ sku, cx, cy, w, h }) => [classOf.get(sku)!, cx, cy, w, h].map(short)),
    );
    const { rgb } = renderer.render(scene, camera, random);
    if (!pixels.write(rgb)) await new Promise<void>((resolve) => pixels.once('drain', () => resolve()));
  }
}
pixels.end();
await finished(pixels);
await writeFile(
  `${values.out}.json`,
  JSON.stringify({ width: FRAME_WIDTH, height: FRAME_HEIGHT, classes: PRODUCTS.map(({ sku }) => sku), labels }),
);
console.log(`${labels.length} pictures of ${scenes} scenes in ${values.out}.rgb`);

function short(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`--${name} is a whole number up to ${max}, not ${text}`);
  }
  return value;
}
